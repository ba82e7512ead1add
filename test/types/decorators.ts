// Compiled twice, in either dialect of decorators, and never run: a method has to fit the contract that it is given.
import { Client, callee, subscriber } from 'wampkit'
import { contract, procedure, topic } from 'wampkit/contracts'
import { z } from 'zod'

const add = procedure('com.example.add', { args: z.tuple([z.number(), z.number()]), result: z.number() })
const count = procedure<(to: number) => AsyncGenerator<number, string>>('com.example.count')
const weather = topic('com.example.weather', { args: z.tuple([z.object({ celsius: z.number() })]) })

interface Greeter {
  greet(name: string, more?: { greeting?: string }): string
}
const greeter = contract<Greeter>('com.example.')

export class Fitting extends Client {
  @callee(add)
  add(a: number, b: number) {
    return a + b
  }

  @callee(add, { invoke: 'roundrobin' })
  async later(a: number) {
    return a
  }

  @callee(count)
  async *count(to: number) {
    yield to
    return 'end'
  }

  @callee(greeter.greet)
  greet(name: string, { greeting = 'Hello' } = {}) {
    return `${greeting}, ${name}!`
  }

  @subscriber(weather)
  onWeather(report: { celsius: number }) {
    return report
  }

  @subscriber(weather, { match: 'prefix' })
  onAny() {}
}

export class Wrong extends Client {
  // @ts-expect-error an argument of another type
  @callee(add)
  argument(a: string, b: number) {
    return a.length + b
  }

  // @ts-expect-error an argument that nobody gives
  @callee(add)
  oneMore(a: number, b: number, c: number) {
    return a + b + c
  }

  // @ts-expect-error a result of another type
  @callee(add)
  result(a: number, b: number) {
    return `${a}${b}`
  }

  // @ts-expect-error progressive results of another type
  @callee(count)
  async *progress(to: number) {
    yield `${to}`
    return 'end'
  }

  // @ts-expect-error a property of another name
  @subscriber(weather)
  onWeather(report: { fahrenheit: number }) {
    return report
  }

  // @ts-expect-error options of subscribers
  @callee(add, { getRetained: true })
  options(a: number, b: number) {
    return a + b
  }

  // @ts-expect-error a topic is no procedure
  @callee(weather)
  topic() {}

  // @ts-expect-error a procedure is no topic
  @subscriber(add)
  procedure() {}
}
