/** Octets of one slab. A turn that writes more takes another one. */
const SLAB_SIZE = 128 * 1024
/** What is longer than this gets memory of its own. */
const LONGEST_SHARE = 32 * 1024

const NOTHING: Buffer = Buffer.alloc(0)

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
    if (length > LONGEST_SHARE) {
      this.target = Buffer.allocUnsafeSlow(length)
      return 0
    }
    if (length > this.#buffer.length - this.#used) {
      this.#buffer = Buffer.allocUnsafeSlow(SLAB_SIZE)
      this.#used = 0
      this.#pinned = false
    }
    const at = this.#used
    this.target = this.#buffer
    this.#used = at + length
    return at
  }

  /** A copy of all `pieces`, one after the other; `length` is that of all of them. */
  join(pieces: readonly Uint8Array[], length: number): Uint8Array {
    const start = this.reserve(length)
    const { target } = this
    let at = start
    for (const piece of pieces) {
      target.set(piece, at)
      at += piece.length
    }
    return target.subarray(start, at)
  }

  /** The last `length` octets that were reserved are not needed any more. */
  giveBack(length: number): void {
    if (this.target === this.#buffer) this.#used -= length
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
}
