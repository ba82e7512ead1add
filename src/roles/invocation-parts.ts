/** Invocations that come in several parts. Spec: rfc/text/advanced/rpc_progressive_call_invocations.md. */
import type { Invocation } from '../messages/rpc.js'
import { fromPayload } from './call-result.js'
import { Queue } from './queue.js'

/** The parts of an invocation, for its handler to read. */
export class InvocationParts extends Queue<unknown> {
  #isComplete = false

  /** Has the last part come? */
  get isComplete(): boolean {
    return this.#isComplete
  }

  take({ details, payload }: Invocation): void {
    const isLast = details.progress !== true
    // A last part that says nothing only tells that there are no more.
    if (!isLast || !payload.isEmpty) this.push(fromPayload(payload, details))
    if (!isLast) return
    this.#isComplete = true
    this.end()
  }
}

/** How many ended invocations are remembered. */
const LONGEST_MEMORY = 1_000

/**
 * Invocations that ended before their last part had come: the router may not have known, and what it still sends is
 * for nobody. Ids tell nothing by themselves, since some routers choose them at random.
 */
export class EndedInParts {
  readonly #ids = new Set<number>()

  add(requestId: number): void {
    this.#ids.add(requestId)
    if (this.#ids.size <= LONGEST_MEMORY) return
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest)
      return
    }
  }

  /** Is this a further part of an invocation that has ended? */
  isLate({ requestId, details }: Invocation): boolean {
    if (!this.#ids.has(requestId)) return false
    if (details.progress !== true) this.#ids.delete(requestId)
    return true
  }

  clear(): void {
    this.#ids.clear()
  }
}
