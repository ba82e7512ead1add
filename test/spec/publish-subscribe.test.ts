import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Subscribe, Unsubscribe } from '../../src/messages/pubsub.js'
import type { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { wire } from './fake-transport.js'
import { BASIC_ROLES, bystanders, expectError, RawClient, routerWithRealm } from './raw-client.js'

const TOPIC = 'com.example.topic'

let router: Router
let subscriber: RawClient
let publisher: RawClient

beforeEach(() => {
  router = routerWithRealm()
  subscriber = RawClient.join(router)
  publisher = RawClient.join(router)
})

/** The values of the events that have come, in order. */
function events(raw: RawClient): unknown[] {
  const values: unknown[] = []
  while (raw.transport.unread.length > 0) values.push(raw.hears(Code.EVENT).payload.args[0])
  return values
}

describe('Subscribing and Unsubscribing (publish_subscribe.md)', () => {
  it('broker answers SUBSCRIBE with SUBSCRIBED and an id', () => {
    const request = subscriber.request((id) => new Subscribe(id, {}, TOPIC))
    const subscribed = subscriber.hears(Code.SUBSCRIBED)
    expect(subscribed.requestId).toBe(request)
    expect(subscribed.subscriptionId).toBeGreaterThanOrEqual(1)
    expect(subscribed.subscriptionId).toBeLessThanOrEqual(2 ** 53)
    subscriber.hearsNothing()
  })

  it('broker gives all subscribers of a topic the same subscription id', () => {
    expect(subscriber.subscribe(TOPIC)).toBe(publisher.subscribe(TOPIC))
  })

  it('broker gives every topic, and every match policy, an id of its own', () => {
    const ids = [
      subscriber.subscribe(TOPIC),
      subscriber.subscribe('com.example.other'),
      subscriber.subscribe(TOPIC, { match: 'prefix' }),
      subscriber.subscribe(TOPIC, { match: 'wildcard' }),
    ]
    expect(new Set(ids).size).toBe(4)
  })

  it('broker answers a second SUBSCRIBE of a session with the same id, and sends each event once', () => {
    const id = subscriber.subscribe(TOPIC)
    expect(subscriber.subscribe(TOPIC)).toBe(id)
    expect(subscriber.subscribe(TOPIC, { match: 'exact' })).toBe(id)
    publisher.publish(TOPIC, [1])
    expect(events(subscriber)).toEqual([1])
  })

  it('one UNSUBSCRIBE ends what two SUBSCRIBEs of a session began', () => {
    const id = subscriber.subscribe(TOPIC)
    subscriber.subscribe(TOPIC)
    subscriber.unsubscribe(id)
    publisher.publish(TOPIC, [1])
    subscriber.hearsNothing()
  })

  it('broker sends no events after UNSUBSCRIBED', () => {
    const id = subscriber.subscribe(TOPIC)
    publisher.publish(TOPIC, [1])
    const request = subscriber.request((requestId) => new Unsubscribe(requestId, id))
    publisher.publish(TOPIC, [2])
    expect(subscriber.hears(Code.EVENT).payload.args).toEqual([1])
    expect(wire(subscriber.hears(Code.UNSUBSCRIBED))).toEqual([Code.UNSUBSCRIBED, request])
    subscriber.hearsNothing()
  })

  it('a session subscribes again after it has unsubscribed', () => {
    subscriber.unsubscribe(subscriber.subscribe(TOPIC))
    const id = subscriber.subscribe(TOPIC)
    publisher.publish(TOPIC, [1])
    expect(subscriber.hears(Code.EVENT).subscriptionId).toBe(id)
  })

  it.each([
    ['never was', () => 4711],
    [
      'has ended',
      () => {
        const id = subscriber.subscribe(TOPIC)
        subscriber.unsubscribe(id)
        return id
      },
    ],
  ])('broker answers no_such_subscription when UNSUBSCRIBE names one that %s', (_, make) => {
    const id = make()
    const request = subscriber.request((requestId) => new Unsubscribe(requestId, id))
    expectError(subscriber, Code.UNSUBSCRIBE, request, ERROR.noSuchSubscription)
  })

  it('broker answers no_such_subscription when UNSUBSCRIBE names somebody else’s, and that one stays', () => {
    const id = subscriber.subscribe(TOPIC)
    const request = publisher.request((requestId) => new Unsubscribe(requestId, id))
    expectError(publisher, Code.UNSUBSCRIBE, request, ERROR.noSuchSubscription)
    publisher.publish(TOPIC, [1])
    expect(events(subscriber)).toEqual([1])
  })

  it('the subscription of one session stays when another unsubscribes from the same', () => {
    const third = RawClient.join(router)
    subscriber.subscribe(TOPIC)
    third.unsubscribe(third.subscribe(TOPIC))
    publisher.publish(TOPIC, [1])
    expect(events(subscriber)).toEqual([1])
    third.hearsNothing()
  })

  it('broker forgets the subscriptions of a session that leaves, and the others stay', () => {
    const leaving = RawClient.join(router)
    const othersGoOn = bystanders(router)
    leaving.subscribe(TOPIC)
    subscriber.subscribe(TOPIC)
    leaving.leave()
    publisher.publish(TOPIC, [1])
    leaving.hearsNothing()
    expect(events(subscriber)).toEqual([1])
    othersGoOn()
  })
})

describe('Publishing and Events (publish_subscribe.md)', () => {
  it('broker sends an event to every subscriber, with the arguments and without the options', () => {
    const id = subscriber.subscribe(TOPIC)
    const second = RawClient.join(router, { roles: BASIC_ROLES })
    second.subscribe(TOPIC)
    publisher.publish(TOPIC, ['Hello', 1], { acknowledge: true, _custom: 1 }, { colour: 'orange' })
    const { publicationId } = publisher.hears(Code.PUBLISHED)
    const event = [Code.EVENT, id, publicationId, {}, ['Hello', 1], { colour: 'orange' }]
    expect(wire(subscriber.hears(Code.EVENT))).toEqual(event)
    expect(wire(second.hears(Code.EVENT))).toEqual(event)
  })

  it.each<[string, unknown[], unknown[]]>([
    ['no arguments', [], []],
    ['an empty list', [[]], [[]]],
    ['arguments alone', [[1, null, { a: [] }]], [[1, null, { a: [] }]]],
    ['keywords alone', [[], { a: 1 }], [[], { a: 1 }]],
    ['empty keywords', [[1], {}], [[1], {}]],
  ])('broker passes on a payload of %s', (_, tail, expected) => {
    subscriber.subscribe(TOPIC)
    publisher.transport.sayWire([Code.PUBLISH, 1, {}, TOPIC, ...tail])
    const { payload } = subscriber.hears(Code.EVENT)
    const [args = [], kwargs = {}] = expected
    expect([payload.args, payload.kwargs]).toEqual([args, kwargs])
  })

  it('broker says nothing to a publisher that did not ask for an acknowledgment', () => {
    subscriber.subscribe(TOPIC)
    publisher.publish(TOPIC, [1])
    publisher.publish(TOPIC, [2], { acknowledge: false })
    publisher.publish('not a uri', [3])
    publisher.publish('wamp.reserved', [4])
    publisher.hearsNothing()
    expect(events(subscriber)).toEqual([1, 2])
  })

  it('broker acknowledges if asked, with a publication id that is new each time', () => {
    const ids = [1, 2, 3].map(() => {
      const request = publisher.publish(TOPIC, [], { acknowledge: true })
      const published = publisher.hears(Code.PUBLISHED)
      expect(published.requestId).toBe(request)
      return published.publicationId
    })
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(Number.isInteger(id) && id >= 1 && id <= 2 ** 53).toBe(true)
  })

  it('broker acknowledges a publication that nobody hears', () => {
    publisher.publish(TOPIC, [], { acknowledge: true })
    publisher.hears(Code.PUBLISHED)
  })

  it('broker refuses an acknowledged publication with an ERROR', () => {
    const request = publisher.publish('not a uri', [], { acknowledge: true })
    expectError(publisher, Code.PUBLISH, request, ERROR.invalidUri)
    publisher.hearsNothing()
  })

  it('broker does not send a publisher its own event', () => {
    publisher.subscribe(TOPIC)
    subscriber.subscribe(TOPIC)
    publisher.publish(TOPIC, [1])
    publisher.hearsNothing()
    expect(events(subscriber)).toEqual([1])
  })

  it('topics are told apart by every letter', () => {
    for (const topic of ['com.example.topi', 'com.example.topic1', 'com.example.Topic', 'com.example'])
      subscriber.subscribe(topic)
    publisher.publish(TOPIC, [1])
    subscriber.hearsNothing()
  })
})

describe('Publish & Subscribe Ordering (security_model.md)', () => {
  it('a subscriber gets the events of a publisher in the order of their publication, across topics', () => {
    const topics = ['com.example.a', 'com.example.b', 'com.example.c']
    for (const topic of topics) subscriber.subscribe(topic)
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    for (const i of numbers) publisher.publish(topics[(i * 7) % 3] ?? '', [i], { acknowledge: i % 5 === 0 })
    expect(events(subscriber)).toEqual(numbers)
  })

  it('broker says SUBSCRIBED before the first EVENT', () => {
    const request = subscriber.request((id) => new Subscribe(id, {}, TOPIC))
    publisher.publish(TOPIC, [1])
    expect(subscriber.hears(Code.SUBSCRIBED).requestId).toBe(request)
    expect(events(subscriber)).toEqual([1])
  })

  it('broker sends only what is published after SUBSCRIBE', () => {
    publisher.publish(TOPIC, [1])
    subscriber.subscribe(TOPIC)
    publisher.publish(TOPIC, [2])
    expect(events(subscriber)).toEqual([2])
  })
})
