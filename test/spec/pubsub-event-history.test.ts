import { Buffer } from 'node:buffer'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ProtocolError } from '../../src/errors.js'
import { Code } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { type EncodedPayload, Payload } from '../../src/messages/payload.js'
import { Publish } from '../../src/messages/pubsub.js'
import {
  type EventStore,
  type HistoryOptions,
  memoryEvents,
  Router,
  type RouterOptions,
  type StoredEvent,
} from '../../src/router.js'
import type { Session } from '../../src/sessions/session.js'
import { ERROR, META } from '../../src/uris.js'
import { asTold, joinAs } from './as-told.js'
import type { RawClient } from './raw-client.js'

const TOPIC = 'com.example.log.auth'
const PREFIX = 'com.example.log'

let router: Router
let publisher: RawClient
let asker: RawClient

function open(
  history: readonly HistoryOptions[] = [{ topic: TOPIC }, { topic: PREFIX, match: 'prefix' }],
  options: Partial<RouterOptions> = {},
): void {
  router = new Router({ realms: [{ name: 'realm1', auth: [asTold], history }], ...options })
  publisher = joinAs(router, 'pub:staff')
  asker = joinAs(router, 'ada:manager')
}

beforeEach(() => open())

async function ask(procedure: string, args: unknown[], kwargs: Dict = {}, who = asker) {
  who.call(procedure, args, {}, kwargs)
  await Promise.resolve()
  await Promise.resolve()
  return who
}

async function lookup(topic: string, match = 'exact'): Promise<number> {
  return (await ask(META.subscription.lookup, [topic, { match }])).hears(Code.RESULT).payload
    .args[0] as number
}

interface Kept {
  readonly timestamp: string
  readonly subscription: number
  readonly publication: number
  readonly details: Dict
  readonly args: readonly unknown[]
  readonly kwargs: Dict
}

async function events(kwargs: Dict = {}, topic = TOPIC, match = 'exact', who = asker): Promise<Kept[]> {
  const subscription = await lookup(topic, match)
  await ask(META.subscription.getEvents, [subscription], kwargs, who)
  return [...who.hears(Code.RESULT).payload.args] as Kept[]
}

const firsts = (kept: readonly Kept[]) => kept.map(({ args }) => args[0])

function publish(topic: string, args: unknown[], options: Dict = {}, kwargs?: Dict): number {
  publisher.publish(topic, args, { acknowledge: true, ...options }, kwargs)
  return publisher.hears(Code.PUBLISHED).publicationId
}

