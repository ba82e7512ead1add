import { describe, expect, it } from 'vitest'
import {
  CallResult,
  currentEvent,
  currentInvocation,
  type InvocationContext,
  SessionClosedError,
  UsageError,
} from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Interrupt } from '../../src/messages/rpc.js'
import { ERROR } from '../../src/uris.js'
import { turn, wire } from '../spec/fake-transport.js'
import { stop } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'
import { Pair } from './pair.js'
import { serving } from './serving.js'

describe('a handler', () => {
  it('is called with the positional arguments, then one object of the keywords if there are any', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(PROCEDURE, (...args) => new CallResult(args))
    const call = (args?: unknown[], kwargs?: Record<string, unknown>) =>
      pair.caller.call(PROCEDURE, args, kwargs, { details: true }).then((result) => result.args)
    expect(await call()).toEqual([])
    expect(await call([1, 2])).toEqual([1, 2])
    expect(await call([1], { a: 2 })).toEqual([1, { a: 2 }])
    expect(await call([], { a: 2 })).toEqual([{ a: 2 }])
    expect(await call([1], {})).toEqual([1])
  })

  it.each<[string, unknown, unknown[]]>([
    ['nothing', undefined, []],
    ['null', null, [[null]]],
    ['a value', 5, [[5]]],
    ['a list', [1, 2], [[[1, 2]]]],
    ['a promise', Promise.resolve(5), [[5]]],
    ['a promise of nothing', Promise.resolve(), []],
    ['a CallResult', new CallResult([1, 2], { a: 1 }), [[1, 2], { a: 1 }]],
    ['a promise of a CallResult', Promise.resolve(new CallResult([], { a: 1 })), [[], { a: 1 }]],
    // biome-ignore lint/suspicious/noThenProperty: it is what is tested
    ['a thenable', { then: (resolve: (value: number) => void) => resolve(5) }, [[5]]],
  ])('returns %s', async (_, returned, tail) => {
    const { router } = await serving(() => returned)
    const invocation = router.invoke(1)
    expect(wire(await router.hears(Code.YIELD))).toEqual([Code.YIELD, invocation, {}, ...tail])
  })

  it.each<[string, () => unknown]>([
    ['a function', () => () => {}],
    [
      'a cycle',
      () => {
        const object: Record<string, unknown> = {}
        object.self = object
        return object
      },
    ],
    ['a Map', () => new Map([[1, 2]])],
    ['NaN, in JSON', () => Number.NaN],
    ['a promise of a function', async () => () => {}],
    ['a CallResult that is none', () => new CallResult('text' as unknown as unknown[])],
    ['a CallResult with keywords that are none', () => new CallResult([], [1] as never)],
  ])('that returns what cannot be sent (%s) fails its call, and the session lives', async (_, handler) => {
    await using pair = await Pair.join()
    await pair.callee.register(PROCEDURE, handler)
    await pair.callee.register('com.example.alive', () => true)
    await expect(pair.caller.call(PROCEDURE)).rejects.toMatchObject({ uri: ERROR.runtimeError })
    expect(await pair.caller.call('com.example.alive')).toBe(true)
  })

  it('that is slow does not keep the next invocation waiting', async () => {
    let finish = (_: string) => {}
    const slow = new Promise((resolve) => {
      finish = resolve
    })
    const { router } = await serving((which: string) => (which === 'slow' ? slow : 'quick'))
    const first = router.invoke(1, ['slow'])
    const second = router.invoke(1, ['quick'])
    expect((await router.hears(Code.YIELD)).requestId).toBe(second)
    finish('done')
    expect((await router.hears(Code.YIELD)).requestId).toBe(first)
  })

  it('calls, publishes and registers on its own session', async () => {
    await using pair = await Pair.join()
    const { callee, caller } = pair
    await callee.register('com.example.inner', (n) => n + 1)
    await callee.register(PROCEDURE, async (n) => {
      await callee.register('com.example.more', () => 'more')
      await callee.publish('com.example.topic', [n], undefined, { acknowledge: true })
      return callee.call('com.example.inner', [n])
    })
    expect(await caller.call(PROCEDURE, [1])).toBe(2)
    expect(await caller.call('com.example.more')).toBe('more')
  })
})

