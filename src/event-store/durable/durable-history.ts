import type { MatchPolicy } from '../../uris.js'
import type { History, HistoryOptions, HistoryPage, HistoryQuery, StoredEvent } from '../event-store.js'
import { HistoryIndex } from '../history-index.js'
import { limitsOf } from '../history-limits.js'
import { expectEncoded } from './event-columns.js'
import type { NumberedEvent, StoreTables } from './store-tables.js'
import type { Unwritten, WriteBatch } from './write-batch.js'

interface KeptEvent extends NumberedEvent {
  /** The event itself, until it is on disk. */
  unwritten?: StoredEvent
}

/** What the histories of a realm are made of. */
export interface DurableHistoryParts {
  readonly realm: string
  readonly tables: StoreTables
  readonly batch: WriteBatch
  /** Reads an event from the disk. */
  readonly load: (number: number) => StoredEvent
}

/** A history on disk, of which only an index is in memory. */
export class DurableHistory implements History, Unwritten {
  readonly #parts: DurableHistoryParts
  readonly #policy: MatchPolicy
  readonly #topic: string
  readonly #id: number
  readonly #index: HistoryIndex<KeptEvent>
  readonly #unwritten = new Set<KeptEvent>()
  /** Does the disk know that there is such a history? */
  #isListed: boolean
  /** Events with a lower number are gone from the index. */
  #first = 0
  /** Events with a lower number are gone from the disk. */
  #firstOnDisk = 0

  /** @throws what SQLite throws. */
  constructor(options: HistoryOptions, parts: DurableHistoryParts) {
    const { realm, tables } = parts
    const { topic, match = 'exact' } = options
    const id = tables.findHistory(realm, match, topic)
    this.#parts = parts
    this.#policy = match
    this.#topic = topic
    this.#isListed = id !== undefined
    this.#id = id ?? tables.nextHistory()
    this.#index = new HistoryIndex(limitsOf(options))
    if (id === undefined) return
    // Since it was written, time went by, and the limits may be others.
    const now = Date.now()
    for (const entry of tables.indexOf(id)) this.#letGo(this.#index.add(entry, now))
  }

  append(event: StoredEvent): void {
    const { publicationId, timestamp, topic, size } = event
    expectEncoded(event.payload)
    const number = this.#parts.tables.nextEvent()
    const entry = { number, publicationId, timestamp, topic, size, unwritten: event }
    this.#unwritten.add(entry)
    this.#letGo(this.#index.add(entry, timestamp))
    this.#parts.batch.add(this)
  }

  read(query: HistoryQuery): HistoryPage {
    this.#letGo(this.#index.trim(Date.now()))
    return this.#index.read(query, ({ number, unwritten }) => unwritten ?? this.#parts.load(number))
  }

  write(): void {
    const { realm, tables } = this.#parts
    if (!this.#isListed) tables.listHistory(this.#id, realm, this.#policy, this.#topic)
    if (this.#first > this.#firstOnDisk) tables.dropEvents(this.#id, this.#first)
    for (const { number, unwritten } of this.#unwritten)
      tables.addEvent(number, this.#id, unwritten as StoredEvent)
  }

  written(): void {
    this.#isListed = true
    this.#firstOnDisk = this.#first
    for (const entry of this.#unwritten) delete entry.unwritten
    this.#unwritten.clear()
  }

  #letGo(gone: readonly KeptEvent[]): void {
    const last = gone.at(-1)
    if (last === undefined) return
    // The oldest go first, so there are none in between.
    this.#first = last.number + 1
    for (const entry of gone) this.#unwritten.delete(entry)
    this.#parts.batch.add(this)
  }
}
