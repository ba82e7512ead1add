/** What every event store does, wherever it keeps the events. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type {
  EventStore,
  HistoryOptions,
  HistoryPage,
  HistoryQuery,
  StoredEvent,
} from '../../src/event-store/event-store.js'
import { LARGEST_PAGE } from '../../src/event-store/history-limits.js'
import { BARE, idsOf, payloadOf, pictureOf, restore, START, storedEvent, TOPIC } from './events.js'

const MIB = 1024 * 1024

/** Queries, and which of the events 1 to 5 fit them; event n came n milliseconds after START. */
const QUERIES: readonly (readonly [what: string, query: HistoryQuery, expected: readonly number[]])[] = [
  ['everything', {}, [1, 2, 3, 4, 5]],
  ['what came at a time or after it', { fromTime: START + 3 }, [3, 4, 5]],
  ['what came after a time', { afterTime: START + 3 }, [4, 5]],
  ['what came before a time', { beforeTime: START + 3 }, [1, 2]],
  ['what came until a time', { untilTime: START + 3 }, [1, 2, 3]],
  ['a publication and what came after it', { fromPublication: 3 }, [3, 4, 5]],
  ['what came after a publication', { afterPublication: 3 }, [4, 5]],
  ['what came before a publication', { beforePublication: 3 }, [1, 2]],
  ['a publication and what came before it', { untilPublication: 3 }, [1, 2, 3]],
  ['the events of a topic', { topic: TOPIC }, [1, 3, 5]],
  ['nothing of a topic that has no events', { topic: 'com.example' }, []],
  ['what is admitted', { admits: ({ publicationId }) => publicationId % 2 === 0 }, [2, 4]],
  [
    'what is admitted by its audience',
    { admits: ({ audience }) => audience.eligible_authrole === undefined },
    [1, 2, 3, 5],
  ],
  ['what lies between two publications', { fromPublication: 2, untilPublication: 4 }, [2, 3, 4]],
  ['nothing between neighbours', { afterPublication: 2, beforePublication: 3 }, []],
  ['nothing between publications in the wrong order', { fromPublication: 4, untilPublication: 2 }, []],
  ['what fits all that is asked', { fromTime: START + 2, beforePublication: 5, topic: TOPIC }, [3]],
]

const UNKNOWN: readonly HistoryQuery[] = [
  { fromPublication: 99 },
  { afterPublication: 99 },
  { beforePublication: 99 },
  { untilPublication: 99 },
  { fromPublication: 1, untilPublication: 99 },
]

