import type { Socket } from 'node:net'
import { Fifo } from './fifo.js'

/** A socket is given this many octets at a time. */
const PORTION = 64 * 1024
/** What it takes to keep a frame, besides its own octets: of short ones that is more than they are. */
const KEEPING = 200

interface Waiting {
  readonly frame: Buffer
  /** Its place among all that wait. */
  readonly place: number
}

/** Who decides what becomes of a connection that reads too slowly. */
export interface BacklogKeeper {
  /** A frame more waits. */
  grown(backlog: Backlog): void
  /** Some have left. */
  shrunk(backlog: Backlog): void
  /** Nothing waits any more, or the connection has ended: the backlog will not be used again. */
  ended(backlog: Backlog): void
}

/** The connection that a backlog belongs to. */
export interface BacklogOwner {
  /** As it is told to people. */
  readonly name: string
  /** More waits than may, and nothing can be done about it. */
  overflowed(waiting: number): void
  /** Everything has left. */
  caughtUp(): void
}

/**
 * The frames that wait, here and not in the socket's own buffer, until a socket takes more: those of EVENTs apart from
 * the others, because they may be dropped; they leave in the order in which they came.
 */
export class Backlog {
  /** Octets of memory that wait, in all, and for EVENTs. */
  octets = 0
  eventOctets = 0
  readonly #events = new Fifo<Waiting>()
  readonly #others = new Fifo<Waiting>()
  #places = 0
  #hasMoved = false

  constructor(
    private readonly socket: Socket,
    private readonly keeper: BacklogKeeper,
    readonly owner: BacklogOwner,
    /** Octets that may wait. */
    readonly limit: number,
  ) {
    socket.on('drain', this.#pump)
  }

  push(frame: Buffer, isEvent: boolean): void {
    ;(isEvent ? this.#events : this.#others).push({ frame, place: this.#places++ })
    this.#count(frame.length + KEEPING, isEvent)
    this.keeper.grown(this)
  }

  /** Drops the EVENT that waits longest, if there is one. */
  dropEvent(): void {
    const event = this.#events.shift()
    if (event !== undefined) this.#count(-event.frame.length - KEEPING, true)
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

  /** The connection has ended, or is about to. */
  end(): void {
    this.socket.off('drain', this.#pump)
    this.keeper.ended(this)
  }

  readonly #pump = (): void => {
    this.#hasMoved = true
    while (this.octets > 0 && !this.socket.writableNeedDrain && this.socket.writable) this.#give()
    this.keeper.shrunk(this)
    if (this.octets > 0 || this.socket.writableNeedDrain) return
    this.end()
    this.owner.caughtUp()
  }

  /** Gives the socket one portion. */
  #give(): void {
    const { socket } = this
    socket.cork()
    for (let given = 0; given < PORTION; ) {
      const frame = this.#shift()
      if (frame === undefined) break
      given += frame.length
      socket.write(frame)
    }
    socket.uncork()
  }

  #shift(): Buffer | undefined {
    const event = this.#events.first
    const other = this.#others.first
    const isEvent = other === undefined || (event !== undefined && event.place < other.place)
    const frame = (isEvent ? this.#events : this.#others).shift()?.frame
    if (frame === undefined) return undefined
    this.#count(-frame.length - KEEPING, isEvent)
    return frame
  }

  #count(octets: number, isEvent: boolean): void {
    this.octets += octets
    if (isEvent) this.eventOctets += octets
  }
}
