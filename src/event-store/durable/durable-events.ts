import { type Clock, systemClock } from '../../clock.js'
import { UsageError, WampError } from '../../errors.js'
import { errorsOnlyLogger, type Logger } from '../../logger.js'
import type { EventArchive, EventStore, RestorePayload } from '../event-store.js'
import { DurableArchive } from './durable-archive.js'
import { loadSqlite, type OpenSqlite } from './sqlite.js'
import { openStoreFile } from './store-file.js'
import type { StoreTables } from './store-tables.js'
import { WriteBatch } from './write-batch.js'

export interface DurableEventsOptions {
  /** Where the events are kept; made if it is not there. No two routers can have the same one at once. */
  readonly folder: string
  /**
   * Is told that the disk cannot be written, or read. Serving goes on: what cannot be written is kept in memory, and
   * written when that works again.
   */
  readonly onError?: (error: WampError) => void
  /** Where such errors go without `onError`; `console.error` by default. */
  readonly logger?: Logger
  readonly clock?: Clock
}

/**
 * Keeps events on disk: they outlive the router, and a crash of it. Needs the package `@photostructure/sqlite`, or a
 * version of Node that has `node:sqlite` (22.13).
 *
 * Everything that was acknowledged is there after the process was killed. When the machine itself goes down, the last
 * seconds may be missing; what is left is whole, and in order.
 *
 * @throws UsageError if the package is not installed, or saying what is wrong with the folder.
 */
export async function durableEvents(options: DurableEventsOptions): Promise<EventStore> {
  return openEventStore(await loadSqlite(), options)
}

/** The store in a folder, by means of this SQLite. @throws UsageError saying what is wrong with the folder. */
export function openEventStore(open: OpenSqlite, options: DurableEventsOptions): EventStore {
  const { folder, logger = errorsOnlyLogger, clock = systemClock } = options
  const { onError = (error: WampError) => logger.error(error.message) } = options
  return new DurableStore(openStoreFile(open, folder), folder, onError, clock)
}

class DurableStore implements EventStore {
  readonly #realms = new Set<string>()
  readonly #batch: WriteBatch
  #isClosed = false

  constructor(
    private readonly tables: StoreTables,
    private readonly folder: string,
    private readonly onError: (error: WampError) => void,
    clock: Clock,
  ) {
    this.#batch = new WriteBatch({
      clock,
      transaction: (write) => tables.transaction(write),
      failed: (error) => this.#report('written, so that new events are in memory only', error),
    })
  }

  open(realm: string, restore: RestorePayload): EventArchive {
    if (this.#isClosed) throw new UsageError(`the event store in ${this.folder} is closed; open it again`)
    if (this.#realms.has(realm))
      throw new UsageError(
        `the events of realm ${realm} are kept already; each router needs a store of its own`,
      )
    this.#realms.add(realm)
    return new DurableArchive(realm, restore, this.tables, this.#batch, (error) =>
      this.#report('read', error),
    )
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      this.#batch.close()
    } catch (error) {
      this.#report('written, so that the last events are lost', error)
    }
    this.tables.close()
  }

  #report(done: string, error: unknown): void {
    const sentence = `the event store in ${this.folder} cannot be ${done}: ${(error as Error).message}`
    this.onError(new WampError(sentence, { cause: error }))
  }
}
