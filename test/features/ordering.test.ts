import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Client, currentEvent, MessageHandler } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import type { Message } from '../../src/messages/message.js'
import type { EventMessage } from '../../src/messages/pubsub.js'
import { turn } from '../spec/fake-transport.js'
import { overEach } from './over-each.js'
import { settled } from './waiting.js'

const RUNS = { numRuns: 15 }

/** What somebody does next: who, to which of the topics or procedures, with how much, and how long the others get before. */
const step = fc.record({
  who: fc.nat({ max: 1 }),
  what: fc.nat({ max: 2 }),
  size: fc.constantFrom(0, 0, 0, 10, 70_000),
  pause: fc.constantFrom(0, 0, 0, 1, 2),
})
const steps = fc.array(step, { minLength: 1, maxLength: 40 })

/** Lets the others have `turns` turns of the event loop. */
async function wait(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await turn()
}

function inOrder(numbers: readonly number[]): boolean {
  return numbers.every((n, i) => i === 0 || n >= (numbers[i - 1] ?? 0))
}

/** Writes down what a client hears, in the order in which it does. */
function listening() {
  const heard: Message[] = []
  class Listening extends MessageHandler {
    override handleMessage(message: Message) {
      heard.push(message)
      return super.handleMessage(message)
    }
  }
  return { heard, messageHandler: Listening }
}

