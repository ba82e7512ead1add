import { UsageError } from '../errors.js'

/** How many values wait for a slow reader before its stream fails. */
export const DEFAULT_QUEUE_LIMIT = 10_000

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void
  reject(error: unknown): void
}

/**
 * Values on their way from the session, which pushes, to a `for await`, which pulls. Nothing is dropped: when more
 * than `limit` values wait, the stream fails.
 */
export class Queue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #values: T[] = []
  readonly #readers: Reader<T>[] = []
  #end: { error?: unknown } | undefined

  constructor(
    private readonly limit: number = DEFAULT_QUEUE_LIMIT,
    /** Called when the reader stops, be it early, and when the queue overflows. */
    private readonly onStop: () => void | Promise<void> = () => {},
  ) {}

  push(value: T): void {
    if (this.#end !== undefined) return
    const reader = this.#readers.shift()
    if (reader !== undefined) reader.resolve({ done: false, value })
    else if (this.#values.length < this.limit) this.#values.push(value)
    else {
      this.fail(
        new UsageError(`the reader fell ${this.limit} values behind; read faster, or raise the limit`),
      )
      void this.#stop()
    }
  }

  /** No more values: the reader ends once it has read those that are there. */
  end(): void {
    this.#finish({})
  }

  /** The reader gets the values that are there, then this error. */
  fail(error: unknown): void {
    this.#finish({ error })
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#values.length > 0) return Promise.resolve({ done: false, value: this.#values.shift() as T })
    if (this.#end === undefined)
      return new Promise((resolve, reject) => {
        this.#readers.push({ resolve, reject })
      })
    const { error } = this.#end
    this.#end = {}
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#values.length = 0
    this.end()
    await this.onStop()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Has the values stop coming. Why they do, the reader is told by the queue; that comes first. */
  async #stop(): Promise<void> {
    try {
      await this.onStop()
    } catch {}
  }

  #finish(end: { error?: unknown }): void {
    if (this.#end !== undefined) return
    this.#end = end
    for (const { resolve, reject } of this.#readers.splice(0)) {
      if (end.error === undefined) resolve({ done: true, value: undefined })
      else reject(end.error)
    }
  }
}
