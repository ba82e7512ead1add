import { describe, expect, it } from 'vitest'
import { Client } from '../../../src/peers/client/client.js'
import { started, wampkit } from '../test-terminal.js'

async function listening(...args: string[]) {
  const { terminal, ended } = started(['router', '--port', '0', ...args])
  const headline = await terminal.line(/wampkit router on /)
  const url = /ws:\S+/.exec(headline)?.[0] as string
  return { terminal, ended, url, headline }
}

describe('wampkit router', () => {
  it('says where it listens and which realms there are, and ends in order at Ctrl-C', async () => {
    const { terminal, ended, url } = await listening('--realm', 'realm1', 'realm2', '--realm', 'realm3')
    expect(terminal.printed).toEqual([
      '',
      `  wampkit router on ${url}  (this machine only)`,
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
    expect(line).toEqual({ url: line.url, realms: ['realm1'], procedures: [], topics: [] })
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
})
