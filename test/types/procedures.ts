// Compiled, and never run: what the compiler knows of a procedure with a contract, and what it refuses.
import { type as ark } from 'arktype'
import * as v from 'valibot'
import { expectTypeOf } from 'vitest'
import { type CallResult, type Client, kwargs, type Registration, type ResultStream } from 'wampkit'
import { contract, procedure } from 'wampkit/contracts'
import { z } from 'zod'

declare const client: Client

const TOO_LARGE = 'com.example.too_large'

const add = procedure('com.example.add', {
  args: z.tuple([z.number(), z.number()]),
  result: z.number(),
  errors: { [TOO_LARGE]: z.tuple([z.number()]) },
})
const count = procedure('com.example.count', {
  args: z.tuple([z.number().optional()]),
  progress: z.number().transform(String),
  result: z.object({ end: z.string() }),
})
const greet = procedure('com.example.greet', {
  args: z.tuple([z.string()]),
  kwargs: z.object({ greeting: z.string(), times: z.number().default(1) }),
  result: z.string(),
})
const hurry = procedure('com.example.hurry', { kwargs: z.object({ soon: z.boolean().optional() }) })
const upload = procedure('com.example.upload', { part: z.string().transform(Number), result: z.number() })
const typed = procedure<(a: number, b?: string) => Promise<boolean>>('com.example.typed')
const generated = procedure<(to: number) => AsyncGenerator<number, string>>('com.example.generated')
const parts = procedure<(parts: AsyncIterable<string>) => number>('com.example.parts')
const listed = procedure<{
  args: [name: string]
  kwargs: { greeting: string }
  result: string
  progress: number
  errors: { 'com.example.e': [limit: number] }
}>('com.example.listed')
const nothing = procedure<() => void>('com.example.nothing')
const anything = procedure('com.example.anything')

