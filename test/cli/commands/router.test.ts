import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client } from '../../../src/peers/client/client.js'
import { started, wampkit } from '../test-terminal.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wampkit-router-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function startedWith(...args: string[]) {
  const { terminal, ended } = started(['router', ...args])
  const headline = await terminal.line(/wampkit router on /)
  const url = /ws\S*:\S+/.exec(headline)?.[0] as string
  return { terminal, ended, url, headline }
}

function listening(...args: string[]) {
  return startedWith('--port', '0', ...args)
}

describe('wampkit router', () => {
  it('says where it listens and which realms there are, and ends in order at Ctrl-C', async () => {
    const { terminal, ended, url } = await listening('--realm', 'realm1', 'realm2', '--realm', 'realm3')
    expect(terminal.printed).toEqual([
      '',
      `  wampkit router on ${url}  (this machine only)`,
      `  also on    ${url.replace('ws', 'rs')}`,
      `             ${url.replace('ws', 'http')}/longpoll`,
      '  realms     realm1',
      '             realm2',
      '             realm3',
      '  procedures none yet',
      '  topics     none yet',
      '  lets in    anonymous clients of this machine, and they may do everything: a router for development',
      '',
      `  try: npx wampkit subscribe com.example.hello --url ${url}`,
      '',
    ])
    const client = await new Client({ url, realm: 'realm3' }).start()
    const left = new Promise((resolve) => client.on('leave', resolve))
    terminal.interrupt()
    expect(await left).toMatchObject({ reason: 'wamp.close.system_shutdown' })
    expect(await ended).toBe(0)
    expect(terminal.told).toEqual([])
  })

  it('does not listen where other machines can reach it until it is told who may come in', async () => {
    const { code, printed, told } = await wampkit(['router', '--host', '0.0.0.0', '--port', '0'])
    expect({ code, printed }).toEqual({ code: 2, printed: [] })
    expect(told.join()).toMatch(/say who may come in: --anonymous/)
  })

  it('lets in everybody with --anonymous, and says so', async () => {
    const { terminal, ended, url, headline } = await listening('--host', '0.0.0.0', '--anonymous')
    expect(headline).toBe(`  wampkit router on ${url}  (other machines too)`)
    expect(terminal.printed.join('\n')).toMatch(
      / {2}lets in +anonymous clients from everywhere \(--anonymous\), and they may do everything/,
    )
    const reachable = url.replace('0.0.0.0', '127.0.0.1')
    expect(terminal.printed.at(-2)).toBe(`  try: npx wampkit subscribe com.example.hello --url ${reachable}`)
    terminal.interrupt()
    expect(await ended).toBe(0)
  })

  it('prints the same as JSON on request', async () => {
    const { terminal, ended } = started(['router', '--port', '0', '--json'])
    const line = JSON.parse(await terminal.line(/^\{/))
    const { url } = line
    const urls = [url, url.replace('ws', 'rs'), `${url.replace('ws', 'http')}/longpoll`]
    expect(line).toEqual({ url, urls, realms: ['realm1'], procedures: [], topics: [] })
    terminal.interrupt('SIGTERM')
    expect(await ended).toBe(0)
  })

  it('says so when the address is in use, or not to be had', async () => {
    const { terminal, ended, url } = await listening()
    const { port } = new URL(url)
    expect(await wampkit(['router', '--port', port])).toEqual({
      code: 1,
      printed: [],
      told: [`wampkit: port ${port} on 127.0.0.1 is in use; choose another with --port`],
    })
    const elsewhere = await wampkit(['router', '--anonymous', '--host', '192.0.2.1'])
    expect(elsewhere).toEqual({
      code: 1,
      printed: [],
      told: ['wampkit: 192.0.2.1 is no address of this machine'],
    })
    terminal.interrupt()
    await ended
  })

  it('listens on a Unix socket with --unix, and removes it at the end', async () => {
    const path = join(folder, 'router.sock')
    const { terminal, ended, url, headline } = await startedWith('--unix', path)
    expect(url).toBe(`ws+unix://${path}`)
    expect(headline).toBe(`  wampkit router on ws+unix://${path}  (your own processes only)`)
    expect(terminal.printed).toContain(`  also on    unix+rs://${path}`)
    expect(terminal.printed.at(-2)).toBe(`  try: npx wampkit subscribe com.example.hello --url ${url}`)
    expect(await wampkit(['router', '--unix', path])).toEqual({
      code: 1,
      printed: [],
      told: [`wampkit: ${path} is in use; choose another`],
    })
    terminal.interrupt()
    expect(await ended).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  it.each([
    ['--port', '8080'],
    ['--host', '127.0.0.1'],
    ['--anonymous', ''],
  ])('does not take --unix and %s together', async (option, value) => {
    const { code, told } = await wampkit(['router', '--unix', 'a.sock', option, ...(value ? [value] : [])])
    expect(code).toBe(2)
    expect(told.join()).toMatch(/option '--unix <PATH>' cannot be used with option '--/)
  })

  it('is reached by every URL that it tells', async () => {
    const path = join(folder, 'router.sock')
    for (const place of [
      ['--port', '0'],
      ['--unix', path],
    ]) {
      const { terminal, ended } = started(['router', '--json', ...place])
      const { urls } = JSON.parse(await terminal.line(/^\{/)) as { urls: string[] }
      for (const url of urls) {
        await using callee = await new Client({ url, realm: 'realm1' }).start()
        await callee.register('com.example.add', (a: number, b: number) => a + b)
        const called = await wampkit(['call', 'com.example.add', '2', '3', '--url', url])
        expect(called).toEqual({ code: 0, printed: ['5'], told: [] })
      }
      terminal.interrupt()
      expect(await ended).toBe(0)
    }
  })
})
