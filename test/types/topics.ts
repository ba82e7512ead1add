// Compiled, and never run: what the compiler knows of a topic with a contract, and what it refuses.
import { expectTypeOf } from 'vitest'
import type { Client, Subscription } from 'wampkit'
import { topic } from 'wampkit/contracts'
import { z } from 'zod'

declare const client: Client

interface Report {
  place: string
  celsius: number
}

const weather = topic('com.example.weather', {
  args: z.tuple([z.object({ place: z.string(), celsius: z.number().transform(String) })]),
  kwargs: z.object({ source: z.string().optional() }),
})
const reports = topic<[report: Report]>('com.example.reports')
const both = topic<{ args: [string]; kwargs: { urgent: boolean } }>('com.example.both')
const anything = topic('com.example.anything')

export function publishers() {
  expectTypeOf(client.publish(weather, [{ place: 'oslo', celsius: 9 }])).toEqualTypeOf<
    Promise<number | undefined>
  >()
  client.publish(weather, [{ place: 'oslo', celsius: 9 }], { source: 'radio' }, { acknowledge: true })
  client.publish(reports, [{ place: 'oslo', celsius: 9 }])
  client.publish(both, ['a'], { urgent: true })
  client.publish(anything, [1, 2])
  client.publish('com.example.anything', [1, 2], { a: 1 })
  // @ts-expect-error an argument of another type
  client.publish(weather, [{ place: 'oslo', celsius: '9' }])
  // @ts-expect-error no arguments
  client.publish(weather)
  // @ts-expect-error a keyword of another type
  client.publish(weather, [{ place: 'oslo', celsius: 9 }], { source: 5 })
  // @ts-expect-error keywords, of which there are none
  client.publish(reports, [{ place: 'oslo', celsius: 9 }], { source: 'radio' })
  // @ts-expect-error the keywords are missing
  client.publish(both, ['a'])
  // @ts-expect-error an option of subscribers
  client.publish(reports, [{ place: 'oslo', celsius: 9 }], undefined, { match: 'prefix' })
}

export async function subscribers() {
  const subscribing = client.subscribe(weather, (report, more) => {
    expectTypeOf(report).toEqualTypeOf<{ place: string; celsius: string }>()
    expectTypeOf(more).toEqualTypeOf<{ source?: string | undefined }>()
  })
  expectTypeOf(subscribing).toEqualTypeOf<Promise<Subscription>>()
  client.subscribe(reports, (report) => expectTypeOf(report).toEqualTypeOf<Report>(), { getRetained: true })
  client.subscribe(reports, () => {})
  for await (const event of await client.subscribe(reports, { limit: 5 })) {
    expectTypeOf(event.args).toEqualTypeOf<[report: Report]>()
    expectTypeOf(event.topic).toEqualTypeOf<string>()
  }
  for await (const { args, kwargs } of await client.subscribe(weather)) {
    expectTypeOf(args[0].celsius).toEqualTypeOf<string>()
    expectTypeOf(kwargs.source).toEqualTypeOf<string | undefined>()
  }
  for await (const { args } of await client.subscribe('com.example.weather'))
    expectTypeOf(args).toEqualTypeOf<readonly unknown[]>()
  // @ts-expect-error an argument of another type
  client.subscribe(reports, (report: string) => report)
  // @ts-expect-error an argument that nobody publishes
  client.subscribe(reports, (report: Report, more: string) => [report, more])
  // @ts-expect-error a property of another name
  client.subscribe(reports, (report) => report.fahrenheit)
}

export function schemas() {
  // @ts-expect-error arguments are a list
  topic('com.example.t', { args: z.number() })
  // @ts-expect-error no schema
  topic('com.example.t', { args: [z.number()] })
}
