import type { Batching } from '../../serializers/serializer.js'
import { Fifo } from '../output/fifo.js'

/** No character takes more octets. */
const MOST_OCTETS = 3
/** Octets, or characters, of a request that says something: what is more has to wait for the next one. */
const ENOUGH = 1024 * 1024

/** What waits to be said: all of it in one request where there are batches, and one message in each where not. */
export class SendQueue {
  /** Octets, or characters, that wait. */
  length = 0
  readonly #messages = new Fifo<string | Uint8Array>()

  constructor(private readonly batching: Batching | undefined) {}

  push(encoded: string | Uint8Array): void {
    this.#messages.push(encoded)
    this.length += encoded.length
  }

  /** The body of the next request, of at most `limit` octets; undefined if there is nothing to say. */
  take(limit: number): string | Uint8Array | undefined {
    const { batching } = this
    if (batching === undefined) return this.#shift()
    const most = Math.min(limit, ENOUGH)
    const messages: (string | Uint8Array)[] = []
    let octets = 0
    for (let next = this.#messages.first; next !== undefined; next = this.#messages.first) {
      // To count the octets of text takes a walk over it; a request that is shorter than it might be does no harm.
      octets += next.length * (typeof next === 'string' ? MOST_OCTETS : 1) + batching.overhead
      if (messages.length > 0 && octets > most) break
      messages.push(next)
      this.#shift()
    }
    return messages.length === 0 ? undefined : batching.join(messages)
  }

  #shift(): string | Uint8Array | undefined {
    const message = this.#messages.shift()
    this.length -= message?.length ?? 0
    return message
  }
}
