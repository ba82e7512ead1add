import { describe, expect, it } from 'vitest'
import { contract, procedure } from 'wampkit/contracts'
import { z } from 'zod'
import { ApplicationError, CallResult, currentInvocation, kwargs, UsageError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Pair } from '../peers/pair.js'
import { joinedClient } from '../spec/raw-router.js'
import { allOf, failureOf } from './outcome.js'
import { slow } from './slow.js'

const URI = 'com.example.p'
const untyped = <T>(value: unknown) => value as T

describe('the values of a call', () => {
  it('leave as they are, and the receiver has what the schema makes of them', async () => {
    const later = procedure(URI, {
      args: z.tuple([z.iso.datetime().transform((text) => new Date(text))]),
      result: z.number().transform((seconds) => `${seconds} s`),
    })
    await using pair = await Pair.join()
    let got: unknown
    await pair.callee.register(later, (date) => {
      got = [date, currentInvocation().args]
      return 60
    })
    const text = '2026-01-01T00:00:00Z'
    expect(await pair.caller.call(later, [text])).toBe('60 s')
    expect(await pair.caller.call(URI, [text])).toBe(60)
    expect(got).toEqual([new Date(text), [text]])
  })

  it('that were left out at the end are not sent as null', async () => {
    const greet = procedure(URI, {
      args: z.tuple([z.string(), z.string().optional()]),
      result: z.array(z.string().optional()),
    })
    await using pair = await Pair.join()
    await pair.callee.register(greet, (...given) => given)
    expect(await pair.caller.call(greet, ['Ada', undefined])).toEqual(['Ada'])
  })

  it('have the defaults of their schemas at the callee, the keywords too', async () => {
    const greet = procedure(URI, {
      args: z.tuple([z.string(), z.number().default(1)]),
      kwargs: z.object({ greeting: z.string().default('Hello') }),
    })
    await using pair = await Pair.join()
    await pair.callee.register(greet, (...given) => given)
    expect(await pair.caller.call(greet, ['Ada'])).toEqual(['Ada', 1, { greeting: 'Hello' }])
    expect(await pair.caller.call(URI, ['Ada', 2], { greeting: 'Hi' })).toEqual([
      'Ada',
      2,
      { greeting: 'Hi' },
    ])
  })

  it('that no schema knows do not take the place of an argument that was left out', async () => {
    const greet = procedure(URI, { args: z.tuple([z.string(), z.string().optional()]) })
    await using pair = await Pair.join()
    await pair.callee.register(greet, (...given) => given)
    expect(await pair.caller.call(URI, ['Ada'], { greeting: 'Hi' })).toEqual(['Ada'])
  })

  it('of a newer caller are for the schema to decide', async () => {
    const open = procedure(URI, { args: z.tuple([z.looseObject({ a: z.number() })], z.unknown()) })
    const closed = procedure('com.example.closed', { args: z.tuple([z.strictObject({ a: z.number() })]) })
    await using pair = await Pair.join()
    await pair.callee.register(open, (...given) => given)
    await pair.callee.register(closed, (...given) => given)
    expect(await pair.caller.call(URI, [{ a: 1, b: 2 }, 3])).toEqual([{ a: 1, b: 2 }, 3])
    const invalid = { uri: 'wamp.error.invalid_argument' }
    expect(await failureOf(pair.caller.call('com.example.closed', [{ a: 1, b: 2 }]))).toMatchObject(invalid)
    expect(await failureOf(pair.caller.call('com.example.closed', [{ a: 1 }, 3]))).toMatchObject(invalid)
  })

  it('are checked in a result with details as well', async () => {
    const shout = procedure(URI, { result: z.string().transform((text) => text.toUpperCase()) })
    await using pair = await Pair.join()
    await pair.callee.register(shout, () => new CallResult(['a']) as never)
    const result = await pair.caller.call(shout, [], undefined, { details: true })
    expect(result).toMatchObject({ args: ['A'], kwargs: {} })
    expect(result).toBeInstanceOf(CallResult)
  })

  it('of a result with several are one object to the schema', async () => {
    const minmax = procedure(URI, { result: z.object({ args: z.tuple([z.number(), z.number()]) }) })
    await using pair = await Pair.join()
    await pair.callee.register(URI, () => new CallResult([1, 2]))
    expect(await pair.caller.call(minmax)).toEqual({ args: [1, 2] })
    await pair.callee.register('com.example.q', () => new CallResult([1, 'x']))
    const other = procedure('com.example.q', minmax.schemas)
    expect(await failureOf(pair.caller.call(other))).toMatchObject({
      uri: 'wampkit.error.invalid_result',
      kwargs: { path: 'result.args[1]' },
    })
  })
})

