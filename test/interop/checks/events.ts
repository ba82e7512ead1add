import { expect } from 'vitest'
import type { SubscriberLists } from '../../../src/index.js'
import type { PassthruSerializer, Peer, PublishOptions } from '../peer.js'
import { type Checks, failure, freshUri } from './check.js'
import { BOTH, BYTES, expectSame, LARGE_AND_SMALL, PAYLOADS } from './payloads.js'

export interface Events {
  readonly publisher: Peer
  readonly subscriber: Peer
  /** Our client, which subscribes too, under another authrole. */
  readonly other: Peer
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
    const inbox = await subscriber.subscribe(topic, { match: 'prefix' })
    await publisher.publish(`${topic}.rain.heavy`, { args: [1] })
    expect(await inbox.next()).toMatchObject({ topic: `${topic}.rain.heavy`, args: [1] })
  },
  async 'which subscribed by wildcard'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(`${topic}..heavy`, { match: 'wildcard' })
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
  async 'which subscribed in three ways, and is told three times'({ publisher, subscriber }) {
    const topic = freshUri()
    const inboxes = await Promise.all([
      subscriber.subscribe(`${topic}.rain.heavy`),
      subscriber.subscribe(topic, { match: 'prefix' }),
      subscriber.subscribe(`${topic}..heavy`, { match: 'wildcard' }),
    ])
    await publisher.publish(`${topic}.rain.heavy`, { args: [1] })
    const events = await Promise.all(inboxes.map((inbox) => inbox.next()))
    expect(events.map(({ topic, args }) => [topic, args])).toEqual(
      events.map(() => [`${topic}.rain.heavy`, [1]]),
    )
    expect(new Set(events.map(({ publication }) => publication)).size).toBe(1)
  },
  'but excludes it by its session': excluding(({ session }) => ({ sessions: [session] })),
  'but excludes it by its authid': excluding(({ authid = '' }) => ({ authids: [authid] })),
  'but excludes it by its authrole': excluding(({ authrole = '' }) => ({ authroles: [authrole] })),
  'and to it alone, by its session': choosing(({ session }) => ({ sessions: [session] })),
  'and to it alone, by its authid': choosing(({ authid = '' }) => ({ authids: [authid] })),
  'and to it alone, by its authrole': choosing(({ authrole = '' }) => ({ authroles: [authrole] })),
  async 'and to nobody at all'({ publisher, subscriber, other }) {
    const [inbox, others] = await bothSubscribe(publisher, subscriber, other, { eligible: { sessions: [] } })
    expect((await inbox.next()).args).toEqual(['for all'])
    expect((await others.next()).args).toEqual(['for all'])
  },
  async 'which comes late, and asks for the retained event'({ publisher, subscriber }) {
    const topic = freshUri()
    for (const what of ['older', 'newer'])
      await publisher.publish(topic, { args: [what] }, { retain: true, acknowledge: true })
    await publisher.publish(topic, { args: ['not retained'] }, { acknowledge: true })
    const inbox = await subscriber.subscribe(topic, { getRetained: true })
    await publisher.publish(topic, { args: ['now'] })
    expect(await inbox.next()).toMatchObject({ topic, args: ['newer'], retained: true })
    const now = await inbox.next()
    expect(now.args).toEqual(['now'])
    expect(now.retained).toBeUndefined()
  },
  async 'which comes late, and does not ask for the retained event'({ publisher, subscriber }) {
    const topic = freshUri()
    await publisher.publish(topic, { args: ['before'] }, { retain: true, acknowledge: true })
    const inbox = await subscriber.subscribe(topic)
    await publisher.publish(topic, { args: ['now'] })
    expect((await inbox.next()).args).toEqual(['now'])
  },
  async 'which asks for the retained events of a prefix'({ publisher, subscriber }) {
    const topic = freshUri()
    const topics = [`${topic}.rain`, `${topic}.snow`]
    for (const each of topics) await publisher.publish(each, BOTH, { retain: true, acknowledge: true })
    const inbox = await subscriber.subscribe(topic, { match: 'prefix', getRetained: true })
    const events = [await inbox.next(), await inbox.next()]
    expect(events.map((event) => event.topic).sort()).toEqual(topics)
    for (const event of events) expect(event).toMatchObject({ ...BOTH, retained: true })
  },
  async 'which asks for the retained event, and gets the newest that it may have'({
    publisher,
    subscriber,
    other,
  }) {
    const topic = freshUri()
    await publisher.publish(topic, { args: ['for all'] }, { retain: true, acknowledge: true })
    const eligible = { sessions: [other.session] }
    await publisher.publish(topic, { args: ['for one'] }, { retain: true, acknowledge: true, eligible })
    const [inbox, others] = await Promise.all(
      [subscriber, other].map((peer) => peer.subscribe(topic, { getRetained: true })),
    )
    expect((await inbox?.next())?.args).toEqual(['for all'])
    expect((await others?.next())?.args).toEqual(['for one'])
  },
  'in passthru mode, as CBOR': passingThrough('cbor'),
  'in passthru mode, as MessagePack': passingThrough('msgpack'),
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

/** What the router does of its own accord where it discloses everybody. */
export const disclosedEvents: Checks<Events> = {
  async 'where the router discloses everybody'({ publisher, subscriber }) {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic)
    await publisher.publish(topic)
    const { session, authid, authrole } = publisher
    expect((await inbox.next()).publisher).toEqual({ session, authid, authrole })
  },
}

type Check = Checks<Events>[string]

function excluding(lists: (subscriber: Peer) => SubscriberLists): Check {
  return async ({ publisher, subscriber, other }) => {
    const options = { exclude: lists(subscriber) }
    const [inbox, others] = await bothSubscribe(publisher, subscriber, other, options)
    expect((await inbox.next()).args).toEqual(['for all'])
    expect((await others.next()).args).toEqual(['for some'])
  }
}

function choosing(lists: (subscriber: Peer) => SubscriberLists): Check {
  return async ({ publisher, subscriber, other }) => {
    const options = { eligible: lists(subscriber) }
    const [inbox, others] = await bothSubscribe(publisher, subscriber, other, options)
    expect((await inbox.next()).args).toEqual(['for some'])
    expect((await others.next()).args).toEqual(['for all'])
  }
}

/** Publishes an event for some subscribers, then one for all. */
async function bothSubscribe(publisher: Peer, subscriber: Peer, other: Peer, options: PublishOptions) {
  const topic = freshUri()
  const inboxes = [await subscriber.subscribe(topic), await other.subscribe(topic)] as const
  await publisher.publish(topic, { args: ['for some'] }, options)
  await publisher.publish(topic, { args: ['for all'] })
  return inboxes
}

function passingThrough(passthru: PassthruSerializer): Check {
  return async ({ publisher, subscriber }) => {
    const topic = freshUri()
    const inbox = await subscriber.subscribe(topic)
    const sent = { args: [...BOTH.args, BYTES], kwargs: BOTH.kwargs }
    await publisher.publish(topic, sent, { passthru })
    const { args, kwargs } = await inbox.next()
    expectSame({ args, kwargs }, sent)
  }
}

async function expectEvents(publisher: Peer, subscriber: Peer): Promise<void> {
  const topic = freshUri()
  const inbox = await subscriber.subscribe(topic)
  await publisher.publish(topic)
  await inbox.next()
}
