import { WampError } from '../../errors.js'
import type { EventArchive, History, HistoryOptions, RestorePayload, StoredEvent } from '../event-store.js'
import { DurableHistory } from './durable-history.js'
import { expectEncoded } from './event-columns.js'
import type { StoreTables } from './store-tables.js'
import type { Unwritten, WriteBatch } from './write-batch.js'

/** What is kept for one realm. */
export class DurableArchive implements EventArchive, Unwritten {
  /** The retained events that are not on disk yet, by topic. */
  readonly #unwritten = new Map<string, readonly StoredEvent[]>()

  constructor(
    private readonly realm: string,
    private readonly restore: RestorePayload,
    private readonly tables: StoreTables,
    private readonly batch: WriteBatch,
    private readonly failed: (error: unknown) => void,
  ) {}

  history(options: HistoryOptions): History {
    const load = (number: number) => this.#reading(() => this.tables.event(number, this.restore))
    const { realm, tables, batch } = this
    return this.#reading(() => new DurableHistory(options, { realm, tables, batch, load }))
  }

  retained(): Iterable<readonly [topic: string, events: readonly StoredEvent[]]> {
    return this.#reading(() => this.tables.retained(this.realm, this.restore))
  }

  retain(topic: string, events: readonly StoredEvent[]): void {
    for (const { payload } of events) expectEncoded(payload)
    // Put in again, a topic is written last: what was retained last comes last.
    this.#unwritten.delete(topic)
    this.#unwritten.set(topic, events)
    this.batch.add(this)
  }

  write(): void {
    for (const [topic, events] of this.#unwritten) this.tables.retain(this.realm, topic, events)
  }

  written(): void {
    this.#unwritten.clear()
  }

  /** What `read` returns. @throws WampError without particulars, for whoever asks may be far away. */
  #reading<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      this.failed(error)
      throw new WampError('the event store cannot be read', { cause: error })
    }
  }
}
