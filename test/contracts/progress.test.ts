import { describe, expect, it } from 'vitest'
import { procedure } from 'wampkit/contracts'
import { z } from 'zod'
import { ApplicationError, currentInvocation } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Pair } from '../peers/pair.js'
import { joinedClient } from '../spec/raw-router.js'
import { allOf, failureOf } from './outcome.js'
import { slow } from './slow.js'

const URI = 'com.example.count'
const untyped = <T>(value: unknown) => value as T

const count = procedure(URI, {
  args: z.tuple([z.number()]),
  progress: z.number().transform((n) => `${n} of many`),
  result: z.string(),
})

const bad = { uri: 'wampkit.error.invalid_result', kwargs: { procedure: URI, path: 'progress' } }

// Spec: rfc/text/advanced/rpc_progressive_call_results.md
describe('progressive results', () => {
  it('of a generator are what the schema makes of them, for their receiver alone', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(count, async function* (to) {
      for (let n = 1; n <= to; n++) yield n
      return 'end'
    })
    expect(await allOf(pair.caller.stream(count, [2]))).toEqual(['1 of many', '2 of many', 'end'])
    expect(await allOf(pair.caller.stream(URI, [2]))).toEqual([1, 2, 'end'])
  })

  it('of a generator that yields promises are checked as well', async () => {
    await using pair = await Pair.join()
    const yielding = function* () {
      yield Promise.resolve(1)
      return 'end'
    }
    await pair.callee.register(count, untyped(yielding))
    expect(await allOf(pair.caller.stream(count, [2]))).toEqual(['1 of many', 'end'])
  })

  it.each([
    ['a generator', [1, 'two', 3]],
    ['a generator, at once', ['one']],
  ])('of %s end the call if they are wrong, and the generator', async (_, values) => {
    await using pair = await Pair.join()
    let hasEnded = false
    await pair.callee.register(count, async function* () {
      try {
        yield* values as number[]
        return 'end'
      } finally {
        hasEnded = true
      }
    })
    const told: unknown[] = []
    const called = pair.caller.call(URI, [2], undefined, { onProgress: (value) => told.push(value) })
    expect(await failureOf(called)).toMatchObject(bad)
    expect(told).toEqual(
      values.slice(
        0,
        values.findIndex((value) => typeof value === 'string'),
      ),
    )
    expect(hasEnded).toBe(true)
  })

  it('of a procedure that sends them itself are refused where it sends them', async () => {
    await using pair = await Pair.join()
    let caught: unknown
    await pair.callee.register(count, () => {
      const invocation = currentInvocation()
      expect(invocation.progress(1)).toBe(true)
      try {
        invocation.progress('two')
      } catch (error) {
        caught = error
      }
      return 'end'
    })
    expect(await allOf(pair.caller.stream(count, [2]))).toEqual(['1 of many', 'end'])
    expect(caught).toMatchObject(bad)
  })

  it('that nobody asked for are not sent', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(count, () => `${currentInvocation().progress(1)}`)
    expect(await pair.caller.call(count, [2])).toBe('false')
  })

  it('that are wrong at the caller end the call, and the callee hears it', async () => {
    const { client, router } = await joinedClient()
    const told: string[] = []
    const called = failureOf(client.call(count, [2], undefined, { onProgress: (value) => told.push(value) }))
    const { requestId } = await router.hears(Code.CALL)
    router.result(requestId, [1], { progress: true })
    router.result(requestId, ['two'], { progress: true })
    router.result(requestId, [3], { progress: true })
    expect(await called).toMatchObject(bad)
    expect(told).toEqual(['1 of many'])
    expect(await router.hears(Code.CANCEL)).toMatchObject({ requestId })
  })

  it('that a listener does not take are its own affair', async () => {
    const { client, router } = await joinedClient()
    const errors: unknown[] = []
    client.on('error', (error) => errors.push(error))
    const thrown = new Error('no')
    const onProgress = () => {
      throw thrown
    }
    const called = client.call(count, [2], undefined, { onProgress })
    const { requestId } = await router.hears(Code.CALL)
    router.result(requestId, [1], { progress: true })
    router.result(requestId, ['end'])
    expect(await called).toBe('end')
    expect(errors).toEqual([thrown])
  })

  it('the signal and the generator of a checked handler work as without a contract', async () => {
    await using pair = await Pair.join()
    let hasEnded = () => {}
    const ended = new Promise<void>((resolve) => {
      hasEnded = resolve
    })
    await pair.callee.register(count, async function* () {
      const { signal } = currentInvocation()
      try {
        yield 1
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        return 'aborted'
      } finally {
        hasEnded()
      }
    })
    for await (const text of pair.caller.stream(count, [2])) {
      expect(text).toBe('1 of many')
      break
    }
    await ended
  })

  it('a result that is wrong after progressive results is refused too', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(count, async function* () {
      yield 1
      return untyped<string>(5)
    })
    const error = await failureOf(allOf(pair.caller.stream(URI, [2])))
    expect(error).toMatchObject({ uri: bad.uri, kwargs: { path: 'result' } })
  })

  it('an error that a generator throws is checked by the contract', async () => {
    const E = 'com.example.e'
    const failing = procedure(URI, { progress: z.number(), errors: { [E]: z.tuple([z.number()]) } })
    await using pair = await Pair.join()
    await pair.callee.register(failing, async function* () {
      yield 1
      throw new ApplicationError(E, ['x'])
    })
    const error = await failureOf(allOf(pair.caller.stream(URI)))
    expect(error).toMatchObject({ uri: bad.uri, kwargs: { path: `errors["${E}"][0]` } })
  })
})

