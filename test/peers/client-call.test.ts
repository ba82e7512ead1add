import { describe, expect, it } from 'vitest'
import { CallResult, Client, SessionClosedError, UsageError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { wire } from '../spec/fake-transport.js'
import { BASIC_ROUTER_ROLES, joinedClient, stop } from '../spec/raw-router.js'
import { calling, PROCEDURE } from './calling.js'
import { Pair } from './pair.js'

describe('a call', () => {
  it('client says CALL with its arguments, and leaves out what is empty', async () => {
    const { client, router } = await joinedClient()
    for (const promise of [
      client.call(PROCEDURE),
      client.call(PROCEDURE, [], {}),
      client.call(PROCEDURE, [1, 'a']),
      client.call(PROCEDURE, [], { b: 2 }),
      client.call(PROCEDURE, undefined, { b: 2 }, { discloseMe: true, extra: { _x: 1 } }),
    ])
      promise.catch(() => {})
    expect(wire(await router.hears(Code.CALL))).toEqual([Code.CALL, 1, {}, PROCEDURE])
    expect(wire(await router.hears(Code.CALL))).toEqual([Code.CALL, 2, {}, PROCEDURE])
    expect(wire(await router.hears(Code.CALL))).toEqual([Code.CALL, 3, {}, PROCEDURE, [1, 'a']])
    expect(wire(await router.hears(Code.CALL))).toEqual([Code.CALL, 4, {}, PROCEDURE, [], { b: 2 }])
    const options = { disclose_me: true, _x: 1 }
    expect(wire(await router.hears(Code.CALL))).toEqual([Code.CALL, 5, options, PROCEDURE, [], { b: 2 }])
  })

  it.each<[string, unknown, unknown]>([
    ['nothing', undefined, undefined],
    ['a value', 5, 5],
    ['null', null, null],
    ['false', false, false],
    ['a list, as one value', [1, 2], [1, 2]],
    ['an object, as one value', { a: 1 }, { a: 1 }],
    ['a CallResult of one value', new CallResult([7]), 7],
    ['an empty CallResult', new CallResult(), undefined],
    ['a CallResult of several values', new CallResult([1, 2]), new CallResult([1, 2])],
    ['a CallResult of keywords', new CallResult([], { a: 1 }), new CallResult([], { a: 1 })],
  ])('resolves to what the procedure returned: %s', async (_, returned, expected) => {
    await using pair = await Pair.join()
    await pair.callee.register(PROCEDURE, () => returned)
    expect(await pair.caller.call(PROCEDURE)).toEqual(expected)
  })

  it('resolves to a CallResult whatever the result, if it is to', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(PROCEDURE, (value) => value)
    const { caller } = pair
    const options = { details: true } as const
    const one: CallResult = await caller.call(PROCEDURE, [5], {}, options)
    expect(one).toEqual(new CallResult([5], {}, {}))
    expect(await caller.call(PROCEDURE, [], {}, options)).toBeInstanceOf(CallResult)
  })

  it.each(['', 'com..p', 'com.ex ample', 'com.example.'])(
    'is refused where it is made if the URI is %j',
    async (uri) => {
      const { client, router } = await joinedClient()
      await expect(client.call(uri)).rejects.toThrow(UsageError)
      await router.hearsNothing()
    },
  )

  it.each<[string, unknown, unknown]>([
    ['a function', [() => {}], undefined],
    ['a cycle', [cycle()], undefined],
    ['arguments that are no list', 'text', undefined],
    ['keywords that are a list', [], [1]],
  ])('that cannot be sent (%s) is refused where it is made, and the session goes on', async (_, args, kw) => {
    await using pair = await Pair.join()
    await pair.callee.register(PROCEDURE, () => 'ok')
    await expect(pair.caller.call(PROCEDURE, args as unknown[], kw as never)).rejects.toThrow(UsageError)
    expect(await pair.caller.call(PROCEDURE)).toBe('ok')
  })

  it('without a session is refused, and says what to do', async () => {
    const client = new Client({ realm: 'realm1', url: 'ws://127.0.0.1:1' })
    await expect(client.call(PROCEDURE)).rejects.toThrow(SessionClosedError)
    await expect(client.call(PROCEDURE)).rejects.toThrow(/start\(\) first/)
  })

  it('fails when the client stops', async () => {
    const joined = await joinedClient()
    const call = joined.client.call(PROCEDURE)
    await joined.router.hears(Code.CALL)
    const [failed] = await Promise.allSettled([call, stop(joined)])
    expect(failed).toMatchObject({ reason: { name: 'SessionClosedError', reason: 'wamp.close.close_realm' } })
  })

  it('many calls at once come back to where they were made', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(PROCEDURE, async (n) => n * 2)
    const numbers = Array.from({ length: 300 }, (_, i) => i)
    const doubled = await Promise.all(numbers.map((n) => pair.caller.call(PROCEDURE, [n])))
    expect(doubled).toEqual(numbers.map((n) => n * 2))
  })

  it('drops a RESULT and an ERROR for a call that was never made, or has ended', async () => {
    const { router, settled, requestId, client } = await calling()
    router.result(requestId, ['first'])
    router.result(requestId, ['second'])
    router.fails(Code.CALL, requestId, 'com.example.error')
    router.result(99)
    expect(await settled).toEqual({ value: 'first' })
    await router.hearsNothing()
    expect(client.session).toBeDefined()
  })
})

describe('progressive results of a call', () => {
  it('are asked for with onProgress, and come before the result', async () => {
    const seen: unknown[] = []
    const { router, settled, sent, requestId } = await calling({ onProgress: (value) => seen.push(value) })
    expect(sent).toEqual({ receive_progress: true })
    router.result(requestId, [1], { progress: true })
    router.result(requestId, [1, 2], { progress: true })
    router.result(requestId, [], { progress: true })
    router.result(requestId, ['end'])
    router.result(requestId, ['late'], { progress: true })
    expect(await settled).toEqual({ value: 'end' })
    expect(seen).toEqual([1, new CallResult([1, 2], {}, { progress: true }), undefined])
  })

  it('are not asked for of a dealer that has not announced them', async () => {
    const { sent } = await calling({ onProgress() {} }, { routerRoles: BASIC_ROUTER_ROLES })
    expect(sent).toEqual({})
  })

  it('an onProgress that throws goes to the error event, and the call goes on', async () => {
    const onProgress = () => {
      throw new Error('oops')
    }
    const { router, settled, requestId, errors } = await calling({ onProgress })
    router.result(requestId, [1], { progress: true })
    router.result(requestId, ['end'])
    expect(await settled).toEqual({ value: 'end' })
    expect(errors).toEqual([new Error('oops')])
  })
})

function cycle(): unknown[] {
  const list: unknown[] = []
  list.push(list)
  return list
}
