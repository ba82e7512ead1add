/** Octets of one slab. A turn that writes more takes another one. */
const SLAB_SIZE = 128 * 1024
/** What is longer than this gets memory of its own. */
const LONGEST_SHARE = 32 * 1024

/**
 * The memory in which the connections of a listener gather what they write in one turn of the event loop. It is one
 * for all of them, so that an idle connection costs nothing, and it is used again as soon as the sockets have taken
 * everything, which they nearly always do at once.
 */
export class Slab {
  /** The memory that the last `reserve` was in. */
  target: Buffer = NOTHING
  #buffer: Buffer = NOTHING
  #used = 0
  #pinned = false

  /** Sets `target`, and returns where in it `length` octets may be written. */
  reserve(length: number): number {
    if (length > this.#buffer.length - this.#used) return this.#reserveElsewhere(length)
    const at = this.#used
    this.target = this.#buffer
    this.#used = at + length
    return at
  }

  /** Is `piece` part of the memory that the next turn may write over? */
  holds(piece: Uint8Array): boolean {
    return piece.buffer === this.#buffer.buffer
  }

  /** A socket still reads from the slab: it is filled up, but not used again. */
  pin(): void {
    this.#pinned = true
  }

  /** The turn is over, and everything was handed to the sockets. */
  reuse(): void {
    if (!this.#pinned) this.#used = 0
    this.target = NOTHING
  }

  #reserveElsewhere(length: number): number {
    this.target = Buffer.allocUnsafeSlow(Math.max(length, length > LONGEST_SHARE ? 0 : SLAB_SIZE))
    if (length <= LONGEST_SHARE) {
      this.#buffer = this.target
      this.#used = length
      this.#pinned = false
    }
    return 0
  }
}

const NOTHING: Buffer = Buffer.alloc(0)
