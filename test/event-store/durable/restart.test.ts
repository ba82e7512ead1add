import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import type {
  EventArchive,
  HistoryOptions,
  HistoryQuery,
  StoredEvent,
} from '../../../src/event-store/event-store.js'
import { EMPTY_DICT } from '../../../src/messages/dictionaries.js'
import { Payload } from '../../../src/messages/payload.js'
import { Publish } from '../../../src/messages/pubsub.js'
import { keepPayload } from '../../../src/peers/router/stored-payloads.js'
import { LONGEST_URI } from '../../../src/uris.js'
import { formats } from '../../transports/formats.js'
import { BARE, idsOf, payloadOf, pictureOf, relays, restore, START, storedEvent, TOPIC } from '../events.js'
import { Folders } from './folders.js'

const folders = new Folders()
afterEach(() => {
  vi.useRealTimers()
  return folders.remove()
})

async function eventsOf(archive: EventArchive, options: Partial<HistoryOptions> = {}) {
  const { events } = await archive.history({ topic: TOPIC, ...options }).read({})
  return events
}

/** The events as they are when the store was closed and opened again. */
async function reopened(events: readonly StoredEvent[], options: Partial<HistoryOptions> = {}) {
  const folder = folders.make()
  const history = (await folders.reopen(folder)).history({ topic: TOPIC, ...options })
  for (const event of events) history.append(event)
  return eventsOf(await folders.reopen(folder), options)
}

/** What is done to a history: one of these. */
interface Operation {
  readonly append?: { readonly topic: string; readonly bytes: number; readonly time: number }
  /** Waits until it is on disk. */
  readonly turn?: boolean
  readonly reopen?: { readonly maxEvents: number }
  readonly query?: HistoryQuery
}

