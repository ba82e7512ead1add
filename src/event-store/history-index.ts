import type { HistoryPage, HistoryQuery, StoredEvent } from './event-store.js'
import { type HistoryLimits, LARGEST_PAGE } from './history-limits.js'

/** What has to be known of an event to find it. */
export interface IndexedEvent {
  readonly publicationId: number
  readonly timestamp: number
  readonly topic: string
  /** Bytes that it costs: `StoredEvent.size`. */
  readonly size: number
}

/**
 * The events of one history in the order in which they came, bounded in three ways. `Entry` is what a store needs to get
 * at the event itself.
 */
export class HistoryIndex<Entry extends IndexedEvent> {
  /** Those before `#first` are gone; the list is cut when half of it is. */
  #entries: Entry[] = []
  #first = 0
  #bytes = 0

  constructor(private readonly limits: HistoryLimits) {}

  get length(): number {
    return this.#entries.length - this.#first
  }

  /** Adds the newest event, and returns those that had to go for it, or were too old at `now`. */
  add(entry: Entry, now: number): Entry[] {
    this.#entries.push(entry)
    this.#bytes += entry.size
    return this.trim(now)
  }

  /** Takes out, and returns, what is too much, or too old at `now`. */
  trim(now: number): Entry[] {
    const { maxEvents, maxBytes, maxAge } = this.limits
    const gone: Entry[] = []
    for (;;) {
      const oldest = this.#entries[this.#first]
      if (oldest === undefined) break
      const fits = this.length <= maxEvents && this.#bytes <= maxBytes && now - oldest.timestamp <= maxAge
      if (fits) break
      this.#first++
      this.#bytes -= oldest.size
      gone.push(oldest)
    }
    if (this.#first > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
    return gone
  }

  /** The events that fit the query; `load` gets at an event. */
  read(query: HistoryQuery, load: (entry: Entry) => StoredEvent): HistoryPage {
    const { reverse = false, limit = Number.POSITIVE_INFINITY, admits } = query
    const events: StoredEvent[] = []
    let bytes = 0
    for (const entry of this.#between(query, reverse)) {
      if (!fits(entry, query)) continue
      const event = load(entry)
      if (admits?.(event) === false) continue
      if (events.length >= limit || (bytes + entry.size > LARGEST_PAGE && events.length > 0))
        return { events, hasMore: true }
      events.push(event)
      bytes += entry.size
    }
    return { events, hasMore: false }
  }

  /** The entries between the publications that the query names, in the order that it wants. */
  *#between(query: HistoryQuery, reverse: boolean): Generator<Entry> {
    const { fromPublication, afterPublication, beforePublication, untilPublication } = query
    let first = this.#first
    let last = this.#entries.length - 1
    for (const [id, offset] of [
      [fromPublication, 0],
      [afterPublication, 1],
    ] as const) {
      if (id === undefined) continue
      const index = this.#indexOf(id)
      if (index < 0) return
      first = Math.max(first, index + offset)
    }
    for (const [id, offset] of [
      [untilPublication, 0],
      [beforePublication, 1],
    ] as const) {
      if (id === undefined) continue
      const index = this.#indexOf(id)
      if (index < 0) return
      last = Math.min(last, index - offset)
    }
    for (let i = reverse ? last : first; i >= first && i <= last; i += reverse ? -1 : 1)
      yield this.#entries[i] as Entry
  }

  #indexOf(publicationId: number): number {
    for (let i = this.#entries.length - 1; i >= this.#first; i--)
      if (this.#entries[i]?.publicationId === publicationId) return i
    return -1
  }
}

function fits({ timestamp, topic }: IndexedEvent, query: HistoryQuery): boolean {
  const { fromTime, afterTime, beforeTime, untilTime } = query
  return (
    (fromTime === undefined || timestamp >= fromTime) &&
    (afterTime === undefined || timestamp > afterTime) &&
    (beforeTime === undefined || timestamp < beforeTime) &&
    (untilTime === undefined || timestamp <= untilTime) &&
    (query.topic === undefined || topic === query.topic)
  )
}
