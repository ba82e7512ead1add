import { UsageError } from '../../errors.js'
import { type Dict, EMPTY_DICT } from '../../messages/dictionaries.js'
import { Payload } from '../../messages/payload.js'
import { sized } from '../event-size.js'
import type { RestorePayload, StoredEvent } from '../event-store.js'
import { fromExactJson, toExactJson } from './exact-json.js'
import type { SqliteRow, SqliteValue } from './sqlite.js'

/**
 * The columns that an event takes, in each table that has events. What the index needs comes first: SQLite then reads
 * nothing of a long payload to get at it.
 *
 * - `publication` is REAL, that holds integers up to 2^53; the libraries read no INTEGER that large.
 * - `topic` is JSON: in SQLite's own text a NUL, or half of a surrogate pair, gets lost.
 * - `format` is the serializer's name, where the payload is in that format, with `count` of its elements; it is NULL
 *   where a payload is transparent, octets or JSON of a string, and where there is none.
 */
export const EVENT_COLUMNS: Readonly<Record<string, string>> = {
  publication: 'REAL NOT NULL',
  timestamp: 'REAL NOT NULL',
  topic: 'TEXT NOT NULL',
  size: 'INTEGER NOT NULL',
  details: 'TEXT NOT NULL',
  audience: 'TEXT NOT NULL',
  format: 'TEXT',
  count: 'INTEGER',
  payload: 'ANY',
}

const NOTHING = toExactJson(EMPTY_DICT)

/** @throws UsageError if the payload was never encoded, and so cannot be written. */
export function expectEncoded({ encoded, transparent, isEmpty }: Payload): void {
  if (encoded === undefined && transparent === undefined && !isEmpty)
    throw new UsageError('a durable store keeps payload as it was encoded; this one is not')
}

/** The values of the columns, in their order. */
export function toColumns(event: StoredEvent): SqliteValue[] {
  const { publicationId, timestamp, topic, details, audience, payload, size } = event
  const { encoded, transparent } = payload
  return [
    publicationId,
    timestamp,
    toExactJson(topic),
    size,
    toExactJson(details),
    toExactJson(audience),
    encoded?.format ?? null,
    encoded?.count ?? null,
    encoded?.bytes ?? (typeof transparent === 'string' ? toExactJson(transparent) : (transparent ?? null)),
  ]
}

/** @throws Error if the row was damaged, or its format is not read here. */
export function fromColumns(row: SqliteRow, restore: RestorePayload): StoredEvent {
  return sized({
    publicationId: Number(row.publication),
    timestamp: Number(row.timestamp),
    topic: String(fromExactJson(String(row.topic))),
    details: dictFrom(String(row.details)),
    payload: payloadFrom(row, restore),
    audience: dictFrom(String(row.audience)),
  })
}

function dictFrom(text: string): Dict {
  return text === NOTHING ? EMPTY_DICT : (fromExactJson(text) as Dict)
}

function payloadFrom({ format, count, payload }: SqliteRow, restore: RestorePayload): Payload {
  if (typeof format === 'string')
    return restore({ format, count: count === 1 ? 1 : 2, bytes: payload as Uint8Array })
  if (typeof payload === 'string') return Payload.fromTransparent(String(fromExactJson(payload)))
  return payload instanceof Uint8Array ? Payload.fromTransparent(payload) : Payload.none
}
