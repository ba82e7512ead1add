import { atEndOfTurn } from '../../clock.js'
import { UsageError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import type { Serializer } from '../../serializers/serializer.js'
import { Incoming } from '../incoming.js'
import type { Transport, TransportInfo, TransportReceiver } from '../transport.js'

/**
 * How many deliveries in one turn of the event loop come as microtasks, which is at once. Two peers that answer each
 * other for ever would otherwise never let the rest of the process have its turn.
 */
const MOST_DELIVERIES_IN_A_TURN = 512

const INFO: TransportInfo = Object.freeze({ kind: 'memory', local: true })

/**
 * Two joined transports in one process. Each message is encoded by one end's serializer and decoded by the other's, so
 * that a peer behaves here as it does over a network: nothing is shared by reference, and what cannot be serialized
 * fails at its sender.
 *
 * @throws UsageError if the two serializers do not write the same format.
 */
export function createMemoryTransports(a: Serializer, b: Serializer): [Transport, Transport] {
  if (a.name !== b.name)
    throw new UsageError(`both ends of a transport must use one format, not ${a.name} and ${b.name}`)
  const turn = new Turn()
  const one = new MemoryTransport(a, turn)
  const other = new MemoryTransport(b, turn)
  one.join(other)
  other.join(one)
  return [one, other]
}

class MemoryTransport implements Transport {
  readonly info = INFO
  /** Nothing comes between two ends in one process. */
  readonly hasHeartbeat = true
  readonly #serializer: Serializer
  readonly #turn: Turn
  readonly #incoming = new Incoming()
  /**
   * What was sent to this end and is still on its way: no more than the other end says in one go, since it is emptied
   * before the event loop turns. While this end is paused it grows, as what waits at the sender of a socket does; the
   * sender is told by `backlog`.
   */
  #arriving: (string | Uint8Array)[] = []
  /** How many have asked this end not to read. */
  #pauses = 0
  /** Has the other end closed, with something waiting that has to be delivered first? */
  #endsLater = false
  #other: MemoryTransport | undefined
  #open = true

  constructor(serializer: Serializer, turn: Turn) {
    this.#serializer = serializer
    this.#turn = turn
  }

  get backlog(): number {
    return this.#other?.arrivingOctets ?? 0
  }

  /** Octets that wait because this end is paused. */
  get arrivingOctets(): number {
    if (this.#pauses === 0) return 0
    return this.#arriving.reduce((octets, { length }) => octets + length, 0)
  }

  join(other: MemoryTransport): void {
    this.#other = other
  }

  start(receiver: TransportReceiver): void {
    this.#incoming.start(receiver)
  }

  send(message: Message): void {
    if (!this.#open) return
    const encoded = this.#serializer.encode(message)
    this.#other?.arrive(encoded)
  }

  pause(): void {
    this.#pauses++
  }

  resume(): void {
    if (--this.#pauses > 0) return
    this.#turn.soon(() => this.#deliver())
  }

  close(): void {
    this.#incoming.stop()
    if (!this.#open) return
    this.#open = false
    const other = this.#other
    if (other !== undefined) this.#turn.soon(() => other.end())
    this.#turn.soon(() => this.#closed())
  }

  arrive(encoded: string | Uint8Array): void {
    if (this.#arriving.push(encoded) === 1) this.#turn.soon(() => this.#deliver())
  }

  /** The other end closed: whatever arrived before is delivered first. */
  end(): void {
    this.#deliver()
    if (this.#open && this.#arriving.length > 0) this.#endsLater = true
    else this.#closed()
  }

  #closed(): void {
    this.#open = false
    this.#incoming.closed()
  }

  #deliver(): void {
    if (this.#pauses > 0 && this.#open) return
    const arrived = this.#arriving
    this.#arriving = []
    for (let i = 0; i < arrived.length; i++) {
      // Whoever gets a message may ask for a pause.
      if (this.#pauses > 0 && this.#open) {
        this.#arriving = [...arrived.slice(i), ...this.#arriving]
        return
      }
      this.#incoming.decode(this.#serializer, arrived[i] as string | Uint8Array)
    }
    if (this.#endsLater) this.#closed()
  }
}

/** Runs deliveries in the order they were asked for: as microtasks, until a turn of the event loop has had enough. */
class Turn {
  #deliveries = 0
  #postponed: (() => void)[] = []

  soon(deliver: () => void): void {
    if (this.#deliveries === 0) atEndOfTurn(() => this.#next())
    if (++this.#deliveries > MOST_DELIVERIES_IN_A_TURN) this.#postponed.push(deliver)
    else queueMicrotask(deliver)
  }

  #next(): void {
    const postponed = this.#postponed
    this.#deliveries = 0
    this.#postponed = []
    for (const deliver of postponed) this.soon(deliver)
  }
}