describe('Event History (pubsub_event_history.md)', () => {
  it('keeps the events of a subscription in the order in which they came, with all that they said', async () => {
    const before = Date.now()
    const publication = publish(TOPIC, ['in', 1], { disclose_me: true }, { user: 'ada' })
    const [event] = await events()
    expect(event).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      subscription: await lookup(TOPIC),
      publication,
      details: { publisher: publisher.sessionId, publisher_authid: 'pub', publisher_authrole: 'staff' },
      args: ['in', 1],
      kwargs: { user: 'ada' },
    })
    expect(Date.parse(event?.timestamp ?? '')).toBeGreaterThanOrEqual(before)
  })

  it('keeps for each subscription what was published to it: a pattern has more than a topic', async () => {
    for (const [topic, n] of [
      [TOPIC, 1],
      [`${PREFIX}.basket`, 2],
      [TOPIC, 3],
      ['com.example.other', 4],
    ] as const)
      publish(topic, [n])
    expect(firsts(await events())).toEqual([1, 3])
    const all = await events({}, PREFIX, 'prefix')
    expect(firsts(all)).toEqual([1, 2, 3])
    expect(all.map(({ details }) => details.topic)).toEqual([TOPIC, `${PREFIX}.basket`, TOPIC])
    expect(firsts(await events({ topic: `${PREFIX}.basket` }, PREFIX, 'prefix'))).toEqual([2])
  })

  it('begins without a subscriber, and outlives the last one', async () => {
    publish(TOPIC, [1])
    const subscriber = joinAs(router, 'bob:staff')
    const subscription = subscriber.subscribe(TOPIC)
    publish(TOPIC, [2])
    subscriber.hears(Code.EVENT)
    subscriber.unsubscribe(subscription)
    publish(TOPIC, [3])
    expect(await lookup(TOPIC)).toBe(subscription)
    expect(firsts(await events())).toEqual([1, 2, 3])
  })

  it('tells of no subscription that is made or deleted, since it is there always', () => {
    const watcher = joinAs(router, 'eve:staff')
    watcher.subscribe(META.subscription.onDelete)
    watcher.subscribe(META.subscription.onCreate)
    watcher.transport.unread.length = 0
    asker.unsubscribe(asker.subscribe(TOPIC))
    watcher.hearsNothing()
  })

  it('filters by publication, including or not, in the order of arrival', async () => {
    const ids = [1, 2, 3, 4, 5].map((n) => publish(TOPIC, [n]))
    expect(firsts(await events({ from_publication: ids[2] }))).toEqual([3, 4, 5])
    expect(firsts(await events({ after_publication: ids[2] }))).toEqual([4, 5])
    expect(firsts(await events({ before_publication: ids[2] }))).toEqual([1, 2])
    expect(firsts(await events({ until_publication: ids[2] }))).toEqual([1, 2, 3])
    expect(firsts(await events({ after_publication: ids[0], until_publication: ids[3] }))).toEqual([2, 3, 4])
    expect(firsts(await events({ after_publication: 4711 }))).toEqual([])
  })

  it('filters by time, including or not, in any zone', async () => {
    publish(TOPIC, [1])
    const [{ timestamp }] = (await events()) as [Kept]
    const zoned = new Date(Date.parse(timestamp) + 7_200_000).toISOString().replace('Z', '+02:00')
    const later = new Date(Date.parse(timestamp) + 1).toISOString()
    expect(firsts(await events({ from_time: zoned, until_time: timestamp }))).toEqual([1])
    expect(firsts(await events({ after_time: timestamp }))).toEqual([])
    expect(firsts(await events({ before_time: timestamp }))).toEqual([])
    expect(firsts(await events({ before_time: later }))).toEqual([1])
    expect(firsts(await events({ from_time: later }))).toEqual([])
  })

  it('limits, and reverses before it limits; is_limit_reached tells whether there are more', async () => {
    for (const n of [1, 2, 3]) publish(TOPIC, [n])
    expect(firsts(await events({ limit: 2 }))).toEqual([1, 2])
    expect(firsts(await events({ limit: 2, reverse: true }))).toEqual([3, 2])
    const subscription = await lookup(TOPIC)
    for (const [limit, reached] of [
      [2, true],
      [3, false],
    ]) {
      await ask(META.subscription.getEvents, [subscription], { limit })
      expect(asker.hears(Code.RESULT).payload.kwargs).toEqual({ is_limit_reached: reached })
    }
  })

  it('pages in both directions by the id of the last event', async () => {
    for (const n of [1, 2, 3, 4, 5]) publish(TOPIC, [n])
    for (const [reverse, next, expected] of [
      [false, 'after_publication', [1, 2, 3, 4, 5]],
      [true, 'before_publication', [5, 4, 3, 2, 1]],
    ] as const) {
      const seen: unknown[] = []
      let filter: Dict = {}
      for (;;) {
        const page = await events({ limit: 2, reverse, ...filter })
        if (page.length === 0) break
        seen.push(...firsts(page))
        filter = { [next]: page.at(-1)?.publication }
      }
      expect(seen).toEqual(expected)
    }
  })

  it('does not keep events for some sessions only: who they were, nobody will be later', async () => {
    publish(TOPIC, [1], { exclude: [asker.sessionId] })
    publish(TOPIC, [2], { eligible: [asker.sessionId] })
    publish(TOPIC, [3], { eligible: [] })
    publish(TOPIC, [4])
    expect(firsts(await events())).toEqual([4])
  })

  it('applies the lists of authids and authroles to who asks', async () => {
    publish(TOPIC, [1], { eligible_authrole: ['manager'] })
    publish(TOPIC, [2], { exclude_authid: ['ada'] })
    publish(TOPIC, [3], { exclude_authrole: ['manager'], eligible_authid: ['bob'] })
    publish(TOPIC, [4], { eligible_authid: [] })
    const bob = joinAs(router, 'bob:staff')
    expect(firsts(await events())).toEqual([1])
    expect(firsts(await events({}, TOPIC, 'exact', bob))).toEqual([2, 3])
    expect(firsts(await events({ limit: 1 }, TOPIC, 'exact', bob))).toEqual([2])
  })

  it('keeps what its limits say, and lets go of the oldest', async () => {
    open([{ topic: TOPIC, maxEvents: 3 }])
    for (const n of [1, 2, 3, 4, 5]) publish(TOPIC, [n])
    expect(firsts(await events())).toEqual([3, 4, 5])
    open([{ topic: TOPIC, maxBytes: 2_500 }])
    for (const text of ['a', 'b', 'c']) publish(TOPIC, [text.repeat(40)])
    expect(firsts(await events())).toEqual(['b'.repeat(40), 'c'.repeat(40)])
  })

  it('does not change when the buffer that an event came in is used again', async () => {
    publish(TOPIC, ['x'.repeat(50)])
    for (let n = 0; n < 2_000; n++) publisher.publish('com.example.other', ['y'.repeat(50)])
    expect(firsts(await events())).toEqual(['x'.repeat(50)])
  })

  it.each<[string, Partial<HistoryOptions>, Dict]>([
    ['the lists of who may have them', {}, { exclude_authid: ['x'.repeat(1_000)] }],
    ['their topics', { match: 'prefix' }, {}],
  ])('counts, besides the payload of events, %s', async (_, more, options) => {
    const topic = `${TOPIC}.${'x'.repeat(900)}`
    open([{ topic: TOPIC, maxBytes: 7_000, ...more }])
    for (const n of [1, 2, 3, 4, 5]) publish(more.match === 'prefix' ? topic : TOPIC, [n], options)
    expect(firsts(await events({}, TOPIC, more.match))).toEqual([4, 5])
  })

  describe('an event that the format of who asks cannot say', () => {
    const LEFT_OUT = { args: [], kwargs: {}, details: { _payload_left_out: true } }

    function publishWith(payload: Payload, topic = TOPIC): void {
      const realm = router.realms.get('realm1')
      const session = realm?.sessions.get(publisher.sessionId) as Session
      realm?.broker.publish(session, new Publish(1, {}, topic, payload))
    }

    it.each([Number.NaN, Number.NEGATIVE_INFINITY, '\0x'])(
      'has no arguments, and says so, and the others are there: %s',
      async (value) => {
        publish(TOPIC, ['before'])
        asker.subscribe(TOPIC)
        publishWith(new Payload([1, { a: [value] }], { b: 2 }))
        publishWith(new Payload([], { b: value }))
        // As an EVENT it is not sent at all.
        asker.hearsNothing()
        asker = joinAs(router, 'bob:manager')
        publish(TOPIC, ['after'])
        const [before, first, second, after] = await events()
        expect([before?.args, after?.args]).toEqual([['before'], ['after']])
        expect(first).toMatchObject(LEFT_OUT)
        expect(second).toMatchObject(LEFT_OUT)
        const between = await events({ after_publication: first?.publication, limit: 2 })
        expect(between.map(({ publication }) => publication)).toEqual([
          second?.publication,
          after?.publication,
        ])
      },
    )

    it('keeps the other details', async () => {
      publishWith(new Payload([Number.NaN]))
      const [event] = await events({}, PREFIX, 'prefix')
      expect(event).toMatchObject({ ...LEFT_OUT, details: { topic: TOPIC, _payload_left_out: true } })
    })

    it('keeps none if they cannot be said either', async () => {
      open([{ topic: '', match: 'prefix' }])
      publishWith(new Payload([1]), '\0topic')
      expect(await events({}, '', 'prefix')).toMatchObject([LEFT_OUT])
    })

    it('may be one that nests as deep as may be: the answer would nest deeper', async () => {
      let deep: unknown = 'bottom'
      for (let level = 3; level <= 128; level++) deep = [deep]
      publish(TOPIC, [deep])
      publish(TOPIC, ['flat'])
      expect(await events()).toMatchObject([LEFT_OUT, { args: ['flat'], details: {} }])
    })

    it('may be one that nobody can read', async () => {
      const bytes = Buffer.from(',[1e999]]')
      const decode = () => {
        throw new ProtocolError('a number in the message is too large for a double')
      }
      publishWith(Payload.fromEncoded({ format: 'json', count: 1, bytes, decode }))
      publish(TOPIC, ['after'])
      expect(await events()).toMatchObject([LEFT_OUT, { args: ['after'] }])
    })
  })

  it('does not keep what was decoded for an answer', async () => {
    const kept: StoredEvent[] = []
    const memory = memoryEvents()
    const store: EventStore = {
      close() {},
      open(realm, restore) {
        const archive = memory.open(realm, restore)
        return {
          retained: () => archive.retained(),
          retain: () => {},
          history(options) {
            const history = archive.history(options)
            return {
              read: (query) => history.read(query),
              append(event) {
                kept.push(event)
                history.append(event)
              },
            }
          },
        }
      },
    }
    open([{ topic: TOPIC }], { store })
    publish(TOPIC, [1])
    const decode = vi.spyOn(kept[0]?.payload.encoded as EncodedPayload, 'decode')
    for (let n = 1; n <= 2; n++) {
      expect(firsts(await events())).toEqual([1])
      expect(decode).toHaveBeenCalledTimes(n)
    }
  })

  it.each([
    ['no id', [], {}],
    ['an id of the wrong kind', ['7'], {}],
    ['a limit of 0', [1], { limit: 0 }],
    ['a limit of the wrong kind', [1], { limit: '5' }],
    ['reverse of the wrong kind', [1], { reverse: 1 }],
    ['a time of the wrong kind', [1], { from_time: 1700000000 }],
    ['a time without a zone', [1], { until_time: '2026-01-01T00:00:00' }],
    ['a time that is none', [1], { after_time: '2026-13-41T00:00:00Z' }],
    ['a publication of the wrong kind', [1], { before_publication: 'x' }],
    ['a topic of the wrong kind', [1], { topic: 7 }],
    ['a topic that is no URI', [1], { topic: 'a..b' }],
  ])('%s is an invalid argument', async (_, args, kwargs) => {
    await ask(META.subscription.getEvents, args, kwargs)
    expect(asker.hears(Code.ERROR).error).toBe(ERROR.invalidArgument)
    publish(TOPIC, [1])
    expect(firsts(await events())).toEqual([1])
  })

  it('a query for a subscription that is not there, or whose history is not kept, says so', async () => {
    await ask(META.subscription.getEvents, [4711])
    expect(asker.hears(Code.ERROR).error).toBe(ERROR.noSuchSubscription)
    await ask(META.subscription.getEvents, [asker.subscribe('com.example.other')])
    expect(asker.hears(Code.ERROR).error).toBe(ERROR.historyUnavailable)
  })
})
