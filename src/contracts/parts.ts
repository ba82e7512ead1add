import type { Soon } from './check.js'

/**
 * The parts of a call, each checked before it is read. The last one may say nothing, and is not checked then.
 *
 * Spec: rfc/text/advanced/rpc_progressive_call_invocations.md.
 */
export class CheckedParts implements AsyncIterableIterator<unknown, unknown> {
  readonly #parts: AsyncIterator<unknown, unknown>

  constructor(
    parts: AsyncIterable<unknown>,
    private readonly check: (part: unknown) => Soon<unknown>,
    /** Gives what the schema makes of a part; without it, the part as it is. */
    private readonly isReader: boolean,
  ) {
    this.#parts = parts[Symbol.asyncIterator]()
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    const result = await this.#parts.next()
    const { done = false, value } = result
    if (done && value === undefined) return result
    try {
      const made = await this.check(value)
      return { done, value: this.isReader ? made : value }
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<unknown, unknown>> {
    await this.#parts.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
