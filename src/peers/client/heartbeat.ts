import type { Clock, Timer } from '../../clock.js'
import { TransportError } from '../../errors.js'
import { Unsubscribe } from '../../messages/pubsub.js'
import type { Session } from '../../sessions/session.js'

/** Nobody is subscribed under the last of all ids, so that the router answers with an ERROR, and does nothing. */
const NO_SUBSCRIPTION = 2 ** 53
/** Heartbeats without a word of the router after which it is gone. */
const SILENT_HEARTBEATS = 2

/**
 * Finds out whether the router is still there, where the transport cannot: browsers send no pings, and tell nothing of those
 * that come. WAMP has no ping of its own; a request to unsubscribe from nothing is one that every router answers, that
 * nobody has to be allowed, and that changes nothing.
 */
export class Heartbeat {
  #heard = true
  #silent = 0
  #timer: Timer | undefined

  constructor(
    private readonly session: Session,
    private readonly clock: Clock,
    /** Milliseconds; 0 for none. */
    private readonly period: number,
    private readonly onLost: (error: TransportError) => void,
  ) {}

  /** The router has said something. */
  heard(): void {
    this.#heard = true
  }

  /** There is a session to ask in. */
  start(): void {
    if (this.period > 0) this.#timer = this.clock.after(this.period, () => this.#beat())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Asks now, and gives the router one period for its answer. */
  check(): void {
    this.stop()
    this.#heard = false
    this.#silent = SILENT_HEARTBEATS - 1
    this.#ask()
    this.start()
  }

  #beat(): void {
    this.#silent = this.#heard ? 0 : this.#silent + 1
    if (this.#silent >= SILENT_HEARTBEATS) {
      const sentence = `the connection was lost: the router did not answer within ${this.period} ms`
      return this.onLost(new TransportError(sentence))
    }
    if (!this.#heard) this.#ask()
    this.#heard = false
    this.start()
  }

  #ask(): void {
    this.session.request((requestId) => new Unsubscribe(requestId, NO_SUBSCRIPTION))
  }
}
