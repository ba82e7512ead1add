import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { RelaySerializer } from '../serializers/serializer.js'
import type { ListenerCounters } from './listener-counters.js'
import type { SlowConsumers } from './output/slow-consumers.js'

/** What a listener of any kind is told. */
export interface ListenerOptions {
  /** What the router speaks. Which one a connection uses is the client's choice. */
  serializers: readonly RelaySerializer[]
  /** The longest message taken, in bytes; 16 MiB by default. */
  maxMessageSize?: number
  /** The longest one as long as there is no session, in bytes; the same by default. See `Transport.admit`. */
  maxMessageSizeBeforeLogin?: number
  /**
   * How many bytes may wait for a client that reads slowly, before it is disconnected; 64 MiB by default, which is four
   * of the longest messages, and what NATS allows.
   */
  sendBufferLimit?: number
  /** Sees to clients that read too slowly, in place of disconnecting them. */
  slowConsumers?: SlowConsumers | undefined
  /**
   * Milliseconds between two pings; 8 seconds by default, 0 for none. A connection on which nothing comes for two of
   * these periods is lost.
   */
  heartbeat?: number
  /** Where this listener counts, along with others. */
  counters?: ListenerCounters
  logger?: Logger
  clock?: Clock
}
