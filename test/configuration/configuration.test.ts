import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfiguration } from '../../src/configuration/read-configuration.js'
import { routerOf } from '../../src/configuration/router-of.js'
import { configurationJsonSchema } from '../../src/configuration/schema.js'
import { Client, ticket, UsageError, wampcra } from '../../src/index.js'
import { silentLogger } from '../../src/logger.js'
import { ERROR } from '../../src/uris.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wampkit-configuration-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const json = (value: unknown) => file('router.json', JSON.stringify(value))

/** All that is wrong with a configuration. */
async function wrong(value: unknown): Promise<string> {
  const path = json(value)
  const error: unknown = await readConfiguration(path)
    .then((read) => routerOf(read, silentLogger))
    .then(
      ({ router }) => router.close(),
      (thrown: unknown) => thrown,
    )
  expect(error).toBeInstanceOf(UsageError)
  return (error as Error).message.replace(`${path}: `, '')
}

const realm = (more: object) => ({ realms: [{ name: 'realm1', ...more }] })

describe('a configuration file', () => {
  it.each([
    ['router.json', '{ "realms": [{ "name": "realm1" }], "listen": { "port": 0 } }'],
    ['router.yaml', 'realms:\n  - name: realm1\nlisten:\n  port: 0\n'],
    ['router.mjs', "export default { realms: [{ name: 'realm1' }], listen: { port: 0 } }"],
  ])('can be %s', async (name, text) => {
    const { configuration } = await readConfiguration(file(name, text))
    expect(configuration).toEqual({ realms: [{ name: 'realm1' }], listen: { port: 0 } })
  })

  it.each<[string, unknown, string]>([
    ['nothing', null, 'the configuration: must be a dictionary, not null'],
    ['no realms', {}, 'realms: is missing; it must be a list'],
    ['a realm without a name', { realms: [{}] }, 'realms[0].name: is missing; it must be a string'],
    ['an unknown key', { ...realm({}), listn: {} }, 'listn: there is no such key; did you mean listen?'],
    [
      'an unknown key further in',
      realm({ role: {} }),
      'realms[0].role: there is no such key; did you mean roles?',
    ],
    ['a key like no other', { ...realm({}), zzzzzz: 1 }, 'zzzzzz: there is no such key'],
    [
      'a port that is text',
      { ...realm({}), listen: { port: '80' } },
      'listen.port: must be a number, not "80"',
    ],
    ['a port that is none', { ...realm({}), listen: { port: 70_000 } }, 'listen.port: '],
    [
      'an unknown match',
      realm({ history: [{ topic: 'a', match: 'prefx' }] }),
      'realms[0].history[0].match: must be exact, prefix, wildcard, not "prefx"; did you mean prefix?',
    ],
    [
      'an unknown action',
      realm({ roles: { user: [{ uri: 'a', allow: ['cal'] }] } }),
      'realms[0].roles.user[0].allow[0]: must be call, register, publish, subscribe, not "cal"; did you mean call?',
    ],
    ['an unknown method', realm({ auth: [{ method: 'tiket' }] }), 'realms[0].auth[0].method: '],
    [
      'neither principals nor a procedure',
      realm({ auth: [{ method: 'ticket' }] }),
      'realms[0].auth[0]: needs principals or a procedure, and not both',
    ],
    [
      'a secret that is not set',
      realm({
        auth: [
          { method: 'ticket', principals: { ada: { ticket: { env: 'NO_SUCH_SECRET' }, role: 'user' } } },
        ],
      }),
      'realms[0].auth[0].principals.ada.ticket: the environment variable NO_SUCH_SECRET is not set, or empty',
    ],
    [
      'a file that is not there',
      { ...realm({}), listen: { tls: { cert: 'no.pem', key: 'no.key' } } },
      'listen.tls.cert: there is no file no.pem',
    ],
    [
      'a URI that is none',
      realm({ roles: { user: [{ uri: 'a..b', allow: [] }] } }),
      'realm realm1, role user, permission 1',
    ],
    [
      'a Unix socket and a port',
      { ...realm({}), listen: [{ port: 0 }, { unix: 'a.sock', port: 0 }] },
      'listen[1]: a router listens on a Unix socket (unix) or on a port (port, host, tls), not on both at once',
    ],
    [
      'permissions of a Unix socket that are none',
      { ...realm({}), listen: { unix: 'a.sock', unixMode: '9' } },
      'listen.unixMode: must be three octal digits, such as "0660", not "9"',
    ],
    [
      // YAML and JSON have decimal numbers: 440 would be something else.
      'permissions of a Unix socket as a number',
      { ...realm({}), listen: { unix: 'a.sock', unixMode: 440 } },
      'listen.unixMode: must be a string, not 440',
    ],
    [
      'permissions without a Unix socket',
      { ...realm({}), listen: { unixMode: '0660' } },
      'listen: unixMode is of a Unix socket: it needs unix',
    ],
    [
      'a rawSocket that is no switch',
      { ...realm({}), listen: { rawSocket: 1 } },
      'listen.rawSocket: must be true or false, not 1',
    ],
    [
      'a longPoll that is no switch',
      { ...realm({}), listen: { longPoll: 'no' } },
      'listen.longPoll: must be true, false or a dictionary, not "no"',
    ],
    [
      'an unknown key of longPoll',
      { ...realm({}), listen: { longPoll: { pth: '/lp' } } },
      'listen.longPoll.pth: there is no such key; did you mean path?',
    ],
    [
      'a path of longPoll that is none',
      { ...realm({}), listen: { longPoll: { path: 'lp' } } },
      'listen.longPoll.path: must be a path such as /longpoll, not "lp"',
    ],
    [
      'a status of longPoll that is none',
      { ...realm({}), listen: { longPoll: { doneStatus: 200 } } },
      'listen.longPoll.doneStatus: must be 202 or 204, not 200',
    ],
    [
      'a proxy that is none',
      { ...realm({}), listen: { trustedProxies: ['proxy'] } },
      'listen: trustedProxies: "proxy" is no address or network',
    ],
    [
      'an origin that is none',
      { ...realm({}), listen: { origins: ['a'] } },
      'listen: origins: "a" is no origin',
    ],
    ['two realms of one name', { realms: [{ name: 'a' }, { name: 'a' }] }, 'there are two realms named a'],
  ])('with %s is refused, with its path', async (_, value, sentence) => {
    expect(await wrong(value)).toContain(sentence)
  })

  it('says all that is wrong at once', async () => {
    const problems = await wrong({ realms: [{ name: 5, uri: 'strict' }], listen: { prt: 1 } })
    expect(problems).toContain('realms[0].name')
    expect(problems).toContain('realms[0].uri: there is no such key; did you mean uris?')
    expect(problems).toContain('listen.prt: there is no such key; did you mean port?')
  })

  it('never shows what could be a secret', async () => {
    const secret = ['hunter2']
    const ticket = realm({
      auth: [{ method: 'ticket', principals: { ada: { ticket: secret, role: 'user' } } }],
    })
    expect(await wrong(ticket)).not.toContain('hunter2')
    const key = realm({ auth: [{ method: 'cryptosign', privateKey: 'hunter2', principals: {} }] })
    expect(await wrong(key)).not.toContain('hunter2')
  })

  it.each([
    ['that is not there', undefined, 'there is no such file'],
    ['that is no YAML', 'realms: [', 'Flow sequence in block collection must be sufficiently indented'],
    [
      'that is a bomb',
      `a: &a [${'x,'.repeat(9)}x]\n${'bcdefghi'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}x]\n`)}`,
      'Excessive alias count',
    ],
  ])('%s is refused in a sentence', async (_, text, sentence) => {
    const path = text === undefined ? join(folder, 'none.yaml') : file('router.yaml', text)
    await expect(readConfiguration(path)).rejects.toThrow(sentence)
    await expect(readConfiguration(path)).rejects.toThrow(path)
  })

  it('has a JSON Schema for editors', () => {
    const schema = configurationJsonSchema()
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false, required: ['realms'] })
    expect(JSON.stringify(schema)).toContain('An empty list forbids'.toLowerCase().slice(3))
    const { properties } = schema as { properties: { listen: { anyOf: { properties: object }[] } } }
    expect(properties.listen.anyOf[0]?.properties).toMatchObject({
      unix: { type: 'string', description: expect.stringContaining('relative to this file') },
      unixMode: { type: 'string', description: expect.stringContaining('"0600" by default') },
      rawSocket: { type: 'boolean' },
      longPoll: { anyOf: [{ type: 'boolean' }, { additionalProperties: false }] },
    })
  })
})

describe('a router from a configuration', () => {
  const two = {
    realms: [
      {
        name: 'realm1',
        auth: [
          { method: 'ticket', principals: { ada: { ticket: { file: 'ada.txt' }, role: 'admin' } } },
          { method: 'wampcra', principals: { bob: { secret: { env: 'WAMPKIT_TEST_BOB' }, role: 'user' } } },
          { method: 'anonymous', role: 'guest' },
        ],
        roles: {
          admin: [{ uri: '', match: 'prefix', allow: ['call', 'register', 'publish', 'subscribe'] }],
          user: [{ uri: 'com.example.', match: 'prefix', allow: ['call'] }],
        },
      },
    ],
    listen: { port: 0 },
  }

  it('listens as it says: on a Unix socket next to the file, with permissions, RawSocket and long-poll', async () => {
    const listen = [
      { unix: 'router.sock', unixMode: '0660' },
      { port: 0, rawSocket: false, longPoll: { path: '/lp', doneStatus: 204 } },
    ]
    const read = await readConfiguration(json({ ...realm({}), listen }))
    const { router, listen: places } = await routerOf(read, silentLogger)
    expect(places).toEqual([
      { unix: join(folder, 'router.sock'), unixMode: 0o660 },
      { port: 0, rawSocket: false, longPoll: { path: '/lp', doneStatus: 204 } },
    ])
    for (const place of places) await router.listen(place)
    expect(statSync(join(folder, 'router.sock')).mode & 0o777).toBe(0o660)
    const protocols = router.urls.map((url) => new URL(url).protocol)
    expect(protocols).toEqual(['ws+unix:', 'unix+rs:', 'ws:', 'http:'])
    for (const url of router.urls) {
      await using client = await new Client({ url, realm: 'realm1' }).start()
      expect(client.state).toBe('joined')
    }
    await router.close()
  })

  async function open(configuration: object) {
    process.env.WAMPKIT_TEST_BOB = 'bob, secretly'
    file('ada.txt', 'ada, secretly\n')
    const warned: string[] = []
    const logger = { ...silentLogger, warn: (line: string) => warned.push(line) }
    const { router, listen } = await routerOf(await readConfiguration(json(configuration)), logger)
    for (const place of listen) await router.listen(place)
    const join = (...auth: NonNullable<ConstructorParameters<typeof Client>[0]['auth']>[number][]) =>
      new Client({ url: router.urls[0] ?? '', realm: 'realm1', auth }).start()
    return { router, warned, join }
  }

  it('lets in who it names, by the method and with the role that it says, and they may do what it says', async () => {
    const { router, join } = await open(two)
    const admin = await join(ticket({ authid: 'ada', ticket: 'ada, secretly' }))
    const user = await join(wampcra({ authid: 'bob', secret: 'bob, secretly' }))
    expect([admin.session?.authrole, user.session?.authrole]).toEqual(['admin', 'user'])
    await admin.register('com.example.add', (a: number, b: number) => a + b)
    expect(await user.call('com.example.add', [2, 3])).toBe(5)
    await expect(user.call('com.other')).rejects.toMatchObject({ uri: ERROR.notAuthorized })
    await expect(user.register('com.example.mine', () => 1)).rejects.toMatchObject({
      uri: ERROR.notAuthorized,
    })
    await Promise.all([admin.stop(), user.stop()])
    await router.close()
  })

  it('a wrong secret and a forbidden URI give the error of the spec, and one line of the log each, without the secret', async () => {
    const { router, join, warned } = await open(two)
    await expect(join(ticket({ authid: 'ada', ticket: 'guess' }))).rejects.toMatchObject({
      reason: ERROR.authenticationDenied,
    })
    const user = await join(wampcra({ authid: 'bob', secret: 'bob, secretly' }))
    await expect(user.call('com.other')).rejects.toMatchObject({ uri: ERROR.notAuthorized })
    expect(warned.filter((line) => line.includes('ada'))).toHaveLength(1)
    expect(warned.filter((line) => line.includes('com.other'))).toHaveLength(1)
    expect(warned.join()).not.toMatch(/guess|secretly/)
    await user.stop()
    await router.close()
  })

  it('asks procedures who somebody is and what he may do', async () => {
    const { router, join } = await open({
      realms: [
        {
          name: 'realm1',
          auth: [
            { method: 'ticket', procedure: 'com.example.authenticate' },
            { method: 'anonymous', role: 'admin', localOnly: true },
          ],
          roles: { admin: [{ uri: '', match: 'prefix', allow: ['call', 'register'] }] },
          authorizer: { procedure: 'com.example.authorize', cache: 1_000 },
        },
      ],
      listen: { port: 0 },
    })
    const admin = await join()
    await admin.register('com.example.authenticate', (_realm: string, authid: string, { ticket }) =>
      authid === 'eve' && ticket === 'right' ? { authrole: 'dynamic', verified: true } : null,
    )
    let asked = 0
    await admin.register('com.example.authorize', ({ authrole }, uri: string) => {
      asked++
      return authrole === 'dynamic' && uri === 'com.example.ping'
    })
    await admin.register('com.example.ping', () => 'pong')
    await expect(join(ticket({ authid: 'eve', ticket: 'wrong' }))).rejects.toMatchObject({
      reason: ERROR.authenticationDenied,
    })
    const eve = await join(ticket({ authid: 'eve', ticket: 'right' }))
    expect(await eve.call('com.example.ping')).toBe('pong')
    expect(await eve.call('com.example.ping')).toBe('pong')
    await expect(eve.call('com.example.authorize')).rejects.toMatchObject({ uri: ERROR.notAuthorized })
    expect(asked).toBe(2)
    await Promise.all([admin.stop(), eve.stop()])
    await router.close()
  })
})
