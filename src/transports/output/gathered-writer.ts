import type { Socket } from 'node:net'
import { Code } from '../../messages/codes.js'
import type { Message } from '../../messages/message.js'
import { expectTaken, type Limited, tooLong } from '../message-limit.js'
import type { TransportInfo } from '../transport.js'
import type { Backlog, BacklogOwner } from './backlog.js'
import type { Framer, Framing } from './framer.js'
import type { Outbox } from './outbox.js'
import type { SlowConsumers } from './slow-consumers.js'
import { SocketBacklog } from './socket-backlog.js'

/** A connection that has gathered this many octets does not wait for the end of the turn. */
const ENOUGH = 64 * 1024
/** Pieces that are shorter than this, on the average, are copied together: that costs less than to write them apart. */
const SHORT_PIECE = 2048
/** What has to wait may keep memory from being freed that is this many times as long. */
const WASTE = 4

/** Who answers for a connection. */
export interface WriterOwner {
  readonly info?: TransportInfo
  /** The other end reads too slowly: `waiting` octets would have to wait for it. They were dropped. */
  overflowed(waiting: number): void
  /**
   * The other end fails the connection if it gets a message of this length, and there is nobody to be told that it was
   * dropped. Where there is no such method, the limit is a wish, and the message is sent.
   */
  unsendable?(sentence: string): void
}

/**
 * Writes the frames of one connection. What is said in one turn of the event loop is gathered and leaves in one write
 * at its end, which is the largest single gain there is (docs/architecture.md); the order is kept.
 *
 * A message that reaches many connections lies in the slab once, so a writer holds no octets, only where they lie.
 * Frames that lie one after the other are one run: a burst of events leaves as one piece, the same for each subscriber.
 */
export class GatheredWriter implements BacklogOwner, Limited {
  limit = Number.POSITIVE_INFINITY
  /** Sees to it if the other end reads too slowly; without, the connection is given up. */
  slowConsumers: SlowConsumers | undefined
  /** What stands in front of all that leaves in one write, where frames are the parts of a batch. */
  envelope: Framing | undefined
  /** What the socket has no room for, where somebody sees to it. */
  #backlog: SocketBacklog | undefined
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

  get name(): string {
    return this.owner.info?.address ?? 'a client'
  }

  /** @throws UsageError if the message cannot be serialized, or is too long; nothing was gathered. */
  write(message: Message): void {
    const { framer } = this
    framer.lay(message)
    if (framer.length > this.limit) {
      expectTaken(message, framer.length, this.limit)
      const { owner } = this
      if (owner.unsendable !== undefined) return owner.unsendable(tooLong(message, framer.length, this.limit))
    }
    if (this.envelope !== undefined) this.#keepToLimit(message, framer.frameLength)
    if (this.#backlog !== undefined) return this.#wait(this.#backlog, message)
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
      const pieces = this.#endRun()
      pieces.push(tail)
      this.#octets += tail.length
      const { trailer } = framer
      if (trailer !== undefined) {
        pieces.push(trailer)
        this.#octets += trailer.length
      }
    }
    this.#join()
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
    const waiting = this.socket.writableLength
    if (!this.socket.writable) this.#forget()
    // Where nothing waits, a message is taken however long it is: its receiver has not been slow yet.
    else if (waiting > 0 && waiting + octets > this.sendBufferLimit && this.slowConsumers === undefined) {
      this.#forget()
      this.owner.overflowed(waiting + octets)
    } else {
      if (this.envelope !== undefined) this.#writeBatch(this.envelope, octets, waiting)
      else if (this.#pieces === undefined) this.#writeOne(this.#run(), waiting)
      else this.#writeAll(this.#endRun(), octets, waiting)
      this.#forget()
      const { slowConsumers, socket } = this
      if (slowConsumers !== undefined && socket.writableLength > 0 && socket.writableNeedDrain)
        this.#backlog = new SocketBacklog(socket, slowConsumers, this, this.sendBufferLimit, this.envelope)
    }
  }

  /** Hands everything to the socket, however much it is: nothing will follow. */
  end(): void {
    this.flush()
    this.#backlog?.giveAll()
    this.#backlog = undefined
  }

  /** Forgets all that the socket has not been given. */
  discard(): void {
    this.#forget()
    this.#backlog?.end()
    this.#backlog = undefined
  }

  /** Has the socket taken any of what waits, since this was asked last? */
  hasMoved(): boolean {
    return this.#backlog?.hasMoved() === true
  }

  overflowed(waiting: number): void {
    this.owner.overflowed(waiting)
  }

  caughtUp(): void {
    this.#backlog = undefined
  }

  #wait(backlog: Backlog, message: Message): void {
    this.#join()
    backlog.push(this.framer.keep(), message.code === Code.EVENT)
  }

  /** There is something in the slab on our account, until the turn ends. */
  #join(): void {
    if (this.#inOutbox) return
    this.#inOutbox = true
    this.outbox.add(this)
  }

  #forget(): void {
    this.#target = undefined
    this.#pieces = undefined
    this.#octets = 0
  }

  #writeOne(piece: Uint8Array, waiting: number): void {
    this.socket.write(waiting > 0 ? withoutWaste(piece) : piece)
    if (this.socket.writableLength > 0) this.outbox.slab.pin()
  }

  /** A batch counts as one message: it may not be longer than the other end takes. */
  #keepToLimit(message: Message, length: number): void {
    if (length > this.limit) expectTaken(message, length, this.limit)
    if (this.#octets + length > this.limit) this.flush()
  }

  #writeBatch(envelope: Framing, octets: number, waiting: number): void {
    const { slab } = this.outbox
    const length = envelope.headerLength(octets)
    const at = slab.reserve(length)
    const header = slab.target.subarray(at, at + length)
    envelope.writeHeader(header, 0, octets)
    const pieces = this.#endRun()
    pieces.unshift(header)
    this.#writeAll(pieces, octets + length, waiting)
  }

  #writeAll(pieces: readonly Uint8Array[], octets: number, waiting: number): void {
    const { slab } = this.outbox
    if (octets < pieces.length * SHORT_PIECE) {
      this.#writeOne(slab.join(pieces, octets), waiting)
      if (this.socket.writableLength === 0) slab.giveBack(octets)
      return
    }
    this.socket.cork()
    for (const piece of pieces) this.socket.write(waiting > 0 ? withoutWaste(piece) : piece)
    this.socket.uncork()
    if (this.socket.writableLength > 0) slab.pin()
  }

  #run(): Uint8Array {
    return (this.#target as Buffer).subarray(this.#start, this.#end)
  }

  #endRun(): Uint8Array[] {
    this.#pieces ??= []
    if (this.#target !== undefined) this.#pieces.push(this.#run())
    this.#target = undefined
    return this.#pieces
  }
}

/** A slow reader must not keep a whole slab, or a whole read of another socket, for the few octets it waits for. */
function withoutWaste(piece: Uint8Array): Uint8Array {
  return piece.buffer.byteLength > WASTE * piece.length ? Buffer.from(piece) : piece
}