describe('a contract in types alone', () => {
  it('changes nothing of what is said', async () => {
    const add = procedure<(a: number, b: number) => number>(URI)
    const { client, router } = await joinedClient()
    const called = client.call(add, untyped<[number, number]>(['x']), undefined, { discloseMe: true })
    const call = await router.hears(Code.CALL)
    expect([call.procedure, call.payload.args, call.options]).toEqual([URI, ['x'], { disclose_me: true }])
    router.result(call.requestId, [5])
    expect(await called).toBe(5)
  })

  it('of an interface is one contract for each method', async () => {
    interface Calculator {
      add(a: number, b: number): number
      count(to: number): AsyncGenerator<number, string>
    }
    const calculator = contract<Calculator>('com.calc.')
    expect(calculator.add).toMatchObject({ uri: 'com.calc.add' })
    expect(calculator.add).toBe(calculator.add)
    expect(await (calculator as unknown)).toBe(calculator)
    await using pair = await Pair.join()
    await pair.callee.register(calculator.add, (a, b) => a + b)
    await pair.callee.register(calculator.count, async function* (to) {
      for (let i = 1; i <= to; i++) yield i
      return 'end'
    })
    expect(await pair.caller.call(calculator.add, [2, 3])).toBe(5)
    expect(await allOf(pair.caller.stream(calculator.count, [2]))).toEqual([1, 2, 'end'])
  })
})

describe('what is no contract is refused', () => {
  it('a schema of no kind, or of another version', () => {
    const bad = untyped<z.ZodNumber>
    expect(() => procedure(URI, { result: bad({ parse() {} }) })).toThrow(UsageError)
    expect(() => procedure(URI, { result: bad({ '~standard': { version: 2, validate() {} } }) })).toThrow(
      'com.example.p: result must be a schema',
    )
    expect(() => procedure(URI, { errors: { 'com.example.e': untyped<z.ZodTuple>(5) } })).toThrow(
      'com.example.e must be',
    )
    expect(() => procedure(untyped(undefined))).toThrow(UsageError)
  })

  it('a URI that is none, when it is used', async () => {
    const { client } = await joinedClient()
    const wrong = procedure<() => void>('no uri')
    expect(await failureOf(client.call(wrong))).toBeInstanceOf(UsageError)
    expect(await failureOf(client.register(wrong, () => {}))).toBeInstanceOf(UsageError)
  })

  it('a handler that cannot be called', async () => {
    const { client } = await joinedClient()
    const add = procedure(URI, { result: z.number() })
    expect(await failureOf(client.register(add, untyped(5)))).toBeInstanceOf(UsageError)
  })
})

