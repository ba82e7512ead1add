import { describe, expect, it } from 'vitest'
import { Served } from '../served.js'
import { started, wampkit } from '../test-terminal.js'

async function registered(served: Served, command: string, procedure = 'com.example.command') {
  const args = ['register', procedure, '--command', command, '--url', served.url]
  const { terminal, ended } = started(args)
  await terminal.line(/^ {2}try: /)
  return { terminal, ended }
}

async function result(command: string, args: unknown[] = [], kwargs?: Record<string, unknown>) {
  await using served = await Served.open()
  const { terminal, ended } = await registered(served, command)
  const value = await served.client.call('com.example.command', args, kwargs)
  terminal.interrupt()
  expect(await ended).toBe(0)
  return value
}

describe('wampkit register', () => {
  it('shows what it offers, and how to call it', async () => {
    await using served = await Served.open()
    const { terminal, ended } = await registered(served, 'cat')
    expect(terminal.printed).toEqual([
      '',
      `  registered on ${served.url}`,
      '  realm      realm1',
      '  procedures com.example.command  cat',
      '',
      `  try: npx wampkit call com.example.command --url ${served.url}`,
      '',
    ])
    terminal.interrupt()
    expect(await ended).toBe(0)
  })

  it('gives the payload to the command as JSON, a dictionary apart from keywords', async () => {
    const procedure = 'com.example.command'
    expect(await result('cat', [1, { a: 2 }])).toEqual({ args: [1, { a: 2 }], kwargs: {}, procedure })
    expect(await result('cat', [1], { a: 2 })).toEqual({ args: [1], kwargs: { a: 2 }, procedure })
  })

  it('gives back JSON as a value, other text without its last line break, and nothing for nothing', async () => {
    expect(await result('echo 42')).toBe(42)
    expect(await result("printf 'a\\nb\\n\\n'")).toBe('a\nb\n')
    expect(await result('true')).toBeUndefined()
  })

  it('fails with what the command says on stderr', async () => {
    await using served = await Served.open()
    const { terminal, ended } = await registered(served, 'echo no disk >&2; exit 1')
    expect(await wampkit(['call', 'com.example.command', '--url', served.url])).toEqual({
      code: 1,
      printed: [],
      told: ['wampkit: wamp.error.runtime_error: no disk'],
    })
    expect(terminal.told).toEqual(['no disk'])
    terminal.interrupt()
    expect(await ended).toBe(0)
  })

  it('kills the command when the call is canceled', async () => {
    await using served = await Served.open()
    const { terminal, ended } = await registered(served, 'trap "echo killed >&2" TERM; echo up >&2; sleep 60')
    const controller = new AbortController()
    const call = served.client.call('com.example.command', [], undefined, { signal: controller.signal })
    const canceled = expect(call).rejects.toThrow('wamp.error.canceled')
    await terminal.line(/^up$/)
    controller.abort()
    await canceled
    await terminal.line(/^killed$/)
    terminal.interrupt()
    expect(await ended).toBe(0)
  })

  it('kills what still runs at Ctrl-C', async () => {
    await using served = await Served.open()
    const { terminal, ended } = await registered(served, 'echo up >&2; sleep 60')
    const call = expect(served.client.call('com.example.command')).rejects.toThrow('wamp.error.canceled')
    await terminal.line(/^up$/)
    terminal.interrupt()
    expect(await ended).toBe(0)
    await call
  })

  it('fails when the router refuses the procedure, or kills its session', async () => {
    await using served = await Served.open()
    await served.client.register('com.example.taken', () => 0)
    const refused = await wampkit([
      ...['register', 'com.example.taken', '--command', 'true', '--url', served.url],
    ])
    expect(refused.code).toBe(1)
    expect(refused.told.join()).toMatch(/^wampkit: wamp\.error\.procedure_already_exists: /)
    const { terminal, ended } = await registered(served, 'true')
    await served.killOthers()
    expect(await ended).toBe(1)
    expect(terminal.told.at(-1)).toMatch(/ lost its session: wamp\.close\.killed$/)
  })
})
