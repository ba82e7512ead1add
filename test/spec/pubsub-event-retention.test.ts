import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { type EncodedPayload, Payload } from '../../src/messages/payload.js'
import { Publish, Subscribe } from '../../src/messages/pubsub.js'
import {
  type EventStore,
  memoryEvents,
  type RetentionLimits,
  Router,
  type RouterOptions,
  type StoredEvent,
} from '../../src/router.js'
import type { Session } from '../../src/sessions/session.js'
import { asTold, joinAs } from './as-told.js'
import { wire } from './fake-transport.js'
import type { RawClient } from './raw-client.js'

const TOPIC = 'com.example.sensor.temperature'

let router: Router
let publisher: RawClient
let subscriber: RawClient

function open(retention: RetentionLimits = {}, options: Partial<RouterOptions> = {}): void {
  router = new Router({ realms: [{ name: 'realm1', auth: [asTold], retention }], ...options })
  publisher = joinAs(router, 'pub:staff')
  subscriber = joinAs(router, 'ada:manager')
}

beforeEach(() => open())

function retain(value: unknown, options: Dict = {}, topic = TOPIC, who = publisher): void {
  who.publish(topic, [value], { retain: true, ...options })
}

/** What a subscriber is sent right behind its SUBSCRIBED. */
function retained(who = subscriber, topic = TOPIC, options: Dict = {}): unknown[] {
  who.request((id) => new Subscribe(id, { get_retained: true, ...options }, topic))
  who.hears(Code.SUBSCRIBED)
  const values: unknown[] = []
  while (who.transport.unread.length > 0) {
    const { details, payload } = who.hears(Code.EVENT)
    expect(details.retained).toBe(true)
    values.push(payload.args[0])
  }
  return values
}

