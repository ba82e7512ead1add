import type { MatchPolicy } from '../../uris.js'
import type { RestorePayload, StoredEvent } from '../event-store.js'
import type { IndexedEvent } from '../history-index.js'
import { EVENT_COLUMNS, fromColumns, toColumns } from './event-columns.js'
import { fromExactJson, toExactJson } from './exact-json.js'
import { attempt, type SqliteDatabase } from './sqlite.js'

const COLUMNS = Object.keys(EVENT_COLUMNS)
const NAMES = COLUMNS.join(', ')
const PLACES = COLUMNS.map(() => '?').join(', ')

/** An event as the index of a history is read from the disk. */
export interface NumberedEvent extends IndexedEvent {
  /** Rises with every event of the store, whatever the history. */
  readonly number: number
}

/** What can be asked of the tables, and done to them. All of it throws what SQLite throws. */
export class StoreTables {
  readonly #database: SqliteDatabase
  readonly #statements
  #lastHistory: number
  #lastEvent: number

  constructor(database: SqliteDatabase) {
    this.#database = database
    const last = (sql: string) => Number(database.prepare(sql).get()?.last ?? 0)
    this.#lastHistory = last('SELECT max(id) AS last FROM history')
    this.#lastEvent = last('SELECT max(number) AS last FROM event')
    this.#statements = {
      begin: database.prepare('BEGIN'),
      commit: database.prepare('COMMIT'),
      rollback: database.prepare('ROLLBACK'),
      findHistory: database.prepare('SELECT id FROM history WHERE realm = ? AND policy = ? AND topic = ?'),
      addHistory: database.prepare(
        'INSERT OR REPLACE INTO history (id, realm, policy, topic) VALUES (?, ?, ?, ?)',
      ),
      index: database.prepare(
        'SELECT number, publication, timestamp, topic, size FROM event WHERE history = ? ORDER BY number',
      ),
      addEvent: database.prepare(
        `INSERT OR REPLACE INTO event (number, history, ${NAMES}) VALUES (?, ?, ${PLACES})`,
      ),
      dropEvents: database.prepare('DELETE FROM event WHERE history = ? AND number < ?'),
      event: database.prepare(`SELECT ${NAMES} FROM event WHERE number = ?`),
      retained: database.prepare(`SELECT ${NAMES} FROM retained WHERE realm = ? ORDER BY number`),
      forget: database.prepare('DELETE FROM retained WHERE realm = ? AND topic = ?'),
      retain: database.prepare(`INSERT INTO retained (realm, ${NAMES}) VALUES (?, ${PLACES})`),
    }
  }

  /** Does all that `write` does, or, if that throws, nothing. */
  transaction(write: () => void): void {
    const { begin, commit, rollback } = this.#statements
    begin.run()
    try {
      write()
      commit.run()
    } catch (error) {
      // After some errors SQLite has done so by itself.
      attempt(() => rollback.run())
      throw error
    }
  }

  /** The id of a history, if it is listed. */
  findHistory(realm: string, policy: MatchPolicy, topic: string): number | undefined {
    const row = this.#statements.findHistory.get(toExactJson(realm), policy, toExactJson(topic))
    return row && Number(row.id)
  }

  /** An id for a history that is to be listed. */
  nextHistory(): number {
    return ++this.#lastHistory
  }

  listHistory(id: number, realm: string, policy: MatchPolicy, topic: string): void {
    this.#statements.addHistory.run(id, toExactJson(realm), policy, toExactJson(topic))
  }

  /** What is known of the events of a history, oldest first. */
  indexOf(history: number): NumberedEvent[] {
    return this.#statements.index.all(history).map((row) => ({
      number: Number(row.number),
      publicationId: Number(row.publication),
      timestamp: Number(row.timestamp),
      topic: String(fromExactJson(String(row.topic))),
      size: Number(row.size),
    }))
  }

  /** A number for an event that is to be added. */
  nextEvent(): number {
    return ++this.#lastEvent
  }

  addEvent(number: number, history: number, event: StoredEvent): void {
    this.#statements.addEvent.run(number, history, ...toColumns(event))
  }

  /** Drops the events of a history whose numbers are below `first`. */
  dropEvents(history: number, first: number): void {
    this.#statements.dropEvents.run(history, first)
  }

  event(number: number, restore: RestorePayload): StoredEvent {
    const row = this.#statements.event.get(number)
    if (row === undefined) throw new Error(`event ${number} is missing`)
    return fromColumns(row, restore)
  }

  /** The retained events of each topic; the topic that was replaced last comes last. */
  retained(realm: string, restore: RestorePayload): Map<string, StoredEvent[]> {
    const byTopic = new Map<string, StoredEvent[]>()
    for (const row of this.#statements.retained.all(toExactJson(realm))) {
      const event = fromColumns(row, restore)
      const events = byTopic.get(event.topic)
      if (events === undefined) byTopic.set(event.topic, [event])
      else events.push(event)
    }
    return byTopic
  }

  /** Puts these in place of the retained events of a topic. */
  retain(realm: string, topic: string, events: readonly StoredEvent[]): void {
    this.#statements.forget.run(toExactJson(realm), toExactJson(topic))
    for (const event of events) this.#statements.retain.run(toExactJson(realm), ...toColumns(event))
  }

  /** Leaves everything in the one file, and its lock. */
  close(): void {
    attempt(() => this.#database.exec('PRAGMA journal_mode = DELETE'))
    this.#database.close()
  }
}
