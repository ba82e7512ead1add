import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryQuery } from '../../src/event-store/event-store.js'
import { HistoryIndex, type IndexedEvent } from '../../src/event-store/history-index.js'
import { LARGEST_PAGE, limitsOf } from '../../src/event-store/history-limits.js'
import { idsOf, storedEvent, TOPIC } from './events.js'

const entry = (publicationId: number, timestamp = publicationId, size = 10): IndexedEvent => ({
  publicationId,
  timestamp,
  topic: TOPIC,
  size,
})

const load = ({ publicationId }: IndexedEvent) => storedEvent(publicationId)

function indexOf(entries: readonly IndexedEvent[], limits: object = {}) {
  const index = new HistoryIndex<IndexedEvent>(limitsOf({ topic: TOPIC, ...limits }))
  for (const one of entries) index.add(one, one.timestamp)
  const found = (query: HistoryQuery = {}) => idsOf(index.read(query, load))
  return { index, found }
}

describe('limitsOf', () => {
  it('keeps 1,000 events and 16 MiB for ever, unless told otherwise', () => {
    const byDefault = { maxEvents: 1_000, maxBytes: 16 * 1024 * 1024, maxAge: Number.POSITIVE_INFINITY }
    expect(limitsOf({ topic: TOPIC })).toEqual(byDefault)
    expect(limitsOf({ topic: TOPIC, maxEvents: 1, maxBytes: 2, maxAge: 3 })).toEqual({
      maxEvents: 1,
      maxBytes: 2,
      maxAge: 3,
    })
  })
})

describe('HistoryIndex', () => {
  it('hands back the events that had to go, oldest first', () => {
    const { index } = indexOf([entry(1), entry(2)], { maxBytes: 30 })
    expect(index.add(entry(3), 3)).toEqual([])
    expect(index.add(entry(4, 4, 20), 4)).toEqual([entry(1), entry(2)])
    expect(index.length).toBe(2)
  })

  it('hands back an event at once that is too large by itself', () => {
    const { index } = indexOf([entry(1)], { maxBytes: 30 })
    expect(index.add(entry(2, 2, 31), 2)).toEqual([entry(1), entry(2, 2, 31)])
    expect(index.length).toBe(0)
    expect(index.add(entry(3), 3)).toEqual([])
  })

  it('lets events go that are older than they may be, and not those that are as old as that', () => {
    const { index, found } = indexOf([entry(1, 100), entry(2, 101)], { maxAge: 10 })
    expect(index.trim(110)).toEqual([])
    expect(index.trim(111)).toEqual([entry(1, 100)])
    expect(found()).toEqual([2])
  })

  it('keeps an event behind an older one, whose time says that it is older still', () => {
    const { index, found } = indexOf([entry(1, 100), entry(2, 50)], { maxAge: 10 })
    expect(index.trim(105)).toEqual([])
    expect(found()).toEqual([1, 2])
  })

  it('finds what it has after thousands have gone', () => {
    const { index, found } = indexOf(
      Array.from({ length: 5_000 }, (_, i) => entry(i + 1)),
      { maxEvents: 3 },
    )
    expect(index.length).toBe(3)
    expect(found()).toEqual([4_998, 4_999, 5_000])
    expect(found({ fromPublication: 4_999 })).toEqual([4_999, 5_000])
    expect(found({ fromPublication: 4_997 })).toEqual([])
  })

  it('takes the last of two events with one id', () => {
    const { found } = indexOf([entry(1), entry(2), entry(1), entry(3)])
    expect(found({ fromPublication: 1 })).toEqual([1, 3])
  })

  it('loads no event that does not fit, and one more than it gives', () => {
    const { index } = indexOf([1, 2, 3, 4, 5].map((id) => entry(id)))
    const loaded: number[] = []
    index.read({ afterPublication: 1, limit: 2 }, (one) => {
      loaded.push(one.publicationId)
      return load(one)
    })
    expect(loaded).toEqual([2, 3, 4])
  })

  it('fills a page to the last byte', () => {
    const { index } = indexOf([entry(1, 1, LARGEST_PAGE - 5), entry(2, 2, 5), entry(3, 3, 1)])
    const { events, hasMore } = index.read({}, load)
    expect(idsOf(events)).toEqual([1, 2])
    expect(hasMore).toBe(true)
  })

  it('keeps within its limits, and no less than it may', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 40 })
    const limits = fc.record({
      maxEvents: fc.integer({ min: 1, max: 10 }),
      maxBytes: fc.integer({ min: 1, max: 100 }),
    })
    fc.assert(
      fc.property(sizes, limits, (all, { maxEvents, maxBytes }) => {
        const { found } = indexOf(
          all.map((size, i) => entry(i, i, size)),
          { maxEvents, maxBytes },
        )
        const kept: number[] = []
        const bytes = () => kept.reduce((sum, i) => sum + (all[i] as number), 0)
        for (const i of all.keys()) {
          kept.push(i)
          while (kept.length > maxEvents || bytes() > maxBytes) kept.shift()
        }
        expect(found()).toEqual(kept)
      }),
    )
  })
})
