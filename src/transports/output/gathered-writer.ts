import type { Socket } from 'node:net'
import type { Message } from '../../messages/message.js'
import type { Framer } from './framer.js'
import type { Outbox } from './outbox.js'

/** A connection that has gathered this many octets does not wait for the end of the turn. */
const ENOUGH = 64 * 1024

/** Who answers for a connection. */
export interface WriterOwner {
  /** The other end reads too slowly: `waiting` octets would have to wait for it. They were dropped. */
  overflowed(waiting: number): void
}

/**
 * Writes the frames of one connection. What is said in one turn of the event loop is gathered and leaves in one write
 * at its end, which is the largest single gain there is (docs/architecture.md); the order is kept.
 *
 * A message that reaches many connections lies in the slab once, so a writer holds no octets, only where they lie.
 * Frames that lie one after the other are one run: a burst of events leaves as one piece, the same for each subscriber.
 */
export class GatheredWriter {
  /** The run that can still grow. */
  #target: Buffer | undefined
  #start = 0
  #end = 0
  /** What comes before it. */
  #pieces: Uint8Array[] | undefined
  #octets = 0
  #inOutbox = false

  constructor(
    private readonly socket: Socket,
    private readonly framer: Framer,
    private readonly outbox: Outbox,
    private readonly sendBufferLimit: number,
    private readonly owner: WriterOwner,
  ) {}

  /** @throws UsageError if the message cannot be serialized; nothing was gathered. */
  write(message: Message): void {
    const { framer } = this
    framer.lay(message)
    const { start, end, tail } = framer
    if (this.#target === framer.target && this.#end === start) this.#end = end
    else {
      if (this.#target !== undefined) this.#endRun()
      this.#target = framer.target
      this.#start = start
      this.#end = end
    }
    this.#octets += end - start
    if (tail !== undefined) {
      this.#endRun().push(tail)
      this.#octets += tail.length
    }
    if (!this.#inOutbox) {
      this.#inOutbox = true
      this.outbox.add(this)
    }
    if (this.#octets >= ENOUGH) this.flush()
  }

  endTurn(): void {
    this.#inOutbox = false
    this.flush()
  }

  /** Hands what was gathered to the socket, in one write. */
  flush(): void {
    const octets = this.#octets
    if (octets === 0) return
    const { socket } = this
    const waiting = socket.writableLength
    if (!socket.writable) return this.discard()
    // Where nothing waits, a message is taken however long it is: its receiver has not been slow yet.
    if (waiting > 0 && waiting + octets > this.sendBufferLimit) {
      this.discard()
      return this.owner.overflowed(waiting + octets)
    }
    if (this.#pieces === undefined) this.#writeOne(this.#run(), waiting)
    else this.#writeAll(this.#endRun(), octets, waiting)
    this.#empty()
  }

  /** Drops what was gathered. */
  discard(): void {
    this.#empty()
  }

  #writeOne(piece: Uint8Array, waiting: number): void {
    const { socket, outbox } = this
    const { slab } = outbox
    if (!slab.holds(piece)) socket.write(piece)
    // It will wait behind others: a copy of its own keeps a slow reader from keeping whole slabs.
    else if (waiting > 0) socket.write(Buffer.from(piece))
    else {
      socket.write(piece)
      if (socket.writableLength > 0) slab.pin()
    }
  }

  #writeAll(pieces: Uint8Array[], octets: number, waiting: number): void {
    const { socket } = this
    if (octets < ENOUGH && pieces.every((piece) => this.outbox.slab.holds(piece)))
      return this.#writeOne(this.#join(pieces, octets), waiting)
    socket.cork()
    for (const piece of pieces) {
      if (waiting > 0 && this.outbox.slab.holds(piece)) socket.write(Buffer.from(piece))
      else socket.write(piece)
    }
    socket.uncork()
    if (socket.writableLength > 0) this.outbox.slab.pin()
  }

  /** Many short runs, one after the other: a copy costs less than a write of many pieces. */
  #join(pieces: Uint8Array[], octets: number): Uint8Array {
    const { slab } = this.outbox
    const start = slab.reserve(octets)
    const { target } = slab
    let at = start
    for (const piece of pieces) {
      target.set(piece, at)
      at += piece.length
    }
    return target.subarray(start, at)
  }

  #run(): Uint8Array {
    return (this.#target as Buffer).subarray(this.#start, this.#end)
  }

  #endRun(): Uint8Array[] {
    this.#pieces ??= []
    const pieces = this.#pieces
    if (this.#target !== undefined) pieces.push(this.#run())
    this.#target = undefined
    return pieces
  }

  #empty(): void {
    this.#target = undefined
    this.#pieces = undefined
    this.#octets = 0
  }
}
