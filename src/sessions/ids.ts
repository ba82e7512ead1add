/** Ids as the protocol has them: integers from 1 to 2^53. Spec: rfc/text/basic/building_blocks.md#ids. */
import { LARGEST_ID } from '../messages/checks.js'

/** An id of global scope (session, publication): uniform over the whole range. */
export function randomId(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return idOfBits(high, low)
}

/** Numbers of 32 bits that are drawn at a time. */
const DRAWN = 512

/**
 * Random ids for who needs many of them: drawn one by one they cost 5 µs each, which was a quarter of what a publication to
 * one subscriber costs.
 */
export class RandomIds {
  readonly #bits = new Uint32Array(DRAWN)
  #used = DRAWN

  next(): number {
    if (this.#used === DRAWN) {
      crypto.getRandomValues(this.#bits)
      this.#used = 0
    }
    return idOfBits(this.#bits[this.#used++] as number, this.#bits[this.#used++] as number)
  }
}

function idOfBits(high: number, low: number): number {
  return (high >>> 11) * 2 ** 32 + low + 1
}

/** Ids of session scope: 1, 2, 3, … and 1 again after 2^53. */
export class IdSequence {
  #last = 0

  next(): number {
    this.#last = successor(this.#last)
    return this.#last
  }

  /** Takes `id` for the next of the sequence; false if it is not. */
  accept(id: number): boolean {
    if (id !== successor(this.#last)) return false
    this.#last = id
    return true
  }

  /**
   * Was `id` ever given out? An id that was, and that nobody waits for any more, belongs to something that has ended:
   * its late messages are legal. (After the wrap at 2^53 an old id counts as never given; nobody lives to see it.)
   */
  has(id: number): boolean {
    return id <= this.#last
  }

  /** The id that would come next, without taking it. */
  get upcoming(): number {
    return successor(this.#last)
  }
}

function successor(id: number): number {
  return id === LARGEST_ID ? 1 : id + 1
}

/**
 * The id of a registration or of a subscription: made from what it stands for alone, so that routers that never met
 * give it the same one. Where two fall on one id, the caller asks for the next `attempt`.
 */
export function idOf(realm: string, match: string, uri: string, attempt = 0): number {
  const text = `${realm}\n${match}\n${uri}\n${attempt}`
  let a = 0x2c1b3c6d
  let b = 0x297a2d39
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul((b ^ unit) + 0x6d2b79f5, 0x85ebca6b)
    b ^= b >>> 13
  }
  a = mix(a ^ (b >>> 7))
  b = mix(b ^ a)
  return (a >>> 11) * 2 ** 32 + (b >>> 0) + 1
}

/** Spreads every bit of `value` over all others. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x7feb352d)
  mixed ^= mixed >>> 15
  mixed = Math.imul(mixed, 0x846ca68b)
  return mixed ^ (mixed >>> 16)
}
