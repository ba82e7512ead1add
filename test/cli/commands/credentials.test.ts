import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client, cryptosign, scram, wampcra } from '../../../src/index.js'
import { ERROR } from '../../../src/uris.js'
import { started, wampkit } from '../test-terminal.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wampkit-credentials-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)

describe('wampkit keygen', () => {
  it('writes a pair of keys, the secret one for its owner alone, and shows the public one', async () => {
    const { code, printed, told } = await wampkit(['keygen', path('ada.key')])
    expect({ code, told }).toEqual({ code: 0, told: [] })
    expect(statSync(path('ada.key')).mode & 0o777).toBe(0o600)
    const publicKey = readFileSync(path('ada.key.pub'), 'utf8').trim()
    expect(publicKey).toMatch(/^[0-9a-f]{64}$/)
    expect(printed).toEqual([
      `wrote ${path('ada.key')} (secret) and ${path('ada.key.pub')}`,
      `public key: ${publicKey}`,
    ])
    expect(printed.join()).not.toContain(readFileSync(path('ada.key'), 'utf8').trim())
  })

  it('overwrites no key', async () => {
    writeFileSync(path('ada.key'), 'precious')
    const { code, told } = await wampkit(['keygen', path('ada.key')])
    expect(code).toBe(1)
    expect(told.join()).toMatch(/it is there already/)
    expect(readFileSync(path('ada.key'), 'utf8')).toBe('precious')
  })
})

describe('wampkit hash, keygen and router --config together', () => {
  it('a configuration that holds no clear secret lets in who knows them', async () => {
    const secret = 'correct horse'
    const hash = async (...options: string[]) =>
      JSON.parse((await wampkit(['hash', ...options], { input: `${secret}\n` })).printed.join(''))
    const salted = await hash('--method', 'wampcra')
    const stored = await hash('--kdf', 'pbkdf2', '--iterations', '4096')
    await wampkit(['keygen', path('eve.key')])
    expect(JSON.stringify([salted, stored])).not.toContain(secret)
    const auth = [
      { method: 'wampcra', principals: { ada: { ...salted, role: 'user' } } },
      { method: 'wamp-scram', principals: { bob: { ...stored, role: 'user' } } },
      {
        method: 'cryptosign',
        principals: { eve: { pubkeys: [readFileSync(path('eve.key.pub'), 'utf8').trim()], role: 'user' } },
      },
    ]
    const roles = { user: [{ uri: 'com.example.', match: 'prefix', allow: ['call'] }] }
    const configuration = { realms: [{ name: 'realm1', auth, roles }], listen: { port: 0 } }
    writeFileSync(path('router.json'), JSON.stringify(configuration))
    const { terminal, ended } = started(['router', '--config', path('router.json'), '--json'])
    const { urls } = JSON.parse(await terminal.line(/^\{/)) as { urls: string[] }
    const login = async (method: NonNullable<ConstructorParameters<typeof Client>[0]['auth']>[number]) => {
      const client = await new Client({ url: urls[0] ?? '', realm: 'realm1', auth: [method] }).start()
      const { authid } = client.session ?? {}
      await client.stop()
      return authid
    }
    expect(await login(wampcra({ authid: 'ada', secret }))).toBe('ada')
    expect(await login(scram({ authid: 'bob', password: secret }))).toBe('bob')
    const privateKey = readFileSync(path('eve.key'), 'utf8').trim()
    expect(await login(cryptosign({ authid: 'eve', privateKey }))).toBe('eve')
    await expect(login(wampcra({ authid: 'ada', secret: 'guess' }))).rejects.toMatchObject({
      reason: ERROR.authenticationDenied,
    })
    terminal.interrupt()
    expect(await ended).toBe(0)
  })

  it('says that there was no secret', async () => {
    expect(await wampkit(['hash'])).toEqual({
      code: 1,
      printed: [],
      told: ['wampkit: there was no secret on standard input'],
    })
  })
})

describe('wampkit router --config', () => {
  const write = (allow: string[]) =>
    writeFileSync(
      path('router.yaml'),
      `realms:\n  - name: realm1\n    auth: [{ method: anonymous, role: user }]\n    roles:\n      user:\n        - { uri: com.example., match: prefix, allow: [${allow.join(', ')}] }\nlisten: { port: 0 }\n`,
    )

  it('reads the file again on SIGHUP: sessions stay, and may do what it says then', async () => {
    write(['call'])
    const { terminal, ended } = started(['router', '--config', path('router.yaml')])
    const url = /ws:\S+/.exec(await terminal.line(/ws:/))?.[0] as string
    const client = await new Client({ url, realm: 'realm1' }).start()
    await expect(client.register('com.example.p', () => 1)).rejects.toMatchObject({
      uri: ERROR.notAuthorized,
    })
    write(['call', 'register'])
    terminal.reload()
    await terminal.line(/was read again/)
    await client.register('com.example.p', () => 1)
    writeFileSync(path('router.yaml'), 'realms: 5')
    terminal.reload()
    await terminal.line(/nothing has changed: .*realms: must be a list, not 5/)
    expect(await client.call('com.example.p')).toBe(1)
    await client.stop()
    terminal.interrupt()
    expect(await ended).toBe(0)
  })

  it('and what the command line says of realms exclude each other', async () => {
    const { code, told } = await wampkit(['router', '--config', 'x.json', '--realm', 'realm1'])
    expect(code).toBe(2)
    expect(told.join()).toMatch(/--config.*cannot be used with.*--realm/)
  })
})

describe('wampkit check', () => {
  it('says that a file is fine', async () => {
    writeFileSync(path('router.yaml'), 'realms: [{ name: realm1 }, { name: realm2 }]\n')
    expect(await wampkit(['check', path('router.yaml')])).toEqual({
      code: 0,
      printed: [`${path('router.yaml')} is fine: realms realm1, realm2`],
      told: [],
    })
  })

  it('says what is wrong, and where', async () => {
    writeFileSync(path('router.yaml'), 'realms: [{ name: realm1, rols: {} }]\n')
    const { code, told } = await wampkit(['check', path('router.yaml')])
    expect(code).toBe(2)
    expect(told.join()).toContain('realms[0].rols: there is no such key; did you mean roles?')
  })

  it('prints the JSON Schema', async () => {
    const { printed } = await wampkit(['check', '--schema'])
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ required: ['realms'] })
  })
})
