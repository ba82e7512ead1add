import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { EventMessage } from '../../src/messages/pubsub.js'
import type { Router } from '../../src/router.js'
import { RawClient, routerWithRealm } from './raw-client.js'

let router: Router
let subscriber: RawClient
let publisher: RawClient

beforeEach(() => {
  router = routerWithRealm()
  subscriber = RawClient.join(router)
  publisher = RawClient.join(router)
})

function events(raw: RawClient): EventMessage[] {
  const heard: EventMessage[] = []
  while (raw.transport.unread.length > 0) heard.push(raw.hears(Code.EVENT))
  return heard
}

describe('Pattern-based Subscription: prefix (pubsub_pattern_based_subscription.md)', () => {
  it.each([
    'com.myapp.topic.emergency.11',
    'com.myapp.topic.emergency-low',
    'com.myapp.topic.emergency.category.severe',
    'com.myapp.topic.emergency',
  ])('broker sends events of %s to who subscribed to the prefix com.myapp.topic.emergency', (topic) => {
    const id = subscriber.subscribe('com.myapp.topic.emergency', { match: 'prefix' })
    publisher.publish(topic, ['Hello, world!'])
    const [event] = events(subscriber)
    expect(event).toMatchObject({ subscriptionId: id, details: { topic } })
  })

  it.each(['com.myapp.topic.emerge', 'com.myapp.topic', 'de.com.myapp.topic.emergency'])(
    'broker sends no events of %s to who subscribed to the prefix com.myapp.topic.emergency',
    (topic) => {
      subscriber.subscribe('com.myapp.topic.emergency', { match: 'prefix' })
      publisher.publish(topic)
      subscriber.hearsNothing()
    },
  )

  it('broker sends everything to who subscribed to the empty prefix', () => {
    subscriber.subscribe('', { match: 'prefix' })
    for (const topic of ['a', 'b.c', 'd.e.f']) publisher.publish(topic)
    expect(events(subscriber).map(({ details }) => details.topic)).toEqual(['a', 'b.c', 'd.e.f'])
  })
})

describe('Pattern-based Subscription: wildcard (pubsub_pattern_based_subscription.md)', () => {
  it.each(['com.myapp.foo.userevent', 'com.myapp.bar.userevent', 'com.myapp.a12.userevent'])(
    'broker sends events of %s to who subscribed to com.myapp..userevent',
    (topic) => {
      const id = subscriber.subscribe('com.myapp..userevent', { match: 'wildcard' })
      publisher.publish(topic)
      expect(events(subscriber)[0]).toMatchObject({ subscriptionId: id, details: { topic } })
    },
  )

  it.each([
    'com.myapp.foo.userevent.bar',
    'com.myapp.foo.user',
    'com.myapp2.foo.userevent',
    'com.myapp.userevent',
  ])('broker sends no events of %s to who subscribed to com.myapp..userevent', (topic) => {
    subscriber.subscribe('com.myapp..userevent', { match: 'wildcard' })
    publisher.publish(topic)
    subscriber.hearsNothing()
  })

  it('wildcards may stand anywhere, and several of them', () => {
    const patterns = ['..c', 'a..', '.b.', '..', 'a.b.c']
    const ids = patterns.map((pattern) => subscriber.subscribe(pattern, { match: 'wildcard' }))
    publisher.publish('a.b.c')
    expect(new Set(events(subscriber).map(({ subscriptionId }) => subscriptionId))).toEqual(new Set(ids))
    publisher.publish('a.b')
    subscriber.hearsNothing()
  })
})

describe('Events matching multiple subscriptions (pubsub_pattern_based_subscription.md)', () => {
  it('broker sends an event once for each subscription, with the same publication id', () => {
    const exact = subscriber.subscribe('com.example.a')
    const prefix = subscriber.subscribe('com.', { match: 'prefix' })
    const longer = subscriber.subscribe('com.example', { match: 'prefix' })
    const wildcard = subscriber.subscribe('com..a', { match: 'wildcard' })
    publisher.publish('com.example.a', [1], { acknowledge: true })
    const { publicationId } = publisher.hears(Code.PUBLISHED)
    const heard = events(subscriber)
    expect(heard.map(({ subscriptionId }) => subscriptionId).sort()).toEqual(
      [exact, prefix, longer, wildcard].sort(),
    )
    for (const event of heard) {
      expect(event.publicationId).toBe(publicationId)
      expect(event.payload.args).toEqual([1])
      expect(event.details.topic).toBe(event.subscriptionId === exact ? undefined : 'com.example.a')
    }
  })

  it('subscribers of one pattern share its id', () => {
    const third = RawClient.join(router)
    const id = subscriber.subscribe('com..a', { match: 'wildcard' })
    expect(third.subscribe('com..a', { match: 'wildcard' })).toBe(id)
    publisher.publish('com.example.a')
    expect(events(subscriber)).toHaveLength(1)
    expect(events(third)).toHaveLength(1)
  })

  it('UNSUBSCRIBE of a pattern leaves the narrower ones', () => {
    const prefix = subscriber.subscribe('com.', { match: 'prefix' })
    const exact = subscriber.subscribe('com.example.a')
    subscriber.unsubscribe(prefix)
    publisher.publish('com.example.a')
    expect(events(subscriber).map(({ subscriptionId }) => subscriptionId)).toEqual([exact])
  })

  it('the publisher is excluded from its patterns too', () => {
    publisher.subscribe('com.', { match: 'prefix' })
    publisher.subscribe('com..a', { match: 'wildcard' })
    publisher.publish('com.example.a')
    publisher.hearsNothing()
  })
})

describe('Publisher Exclusion (pubsub_publisher_exclusion.md)', () => {
  it.each([
    [{}, 0],
    [{ exclude_me: true }, 0],
    [{ exclude_me: false }, 1],
  ])('broker, told %j, sends the publisher %i events', (options, count) => {
    publisher.subscribe('com.example.a')
    subscriber.subscribe('com.example.a')
    publisher.publish('com.example.a', [1], options)
    expect(events(publisher)).toHaveLength(count)
    expect(events(subscriber)).toHaveLength(1)
  })

  it('exclude_me: false sends nothing to a publisher that has not subscribed', () => {
    publisher.publish('com.example.a', [1], { exclude_me: false })
    publisher.hearsNothing()
  })
})

describe('Publisher Identification (pubsub_publisher_identification.md)', () => {
  it('broker tells who published if the publisher asks for it', () => {
    const { authid, authrole } = publisher.welcome
    const disclosed = {
      publisher: publisher.sessionId,
      publisher_authid: authid,
      publisher_authrole: authrole,
    }
    subscriber.subscribe('com.example.a')
    publisher.publish('com.example.a', [], { disclose_me: true })
    expect(subscriber.hears(Code.EVENT).details).toEqual(disclosed)
    subscriber.subscribe('com.', { match: 'prefix' })
    publisher.publish('com.example.b', [], { disclose_me: true })
    expect(subscriber.hears(Code.EVENT).details).toEqual({ ...disclosed, topic: 'com.example.b' })
  })

  it.each([{}, { disclose_me: false }])('broker does not tell who published if told %j', (options) => {
    subscriber.subscribe('com.example.a')
    publisher.publish('com.example.a', [], options)
    expect(subscriber.hears(Code.EVENT).details).toEqual({})
  })

  it('a publisher cannot claim to be somebody else', () => {
    subscriber.subscribe('com.example.a')
    publisher.publish('com.example.a', [], { publisher: 1, publisher_authid: 'root', topic: 'com.example.b' })
    expect(subscriber.hears(Code.EVENT).details).toEqual({})
  })
})
