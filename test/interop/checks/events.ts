import { expect } from 'vitest'
import type { Peer } from '../peer.js'
import { type Checks, failure, freshUri } from './check.js'
import { expectSame, LARGE_AND_SMALL, PAYLOADS } from './payloads.js'

export interface Events {
  readonly publisher: Peer
  readonly subscriber: Peer
  readonly sent: (bytes: Uint8Array) => unknown
  readonly received: (bytes: Uint8Array) => unknown
}

/** Events that arrive as they were sent. */
export const payloadEvents: Checks<Events> = Object.fromEntries(
  Object.entries(PAYLOADS).map(([what, make]) => [
    `with ${what}`,
    async ({ publisher, subscriber, sent, received }: Events) => {
      const topic = freshUri()
      const inbox = await subscriber.subscribe(topic)
      await publisher.publish(topic, make(sent))
      const { args, kwargs } = await inbox.next()
      expectSame({ args, kwargs }, make(received))
    },
  ]),
)

export const events: Checks<Events> = {
  async 'with positional arguments'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic)
    await publisher.publish(topic, { args: [1, 'two'] })
    expect(await inbox.next()).toMatchObject({ topic, args: [1, 'two'], kwargs: {} })
  },
  async 'without arguments'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic)
    await publisher.publish(topic)
    expect(await inbox.next()).toMatchObject({ topic, args: [], kwargs: {} })
  },
  ...payloadEvents,
  async 'with an acknowledgment'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic)
    const id = await publisher.publish(topic, { args: [1] }, { acknowledge: true })
    expect(id).toBeGreaterThan(0)
    const { publication = id } = await inbox.next()
    expect(publication).toBe(id)
  },
  async 'and hears that its topic is not allowed'({ publisher, subscriber }) {
    // The realm is a strict one: no capitals.
    const error = await failure(publisher.publish('com.example.Capital', {}, { acknowledge: true }))
    expect(error.uri).toBe('wamp.error.invalid_uri')
    await expectEvents(publisher, subscriber)
  },
  async 'and gets its own event only if it asks'({ publisher, subscriber }) {
    const topic = freshUri()
    const own = await publisher.subscribe(topic)
    const inbox = await subscriber.subscribe(topic)
    await publisher.publish(topic, { args: ['for others'] })
    await publisher.publish(topic, { args: ['for all'] }, { excludeMe: false })
    expect((await inbox.next()).args).toEqual(['for others'])
    expect((await inbox.next()).args).toEqual(['for all'])
    expect((await own.next()).args).toEqual(['for all'])
  },
  async 'and discloses itself'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic)
    await publisher.publish(topic)
    await publisher.publish(topic, {}, { discloseMe: true })
    expect((await inbox.next()).publisher).toBeUndefined()
    const { session, authid, authrole } = publisher
    expect((await inbox.next()).publisher).toEqual({ session, authid, authrole })
  },
  async 'which subscribed by prefix'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic, 'prefix')
    await publisher.publish(`${topic}.rain.heavy`, { args: [1] })
    expect(await inbox.next()).toMatchObject({ topic: `${topic}.rain.heavy`, args: [1] })
  },
  async 'which subscribed by wildcard'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(`${topic}..heavy`, 'wildcard')
    await publisher.publish(`${topic}.rain.light`, { args: [0] })
    await publisher.publish(`${topic}.rain.heavy`, { args: [1] })
    expect(await inbox.next()).toMatchObject({ topic: `${topic}.rain.heavy`, args: [1] })
  },
  async 'which has unsubscribed'({ publisher, subscriber }) {
    const topic = freshUri()
    const left = await subscriber.subscribe(topic)
    const kept = await subscriber.subscribe(`${topic}.kept`)
    await left.unsubscribe()
    await publisher.publish(topic)
    await publisher.publish(`${topic}.kept`)
    await kept.next()
    expect(left.size).toBe(0)
  },
  async '200 times at once, whole and in order'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic)
    await Promise.all(Array.from({ length: 200 }, (_, i) => publisher.publish(topic, { args: [i] })))
    const seen: unknown[] = []
    while (seen.length < 200) seen.push((await inbox.next()).args[0])
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i))
  },
  async 'at once with large and small arguments, whole and in order'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic)
    await Promise.all(LARGE_AND_SMALL.map((text) => publisher.publish(topic, { args: [text] })))
    const seen: unknown[] = []
    while (seen.length < LARGE_AND_SMALL.length) seen.push((await inbox.next()).args[0])
    expectSame(seen, LARGE_AND_SMALL)
  },
}

async function expectEvents(publisher: Peer, subscriber: Peer): Promise<void> {
  const topic = freshUri()
  const inbox = await subscriber.subscribe(topic)
  await publisher.publish(topic)
  await inbox.next()
}
