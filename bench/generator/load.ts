import type { Histogram } from './histogram.js'

/** What happened while a load ran. */
export interface Span {
  /** Calls that were answered, or events that were delivered. */
  readonly messages: number
  readonly milliseconds: number
  readonly latency: Histogram | undefined
}

/** Work for a peer, ready to be given to it. */
export interface Load {
  /**
   * Gives work for so long, and resolves when all of it has been done. So the peer is idle before and after, and what it
   * spent in between was spent on these messages.
   *
   * @throws Error if the peer refuses, closes a connection, or leaves work undone.
   */
  run(milliseconds: number): Promise<Span>
  close(): void
}

/** How long the rest of the work may take when nothing is added any more, in milliseconds. */
const PATIENCE = 15_000

/** One run of a load: it goes on for a while, then only until everything has come back. */
export class Run {
  /** Is more work to be given? */
  isOn = true
  messages = 0
  readonly #began = performance.now()
  #over: (() => void) | undefined
  #failed: ((error: Error) => void) | undefined

  constructor(readonly latency: Histogram | undefined) {}

  fail(reason: string): void {
    this.isOn = false
    this.#failed?.(new Error(reason))
  }

  /** Everything that was given has been done, and nothing is to follow. */
  finish(): void {
    this.#over?.()
  }

  /** @param isIdle tells if there is nothing left to wait for when the time is up. */
  async last(milliseconds: number, isIdle: () => boolean): Promise<Span> {
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        this.#over = resolve
        this.#failed = reject
        timer = setTimeout(() => {
          this.isOn = false
          if (isIdle()) return resolve()
          timer = setTimeout(() => reject(new Error('work was left undone')), PATIENCE)
        }, milliseconds)
      })
    } finally {
      clearTimeout(timer)
    }
    return { messages: this.messages, milliseconds: performance.now() - this.#began, latency: this.latency }
  }
}
