import { Skipper } from '../binary/skipper.js'

const BINARY = 2
const TEXT = 3
const LIST = 4
const DICT = 5
const TAG = 6
const INDEFINITE = 31
const BREAK = 0xff
const TWO_32 = 2 ** 32

/** Skips CBOR. */
export class CborSkipper extends Skipper {
  /** The argument of the head that was read last. */
  #argument = 0

  value(p: number, depth: number): number {
    if (p >= this.bytes.length) return -1
    const initial = this.bytes[p] as number
    const kind = initial >> 5
    if (kind > TAG) return this.#simple(p, initial)
    const information = initial & 31
    if (information === INDEFINITE) return this.#indefinite(p + 1, kind, depth)
    if (information < 24) {
      this.#argument = information
      p++
    } else p = this.#head(p + 1, information)
    if (p < 0 || kind < BINARY) return p
    const argument = this.#argument
    switch (kind) {
      case BINARY:
        return this.octets(p, argument)
      case TEXT:
        return this.text(p, argument)
      case LIST:
        return this.items(p, argument, depth)
      case DICT:
        return this.entries(p, argument, depth)
      default:
        // A tag counts as a level, lest a million of them overflow the stack.
        return this.items(p, 1, depth)
    }
  }

  /** Reads the argument behind an initial octet. */
  #head(p: number, information: number): number {
    switch (information) {
      case 24:
        this.#argument = this.uint8(p)
        return this.octets(p, 1)
      case 25:
        this.#argument = this.uint16(p)
        return this.octets(p, 2)
      case 26:
        this.#argument = this.uint32(p)
        return this.octets(p, 4)
      case 27:
        this.#argument = this.uint32(p) * TWO_32 + this.uint32(p + 4)
        return this.octets(p, 8)
      default:
        return -1
    }
  }

  #simple(p: number, initial: number): number {
    switch (initial) {
      case 0xf4: // false
      case 0xf5: // true
      case 0xf6: // null
      case 0xf7: // undefined
        return p + 1
      case 0xf9: // floats of 16, 32 and 64 bits
        return this.octets(p + 1, 2)
      case 0xfa:
        return this.octets(p + 1, 4)
      case 0xfb:
        return this.octets(p + 1, 8)
      default:
        return -1
    }
  }

  #indefinite(p: number, kind: number, depth: number): number {
    switch (kind) {
      case BINARY:
      case TEXT:
        return this.#chunks(p, kind)
      case LIST:
        return this.#until(p, depth, false)
      case DICT:
        return this.#until(p, depth, true)
      default:
        return -1
    }
  }

  /** Items, or entries, up to the break. */
  #until(p: number, depth: number, entries: boolean): number {
    while (p >= 0 && this.bytes[p] !== BREAK)
      p = entries ? this.entries(p, 1, depth) : this.items(p, 1, depth)
    // The depth of one that is empty has not been checked.
    return p < 0 ? -1 : this.items(p + 1, 0, depth)
  }

  #chunks(p: number, kind: number): number {
    while (p >= 0 && this.bytes[p] !== BREAK) {
      const initial = this.bytes[p] as number
      if (initial >> 5 !== kind || (initial & 31) === INDEFINITE) return -1
      p = this.value(p, 0)
    }
    return p < 0 ? -1 : p + 1
  }

  list(p: number, depth: number): number {
    return (this.bytes[p] as number) >> 5 === LIST ? this.value(p, depth) : -1
  }

  dict(p: number, depth: number): number {
    return (this.bytes[p] as number) >> 5 === DICT ? this.value(p, depth) : -1
  }

  protected key(p: number): number {
    return (this.bytes[p] as number) >> 5 === TEXT ? this.value(p, 0) : -1
  }
}
