import { atEndOfTurn } from '../../clock.js'
import type { RelaySerializer } from '../../serializers/serializer.js'
import { Framer, type Framing } from './framer.js'
import { Slab } from './slab.js'

/** What gathers in a turn of the event loop. */
export interface Gathering {
  endTurn(): void
}

/**
 * What the connections of a listener have to write in this turn of the event loop. All of it leaves at the end of the
 * turn, in one write per connection.
 */
export class Outbox {
  readonly slab = new Slab()
  readonly #framers: Framer[] = []
  #writers: Gathering[] = []

  /** A framer whose frames are written through this outbox. */
  createFramer(serializer: RelaySerializer, framing: Framing): Framer {
    const framer = new Framer(serializer, framing, this.slab)
    this.#framers.push(framer)
    return framer
  }

  /** This writer has something to write when the turn ends. */
  add(writer: Gathering): void {
    if (this.#writers.push(writer) === 1) atEndOfTurn(this.#endTurn)
  }

  readonly #endTurn = (): void => {
    const writers = this.#writers
    this.#writers = []
    for (const writer of writers) writer.endTurn()
    this.slab.reuse()
    for (const framer of this.#framers) framer.forget()
  }
}