export function eventStoreSuite(name: string, open: () => Promise<EventStore>): void {
  describe(name, () => {
    const opened: EventStore[] = []

    async function archiveOf(realm = 'realm1') {
      const store = await open()
      opened.push(store)
      return store.open(realm, restore)
    }

    /** A history that got these events in as many turns. */
    async function historyOf(events: readonly StoredEvent[], options: Partial<HistoryOptions> = {}) {
      const history = (await archiveOf()).history({ topic: TOPIC, ...options })
      for (const event of events) {
        history.append(event)
        await undefined
      }
      return { read: async (query: HistoryQuery = {}): Promise<HistoryPage> => history.read(query) }
    }

    const five = [1, 2, 3, 4, 5].map((id) =>
      storedEvent(id, {
        topic: id % 2 === 1 ? TOPIC : 'com.example.tock',
        audience: id === 4 ? { eligible_authrole: ['staff'] } : {},
      }),
    )

    afterEach(async () => {
      vi.useRealTimers()
      for (const store of opened.splice(0)) await store.close()
    })

    it('gives events back as they were, oldest first', async () => {
      const { read } = await historyOf(five)
      const { events, hasMore } = await read()
      expect(events.map(pictureOf)).toEqual(five.map(pictureOf))
      expect(hasMore).toBe(false)
    })

    it('has an event as soon as it was appended', async () => {
      const history = (await archiveOf()).history({ topic: TOPIC })
      history.append(storedEvent(1))
      expect(idsOf(await history.read({}))).toEqual([1])
    })

    it('keeps the order in which events came, whatever their times', async () => {
      const { read } = await historyOf([3, 1, 2].map((id) => storedEvent(id)))
      expect(idsOf(await read())).toEqual([3, 1, 2])
      expect(idsOf(await read({ afterPublication: 3 }))).toEqual([1, 2])
    })

    it.each(QUERIES)('finds %s', async (_, query, expected) => {
      const { read } = await historyOf(five)
      expect(idsOf(await read(query))).toEqual(expected)
      expect(idsOf(await read({ ...query, reverse: true }))).toEqual([...expected].reverse())
    })

    it.each(UNKNOWN)('finds nothing by a publication that it does not have: %j', async (query) => {
      const { read } = await historyOf(five)
      expect(await read(query)).toEqual({ events: [], hasMore: false })
    })

    it.each([
      [1, [1], true],
      [4, [1, 2, 3, 4], true],
      [5, [1, 2, 3, 4, 5], false],
      [9, [1, 2, 3, 4, 5], false],
    ])('gives %i events at most, and says if there are more', async (limit, expected, hasMore) => {
      const { read } = await historyOf(five)
      const page = await read({ limit })
      expect(idsOf(page)).toEqual(expected)
      expect(page.hasMore).toBe(hasMore)
    })

    it('gives the newest if it begins with them', async () => {
      const { read } = await historyOf(five)
      const page = await read({ limit: 2, reverse: true })
      expect(idsOf(page)).toEqual([5, 4])
      expect(page.hasMore).toBe(true)
    })

    it('says that there are more only if they fit too', async () => {
      const { read } = await historyOf(five)
      const admits = ({ publicationId }: StoredEvent) => publicationId < 3
      expect((await read({ limit: 2, admits })).hasMore).toBe(false)
      expect((await read({ limit: 2, topic: 'com.example.tock' })).hasMore).toBe(false)
    })

    it('gives no more payload at once than fits into a message', async () => {
      const { read } = await historyOf(
        [1, 2, 3].map((id) => storedEvent(id, { payload: payloadOf(1.5 * MIB) })),
      )
      const page = await read()
      expect(idsOf(page)).toEqual([1, 2])
      expect(page.hasMore).toBe(true)
      expect(idsOf(await read({ afterPublication: 2 }))).toEqual([3])
    })

    it('gives an event alone that is larger than that', async () => {
      const large = storedEvent(1, { payload: payloadOf(LARGEST_PAGE + 1) })
      const { read } = await historyOf([large, storedEvent(2)])
      const page = await read()
      expect(idsOf(page)).toEqual([1])
      expect(page.hasMore).toBe(true)
    })

    it('keeps as many events as it is to keep', async () => {
      const { read } = await historyOf(five, { maxEvents: 3 })
      expect(idsOf(await read())).toEqual([3, 4, 5])
    })

    it('keeps 1,000 events by default', async () => {
      const history = (await archiveOf()).history({ topic: TOPIC })
      for (let id = 1; id <= 1_002; id++) history.append(storedEvent(id))
      await undefined
      const ids = idsOf(await history.read({}))
      expect([ids[0], ids.at(-1), ids.length]).toEqual([3, 1_002, 1_000])
    })

    it('keeps as many bytes as it is to keep', async () => {
      const { read } = await historyOf(
        [40, 10, 60, 30].map((bytes, i) => storedEvent(i + 1, { payload: payloadOf(bytes) })),
        { maxBytes: 3 * BARE + 100 },
      )
      expect(idsOf(await read())).toEqual([2, 3, 4])
    })

    it('keeps nothing of an event that is larger than all it may keep', async () => {
      const { read } = await historyOf(
        [20, 101, 30].map((bytes, i) => storedEvent(i + 1, { payload: payloadOf(bytes) })),
        { maxBytes: BARE + 100 },
      )
      expect(idsOf(await read())).toEqual([3])
    })

    it.each<[string, Partial<StoredEvent>]>([
      ['the lists of who may have it', { audience: { exclude_authid: ['x'.repeat(10_000)] } }],
      ['what is told of it', { details: { ppt_keyid: 'x'.repeat(10_000) } }],
      ['its topic', { topic: 'x'.repeat(1_000) }],
    ])('counts, besides the payload of an event, %s', async (_, more) => {
      const events = [1, 2, 3].map((id) => storedEvent(id, id === 2 ? more : {}))
      const { read } = await historyOf(events, { maxBytes: 3 * (BARE + 100) })
      expect(idsOf(await read())).toEqual([3])
    })

    it('gives no more at once of events that cost much besides their payload', async () => {
      const audience = { exclude_authid: ['x'.repeat(MIB / 2)] }
      const { read } = await historyOf([1, 2, 3, 4, 5].map((id) => storedEvent(id, { audience })))
      const page = await read()
      expect(idsOf(page)).toEqual([1, 2, 3])
      expect(page.hasMore).toBe(true)
    })

    it('lets events go with time, whether others come or not', async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: START + 3 })
      const { read } = await historyOf(five.slice(0, 3), { maxAge: 10 })
      vi.setSystemTime(START + 12)
      expect(idsOf(await read())).toEqual([2, 3])
      vi.setSystemTime(START + 100)
      expect(await read()).toEqual({ events: [], hasMore: false })
    })

    it('keeps the histories of topics, patterns and realms apart', async () => {
      const store = await open()
      opened.push(store)
      const [one, two] = [store.open('realm1', restore), store.open('realm2', restore)]
      const histories = [
        one.history({ topic: TOPIC }),
        one.history({ topic: TOPIC, match: 'prefix' }),
        one.history({ topic: 'com..tick', match: 'wildcard' }),
        one.history({ topic: 'com..tick', match: 'prefix' }),
        two.history({ topic: TOPIC }),
      ]
      histories.forEach((history, i) => {
        history.append(storedEvent(i + 1))
      })
      await undefined
      const found = await Promise.all(histories.map((history) => history.read({})))
      expect(found.map(idsOf)).toEqual([[1], [2], [3], [4], [5]])
    })

    it('begins with nothing retained', async () => {
      expect([...(await archiveOf()).retained()]).toEqual([])
    })

    it('is closed twice without harm', async () => {
      await archiveOf()
      await opened[0]?.close()
      await opened[0]?.close()
    })
  })
}