overEach('Ordering Guarantees (security_model.md)', (open) => {
  it('events: in order for each pair of publisher and subscriber, across topics and subscriptions', async () => {
    await using place = await open()
    const [one, other, a, b] = await place.joinAll('', '', '', '')
    const publishers = [one, other]
    const subscribers = [a, b]
    const heard: [publisher: number, n: number, topic: string][][] = [[], []]
    const topics = ['com.example.a', 'com.example.b', 'com.example.c']
    for (const [i, subscriber] of subscribers.entries()) {
      const add = (publisher: number, n: number) => heard[i]?.push([publisher, n, currentEvent().topic])
      for (const topic of topics) await subscriber.subscribe(topic, add)
      await subscriber.subscribe('com.', add, { match: 'prefix' })
      await subscriber.subscribe('com..b', add, { match: 'wildcard' })
    }
    await fc.assert(
      fc.asyncProperty(steps, async (publishing) => {
        for (const list of heard) list.length = 0
        for (const [n, { who, what, size, pause }] of publishing.entries()) {
          const options = { acknowledge: n % 3 === 0 }
          void publishers[who]?.publish(topics[what] ?? '', [who, n, 'x'.repeat(size)], {}, options)
          await wait(pause)
        }
        await settled(...publishers, ...subscribers)
        const expected = publishing.reduce((sum, { what }) => sum + (what === 1 ? 3 : 2), 0)
        for (const list of heard) {
          expect(list).toHaveLength(expected)
          for (const who of [0, 1])
            expect(inOrder(list.filter(([publisher]) => publisher === who).map(([, n]) => n))).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('invocations: in order for each pair of caller and callee, across procedures, however late the results', async () => {
    await using place = await open()
    const [one, other, a, b] = await place.joinAll('', '', '', '')
    const callers = [one, other]
    const served: [caller: number, n: number][][] = [[], []]
    for (const [i, callee] of [a, b].entries()) {
      const serve = async (caller: number, n: number) => {
        served[i]?.push([caller, n])
        await wait(n % 4)
        return n
      }
      await callee.register(`com.example.${i}`, serve)
      await callee.register('com.shared', serve, { invoke: 'roundrobin' })
    }
    await a.register('org.', (caller, n) => served[0]?.push([caller, n]) && n, { match: 'prefix' })
    const procedures = ['com.example.0', 'com.example.1', 'com.shared', 'org.example']
    await fc.assert(
      fc.asyncProperty(steps, async (calling) => {
        for (const list of served) list.length = 0
        const results: Promise<unknown>[] = []
        for (const [n, { who, what, size, pause }] of calling.entries()) {
          const procedure = procedures[(what + n) % procedures.length] ?? ''
          const call = callers[who]?.call(procedure, [who, n, 'x'.repeat(size)])
          if (call !== undefined) results.push(call)
          await wait(pause)
        }
        expect(await Promise.all(results)).toEqual(calling.map((_, n) => n))
        for (const list of served)
          for (const who of [0, 1])
            expect(inOrder(list.filter(([caller]) => caller === who).map(([, n]) => n))).toBe(true)
      }),
      RUNS,
    )
  })

  it('SUBSCRIBED comes before the first event; after UNSUBSCRIBED there is none', async () => {
    await using place = await open()
    const publisher = await place.join()
    const { heard, messageHandler } = listening()
    const subscriber = await place.join({ messageHandler })
    const topic = 'com.example.a'
    await fc.assert(
      fc.asyncProperty(steps, async (doing) => {
        heard.length = 0
        let toggling = Promise.resolve()
        for (const [n, { who, pause }] of doing.entries()) {
          if (who === 0) void publisher.publish(topic, [n])
          else toggling = toggling.then(() => toggle(subscriber, topic))
          await wait(pause)
        }
        await toggling
        for (const subscription of subscriber.subscriptions) await subscription.unsubscribe()
        await settled(publisher, subscriber)
        let active = false
        for (const { code } of heard) {
          if (code === Code.SUBSCRIBED) active = true
          else if (code === Code.UNSUBSCRIBED) active = false
          else if (code === Code.EVENT) expect(active).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('REGISTERED comes before the first invocation; after UNREGISTERED there is none', async () => {
    await using place = await open()
    const caller = await place.join()
    const { heard, messageHandler } = listening()
    const callee = await place.join({ messageHandler })
    const procedure = 'com.example.p'
    let serves = 0
    const toggleProcedure = async () => {
      const [registration] = callee.registrations
      if (registration === undefined) await callee.register(procedure, () => ++serves)
      else await registration.unregister()
    }
    await fc.assert(
      fc.asyncProperty(steps, async (doing) => {
        heard.length = 0
        serves = 0
        let toggling = Promise.resolve()
        const calls: Promise<unknown>[] = []
        for (const { who, pause } of doing) {
          if (who === 0)
            calls.push(
              caller.call(procedure).then(
                () => true,
                () => false,
              ),
            )
          else toggling = toggling.then(toggleProcedure)
          await wait(pause)
        }
        await toggling
        const answered = (await Promise.all(calls)).filter(Boolean).length
        for (const registration of callee.registrations) await registration.unregister()
        expect(serves).toBe(answered)
        let active = false
        for (const { code } of heard) {
          if (code === Code.REGISTERED) active = true
          else if (code === Code.UNREGISTERED) active = false
          else if (code === Code.INVOCATION) expect(active).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('the retained event comes after SUBSCRIBED and before later events, and is the newest of then', async () => {
    await using place = await open()
    const publisher = await place.join()
    const { heard, messageHandler } = listening()
    const subscriber = await place.join({ messageHandler })
    let topics = 0
    const publishing = fc.array(fc.record({ retain: fc.boolean(), pause: fc.constantFrom(0, 0, 1) }), {
      minLength: 1,
      maxLength: 25,
    })
    await fc.assert(
      fc.asyncProperty(publishing, fc.nat({ max: 25 }), async (publications, when) => {
        heard.length = 0
        const topic = `com.example.${topics++}`
        let subscribing: Promise<unknown> | undefined
        const subscribe = () => {
          subscribing ??= subscriber.subscribe(topic, () => {}, { getRetained: true })
        }
        for (const [n, { retain, pause }] of publications.entries()) {
          if (n === when) subscribe()
          void publisher.publish(topic, [n], {}, { retain })
          await wait(pause)
        }
        subscribe()
        await subscribing
        await settled(publisher, subscriber)
        const [first, ...events] = heard.filter(({ code }) => code === Code.SUBSCRIBED || code === Code.EVENT)
        expect(first?.code).toBe(Code.SUBSCRIBED)
        const numbers = (events as EventMessage[]).map(({ payload }) => Number(payload.args[0]))
        const marks = (events as EventMessage[]).map(({ details }) => details.retained === true)
        const retained = marks[0] === true ? numbers.shift() : undefined
        // The rest came as it was published, without a gap, to the end.
        const live = numbers[0] ?? publications.length
        expect(numbers).toEqual(publications.slice(live).map((_, i) => live + i))
        expect(marks.slice(retained === undefined ? 0 : 1).includes(true)).toBe(false)
        const newest = publications.slice(0, live).findLastIndex(({ retain }) => retain)
        expect(retained ?? -1).toBe(newest)
        for (const subscription of subscriber.subscriptions) await subscription.unsubscribe()
      }),
      RUNS,
    )
  })

  it('progressive results come in order, and parts of a call are read in order', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(
      'com.example.echo',
      async function* (parts: AsyncIterable<[number, string]>) {
        for await (const part of parts) yield part
      },
      { progressiveInvocations: true },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (sending) => {
        const streams = [0, 1].map(async (who) => {
          async function* parts() {
            for (const [n, { size, pause }] of sending.entries()) {
              await wait(pause)
              yield [n, 'x'.repeat(size + who)]
            }
          }
          const seen: number[] = []
          for await (const [n] of caller.stream<[number, string]>('com.example.echo', parts())) seen.push(n)
          return seen
        })
        const expected = sending.map((_, n) => n)
        expect(await Promise.all(streams)).toEqual([expected, expected])
      }),
      RUNS,
    )
  })
})

async function toggle(client: Client, topic: string): Promise<void> {
  const [subscription] = client.subscriptions
  if (subscription === undefined) await client.subscribe(topic, () => {})
  else await subscription.unsubscribe()
}
