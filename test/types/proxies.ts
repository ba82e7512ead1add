// Compiled, and never run: what the compiler knows of a proxy that is typed from a class.
import { expectTypeOf } from 'vitest'
import { CallResult, Client, kwargs, type ResultStream } from 'wampkit'

declare const client: Client

class Service extends Client {
  readonly zone: string = 'utc'

  today() {
    return 'today'
  }

  async later(a: number, b?: string) {
    return [a, b] as const
  }

  *count(to: number): Generator<number, string> {
    yield to
    return 'end'
  }

  async *lines() {
    yield 'a'
  }

  async opened() {
    return this.count(3)
  }

  greet(name: string, more: { greeting?: string; times: number } = { times: 1 }) {
    return `${more.greeting} ${name}`
  }

  search({ text }: { text: string }): CallResult {
    return new CallResult([text])
  }

  rest(...all: number[]) {
    return all
  }

  nothing() {}

  both(text: string): string
  both(n: number): number
  both(value: string | number) {
    return value
  }
}

export function methods() {
  const remote = client.proxy<Service>()
  expectTypeOf(remote.today()).toEqualTypeOf<Promise<string>>()
  expectTypeOf(remote.later(1)).toEqualTypeOf<Promise<readonly [number, string | undefined]>>()
  expectTypeOf(remote.later(1, 'b')).toEqualTypeOf<Promise<readonly [number, string | undefined]>>()
  expectTypeOf(remote.search({ text: 'a' })).toEqualTypeOf<Promise<CallResult>>()
  expectTypeOf(remote.rest(1, 2, 3)).toEqualTypeOf<Promise<number[]>>()
  expectTypeOf(remote.nothing()).toEqualTypeOf<Promise<void>>()
  // Of overloads the compiler sees the last one.
  expectTypeOf(remote.both(5)).toEqualTypeOf<Promise<number>>()
  type Names =
    | 'today'
    | 'later'
    | 'count'
    | 'lines'
    | 'opened'
    | 'greet'
    | 'search'
    | 'rest'
    | 'nothing'
    | 'both'
  expectTypeOf<keyof typeof remote>().toEqualTypeOf<Names>()
  // @ts-expect-error an argument of another type
  remote.later('1')
  // @ts-expect-error an argument that is missing
  remote.later()
  // @ts-expect-error an argument too many
  remote.today(1)
  // @ts-expect-error a property is no procedure
  remote.zone
  // @ts-expect-error what every client has is no procedure
  remote.start()
  // @ts-expect-error a method that there is not
  remote.yesterday()
}

export async function progress() {
  const remote = client.proxy<Service>('com.example.')
  expectTypeOf(remote.count(3)).toEqualTypeOf<Promise<string>>()
  expectTypeOf(remote.count.stream(3)).toEqualTypeOf<ResultStream<string | number>>()
  expectTypeOf(remote.lines.stream()).toEqualTypeOf<ResultStream<string>>()
  expectTypeOf(remote.opened.stream()).toEqualTypeOf<ResultStream<string | number>>()
  for await (const line of remote.lines.stream()) expectTypeOf(line).toEqualTypeOf<string>()
  // @ts-expect-error nothing is yielded
  remote.today.stream()
  // @ts-expect-error an argument of another type
  remote.count.stream('3')
}

export function keywords() {
  const remote = client.proxy<Service>()
  remote.greet('Ada')
  remote.greet('Ada', { times: 2 })
  remote.greet('Ada', kwargs({ greeting: 'Hi', times: 2 }))
  remote.search(kwargs({ text: 'a' }))
  // @ts-expect-error a keyword is missing
  remote.greet('Ada', kwargs({ greeting: 'Hi' }))
  // @ts-expect-error a keyword of another type
  remote.search(kwargs({ text: 5 }))
  // @ts-expect-error an argument that is no dictionary is no keywords
  remote.later(kwargs({ a: 1 }))
}
