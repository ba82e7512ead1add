/** How a client comes back after a session was lost. Times are in milliseconds. */
export interface ReconnectOptions {
  /** The longest wait before the first attempt; 300 by default. */
  readonly initialDelay?: number
  /** The longest wait there is; 30,000 by default. */
  readonly maxDelay?: number
  /** How many times as long each wait is as the one before; 2 by default. */
  readonly factor?: number
  /**
   * Which part of each wait is left to chance, from 0 to 1, so that not all clients of a router that was restarted come
   * back at once; 0.5 by default: half of the time or more is waited for certain.
   */
  readonly jitter?: number
  /** After so many attempts in a row the client gives up, and is stopped; Infinity by default. */
  readonly maxAttempts?: number
  /** Does `start()` itself go on trying? By default it rejects if its first attempt fails. */
  readonly fromStart?: boolean
  /**
   * How many calls and publications may wait for the next session while there is none; 0 by default: they fail at once.
   * They leave in their order, before what is said later. A call's timeout and signal hold while it waits.
   */
  readonly queue?: number
}

/** The waits between the attempts to come back: longer and longer, and not the same for everybody. */
export class Backoff {
  #attempts = 0
  #last = 0

  constructor(private readonly options: Required<ReconnectOptions>) {}

  /** How many attempts were made in a row. */
  get attempts(): number {
    return this.#attempts
  }

  /** The wait before the next attempt, in milliseconds; `undefined` if there is to be none. */
  next(): number | undefined {
    const { initialDelay, maxDelay, factor, jitter, maxAttempts } = this.options
    if (this.#attempts >= maxAttempts) return undefined
    const longest = Math.min(maxDelay, initialDelay * factor ** this.#attempts++)
    this.#last = longest * (1 - jitter * Math.random())
    return this.#last
  }

  /**
   * There was a session, for so many milliseconds. One that is lost sooner than it took to get is no success: a router
   * that lets everybody in and drops them again is not to be run into without a pause.
   */
  lasted(milliseconds: number): void {
    if (milliseconds > this.#last) this.reset()
  }

  /** Something has changed for the better: the next wait is a short one again. */
  reset(): void {
    this.#attempts = 0
  }
}