describe('currentInvocation()', () => {
  it('tells a handler what it serves', async () => {
    await using pair = await Pair.join()
    let context: InvocationContext | undefined
    const handler = () => {
      context = currentInvocation()
    }
    await pair.callee.register('com.example.', handler, { match: 'prefix', discloseCaller: true })
    await pair.caller.call('com.example.p', [1], { a: 2 })
    const { session } = pair.caller
    expect(context).toMatchObject({
      procedure: 'com.example.p',
      args: [1],
      kwargs: { a: 2 },
      caller: { session: session?.id, authid: session?.authid, authrole: 'anonymous' },
      receivesProgress: false,
    })
    await pair.callee.register('com.other', handler)
    await pair.caller.call('com.other')
    expect(context).toMatchObject({ procedure: 'com.other', caller: undefined, details: {} })
  })

  it('is an error outside a handler, and after the first await', async () => {
    expect(() => currentInvocation()).toThrow(UsageError)
    const { router } = await serving(async () => {
      expect(currentInvocation().procedure).toBe(PROCEDURE)
      expect(() => currentEvent()).toThrow(UsageError)
      await turn()
      expect(() => currentInvocation()).toThrow(UsageError)
      return 'ok'
    })
    router.invoke(1)
    expect((await router.hears(Code.YIELD)).payload.args).toEqual(['ok'])
    expect(() => currentInvocation()).toThrow(UsageError)
  })

  it('progress() sends a progressive result as long as the caller wants one', async () => {
    const contexts: InvocationContext[] = []
    const { router } = await serving(() => {
      const context = currentInvocation()
      contexts.push(context)
      return context.progress(1) && context.progress(new CallResult([1, 2])) && context.progress()
        ? 'sent'
        : 'not'
    })
    router.invoke(1, [], { receive_progress: true })
    expect(wire(await router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, { progress: true }, [1]])
    expect(wire(await router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, { progress: true }, [1, 2]])
    expect(wire(await router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, { progress: true }])
    expect(wire(await router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, {}, ['sent']])
    expect(contexts[0]?.progress(3)).toBe(false)
    router.invoke(1)
    expect(wire(await router.hears(Code.YIELD))).toEqual([Code.YIELD, 2, {}, ['not']])
  })

  it('progress() that cannot be sent throws in the handler', async () => {
    const { router } = await serving(() => {
      expect(() => currentInvocation().progress(() => {})).toThrow(UsageError)
      return 'ok'
    })
    router.invoke(1, [], { receive_progress: true })
    expect(wire(await router.hears(Code.YIELD))).toEqual([Code.YIELD, 1, {}, ['ok']])
  })
})

describe('an interrupted invocation', () => {
  it('that has not taken the signal is answered for at once, with the reason', async () => {
    const { router } = await serving(() => new Promise(() => {}))
    const invocation = router.invoke(1)
    router.say(new Interrupt(invocation, { mode: 'kill', reason: ERROR.timeout }))
    expect(wire(await router.hears(Code.ERROR)).slice(0, 5)).toEqual([
      Code.ERROR,
      Code.INVOCATION,
      invocation,
      {},
      ERROR.timeout,
    ])
    await router.hearsNothing()
  })

  it.each([
    ['returns', (resolve: (value: unknown) => void) => resolve('halfway'), Code.YIELD],
    ['throws', (_: unknown, reject: (error: unknown) => void) => reject(new Error('stopped')), Code.ERROR],
  ])('that has taken the signal answers when its handler %s', async (_, stopIt, code) => {
    const { router } = await serving(() => {
      const { signal } = currentInvocation()
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => stopIt(resolve, reject))
      })
    })
    router.say(new Interrupt(router.invoke(1), { mode: 'kill' }))
    const answer = await router.hears(code)
    if (answer.code === Code.ERROR) expect(answer.error).toBe(ERROR.canceled)
    else expect(answer.payload.args).toEqual(['halfway'])
    await router.hearsNothing()
  })

  it('with killnowait is not answered for at all', async () => {
    const seen: unknown[] = []
    const { router } = await serving(() => {
      const { signal } = currentInvocation()
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          seen.push(signal.reason)
          reject(signal.reason)
        })
      })
    })
    router.say(new Interrupt(router.invoke(1), { mode: 'killnowait' }))
    await router.hearsNothing()
    expect(seen).toMatchObject([{ name: 'CanceledError', uri: ERROR.canceled }])
  })

  it.each(['kill', 'killnowait'] as const)(
    'gives an aborted signal to who asks for it after %s',
    async (mode) => {
      let context: InvocationContext | undefined
      const { router } = await serving(() => {
        context = currentInvocation()
        return new Promise(() => {})
      })
      router.say(new Interrupt(router.invoke(1), { mode }))
      expect(context?.signal.aborted).toBe(true)
      expect(context?.signal.reason).toMatchObject({ uri: ERROR.canceled })
    },
  )

  it('INTERRUPT for an invocation that was answered, or never was, is dropped', async () => {
    const { router, client } = await serving(() => 'done')
    const invocation = router.invoke(1)
    await router.hears(Code.YIELD)
    router.say(new Interrupt(invocation, { mode: 'kill' }))
    router.say(new Interrupt(99, {}))
    await router.hearsNothing()
    expect(client.session).toBeDefined()
  })

  it('aborts its signal when the session ends, whenever that is taken, and what it returns goes nowhere', async () => {
    const contexts: InvocationContext[] = []
    const signals: AbortSignal[] = []
    let finish = (_: string) => {}
    const joined = await serving((early: boolean) => {
      contexts.push(currentInvocation())
      if (early) signals.push(currentInvocation().signal)
      return new Promise((resolve) => {
        finish = resolve
      })
    })
    joined.router.invoke(1, [true])
    joined.router.invoke(1, [false])
    await stop(joined)
    signals.push(...contexts.slice(1).map(({ signal }) => signal))
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(signals[0]?.reason).toBeInstanceOf(SessionClosedError)
    finish('too late')
    expect(contexts[0]?.progress(1)).toBe(false)
    await joined.router.hearsNothing()
  })
})