describe('a schema that fails', () => {
  const throwing = procedure(URI, {
    args: z.tuple([
      z.number().transform((): number => {
        throw new Error('the table is not there')
      }),
    ]),
  })
  const failed = {
    uri: 'wampkit.error.schema_failed',
    args: ['the schema (zod) for args of com.example.p threw: the table is not there'],
    kwargs: { procedure: URI, path: 'args', vendor: 'zod' },
  }

  it('by an exception is named, with its procedure, at either end', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(throwing, () => 'never')
    expect(await failureOf(pair.caller.call(URI, [1]))).toMatchObject(failed)
    expect(await failureOf(pair.caller.call(throwing, [1]))).toMatchObject(failed)
  })

  it.each([
    ['later', () => Promise.reject(new Error('no'))],
    ['by no judgement', () => 5],
    ['by issues that are no list', () => ({ issues: 'many' })],
    ['by a list that is none', () => ({ value: 5 })],
  ])('%s is an error like any other', async (_, validate) => {
    const schema = { '~standard': { version: 1, vendor: 'mine', validate } } as const
    const wrong = procedure(URI, { args: untyped<z.ZodTuple<[z.ZodNumber]>>(schema) })
    await using pair = await Pair.join()
    await pair.callee.register(wrong, () => 'never')
    const error = await failureOf(pair.caller.call(URI, [1]))
    expect(error).toBeInstanceOf(ApplicationError)
    expect(error).toMatchObject({ args: [expect.stringContaining('args of com.example.p')] })
  })
})

