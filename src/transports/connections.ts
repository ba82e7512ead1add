import { type Clock, systemClock } from '../clock.js'
import type { TransportError } from '../errors.js'
import { type Logger, silentLogger } from '../logger.js'
import { type Beating, Heartbeats } from './heartbeat/heartbeats.js'
import { ROUTER_HEARTBEAT } from './heartbeat/pulse.js'
import { type ListenerCounters, listenerCounters } from './listener-counters.js'
import type { ListenerOptions } from './listener-options.js'
import { DEFAULT_MAX_MESSAGE_SIZE } from './message-limit.js'
import { Outbox } from './output/outbox.js'
import type { SlowConsumers } from './output/slow-consumers.js'
import type { Transport } from './transport.js'

const DEFAULT_SEND_BUFFER_LIMIT = 64 * 1024 * 1024

/** A connection of a listener. */
export type Connection = Transport & Beating

/** The connections of a listener, what they have in common, and what they tell of themselves. */
export class Connections {
  readonly outbox = new Outbox()
  readonly counters: ListenerCounters
  readonly logger: Logger
  readonly clock: Clock
  /** Milliseconds; 0 for none. */
  readonly heartbeat: number
  readonly maxMessageSize: number
  /** The same, as long as there is no session. */
  readonly maxMessageSizeBeforeLogin: number
  readonly sendBufferLimit: number
  /** Sees to connections that read too slowly; without one they are dropped. */
  readonly slowConsumers: SlowConsumers | undefined
  readonly #open: Heartbeats<Connection>
  #closed: (() => void) | undefined

  constructor(options: ListenerOptions) {
    const { maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE, maxMessageSizeBeforeLogin = maxMessageSize } = options
    this.counters = options.counters ?? listenerCounters()
    this.logger = options.logger ?? silentLogger
    this.heartbeat = options.heartbeat ?? ROUTER_HEARTBEAT
    this.maxMessageSize = maxMessageSize
    this.maxMessageSizeBeforeLogin = Math.min(maxMessageSizeBeforeLogin, maxMessageSize)
    this.sendBufferLimit = options.sendBufferLimit ?? DEFAULT_SEND_BUFFER_LIMIT
    this.slowConsumers = options.slowConsumers
    this.clock = options.clock ?? systemClock
    this.#open = new Heartbeats(this.clock, this.heartbeat)
  }

  get size(): number {
    return this.#open.size
  }

  /** Are no further ones taken? */
  get isClosing(): boolean {
    return this.#closed !== undefined
  }

  /** There is a new one. */
  add(connection: Connection): void {
    this.#open.add(connection)
    this.counters.accepted++
  }

  /** A connection is given up because of `error`; it will end. */
  dropped(connection: Connection, error: TransportError, why?: 'slow consumer' | 'lost'): void {
    if (why === 'lost') this.counters.lost++
    else if (why === 'slow consumer') this.counters.slowConsumersDropped++
    const { address = 'a client of this machine' } = connection.info
    this.logger.warn(`dropped the connection of ${address}: ${error.message}`)
  }

  ended(connection: Connection): void {
    this.#open.delete(connection)
    if (this.size === 0) this.#closed?.()
  }

  /** Closes all, in order. Resolves when the last one is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#closed
      this.#closed = () => {
        before?.()
        resolve()
      }
      for (const connection of this.#open) connection.close()
      if (this.size === 0) this.#closed()
    })
  }
}