describe('with a schema that is slow, progressive results', () => {
  it('keep their order at the caller, and come before the result', async () => {
    const gate = slow()
    const log = procedure(URI, { progress: gate.schema, result: z.string() })
    const { client, router } = await joinedClient()
    const told: string[] = []
    const called = client.call(log, [], undefined, { onProgress: (value) => told.push(value) })
    const { requestId } = await router.hears(Code.CALL)
    for (const text of ['a', 'b']) router.result(requestId, [text], { progress: true })
    router.result(requestId, ['end'])
    gate.open('b')
    await router.hearsNothing()
    expect(told).toEqual([])
    gate.open('a')
    expect(await called).toBe('end')
    expect(told).toEqual(['a', 'b'])
  })

  it('keep their order at the callee, and leave before the result', async () => {
    const gate = slow()
    const log = procedure(URI, { progress: gate.schema, result: z.string() })
    await using pair = await Pair.join()
    await pair.callee.register(log, () => {
      const invocation = currentInvocation()
      for (const text of ['a', 'b']) invocation.progress(text)
      return 'end'
    })
    const results = allOf(pair.caller.stream(URI))
    await gate.asked('b')
    gate.open('b')
    gate.open('a')
    expect(await results).toEqual(['a', 'b', 'end'])
  })

  it('keep their order where a generator sends some by itself', async () => {
    const gate = slow()
    const log = procedure(URI, { progress: gate.schema, result: z.string() })
    await using pair = await Pair.join()
    await pair.callee.register(log, async function* () {
      currentInvocation().progress('a')
      yield 'b'
      return 'end'
    })
    const results = allOf(pair.caller.stream(URI))
    await gate.asked('b')
    gate.open('b')
    gate.open('a')
    expect(await results).toEqual(['a', 'b', 'end'])
  })

  it('that turn out to be wrong fail the invocation at its end', async () => {
    const gate = slow()
    const log = procedure(URI, { progress: gate.schema, result: z.string() })
    await using pair = await Pair.join()
    await pair.callee.register(log, () => {
      const invocation = currentInvocation()
      invocation.progress('a')
      invocation.progress(5)
      invocation.progress('c')
      return 'end'
    })
    gate.open('a')
    gate.open('c')
    const told: unknown[] = []
    const called = pair.caller.call(URI, [], undefined, { onProgress: (value) => told.push(value) })
    expect(await failureOf(called)).toMatchObject(bad)
    expect(told).toEqual(['a'])
  })

  it('that turn out to be wrong at the caller fail the call, be its result there', async () => {
    const checking = procedure(URI, {
      progress: z.string().refine(() => Promise.resolve(false)),
      result: z.string(),
    })
    const { client, router } = await joinedClient()
    const called = failureOf(client.call(checking, [], undefined, { onProgress: () => {} }))
    const { requestId } = await router.hears(Code.CALL)
    router.result(requestId, ['a'], { progress: true })
    router.result(requestId, ['end'])
    expect(await called).toMatchObject(bad)
  })
})

// Spec: rfc/text/advanced/rpc_progressive_call_invocations.md
describe('calls in several parts', () => {
  const upload = procedure(URI, {
    part: z.string().transform((text) => text.length),
    result: z.number(),
  })

  it('have each part checked, and the registration says that it reads them', async () => {
    await using pair = await Pair.join()
    const registration = await pair.callee.register(upload, async (parts) => {
      let sum = 0
      for await (const length of parts) sum += length
      return sum
    })
    expect(registration.options).toEqual({ progressiveInvocations: true })
    async function* lines() {
      yield 'a'
      yield 'bc'
      return 'def'
    }
    expect(await pair.caller.call(upload, lines())).toBe(6)
    expect(await pair.caller.call(URI, lines())).toBe(6)
    expect(await pair.caller.call(URI, ['abc'])).toBe(3)
  })

  it('fail at either end with a part that is wrong', async () => {
    await using pair = await Pair.join()
    let hasEnded = false
    await pair.callee.register(upload, async (parts) => {
      let sum = 0
      for await (const length of parts) sum += length
      return sum
    })
    async function* lines() {
      try {
        yield 'a'
        yield untyped<string>(5)
      } finally {
        hasEnded = true
      }
    }
    const wrong = { uri: 'wamp.error.invalid_argument', kwargs: { procedure: URI, path: 'part' } }
    expect(await failureOf(pair.caller.call(URI, lines()))).toMatchObject(wrong)
    hasEnded = false
    expect(await failureOf(pair.caller.call(upload, lines()))).toMatchObject(wrong)
    expect(hasEnded).toBe(true)
    expect(await failureOf(pair.caller.call(upload, untyped<AsyncIterable<string>>([5])))).toMatchObject(
      wrong,
    )
  })
})
