import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApplicationError } from '../../../src/errors.js'
import { CallResult } from '../../../src/roles/call-result.js'
import { currentInvocation } from '../../../src/roles/current.js'
import { Served } from '../served.js'
import { started, wampkit } from '../test-terminal.js'

let served: Served
const call = (...args: string[]) => wampkit(['call', ...args, '--url', served.url])
const printed = async (...args: string[]) => {
  const { code, printed, told } = await call(...args)
  expect({ code, told }).toEqual({ code: 0, told: [] })
  return printed
}

beforeAll(async () => {
  served = await Served.open()
  const { client } = served
  await client.register('com.example.add', (a: number, b: number) => a + b)
  await client.register('com.example.echo', (...args: unknown[]) => args[0])
  await client.register('com.example.all', (...args: unknown[]) => new CallResult(args, { n: args.length }))
  await client.register('com.example.nothing', () => {})
  await client.register('com.example.count', function* (to: number) {
    for (let i = 1; i < to; i++) yield { i }
    return 'done'
  })
  await client.register('com.example.steps', function* () {
    yield 'a step'
  })
  await client.register('com.example.fail', () => {
    throw new ApplicationError('com.example.error', ['no\nway', 7], { kwargs: { hint: 'x' } })
  })
  await client.register('com.example.wait', () => {
    const invocation = currentInvocation()
    const { signal } = invocation
    invocation.progress('waiting')
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        void client.publish('com.example.interrupted', [], undefined, { excludeMe: false })
        reject(signal.reason)
      })
    })
  })
})
afterAll(() => served[Symbol.asyncDispose]())

describe('wampkit call', () => {
  it('takes numbers, also negative ones, and prints the result', async () => {
    expect(await printed('com.example.add', '2', '3')).toEqual(['5'])
    expect(await printed('com.example.add', '-3', '5')).toEqual(['2'])
    expect(await printed('com.example.add', '-1.5e1', '-0.5')).toEqual(['-15.5'])
  })

  it('takes JSON, strings, and what looks like an option behind --', async () => {
    expect(await printed('com.example.echo', '{"a": [1, null]}')).toEqual(['{"a":[1,null]}'])
    expect(await printed('com.example.echo', 'Ada')).toEqual(['Ada'])
    const { code, printed: lines } = await wampkit([
      'call',
      '--url',
      served.url,
      'com.example.echo',
      '--',
      '--x',
    ])
    expect({ code, lines }).toEqual({ code: 0, lines: ['--x'] })
  })

  it('takes keyword arguments, anywhere and several at once', async () => {
    const expected = ['{"name":"Ada","age":36,"city":"Paris"}']
    expect(await printed('com.example.echo', '--kw', 'name=Ada', 'age=36', '--kw', 'city=Paris')).toEqual(
      expected,
    )
    expect(await printed('--kw', 'name=Ada', 'com.example.echo')).toEqual(['{"name":"Ada"}'])
  })

  it('prints several values and keywords as one object', async () => {
    expect(await printed('com.example.all', '1', 'a')).toEqual(['{"args":[1,"a"],"kwargs":{"n":2}}'])
  })

  it('prints nothing for no result, and JSON for everything on request', async () => {
    expect(await printed('com.example.nothing')).toEqual([])
    expect(await printed('com.example.nothing', '--json')).toEqual(['null'])
    expect(await printed('com.example.echo', 'Ada', '--json')).toEqual(['"Ada"'])
  })

  it.each(['json', 'msgpack', 'cbor'])('prints integers and binary alike in %s', async (serializer) => {
    const args = ['com.example.echo', '[9007199254740993,"\\u0000AQI="]', '--serializer', serializer]
    expect(await printed(...args)).toEqual(['[9007199254740993,"\\u0000AQI="]'])
  })

  it('indents for people', async () => {
    const { printed } = await wampkit(['call', 'com.example.echo', '[1]', '--url', served.url], {
      isInteractive: true,
    })
    expect(printed).toEqual(['[', '  1', ']'])
  })

  it('prints each progressive result on a line as it comes', async () => {
    expect(await printed('com.example.count', '3')).toEqual(['{"i":1}', '{"i":2}', 'done'])
    expect(await printed('com.example.steps', '--json')).toEqual(['"a step"'])
  })

  it('says what the error says, in one sentence', async () => {
    expect(await call('com.example.fail')).toEqual({
      code: 1,
      printed: [],
      told: ['wampkit: com.example.error: no way [7] {"hint":"x"}'],
    })
  })

  it('says so when there is no such procedure, or realm', async () => {
    const nobody = 'wampkit: wamp.error.no_such_procedure: nobody has registered com.example.nope'
    expect(await call('com.example.nope')).toEqual({ code: 1, printed: [], told: [nobody] })
    const { code, told } = await call('com.example.add', '--realm', 'nowhere')
    expect({ code, told }).toEqual({
      code: 1,
      told: ['wampkit: wamp.error.no_such_realm: there is no realm nowhere here'],
    })
  })

  it('gives up after --timeout', async () => {
    const { code, told } = await call('com.example.wait', '--timeout', '150')
    expect({ code, told }).toEqual({
      code: 1,
      told: [
        'wampkit: wamp.error.timeout: com.example.wait did not answer within 150 ms; --timeout gives it longer',
      ],
    })
  })

  it.each([
    ['SIGINT', 130],
    ['EPIPE', 0],
  ] as const)('cancels the call at a %s, and ends with %i', async (by, code) => {
    const interrupted = await served.client.subscribe('com.example.interrupted')
    const { terminal, ended } = started(['call', 'com.example.wait', '--url', served.url, '--timeout', '0'])
    await terminal.line(/^waiting$/)
    terminal.interrupt(by)
    expect(await ended).toBe(code)
    expect(terminal.told).toEqual([])
    expect((await interrupted.next()).done).toBe(false)
    await interrupted.return?.()
  })

  it('takes url and realm from the environment', async () => {
    const environment = { WAMPKIT_URL: served.url, WAMPKIT_REALM: 'realm1' }
    expect(await wampkit(['call', 'com.example.add', '1', '1'], { environment })).toEqual({
      code: 0,
      printed: ['2'],
      told: [],
    })
  })

  it('says so when no router is there', async () => {
    const gone = await Served.open()
    await gone[Symbol.asyncDispose]()
    const { code, told } = await wampkit(['call', 'x', '--url', gone.url])
    expect({ code, told }).toEqual({
      code: 1,
      told: [`wampkit: cannot reach ${gone.url}: connection refused; npx wampkit router starts a router`],
    })
  })
})
