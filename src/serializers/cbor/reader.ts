import { ProtocolError } from '../../errors.js'
import { EMPTY_DICT } from '../../messages/dictionaries.js'
import { isoTime } from '../binary/iso-time.js'
import { INDEFINITE, setKey, ValueReader, wrongKey } from '../binary/value-reader.js'

const UNSIGNED = 0
const NEGATIVE = 1
const BINARY = 2
const TEXT = 3
const LIST = 4
const DICT = 5
const TAG = 6
const BREAK = 0xff
const EPOCH_TIME = 1
const POSITIVE_BIGNUM = 2
const NEGATIVE_BIGNUM = 3
/** Longer integers stay octets: nobody means them, and a BigInt's digits cost more than linear time. */
const LONGEST_BIGNUM = 512

/**
 * CBOR to values, RFC 8949. Of the tags, the integers of any length become BigInt and the seconds since 1970 an ISO
 * 8601 string, as a `Date` leaves; any other value loses its tag.
 */
export class CborReader extends ValueReader {
  openList(): number | undefined {
    const initial = this.bytes[this.position]
    if (initial === undefined || initial >> 5 !== LIST) return undefined
    this.position++
    return (initial & 31) === 31 ? INDEFINITE : Number(this.#argument(initial))
  }

  override goesOn(length: number, count: number): boolean {
    return length === INDEFINITE ? this.bytes[this.position] !== BREAK : count < length
  }

  override closeList(length: number): void {
    if (length === INDEFINITE) this.position++
  }

  headElement(): unknown {
    const initial = this.bytes[this.position] as number
    if (initial === 0xa0) {
      this.position++
      return EMPTY_DICT
    }
    return initial >> 5 === TEXT ? this.dictKey() : this.value(2)
  }

  value(depth: number): unknown {
    const initial = this.octet()
    const kind = initial >> 5
    if (kind > TAG) return this.#simple(initial)
    if ((initial & 31) === 31) return this.#indefinite(kind, depth)
    const argument = this.#argument(initial)
    if (kind === UNSIGNED) return argument
    if (kind === NEGATIVE) return negative(argument)
    // A length of 64 bits that no number can hold is longer than any message.
    const length = Number(argument)
    switch (kind) {
      case BINARY:
        return this.binary(length)
      case TEXT:
        return this.text(length)
      case LIST:
        return this.list(length, depth)
      case DICT:
        return this.dict(length, depth)
      default:
        return this.#tagged(length, depth)
    }
  }

  /** The integer that the initial octet holds or announces. */
  #argument(initial: number): number | bigint {
    const information = initial & 31
    if (information < 24) return information
    switch (information) {
      case 24:
        return this.octet()
      case 25:
        return this.uint16()
      case 26:
        return this.uint32()
      case 27:
        return this.integer64(this.uint32(), this.uint32())
      default:
        throw unknown(initial)
    }
  }

  #simple(initial: number): unknown {
    switch (initial) {
      case 0xf4:
        return false
      case 0xf5:
        return true
      case 0xf6:
      case 0xf7: // undefined, which leaves as null as well
        return null
      case 0xf9:
        return half(this.uint16())
      case 0xfa:
        return this.float32()
      case 0xfb:
        return this.float64()
      default:
        throw unknown(initial)
    }
  }

  #indefinite(kind: number, depth: number): unknown {
    switch (kind) {
      case BINARY:
        return joinOctets(this.#chunks(BINARY) as Uint8Array[])
      case TEXT:
        return this.#chunks(TEXT).join('')
      case LIST: {
        this.enter(depth)
        const list: unknown[] = []
        while (!this.#breaks()) list.push(this.value(depth + 1))
        return list
      }
      case DICT: {
        this.enter(depth)
        const dict: Record<string, unknown> = {}
        while (!this.#breaks()) {
          const key = this.dictKey()
          setKey(dict, key, this.value(depth + 1))
        }
        return dict
      }
      default:
        throw unknown((kind << 5) | 31)
    }
  }

  /** The pieces of a string of indefinite length: each is one of its kind, of definite length. */
  #chunks(kind: number): unknown[] {
    const chunks: unknown[] = []
    while (!this.#breaks()) {
      const initial = this.octet()
      if (initial >> 5 !== kind || (initial & 31) === 31) throw unknown(initial)
      const length = Number(this.#argument(initial))
      chunks.push(kind === TEXT ? this.text(length) : this.binary(length))
    }
    return chunks
  }

  #breaks(): boolean {
    if (this.bytes[this.position] !== BREAK) return false
    this.position++
    return true
  }

  protected dictKey(): string {
    const { position } = this
    const initial = this.octet()
    if (initial >> 5 === TEXT) {
      if ((initial & 31) === 31) return this.#chunks(TEXT).join('')
      return this.key(Number(this.#argument(initial)))
    }
    this.position = position
    throw wrongKey(this.value(this.maxDepth))
  }

  #tagged(tag: number, depth: number): unknown {
    this.enter(depth)
    const value = this.value(depth + 1)
    if (tag === EPOCH_TIME && typeof value === 'number') return isoTime(value) ?? value
    if (tag !== POSITIVE_BIGNUM && tag !== NEGATIVE_BIGNUM) return value
    if (!(value instanceof Uint8Array) || value.length > LONGEST_BIGNUM) return value
    const integer = magnitude(value)
    return tag === POSITIVE_BIGNUM ? asNumber(integer) : negative(integer)
  }
}

function negative(argument: number | bigint): number | bigint {
  const integer = typeof argument === 'number' ? -1 - argument : Number.NaN
  return Number.isSafeInteger(integer) ? integer : asNumber(-1n - BigInt(argument))
}

/** A number where a number can hold the integer. */
function asNumber(integer: bigint): number | bigint {
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : integer
}

/** The integer of a bignum. */
function magnitude(octets: Uint8Array): bigint {
  let hex = '0x0'
  for (const octet of octets) hex += octet.toString(16).padStart(2, '0')
  return BigInt(hex)
}

/** A float of 16 bits; RFC 8949, appendix D. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 1023
  let value: number
  if (exponent === 0) value = mantissa * 2 ** -24
  else if (exponent < 31) value = (mantissa + 1024) * 2 ** (exponent - 25)
  else value = mantissa === 0 ? Number.POSITIVE_INFINITY : Number.NaN
  return bits & 0x8000 ? -value : value
}

function joinOctets(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let p = 0
  for (const chunk of chunks) {
    joined.set(chunk, p)
    p += chunk.length
  }
  return joined
}

function unknown(initial: number): ProtocolError {
  return new ProtocolError(`the octet 0x${initial.toString(16)} means nothing here in CBOR`)
}
