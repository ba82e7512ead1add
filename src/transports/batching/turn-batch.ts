import { atEndOfTurn } from '../../clock.js'
import type { Batch, Batching } from '../../serializers/serializer.js'

/** A batch that has gathered so much does not wait for the end of the turn. */
const ENOUGH = 64 * 1024
/** No character takes more octets. */
const MOST_OCTETS = 3

/** What is said in one turn of the event loop, and leaves at its end as one batch. */
export class TurnBatch implements Batch {
  length = 0
  #messages: (string | Uint8Array)[] = []
  #isWaiting = false

  constructor(
    private readonly batching: Batching,
    private readonly write: (batch: string | Uint8Array) => void,
  ) {}

  add(encoded: string | Uint8Array, limit: number): void {
    const length = encoded.length + this.batching.overhead
    // To count the octets of text takes a walk over it; a batch that is shorter than it might be does no harm.
    const most = (this.length + length) * (typeof encoded === 'string' ? MOST_OCTETS : 1)
    if (most > limit) this.flush()
    this.#messages.push(encoded)
    this.length += length
    if (this.length >= ENOUGH) this.flush()
    else if (!this.#isWaiting) {
      this.#isWaiting = true
      atEndOfTurn(() => {
        this.#isWaiting = false
        this.flush()
      })
    }
  }

  flush(): void {
    const messages = this.#messages
    if (messages.length === 0) return
    this.#messages = []
    this.length = 0
    this.write(this.batching.join(messages))
  }
}