describe('a durable store, opened again', () => {
  it('has the events in the order in which they came', async () => {
    const folder = folders.make()
    let next = 1
    for (const end of [3, 5, 6]) {
      const history = (await folders.reopen(folder)).history({ topic: TOPIC })
      for (; next <= end; next++) {
        history.append(storedEvent(next))
        // Some alone in their turn, some together.
        if (next % 2 === 0) await undefined
      }
    }
    expect(idsOf(await eventsOf(await folders.reopen(folder)))).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('has the largest ids, and times between milliseconds', async () => {
    const events = [1, 2 ** 53 - 1, 2 ** 53].map((id, i) => storedEvent(id, { timestamp: START + i + 0.25 }))
    expect((await reopened(events)).map(pictureOf)).toEqual(events.map(pictureOf))
  })

  it('finds what it has', async () => {
    const folder = folders.make()
    const history = (await folders.reopen(folder)).history({ topic: TOPIC })
    for (const id of [2 ** 53, 7, 9, 8]) history.append(storedEvent(id, { timestamp: START + id }))
    const again = (await folders.reopen(folder)).history({ topic: TOPIC })
    expect(idsOf(await again.read({ afterPublication: 2 ** 53, limit: 2 }))).toEqual([7, 9])
    expect(idsOf(await again.read({ untilTime: START + 8, reverse: true }))).toEqual([8, 7])
  })

  it('has details and audience as they were', async () => {
    const event = storedEvent(1, {
      details: { publisher: 2 ** 53, trustlevel: 3, ppt_scheme: 'x_😀', x_more: [1.5, -0, { $a: null }] },
      audience: { eligible_authrole: ['staff', 'a\0b'], x_octets: Uint8Array.of(1, 2), x_long: 2n ** 63n },
    })
    expect((await reopened([event])).map(pictureOf)).toStrictEqual([pictureOf(event)])
  })

  describe.each(formats)('with payload of a publisher that speaks $name', ({ client, router }) => {
    const octets = Uint8Array.from({ length: 300 }, (_, i) => i % 256)
    it.each([
      ['args', new Payload([1, 'ä€😀', 2n ** 63n, octets, null, [1.5, { a: true }]])],
      ['args and kwargs', new Payload([1], { by: [true, null], octets })],
      ['kwargs', new Payload([], { a: { b: 1 } })],
      ['neither', Payload.none],
      ['5,000 octets', new Payload([new Uint8Array(5_000).fill(7)])],
    ])('has its %s', async (_, payload) => {
      const sent = client().encode(new Publish(1, EMPTY_DICT, TOPIC, payload))
      const kept = keepPayload(relays)((router().decode(sent) as Publish).payload)
      const [event] = await reopened([storedEvent(1, { payload: kept })])
      expect(event && pictureOf(event)).toEqual(pictureOf(storedEvent(1, { payload: kept })))
      expect(event?.payload.args).toEqual(payload.args)
      expect(event?.payload.kwargs).toEqual(payload.kwargs)
      expect(event?.payload.size).toBe(kept.size)
    })
  })

  it.each([
    ['octets', Uint8Array.of(0, 255)],
    ['octets of a Buffer', Buffer.from('abc').subarray(1)],
    ['no octets', new Uint8Array()],
    ['text', 'a\0b\ud800 "$octets"'],
    ['no text', ''],
  ])('has a payload that is transparent: %s', async (_, transparent) => {
    const payload = Payload.fromTransparent(transparent)
    const [event] = await reopened([storedEvent(1, { payload })])
    expect(event && pictureOf(event)).toEqual(pictureOf(storedEvent(1, { payload })))
    expect(event?.payload.size).toBe(transparent.length)
  })

  it('keeps no payload that was never encoded', async () => {
    const history = (await folders.reopen(folders.make())).history({ topic: TOPIC })
    const event = storedEvent(1, { payload: new Payload([1]) })
    expect(() => history.append(event)).toThrow(UsageError)
  })

  it('knows realms and topics by any URI', async () => {
    // Any UTF-16 at all, surrogates without their other halves included.
    const text = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 8 })
      .map((units) => String.fromCharCode(...units))
    const uris = fc
      .oneof(text, fc.constantFrom('a\0', 'a', '\ud800', '\ufffd', '"', '😀'.repeat(LONGEST_URI / 2)))
      .filter((uri) => !/[\s#]/.test(uri))
    const places = fc.uniqueArray(fc.tuple(uris, uris), {
      minLength: 1,
      maxLength: 6,
      selector: ([realm, topic]) => JSON.stringify([realm, topic]),
    })
    const isolated = async (pairs: [string, string][]) => {
      const folder = folders.make()
      for (const round of [1, 2]) {
        const store = await folders.open(folder)
        const archives = new Map<string, EventArchive>()
        for (const [i, [realm, topic]] of pairs.entries()) {
          const archive = archives.get(realm) ?? store.open(realm, restore)
          archives.set(realm, archive)
          const history = archive.history({ topic })
          const expected = round === 1 ? [] : [i + 1]
          expect(idsOf(await history.read({}))).toEqual(expected)
          const retained = [...archive.retained()].find(([retainedTopic]) => retainedTopic === topic)
          expect(idsOf(retained?.[1] ?? [])).toEqual(expected)
          if (round === 2) continue
          history.append(storedEvent(i + 1, { topic }))
          archive.retain(topic, [storedEvent(i + 1, { topic })])
        }
        await folders.close()
      }
    }
    await fc.assert(fc.asyncProperty(places, isolated), { numRuns: 15 })
  })

  it.each([
    ['events', { maxEvents: 2 }],
    ['bytes', { maxBytes: 2 * BARE + 50 }],
  ])('lets go of what is too much where fewer %s are to be kept', async (_, limits) => {
    const folder = folders.make()
    const history = (await folders.reopen(folder)).history({ topic: TOPIC })
    for (let id = 1; id <= 5; id++) history.append(storedEvent(id))
    expect(idsOf(await eventsOf(await folders.reopen(folder), limits))).toEqual([4, 5])
    // From the disk as well: more may be kept again.
    expect(idsOf(await eventsOf(await folders.reopen(folder)))).toEqual([4, 5])
  })

  it('lets go of what has become too old', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: START + 5 })
    const folder = folders.make()
    const history = (await folders.reopen(folder)).history({ topic: TOPIC, maxAge: 10 })
    for (let id = 1; id <= 5; id++) history.append(storedEvent(id))
    vi.setSystemTime(START + 13)
    expect(idsOf(await eventsOf(await folders.reopen(folder), { maxAge: 10 }))).toEqual([3, 4, 5])
    vi.setSystemTime(START + 15)
    expect(idsOf(await eventsOf(await folders.reopen(folder)))).toEqual([3, 4, 5])
  })

  it('has nothing on disk that went while it was open', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: START })
    const folder = folders.make()
    const archive = await folders.reopen(folder)
    const few = archive.history({ topic: TOPIC, maxEvents: 2 })
    const young = archive.history({ topic: TOPIC, match: 'prefix', maxAge: 10 })
    for (let id = 1; id <= 5; id++) {
      few.append(storedEvent(id))
      young.append(storedEvent(id))
      await undefined
    }
    vi.setSystemTime(START + 14)
    await young.read({})
    const again = await folders.reopen(folder)
    expect(idsOf(await eventsOf(again))).toEqual([4, 5])
    expect(idsOf(await eventsOf(again, { match: 'prefix' }))).toEqual([4, 5])
  })

  it('goes on with a history of which nothing is left', async () => {
    const folder = folders.make()
    for (const id of [1, 2]) {
      const history = (await folders.reopen(folder)).history({ topic: TOPIC, maxBytes: 10 })
      history.append(storedEvent(id))
      await undefined
    }
    const history = (await folders.reopen(folder)).history({ topic: TOPIC })
    history.append(storedEvent(3))
    expect(idsOf(await eventsOf(await folders.reopen(folder)))).toEqual([3])
  })

  it('has what is retained, newest first, and the topic last that changed last', async () => {
    const folder = folders.make()
    const archive = await folders.reopen(folder)
    archive.retain('a', [storedEvent(1, { topic: 'a' })])
    archive.retain('b', [storedEvent(3, { topic: 'b' }), storedEvent(2, { topic: 'b' })])
    await undefined
    archive.retain('c', [storedEvent(4, { topic: 'c' })])
    archive.retain('a', [storedEvent(5, { topic: 'a' })])
    const retained = [...(await folders.reopen(folder)).retained()]
    expect(retained.map(([topic, events]) => [topic, idsOf(events)])).toEqual([
      ['b', [3, 2]],
      ['c', [4]],
      ['a', [5]],
    ])
    expect(retained[2]?.[1].map(pictureOf)).toEqual([storedEvent(5, { topic: 'a' })].map(pictureOf))
  })

  it('has nothing of a topic whose retained events were taken back, and the last of what came in one turn', async () => {
    const folder = folders.make()
    const archive = await folders.reopen(folder)
    archive.retain('a', [storedEvent(1, { topic: 'a' })])
    archive.retain('b', [storedEvent(2, { topic: 'b' })])
    archive.retain('b', [storedEvent(3, { topic: 'b' })])
    await undefined
    archive.retain('a', [])
    archive.retain('never', [])
    const retained = [...(await folders.reopen(folder)).retained()]
    expect(retained.map(([topic, events]) => [topic, idsOf(events)])).toEqual([['b', [3]]])
  })

  it('has the histories of other realms, and those that nobody asks for, when they are asked for again', async () => {
    const folder = folders.make()
    const store = await folders.open(folder)
    store.open('realm2', restore).history({ topic: TOPIC }).append(storedEvent(1))
    await folders.close()
    await folders.reopen(folder)
    await folders.close()
    const again = (await folders.open(folder)).open('realm2', restore)
    expect(idsOf(await eventsOf(again))).toEqual([1])
  })

  it('equals a list, whatever is appended, asked for and closed', async () => {
    const topic = fc.constantFrom('a', 'b')
    const id = fc.integer({ min: 1, max: 30 })
    const operation: fc.Arbitrary<Operation> = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ append: fc.record({ topic, bytes: fc.nat(60), time: fc.nat(20) }) }),
      },
      { weight: 1, arbitrary: fc.record({ turn: fc.constant(true) }) },
      {
        weight: 1,
        arbitrary: fc.record({ reopen: fc.record({ maxEvents: fc.integer({ min: 1, max: 12 }) }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          query: fc.record(
            {
              reverse: fc.boolean(),
              limit: fc.integer({ min: 1, max: 5 }),
              fromTime: fc.nat(20),
              beforeTime: fc.nat(20),
              fromPublication: id,
              afterPublication: id,
              beforePublication: id,
              untilPublication: id,
              topic,
            },
            { requiredKeys: [] },
          ),
        }),
      },
    )
    const maxBytes = 6 * BARE

    const equals = async (operations: readonly Operation[]) => {
      const folder = folders.make()
      let maxEvents = 8
      let list: StoredEvent[] = []
      const trim = () => {
        while (list.length > maxEvents || list.reduce((sum, { size }) => sum + size, 0) > maxBytes)
          list = list.slice(1)
      }
      const open = async () =>
        (await folders.reopen(folder)).history({ topic: '', match: 'prefix', maxEvents, maxBytes })
      let history = await open()
      let publicationId = 0
      for (const { append, turn, reopen, query } of operations) {
        if (append !== undefined) {
          const event = storedEvent(++publicationId, {
            topic: append.topic,
            timestamp: append.time,
            payload: payloadOf(append.bytes),
          })
          history.append(event)
          list.push(event)
        }
        if (reopen !== undefined) {
          maxEvents = reopen.maxEvents
          history = await open()
        }
        if (turn) await undefined
        trim()
        const page = await history.read(query ?? {})
        const fitting = list.filter((event, i) => {
          const at = (wanted: number | undefined) => list.findIndex((one) => one.publicationId === wanted)
          const { fromTime = 0, beforeTime = 99 } = query ?? {}
          return (
            event.timestamp >= fromTime &&
            event.timestamp < beforeTime &&
            (query?.topic ?? event.topic) === event.topic &&
            (query?.fromPublication === undefined ||
              (at(query.fromPublication) >= 0 && i >= at(query.fromPublication))) &&
            (query?.afterPublication === undefined ||
              (at(query.afterPublication) >= 0 && i > at(query.afterPublication))) &&
            (query?.beforePublication === undefined || i < at(query.beforePublication)) &&
            (query?.untilPublication === undefined || i <= at(query.untilPublication))
          )
        })
        const inOrder = query?.reverse ? fitting.reverse() : fitting
        const { limit = inOrder.length } = query ?? {}
        expect(page.events.map(pictureOf)).toEqual(inOrder.slice(0, limit).map(pictureOf))
        expect(page.hasMore).toBe(inOrder.length > limit)
      }
    }
    await fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 40 }), equals), { numRuns: 60 })
  })
})
