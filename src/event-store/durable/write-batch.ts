import type { Clock, Timer } from '../../clock.js'

/** Something of which a part is not on disk yet. */
export interface Unwritten {
  /** Writes it. May have to do so again, if the transaction comes to nothing. */
  write(): void
  /** It is on disk now. */
  written(): void
}

export interface WriteBatchOptions {
  readonly clock: Clock
  /** Does all that `write` does, or throws. */
  readonly transaction: (write: () => void) => void
  /** Is told of the first failure in a row. */
  readonly failed: (error: unknown) => void
}

/** Milliseconds until writing is tried again. */
const PAUSE = 1_000

/**
 * Gathers what is to be written until the turn's microtasks, and writes it in one transaction. What cannot be written
 * stays, and is tried again later on.
 */
export class WriteBatch {
  readonly #unwritten = new Set<Unwritten>()
  #isScheduled = false
  #isClosed = false
  #isFailing = false
  /** Runs while writing pauses. */
  #pause: Timer | undefined

  constructor(private readonly options: WriteBatchOptions) {}

  add(unwritten: Unwritten): void {
    this.#unwritten.add(unwritten)
    if (this.#isScheduled || this.#isClosed || this.#pause !== undefined) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      if (!this.#isClosed) this.#commit()
    })
  }

  /** Writes what is left. @throws what writing throws. */
  close(): void {
    this.#isClosed = true
    this.#pause?.cancel()
    this.#write()
  }

  #commit(): void {
    try {
      this.#write()
      this.#isFailing = false
    } catch (error) {
      this.#pause = this.options.clock.after(PAUSE, () => {
        this.#pause = undefined
        this.#commit()
      })
      if (this.#isFailing) return
      this.#isFailing = true
      this.options.failed(error)
    }
  }

  #write(): void {
    if (this.#unwritten.size === 0) return
    this.options.transaction(() => {
      for (const one of this.#unwritten) one.write()
    })
    for (const one of this.#unwritten) one.written()
    this.#unwritten.clear()
  }
}
