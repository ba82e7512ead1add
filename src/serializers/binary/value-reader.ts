import { ProtocolError } from '../../errors.js'
import { show } from '../../messages/show.js'
import { KeyCache } from './key-cache.js'

/** The length of a list whose end is marked instead (CBOR). */
export const INDEFINITE = -1

/** Below this a loop reads ASCII faster than a call of the platform's decoder. */
const SHORT = 24
/** The longest list whose memory is reserved before it is read. */
const MOST_RESERVED = 4096
const TWO_32 = 2 ** 32

/** Octets to values, for formats in which every value begins with its kind and length. */
export abstract class ValueReader {
  protected readonly maxDepth: number
  protected bytes: Uint8Array = new Uint8Array(0)
  /** Where reading has come to. */
  position = 0
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  readonly #keys = new KeyCache()
  #view: DataView | undefined

  constructor(maxDepth: number) {
    this.maxDepth = maxDepth
  }

  /**
   * The one value that `bytes` stand for.
   *
   * @throws ProtocolError if they are not well-formed, or nest too deep.
   */
  read(bytes: Uint8Array): unknown {
    this.start(bytes)
    const value = this.value(1)
    if (this.position !== bytes.length)
      throw new ProtocolError(`${bytes.length - this.position} octets follow the message`)
    return value
  }

  start(bytes: Uint8Array): void {
    this.bytes = bytes
    this.position = 0
    this.#view = undefined
  }

  /** Reads a value that stands at `depth` in the message. */
  abstract value(depth: number): unknown

  /** Reads an element of a message's head, for a peer that passes messages on: names come again, most options are empty. */
  abstract headElement(): unknown

  /** Reads the head of a list and returns its length, or INDEFINITE; undefined if what comes is no list. */
  abstract openList(): number | undefined

  /** Has a list of this length more elements than the `count` that were read? */
  goesOn(length: number, count: number): boolean {
    return count < length
  }

  /** Reads the end of a list. */
  closeList(_length: number): void {}

  protected octet(): number {
    if (this.position >= this.bytes.length) throw truncated()
    return this.bytes[this.position++] as number
  }

  protected uint16(): number {
    const p = this.advance(2)
    return ((this.bytes[p] as number) << 8) | (this.bytes[p + 1] as number)
  }

  protected int32(): number {
    const { bytes } = this
    const p = this.advance(4)
    return (
      ((bytes[p] as number) << 24) |
      ((bytes[p + 1] as number) << 16) |
      ((bytes[p + 2] as number) << 8) |
      (bytes[p + 3] as number)
    )
  }

  protected uint32(): number {
    return this.int32() >>> 0
  }

  /** An integer of 64 bits: a number where a number can hold it, a BigInt otherwise. */
  protected integer64(high: number, low: number): number | bigint {
    const integer = high * TWO_32 + low
    return Number.isSafeInteger(integer) ? integer : (BigInt(high) << 32n) | BigInt(low)
  }

  protected float32(): number {
    const p = this.advance(4)
    return this.#floats().getFloat32(p)
  }

  protected float64(): number {
    const p = this.advance(8)
    return this.#floats().getFloat64(p)
  }

  /** Made for the first float of a message: few messages have any, and those that do have many. */
  #floats(): DataView {
    if (this.#view !== undefined) return this.#view
    const { buffer, byteOffset, byteLength } = this.bytes
    this.#view = new DataView(buffer, byteOffset, byteLength)
    return this.#view
  }

  /** Steps over `count` octets and returns where they begin. */
  protected advance(count: number): number {
    const start = this.position
    if (count > this.bytes.length - start) throw truncated()
    this.position = start + count
    return start
  }

  protected text(length: number): string {
    const start = this.advance(length)
    const { bytes, position } = this
    const short = length < SHORT ? shortText(bytes, start, position) : undefined
    if (short !== undefined) return short
    try {
      return this.#utf8.decode(bytes.subarray(start, position))
    } catch (cause) {
      throw new ProtocolError('a string in the message is not UTF-8', { cause })
    }
  }

  /** A string that is likely to come again. */
  protected key(length: number): string {
    const start = this.position
    if (length > this.bytes.length - start) throw truncated()
    const end = start + length
    const known = this.#keys.find(this.bytes, start, end)
    if (known !== undefined) {
      this.position = end
      return known
    }
    const key = this.text(length)
    this.#keys.keep(this.bytes, start, end, key)
    return key
  }

  /** Octets of their own: what came in may be used again by whoever brought it. */
  protected binary(length: number): Uint8Array {
    const start = this.advance(length)
    return copyOf(this.bytes, start, this.position)
  }

  protected list(length: number, depth: number): unknown[] {
    this.enter(depth)
    this.expect(length)
    // A length is only a claim, and lists within lists could claim the same octets again and again.
    const list: unknown[] = new Array(Math.min(length, MOST_RESERVED))
    for (let i = 0; i < length; i++) list[i] = this.value(depth + 1)
    return list
  }

  protected dict(length: number, depth: number): Record<string, unknown> {
    this.enter(depth)
    this.expect(length * 2)
    const dict: Record<string, unknown> = {}
    for (let i = 0; i < length; i++) {
      const key = this.dictKey()
      setKey(dict, key, this.value(depth + 1))
    }
    return dict
  }

  /** Reads a key of a dictionary. Keys are strings: rfc/text/basic/building_blocks.md, "Serializers". */
  protected abstract dictKey(): string

  protected enter(depth: number): void {
    if (depth > this.maxDepth)
      throw new ProtocolError(`the message is nested deeper than ${this.maxDepth} levels`, {
        limit: 'depth',
      })
  }

  /** Are there as many octets left as values are to come? */
  protected expect(values: number): void {
    if (values > this.bytes.length - this.position) throw truncated()
  }
}

/** Four octets at a time, since every string that is put together on the way costs as much as they do. */
function shortText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let p = start
  for (; p + 4 <= end; p += 4) {
    const a = bytes[p] as number
    const b = bytes[p + 1] as number
    const c = bytes[p + 2] as number
    const d = bytes[p + 3] as number
    if ((a | b | c | d) >= 0x80) return undefined
    text += String.fromCharCode(a, b, c, d)
  }
  for (; p < end; p++) {
    const octet = bytes[p] as number
    if (octet >= 0x80) return undefined
    text += String.fromCharCode(octet)
  }
  return text
}

export function truncated(): ProtocolError {
  return new ProtocolError('the message ends too early')
}

export function wrongKey(key: unknown): ProtocolError {
  return new ProtocolError(`the keys of a dictionary must be strings, not ${show(key)}`)
}

/** Sets a key as JSON.parse does: `__proto__` is a key like any other. */
export function setKey(dict: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(dict, key, { value, writable: true, enumerable: true, configurable: true })
  else dict[key] = value
}

/** A plain copy, whatever the class of `bytes`: `slice` of a Buffer is no copy. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end))
}