describe('what a refusal tells is bounded', () => {
  it('in its issues, its words and its path', async () => {
    const many = procedure(URI, { args: z.tuple([z.record(z.string(), z.number())]) })
    await using pair = await Pair.join()
    await pair.callee.register(many, () => 'never')
    const bad = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${i}`.padEnd(10_000, 'x'), 'x']))
    const error = await failureOf(pair.caller.call(URI, [bad]))
    expect(error).toMatchObject({ uri: 'wamp.error.invalid_argument' })
    const { args, kwargs: told } = error as ApplicationError
    expect(told.issues).toHaveLength(10)
    expect(JSON.stringify([args, told]).length).toBeLessThan(10_000)
  })
})

describe('errors that the contract knows', () => {
  const TOO_LARGE = 'com.example.too_large'
  const add = procedure(URI, { result: z.number(), errors: { [TOO_LARGE]: z.tuple([z.number()]) } })

  it('are thrown by a handler, and known to the caller', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(add, () => {
      throw add.error(TOO_LARGE, [7], { kwargs: { of: 5 } })
    })
    const error = await failureOf(pair.caller.call(add))
    expect(add.isError(error, TOO_LARGE)).toBe(true)
    expect(error).toMatchObject({ args: [7], kwargs: { of: 5 } })
    expect(add.isError(new ApplicationError('com.example.other'), TOO_LARGE)).toBe(false)
    expect(add.isError(new Error(TOO_LARGE), TOO_LARGE)).toBe(false)
  })

  it('are refused with wrong arguments, at either end', async () => {
    await using pair = await Pair.join()
    const throwing = () => {
      throw new ApplicationError(TOO_LARGE, ['seven'])
    }
    const wrong = {
      uri: 'wampkit.error.invalid_result',
      kwargs: { procedure: URI, path: `errors["${TOO_LARGE}"][0]` },
    }
    const served = await pair.callee.register(add, throwing)
    expect(await failureOf(pair.caller.call(URI))).toMatchObject(wrong)
    await served.unregister()
    await pair.callee.register(URI, throwing)
    expect(await failureOf(pair.caller.call(add))).toMatchObject(wrong)
  })

  it('of another kind stay as they are', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(add, () => {
      throw new ApplicationError('com.example.other', ['as it is'])
    })
    expect(await failureOf(pair.caller.call(add))).toMatchObject({
      uri: 'com.example.other',
      args: ['as it is'],
    })
  })
})

describe('with a schema that is slow', () => {
  it('calls leave in the order in which they were made', async () => {
    const gate = slow()
    const log = procedure(URI, { args: z.tuple([gate.schema]) })
    const { client, router } = await joinedClient()
    const calls = ['a', 'b'].map((text) => client.call(log, [text]))
    gate.open('b')
    await router.hearsNothing()
    gate.open('a')
    for (const text of ['a', 'b']) {
      const call = await router.hears(Code.CALL)
      expect(call.payload.args).toEqual([text])
      router.result(call.requestId, [])
    }
    await Promise.all(calls)
  })

  it('a call that is refused does not hold up the next', async () => {
    const gate = slow()
    const log = procedure(URI, { args: z.tuple([gate.schema]) })
    const { client, router } = await joinedClient()
    const refused = failureOf(client.call(log, untyped<[string]>([5])))
    const sent = client.call(log, ['b'])
    gate.open('b')
    const call = await router.hears(Code.CALL)
    router.result(call.requestId, ['done'])
    expect(await sent).toBe('done')
    expect(await refused).toMatchObject({ uri: 'wamp.error.invalid_argument', kwargs: { path: 'args[0]' } })
  })

  it('a handler is called all the same, and has its invocation', async () => {
    const gate = slow()
    const log = procedure(URI, { args: z.tuple([gate.schema]) })
    await using pair = await Pair.join()
    await pair.callee.register(log, (text) => [text, currentInvocation().procedure])
    const called = pair.caller.call(URI, ['a'])
    await gate.asked('a')
    gate.open('a')
    expect(await called).toEqual(['a', URI])
  })

  it('a handler does not run for a call that was canceled meanwhile', async () => {
    const gate = slow()
    const log = procedure(URI, { args: z.tuple([gate.schema]) })
    await using pair = await Pair.join()
    let runs = 0
    await pair.callee.register(log, () => ++runs)
    const giveUp = new AbortController()
    const called = failureOf(
      pair.caller.call(URI, ['a'], undefined, { signal: giveUp.signal, cancelMode: 'kill' }),
    )
    await gate.asked('a')
    giveUp.abort()
    expect(await called).toMatchObject({ uri: 'wamp.error.canceled' })
    gate.open('a')
    const next = pair.caller.call(URI, ['b'])
    await gate.asked('b')
    gate.open('b')
    expect(await next).toBe(1)
  })
})

describe('a proxy of contracts', () => {
  const greet = procedure('com.example.greet', {
    args: z.tuple([z.string()]),
    kwargs: z.object({ greeting: z.string().default('Hello') }),
    result: z.string(),
  })
  const count = procedure('com.example.count', {
    args: z.tuple([z.number()]),
    progress: z.number(),
    result: z.string(),
  })

  it('has a method for each, with what it yields', async () => {
    await using pair = await Pair.join()
    await pair.callee.register(greet, (name, { greeting }) => `${greeting}, ${name}!`)
    await pair.callee.register(count, function* (to) {
      for (let i = 1; i <= to; i++) yield i
      return 'end'
    })
    const remote = pair.caller.proxy({ greet, count })
    expect(await remote.greet('Ada')).toBe('Hello, Ada!')
    expect(await remote.greet('Ada', kwargs({ greeting: 'Hi' }))).toBe('Hi, Ada!')
    expect(await remote.count(2)).toBe('end')
    expect(await allOf(remote.count.stream(2))).toEqual([1, 2, 'end'])
    expect(await failureOf(remote.count(untyped('x')))).toMatchObject({ uri: 'wamp.error.invalid_argument' })
  })

  it('refuses a name for which there is no contract', async () => {
    const { client } = await joinedClient()
    const remote = client.proxy({ greet, other: 5 }) as unknown as Record<string, () => unknown>
    expect(() => remote.other?.()).toThrow('there is no contract for a procedure other')
    expect(() => remote.missing?.()).toThrow(UsageError)
  })

  it('names a procedure that nobody has registered', async () => {
    await using pair = await Pair.join()
    const error = await failureOf(pair.caller.proxy({ greet }).greet('Ada'))
    expect(error).toMatchObject({ uri: 'wamp.error.no_such_procedure' })
    expect((error as Error).message).toContain('com.example.greet')
  })
})

it('a registration knows its contract, and keeps it over sessions', async () => {
  const add = procedure(URI, { args: z.tuple([z.number()]) })
  await using pair = await Pair.join()
  const registration = await pair.callee.register(add, (a) => a)
  expect(registration.contract).toBe(add)
  await pair.callee.stop()
  await pair.callee.start()
  expect(pair.callee.registrations).toEqual([registration])
  expect(await failureOf(pair.caller.call(URI, ['x']))).toMatchObject({ uri: 'wamp.error.invalid_argument' })
})
