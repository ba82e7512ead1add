import { ProtocolError } from '../errors.js'
import type { Message } from '../messages/message.js'
import { sizeOfMessage } from '../messages/message-size.js'

/** Where the messages of a session come from: a transport, which may be able to wait. Each `pause` needs a `resume`. */
export interface Inflow {
  pause?(): void
  resume?(): void
}

/** From how much that waits a session is not read from. */
export interface WaitingLimits {
  readonly messages: number
  /** Bytes of memory. */
  readonly bytes: number
}

/** How many times as much may wait of a session that nothing can hold back. */
const BEYOND = 10
/**
 * Messages that may wait of one that is held back. What had been read before comes all the same: one read of a socket,
 * which is full of short messages at worst.
 */
const MOST_HELD_BACK = 10_000

/**
 * The messages of a session that wait, in order. When much waits, the session is not read from until half of it has gone.
 */
export class WaitingMessages {
  readonly #waiting: { readonly message: Message; readonly size: number }[] = []
  #bytes = 0
  #isHeldBack = false

  constructor(
    private readonly inflow: Inflow,
    private readonly limits: WaitingLimits,
    /** Called whenever there is too much: the session is held back, or cannot be. */
    private readonly onLimit: () => void,
  ) {}

  /** @throws ProtocolError if too much waits already, and the session cannot be held back. */
  push(message: Message): void {
    const { messages, bytes } = this.limits
    if (this.#isFull()) {
      this.onLimit()
      const { length } = this.#waiting
      throw new ProtocolError(
        `${length} messages, of ${this.#bytes} bytes, wait for a decision: no more are taken`,
      )
    }
    const size = sizeOfMessage(message)
    this.#waiting.push({ message, size })
    this.#bytes += size
    if (this.#isHeldBack || this.inflow.pause === undefined) return
    if (this.#waiting.length < messages && this.#bytes < bytes) return
    this.#isHeldBack = true
    this.onLimit()
    this.inflow.pause()
  }

  /** The one that has waited longest. */
  shift(): Message | undefined {
    const next = this.#waiting.shift()
    if (next === undefined) return undefined
    this.#bytes -= next.size
    const { messages, bytes } = this.limits
    if (this.#waiting.length <= messages / 2 && this.#bytes <= bytes / 2) this.#release()
    return next.message
  }

  /** None of them waits any more. */
  clear(): void {
    this.#waiting.length = 0
    this.#bytes = 0
    this.#release()
  }

  #isFull(): boolean {
    const { messages, bytes } = this.limits
    if (this.inflow.pause !== undefined)
      return this.#waiting.length >= Math.max(MOST_HELD_BACK, messages * BEYOND)
    return this.#waiting.length >= messages * BEYOND || this.#bytes >= bytes * BEYOND
  }

  #release(): void {
    if (!this.#isHeldBack) return
    this.#isHeldBack = false
    this.inflow.resume?.()
  }
}