describe('Event Retention (pubsub_event_retention.md)', () => {
  it('subscriber that asks gets the newest retained event, marked as such, after SUBSCRIBED', () => {
    retain(20)
    publisher.publish(TOPIC, [21], { retain: true, acknowledge: true, disclose_me: true }, { unit: 'C' })
    const publication = publisher.hears(Code.PUBLISHED).publicationId
    publisher.publish(TOPIC, [22])
    const request = subscriber.request((id) => new Subscribe(id, { get_retained: true }, TOPIC))
    const { subscriptionId } = subscriber.hears(Code.SUBSCRIBED)
    expect(request).toBe(1)
    const details = {
      publisher: publisher.sessionId,
      publisher_authid: 'pub',
      publisher_authrole: 'staff',
      retained: true,
    }
    const event = subscriber.hears(Code.EVENT)
    expect(wire(event)).toEqual([Code.EVENT, subscriptionId, publication, details, [21], { unit: 'C' }])
    subscriber.hearsNothing()
  })

  it.each([{}, { get_retained: false }])('subscriber that does not ask gets none: %j', (options) => {
    retain(20)
    subscriber.subscribe(TOPIC, options)
    subscriber.hearsNothing()
  })

  it('an event that is published to subscribers is not marked', () => {
    subscriber.subscribe(TOPIC)
    retain(20)
    expect(subscriber.hears(Code.EVENT).details).toEqual({})
  })

  it('what was not to be retained is not', () => {
    publisher.publish(TOPIC, [20], { retain: false })
    publisher.publish(TOPIC, [21])
    expect(retained()).toEqual([])
  })

  it('a pattern gets the newest of each topic that it matches, with the topic', () => {
    retain(1, {}, 'com.example.a')
    retain(2, {}, 'com.example.b')
    retain(3, {}, 'com.other.c')
    retain(4, {}, 'com.example.a')
    subscriber.request((id) => new Subscribe(id, { get_retained: true, match: 'prefix' }, 'com.example'))
    subscriber.hears(Code.SUBSCRIBED)
    const events = [subscriber.hears(Code.EVENT), subscriber.hears(Code.EVENT)]
    subscriber.hearsNothing()
    expect(events.map(({ details, payload }) => [details.topic, payload.args[0]]).sort()).toEqual([
      ['com.example.a', 4],
      ['com.example.b', 2],
    ])
    expect(retained(joinAs(router, 'bob:staff'), 'com..c', { match: 'wildcard' })).toEqual([3])
  })

  it('each subscriber gets the newest that it would have been eligible for', () => {
    retain('all')
    retain('managers', { eligible_authrole: ['manager'] })
    retain('not ada', { exclude_authid: ['ada'] })
    retain('one session', { eligible: [subscriber.sessionId] })
    retain('nobody', { eligible: [] })
    expect(retained()).toEqual(['one session'])
    expect(retained(joinAs(router, 'ada:staff'))).toEqual(['all'])
    expect(retained(joinAs(router, 'bob:manager'))).toEqual(['not ada'])
  })

  it('a publisher gets its own only if it would have had it: with exclude_me false', () => {
    retain('own')
    expect(retained(publisher)).toEqual([])
    retain('for all', { exclude_me: false })
    publisher.hears(Code.EVENT)
    expect(retained(publisher)).toEqual(['for all'])
  })

  it('a publisher gets what another has retained before', () => {
    const other = joinAs(router, 'other:staff')
    retain('by other', {}, TOPIC, other)
    retain('own 1')
    retain('own 2')
    expect(retained(publisher)).toEqual(['by other'])
    expect(retained(other)).toEqual(['own 2'])
  })

  it('outlives its publisher, and the last subscriber', () => {
    subscriber.subscribe(TOPIC)
    retain(20)
    subscriber.hears(Code.EVENT)
    publisher.leave()
    subscriber.leave()
    expect(retained(joinAs(router, 'bob:staff'))).toEqual([20])
  })

  it('asking again in the same session gives it again', () => {
    retain(20)
    expect(retained()).toEqual([20])
    expect(retained()).toEqual([20])
  })

  it('is bounded: the topics that were silent for longest are forgotten', () => {
    open({ maxTopics: 2 })
    retain(1, {}, 'a.one')
    retain(2, {}, 'a.two')
    retain(3, {}, 'a.one')
    retain(4, {}, 'a.three')
    expect(retained(subscriber, 'a', { match: 'prefix' }).sort()).toEqual([3, 4])
    open({ maxBytes: 2_000 })
    retain('x'.repeat(40), {}, 'a.one')
    retain('y'.repeat(40), {}, 'a.two')
    expect(retained(subscriber, 'a', { match: 'prefix' })).toEqual(['y'.repeat(40)])
  })

  it('counts, besides the payload of an event, the lists of who may have it, and its topic', () => {
    const names = Array.from({ length: 100 }, (_, n) => `somebody${n}`)
    open({ maxBytes: 10_000 })
    for (const topic of ['a.one', 'a.two']) retain(topic, { exclude_authid: names }, topic)
    expect(retained(subscriber, 'a', { match: 'prefix' })).toEqual(['a.two'])
    open({ maxBytes: 5_000 })
    for (const n of [1, 2]) retain(n, {}, `a.${n}.${'x'.repeat(1_000)}`)
    expect(retained(subscriber, 'a', { match: 'prefix' })).toEqual([2])
  })

  it('one that is too large by itself costs its own topic what is there, and no other', () => {
    open({ maxBytes: 10_000 })
    retain(1, {}, 'a.one')
    retain(2, {}, 'a.two')
    retain('x'.repeat(10_000), {}, 'a.one')
    expect(retained(subscriber, 'a', { match: 'prefix' })).toEqual([2])
    retain(3, {}, 'a.one')
    expect(retained(joinAs(router, 'bob:staff'), 'a', { match: 'prefix' }).sort()).toEqual([2, 3])
  })

  it('does not keep what was decoded of an event for a subscriber of another format', () => {
    const kept: StoredEvent[] = []
    const memory = memoryEvents()
    const store: EventStore = {
      close() {},
      open(realm, restore) {
        const archive = memory.open(realm, restore)
        return {
          history: (options) => archive.history(options),
          retained: () => archive.retained(),
          retain: (_, events) => kept.push(...events),
        }
      },
    }
    open({}, { store })
    const realm = router.realms.get('realm1')
    const session = realm?.sessions.get(publisher.sessionId) as Session
    // What was never encoded is kept as CBOR.
    realm?.broker.publish(session, new Publish(1, { retain: true }, TOPIC, new Payload([20])))
    const decode = vi.spyOn(kept[0]?.payload.encoded as EncodedPayload, 'decode')
    for (let n = 1; n <= 2; n++) {
      expect(retained()).toEqual([20])
      expect(decode).toHaveBeenCalledTimes(n)
    }
  })

  it('of one topic no more are kept than the newest few, however many are for some only', () => {
    retain('all')
    for (let n = 0; n < 1_000; n++) retain(n, { eligible_authid: [`user${n}`] })
    expect(retained(joinAs(router, 'user999:staff'))).toEqual([999])
    expect(retained(joinAs(router, 'user0:staff'))).toEqual([])
  })

  it('what cannot be published cannot be retained', () => {
    retain(1, {}, 'wamp.session.on_join')
    retain(1, {}, 'not..a.uri')
    subscriber.request((id) => new Subscribe(id, { get_retained: true, match: 'prefix' }, ''))
    subscriber.hears(Code.SUBSCRIBED)
    subscriber.hearsNothing()
  })
})
