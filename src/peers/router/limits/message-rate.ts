import type { Clock, Timer } from '../../../clock.js'
import type { Message } from '../../../messages/message.js'
import type { Transport } from '../../../transports/transport.js'

/** How much may come of one session: so many a second, and so many at once. */
export interface MessageRate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * Slows a session down that sends too much, by not reading from its transport. What was read before it could be told is
 * handled, and the time for it made up.
 */
export class Throttle {
  /** How many more messages may come; below 0, how many came too early. */
  #credit: number
  #at: number
  #timer: Timer | undefined

  constructor(
    private readonly rate: MessageRate,
    private readonly transport: Transport,
    private readonly clock: Clock,
    private readonly onThrottled: () => void,
    private readonly handle: (message: Message) => void | Promise<void>,
  ) {
    this.#credit = rate.burst
    this.#at = clock.now()
  }

  take(message: Message): void | Promise<void> {
    this.#earn()
    this.#credit--
    if (this.#credit < 0 && this.#timer === undefined) {
      this.onThrottled()
      this.transport.pause?.()
      this.#wait()
    }
    return this.handle(message)
  }

  /** The session is over. */
  stop(): void {
    this.#timer?.cancel()
  }

  #earn(): void {
    const { perSecond, burst } = this.rate
    const now = this.clock.now()
    this.#credit = Math.min(burst, this.#credit + ((now - this.#at) * perSecond) / 1000)
    this.#at = now
  }

  #wait(): void {
    const time = Math.max(1, (-this.#credit * 1000) / this.rate.perSecond)
    this.#timer = this.clock.after(time, () => {
      this.#earn()
      // In between, the rest of what had been read may have come.
      if (this.#credit < 0) return this.#wait()
      this.#timer = undefined
      this.transport.resume?.()
    })
  }
}
