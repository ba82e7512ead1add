import { Fifo } from './fifo.js'

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
 * The frames that wait for the other end: those of EVENTs apart from the others, because they may be dropped; they leave
 * in the order in which they came.
 */
export class Backlog {
  /** Octets of memory that wait, in all, and for EVENTs. */
  octets = 0
  eventOctets = 0
  readonly #events = new Fifo<Waiting>()
  readonly #others = new Fifo<Waiting>()
  #places = 0

  constructor(
    private readonly keeper: BacklogKeeper,
    readonly owner: BacklogOwner,
    /** Octets that may wait. */
    readonly limit: number,
  ) {}

  /** The frame that waits longest. */
  get first(): Buffer | undefined {
    return (this.#isEventNext ? this.#events : this.#others).first?.frame
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

  /** Takes the frame that waits longest. */
  shift(): Buffer | undefined {
    const isEvent = this.#isEventNext
    const frame = (isEvent ? this.#events : this.#others).shift()?.frame
    if (frame !== undefined) this.#count(-frame.length - KEEPING, isEvent)
    return frame
  }

  /** Some have been taken: `ended`, when that was all, is said by who took them. */
  taken(): void {
    this.keeper.shrunk(this)
  }

  /** The connection has ended, or is about to; or nothing waits any more. */
  end(): void {
    this.keeper.ended(this)
  }

  get #isEventNext(): boolean {
    const event = this.#events.first
    const other = this.#others.first
    return other === undefined || (event !== undefined && event.place < other.place)
  }

  #count(octets: number, isEvent: boolean): void {
    this.octets += octets
    if (isEvent) this.eventOctets += octets
  }
}