export function callers() {
  expectTypeOf(client.call(add, [2, 3])).toEqualTypeOf<Promise<number>>()
  expectTypeOf(client.call(add, [2, 3], undefined, { timeout: 500 })).toEqualTypeOf<Promise<number>>()
  expectTypeOf(client.call(add, [2, 3], undefined, { details: true })).toEqualTypeOf<Promise<CallResult>>()
  expectTypeOf(client.call(add, [2, 3] as const)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(client.call(count, [])).toEqualTypeOf<Promise<{ end: string }>>()
  expectTypeOf(client.call(count)).toEqualTypeOf<Promise<{ end: string }>>()
  expectTypeOf(client.call(greet, ['Ada'], { greeting: 'Hi' })).toEqualTypeOf<Promise<string>>()
  expectTypeOf(client.call(hurry)).toEqualTypeOf<Promise<unknown>>()
  expectTypeOf(client.call(hurry, [], { soon: true })).toEqualTypeOf<Promise<unknown>>()
  expectTypeOf(client.call(typed, [1])).toEqualTypeOf<Promise<boolean>>()
  expectTypeOf(client.call(typed, [1, 'b'])).toEqualTypeOf<Promise<boolean>>()
  expectTypeOf(client.call(generated, [1])).toEqualTypeOf<Promise<string>>()
  expectTypeOf(client.call(listed, ['Ada'], { greeting: 'Hi' })).toEqualTypeOf<Promise<string>>()
  expectTypeOf(client.call(nothing)).toEqualTypeOf<Promise<void>>()
  expectTypeOf(client.call(anything, [1, 'two'])).toEqualTypeOf<Promise<unknown>>()
  // Without a contract everything is as it was.
  expectTypeOf(client.call('com.example.add', [2, 3])).toEqualTypeOf<Promise<unknown>>()
  expectTypeOf(client.call<number>('com.example.add', [2, 3])).toEqualTypeOf<Promise<number>>()

  // @ts-expect-error an argument of another type
  client.call(add, ['2', 3])
  // @ts-expect-error one argument too few
  client.call(add, [2])
  // @ts-expect-error one argument too many
  client.call(add, [2, 3, 4])
  // @ts-expect-error no arguments at all
  client.call(add)
  // @ts-expect-error keywords, of which the contract has none
  client.call(add, [2, 3], { a: 1 })
  // @ts-expect-error a result of another type
  client.call(add, [2, 3]).then((sum: string) => sum)
  // @ts-expect-error the keywords are missing
  client.call(greet, ['Ada'])
  // @ts-expect-error a keyword of another name
  client.call(greet, ['Ada'], { salute: 'Hi' })
  // @ts-expect-error a keyword of another type
  client.call(greet, ['Ada'], { greeting: 5 })
  // @ts-expect-error a keyword of another type, in types alone
  client.call(listed, ['Ada'], { greeting: 5 })
  // @ts-expect-error an argument of another type, in types alone
  client.call(typed, ['1'])
  // @ts-expect-error an option that there is not
  client.call(add, [2, 3], undefined, { timeOut: 5 })
}

export function partsOfCalls(texts: AsyncIterable<string>, numbers: AsyncIterable<number>) {
  expectTypeOf(client.call(upload, texts)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(client.call(parts, texts)).toEqualTypeOf<Promise<number>>()
  // @ts-expect-error parts of another type
  client.call(upload, numbers)
  // @ts-expect-error parts of another type, in types alone
  client.call(parts, numbers)
  // @ts-expect-error a list is no parts
  client.call(upload, ['a'])
  client.register(upload, async (read) => {
    expectTypeOf(read).toEqualTypeOf<AsyncIterable<number>>()
    return 5
  })
}

export function streams() {
  expectTypeOf(client.stream(count, [10])).toEqualTypeOf<ResultStream<string | { end: string }>>()
  expectTypeOf(client.stream(generated, [10])).toEqualTypeOf<ResultStream<string | number>>()
  expectTypeOf(client.stream(nothing)).toEqualTypeOf<ResultStream<never>>()
  expectTypeOf(client.stream<number>('com.example.count')).toEqualTypeOf<ResultStream<number>>()
  client.call(count, [10], undefined, { onProgress: (text) => expectTypeOf(text).toEqualTypeOf<string>() })
  // @ts-expect-error an argument of another type
  client.stream(count, ['10'])
  // @ts-expect-error progressive results of another type
  client.call(count, [10], undefined, { onProgress: (n: number) => n })
}

export function callees() {
  expectTypeOf(client.register(add, (a, b) => a + b)).toEqualTypeOf<Promise<Registration>>()
  client.register(add, async (a, b) => {
    expectTypeOf([a, b] as const).toEqualTypeOf<readonly [number, number]>()
    return a + b
  })
  client.register(greet, (name, more) => {
    expectTypeOf(name).toEqualTypeOf<string>()
    expectTypeOf(more).toEqualTypeOf<{ greeting: string; times: number }>()
    return more.greeting
  })
  client.register(count, async function* (to = 10) {
    expectTypeOf(to).toEqualTypeOf<number>()
    yield to
    return { end: 'end' }
  })
  client.register(count, () => ({ end: 'at once' }))
  client.register(add, (a) => a, { invoke: 'roundrobin' })
  client.register(nothing, () => {})
  // @ts-expect-error a result of another type
  client.register(add, (a, b) => `${a}${b}`)
  // @ts-expect-error an argument of another type
  client.register(add, (a: string, b: number) => a.length + b)
  // @ts-expect-error an argument that nobody gives
  client.register(add, (a: number, b: number, c: number) => a + b + c)
  // @ts-expect-error progressive results of another type
  client.register(count, async function* () {
    yield 'one'
    return { end: 'end' }
  })
  // @ts-expect-error a procedure that has no progressive results
  client.register(add, function* (a: number) {
    yield a
    return a
  })
  // @ts-expect-error the result of a generator is of another type
  client.register(generated, async function* (to: number) {
    yield to
    return to
  })
}

/** Keywords stand last, wherever that is: what may be left out moves them. */
export function leftOut() {
  const varied = procedure('com.example.varied', {
    args: z.tuple([z.string(), z.number().optional()]),
    kwargs: z.object({ a: z.boolean() }),
  })
  client.register(varied, (...given) => {
    expectTypeOf(given).toEqualTypeOf<
      [string, { a: boolean }] | [string, number | undefined, { a: boolean }]
    >()
  })
  // @ts-expect-error without the number the keywords are the second
  client.register(varied, (...given: [string, number | undefined, { a: boolean }]) => given)
}

export function errors(error: unknown) {
  if (add.isError(error, TOO_LARGE)) {
    expectTypeOf(error.uri).toEqualTypeOf<typeof TOO_LARGE>()
    expectTypeOf(error.args).toEqualTypeOf<readonly [number]>()
  }
  if (listed.isError(error, 'com.example.e')) expectTypeOf(error.args[0]).toEqualTypeOf<number>()
  add.error(TOO_LARGE, [7])
  // @ts-expect-error an error that the contract does not know
  add.isError(error, 'com.example.other')
  // @ts-expect-error an argument of another type
  add.error(TOO_LARGE, ['7'])
  // @ts-expect-error a contract that knows no errors
  greet.isError(error, TOO_LARGE)
}

/** The same contract, in the words of other libraries. */
export function libraries() {
  const schemas = { args: v.tuple([v.number(), v.string()]), result: v.pipe(v.string(), v.transform(Number)) }
  const byValibot = procedure('com.example.valibot', schemas)
  expectTypeOf(client.call(byValibot, [1, 'b'])).toEqualTypeOf<Promise<number>>()
  client.register(byValibot, (a, b) => `${a}${b}`)
  // @ts-expect-error an argument of another type
  client.call(byValibot, [1, 2])
  const byArktype = procedure('com.example.arktype', {
    args: ark(['number', 'string']),
    result: ark('number'),
  })
  expectTypeOf(client.call(byArktype, [1, 'b'])).toEqualTypeOf<Promise<number>>()
  client.register(byArktype, (a, b) => a + b.length)
  // @ts-expect-error an argument of another type
  client.call(byArktype, [1, 2])
}

export function schemas() {
  // @ts-expect-error arguments are a list
  procedure('com.example.p', { args: z.number() })
  // @ts-expect-error keywords are a dictionary
  procedure('com.example.p', { kwargs: z.string() })
  // @ts-expect-error no schema
  procedure('com.example.p', { result: 'number' })
  // @ts-expect-error the arguments of an error are a list
  procedure('com.example.p', { errors: { 'com.example.e': z.number() } })
}

interface Dates {
  readonly zone: string
  today(): string
  days(from: string, to?: string): AsyncGenerator<string, number>
}

export function interfaces() {
  const dates = contract<Dates>('com.example.date.')
  expectTypeOf(client.call(dates.today)).toEqualTypeOf<Promise<string>>()
  expectTypeOf(client.stream(dates.days, ['a'])).toEqualTypeOf<ResultStream<string | number>>()
  expectTypeOf<keyof typeof dates>().toEqualTypeOf<'today' | 'days'>()
  // @ts-expect-error a method that the interface has not
  client.call(dates.tomorrow)
}

export function proxies() {
  const remote = client.proxy({ add, count, greet, hurry, other: 5 })
  expectTypeOf<keyof typeof remote>().toEqualTypeOf<'add' | 'count' | 'greet' | 'hurry'>()
  expectTypeOf(remote.add(2, 3)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(remote.count.stream()).toEqualTypeOf<ResultStream<string | { end: string }>>()
  expectTypeOf(remote.greet('Ada', kwargs({ greeting: 'Hi' }))).toEqualTypeOf<Promise<string>>()
  expectTypeOf(remote.hurry()).toEqualTypeOf<Promise<unknown>>()
  expectTypeOf(remote.hurry(kwargs({ soon: true }))).toEqualTypeOf<Promise<unknown>>()
  // @ts-expect-error an argument of another type
  remote.add('2', 3)
  // @ts-expect-error nothing is yielded
  remote.add.stream(2, 3)
  // @ts-expect-error the keywords are missing
  remote.greet('Ada')
  // @ts-expect-error a keyword of another type
  remote.greet('Ada', kwargs({ greeting: 5 }))
}
