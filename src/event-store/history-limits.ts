import type { HistoryOptions } from './event-store.js'

/** How much of a history is kept. */
export interface HistoryLimits {
  readonly maxEvents: number
  /** Bytes, by `StoredEvent.size`. */
  readonly maxBytes: number
  /** Milliseconds. */
  readonly maxAge: number
}

const DEFAULT_MAX_EVENTS = 1_000
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024

/** The most bytes, by `StoredEvent.size`, that one answer holds: it has to fit into a message. */
export const LARGEST_PAGE = 4 * 1024 * 1024

export function limitsOf({
  maxEvents = DEFAULT_MAX_EVENTS,
  maxBytes = DEFAULT_MAX_BYTES,
  maxAge = Number.POSITIVE_INFINITY,
}: HistoryOptions): HistoryLimits {
  return { maxEvents, maxBytes, maxAge }
}
