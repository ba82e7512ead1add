/**
 * What becomes of a client that reads more slowly than it is sent to:
 *
 * - `disconnect`: with more than the limit waiting, the connection is ended.
 * - `drop-oldest`: the oldest EVENTs that wait are dropped, and no other message; the connection is ended only if what
 *   is left is too much.
 * - `pause-publisher`: with half of the limit waiting, those are not read from any more whose messages add to it, until
 *   no more than a quarter waits; beyond the limit the connection is ended.
 */
export type SlowConsumerPolicy = 'disconnect' | 'drop-oldest' | 'pause-publisher'

/** What was done because of slow consumers, besides ending connections. */
export interface SlowConsumerCounters {
  /** EVENTs that a subscriber did not get, because it read too slowly. */
  eventsDropped: number
  /** How often a client was not read from, because it sent to one that read too slowly. */
  publishersPaused: number
}
