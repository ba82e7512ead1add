import type { Socket } from 'node:net'
import { Backlog, type BacklogKeeper, type BacklogOwner } from './backlog.js'
import type { Framing } from './framer.js'

/** A socket is given this many octets at a time. */
const PORTION = 64 * 1024

/** A backlog that waits, here and not in the socket's own buffer, until the socket takes more. */
export class SocketBacklog extends Backlog {
  #hasMoved = false

  constructor(
    private readonly socket: Socket,
    keeper: BacklogKeeper,
    owner: BacklogOwner,
    limit: number,
    /** What makes a batch of a frame, where frames are the parts of one. */
    private readonly envelope: Framing | undefined,
  ) {
    super(keeper, owner, limit)
    socket.on('drain', this.#pump)
  }

  /** Has the socket taken anything since this was asked last? */
  hasMoved(): boolean {
    const hasMoved = this.#hasMoved
    this.#hasMoved = false
    return hasMoved
  }

  /** Gives everything to the socket, however much it is. */
  giveAll(): void {
    while (this.octets > 0 && this.socket.writable) this.#give()
    this.end()
  }

  override end(): void {
    this.socket.off('drain', this.#pump)
    super.end()
  }

  readonly #pump = (): void => {
    this.#hasMoved = true
    while (this.octets > 0 && !this.socket.writableNeedDrain && this.socket.writable) this.#give()
    this.taken()
    if (this.octets > 0 || this.socket.writableNeedDrain) return
    this.end()
    this.owner.caughtUp()
  }

  /** Gives the socket one portion. */
  #give(): void {
    const { socket, envelope } = this
    socket.cork()
    for (let given = 0; given < PORTION; ) {
      const frame = this.shift()
      if (frame === undefined) break
      given += frame.length
      if (envelope !== undefined) socket.write(headerOf(envelope, frame.length))
      socket.write(frame)
    }
    socket.uncork()
  }
}

function headerOf(envelope: Framing, length: number): Buffer {
  const header = Buffer.allocUnsafe(envelope.headerLength(length))
  envelope.writeHeader(header, 0, length)
  return header
}
