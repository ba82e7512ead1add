import { expect, it } from 'vitest'
import { type Client, MessageHandler, type PublishOptions } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import type { Message } from '../../src/messages/message.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { overEach } from './over-each.js'
import { firsts, hear, settled } from './waiting.js'

const TOPIC = 'com.example.temperature'
const RETAINED = { getRetained: true }

function retain(client: Client, n: unknown, options: PublishOptions = {}, topic = TOPIC) {
  return client.publish(topic, [n], {}, { ...options, retain: true, acknowledge: true }) as Promise<number>
}

/** What the client gets of the topic when it subscribes now. */
async function retainedFor(client: Client, topic = TOPIC, match: 'exact' | 'prefix' | 'wildcard' = 'exact') {
  const heard = await hear(client, topic, { ...RETAINED, match })
  await settled(client)
  for (const subscription of client.subscriptions) await subscription.unsubscribe()
  return firsts(heard.values)
}

overEach('Event Retention (pubsub_event_retention.md)', (open) => {
  it('who subscribes and asks for it gets the newest retained event, marked as such', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('ada:sensor', '')
    await retain(publisher, 20)
    const publication = await retain(publisher, 21, { discloseMe: true })
    const heard = await hear(subscriber, TOPIC, RETAINED)
    await settled(subscriber)
    expect(heard.values).toHaveLength(1)
    expect(heard.values[0]).toMatchObject({
      topic: TOPIC,
      args: [21],
      publicationId: publication,
      retained: true,
      publisher: { authid: 'ada' },
    })
    expect(heard.values[0]?.details.topic).toBeUndefined()
  })

  it('who does not ask gets nothing, and events as they come are not marked', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('', '')
    await retain(publisher, 20)
    const heard = await hear(subscriber, TOPIC)
    await retain(publisher, 21)
    expect(firsts(await heard.first(1))).toEqual([21])
    expect(heard.values[0]?.details).toEqual({})
  })

  it('an event that is not retained leaves the retained one', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('', '')
    await retain(publisher, 20)
    await publisher.publish(TOPIC, [21], {}, { acknowledge: true })
    await publisher.publish(TOPIC, [22], {}, { acknowledge: true, retain: false })
    expect(await retainedFor(subscriber)).toEqual([20])
  })

  it('SUBSCRIBED comes first, then the retained event, then later ones', async () => {
    await using place = await open()
    const said: number[] = []
    class Listening extends MessageHandler {
      override handleMessage(message: Message) {
        if (message.code === Code.SUBSCRIBED || message.code === Code.EVENT) said.push(message.code)
        return super.handleMessage(message)
      }
    }
    const publisher = await place.join()
    const subscriber = await place.join({ messageHandler: Listening })
    await retain(publisher, 1)
    const [heard] = await Promise.all([
      hear(subscriber, TOPIC, RETAINED),
      ...[2, 3].map((n) => publisher.publish(TOPIC, [n])),
    ])
    await publisher.publish(TOPIC, [4])
    await settled(publisher, subscriber)
    const numbers = firsts(heard.values) as number[]
    expect([numbers[0], numbers.at(-1), said[0]]).toEqual([1, 4, Code.SUBSCRIBED])
    expect(numbers).toEqual([...numbers].sort())
  })

  it('a second handler that asks gets it as well, and the first not again', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('', '')
    await retain(publisher, 20)
    const first = await hear(subscriber, TOPIC)
    const second = await hear(subscriber, TOPIC, RETAINED)
    await settled(subscriber)
    expect([firsts(first.values), firsts(second.values)]).toEqual([[], [20]])
  })

  it('who subscribes again in its next session gets it again', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('', '')
    await retain(publisher, 20)
    const heard = await hear(subscriber, TOPIC, RETAINED)
    await heard.first(1)
    await subscriber.stop()
    await retain(publisher, 21)
    await subscriber.start()
    expect(firsts(await heard.first(2))).toEqual([20, 21])
  })

  it('it outlives its publisher, and needs no subscriber', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('', '')
    await retain(publisher, 20)
    await publisher.stop()
    expect(await retainedFor(subscriber)).toEqual([20])
    expect(await retainedFor(subscriber)).toEqual([20])
  })

  it('a subscriber gets the newest that it may have', async () => {
    await using place = await open()
    const [ada, bob, cleo, publisher] = await place.joinAll(
      'ada:admin',
      'bob:user',
      'cleo:user',
      'pub:sensor',
    )
    await retain(publisher, 'all')
    await retain(publisher, 'users', { eligible: { authroles: ['user'] } })
    await retain(publisher, 'not bob', { exclude: { authids: ['bob'] } })
    await retain(publisher, 'admins', { eligible: { authroles: ['admin'] } })
    await retain(publisher, 'nobody', { eligible: { authids: [] } })
    expect(await retainedFor(ada)).toEqual(['admins'])
    expect(await retainedFor(bob)).toEqual(['users'])
    expect(await retainedFor(cleo)).toEqual(['not bob'])
    await retain(publisher, 'all again')
    for (const client of [ada, bob, cleo]) expect(await retainedFor(client)).toEqual(['all again'])
  })

  it('a subscriber that may have none gets none', async () => {
    await using place = await open()
    const [bob, publisher] = await place.joinAll('bob:user', 'pub:sensor')
    await retain(publisher, 'admins', { eligible: { authroles: ['admin'] } })
    expect(await retainedFor(bob)).toEqual([])
  })

  it('session ids are those of sessions: the next session of a client is another', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    await retain(publisher, 'all')
    await retain(publisher, 'you', { eligible: { sessions: [subscriber.session?.id ?? 0] } })
    expect(await retainedFor(subscriber)).toEqual(['you'])
    await subscriber.stop()
    await subscriber.start()
    expect(await retainedFor(subscriber)).toEqual(['all'])
  })

  it('many events for few leave the one that everybody may have', async () => {
    await using place = await open()
    const [bob, publisher] = await place.joinAll('bob:user', 'pub:sensor')
    await retain(publisher, 'all')
    for (let n = 0; n < 10; n++) await retain(publisher, n, { eligible: { authids: [`somebody-${n}`] } })
    expect(await retainedFor(bob)).toEqual(['all'])
  })

  it('a publisher does not get its own, unless it had it when it was published', async () => {
    await using place = await open()
    const [publisher, other] = await place.joinAll('', '')
    await retain(publisher, 20)
    expect(await retainedFor(publisher)).toEqual([])
    expect(await retainedFor(other)).toEqual([20])
    await retain(publisher, 21, { excludeMe: false })
    expect(await retainedFor(publisher)).toEqual([21])
  })

  it('a publisher gets that of another below its own', async () => {
    await using place = await open()
    const [one, two, other] = await place.joinAll('', '', '')
    await retain(one, 'of one')
    await retain(two, 'of two')
    expect(await retainedFor(one)).toEqual(['of two'])
    expect(await retainedFor(two)).toEqual(['of one'])
    expect(await retainedFor(other)).toEqual(['of two'])
  })

  it('a pattern gets one of each topic, and is told which', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('', '')
    for (const [topic, n] of [
      ['com.example.a.x', 1],
      ['com.example.b.x', 2],
      ['com.example.a.x', 3],
      ['com.other.a.x', 4],
      ['com.example.a', 5],
    ] as const)
      await retain(publisher, n, {}, topic)
    const heard = await hear(subscriber, 'com.example.', { ...RETAINED, match: 'prefix' })
    await settled(subscriber)
    expect(new Map(heard.values.map(({ topic, args }) => [topic, args[0]]))).toEqual(
      new Map([
        ['com.example.a.x', 3],
        ['com.example.b.x', 2],
        ['com.example.a', 5],
      ]),
    )
    expect(heard.values.every(({ retained, details }) => retained && details.topic !== undefined)).toBe(true)
    expect((await retainedFor(publisher, 'com.example.', 'prefix')).length).toBe(0)
    const wildcard = await hear(subscriber, 'com..a.x', { ...RETAINED, match: 'wildcard' })
    await settled(subscriber)
    expect(firsts(wildcard.values).sort()).toEqual([3, 4])
  })

  it('comes in the format of the subscriber', async () => {
    await using place = await open()
    const clients = await Promise.all([
      place.join(),
      place.join({ serializers: [msgpack()] }),
      place.join({ serializers: [cbor()] }),
    ])
    const args = [new Uint8Array([0, 255]), 'é', [1.5, null], { a: 2 ** 53 - 1 }]
    for (const [i, publisher] of clients.entries()) {
      await publisher.publish(`com.example.${i}`, args, { b: i }, { retain: true, acknowledge: true })
    }
    const subscriber = await place.join()
    for (const [i, publisher] of clients.entries())
      for (const reader of [subscriber, ...clients.filter((client) => client !== publisher)]) {
        const heard = await hear(reader, `com.example.${i}`, RETAINED)
        const [event] = await heard.first(1)
        expect([event?.args, event?.kwargs]).toEqual([args, { b: i }])
      }
  })

  it('is bounded: the topics that were silent for longest are forgotten', async () => {
    await using place = await open({ retention: { maxTopics: 2 } })
    const [publisher, subscriber] = await place.joinAll('', '')
    for (const topic of ['a', 'b', 'a', 'c']) await retain(publisher, topic, {}, `com.example.${topic}`)
    const found = []
    for (const topic of ['a', 'b', 'c']) found.push(await retainedFor(subscriber, `com.example.${topic}`))
    expect(found).toEqual([['a'], [], ['c']])
  })

  it('is bounded in bytes', async () => {
    await using place = await open({ retention: { maxBytes: 5_000 } })
    const [publisher, subscriber] = await place.joinAll('', '')
    for (const topic of ['a', 'b', 'c'])
      await retain(publisher, 'x'.repeat(1_000), {}, `com.example.${topic}`)
    const found = await retainedFor(subscriber, 'com.example.', 'prefix')
    expect(found).toHaveLength(2)
    expect(await retainedFor(subscriber, 'com.example.a')).toEqual([])
  })

  it('what is refused is not retained', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('', '')
    await publisher.publish('wamp.session.on_join', [1], {}, { retain: true })
    await settled(publisher)
    expect(await retainedFor(subscriber, 'wamp.session.on_join')).toEqual([])
  })

  it('a node of a sharded subscription gets it, and a keyed event is one like any other', async () => {
    await using place = await open()
    const [publisher, subscriber] = await place.joinAll('', '')
    await retain(publisher, 20, { rkey: 'sensor-1' })
    const heard = await hear(subscriber, TOPIC, { ...RETAINED, nkey: 'node-1' })
    expect(firsts(await heard.first(1))).toEqual([20])
  })
})
