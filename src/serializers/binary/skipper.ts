import { isText } from './utf8.js'

/**
 * Walks over encoded values and says whether they are well-formed, without making values of them. Judges as the
 * format's reader does; where the two might differ, it answers "no" and the reader decides.
 *
 * Every method takes a position and returns the one behind what it skipped, or -1.
 */
export abstract class Skipper {
  readonly #maxDepth: number
  protected bytes: Uint8Array = new Uint8Array(0)

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth
  }

  start(bytes: Uint8Array): void {
    this.bytes = bytes
  }

  /** Skips a value that stands at `depth` in the message. */
  abstract value(p: number, depth: number): number

  /** Skips a value that must be a list. */
  abstract list(p: number, depth: number): number

  /** Skips a value that must be a dictionary. */
  abstract dict(p: number, depth: number): number

  /** Skips a key of a dictionary. */
  protected abstract key(p: number): number

  protected items(p: number, count: number, depth: number): number {
    if (depth > this.#maxDepth) return -1
    for (let i = 0; i < count && p >= 0; i++) p = this.value(p, depth + 1)
    return p
  }

  protected entries(p: number, count: number, depth: number): number {
    if (depth > this.#maxDepth) return -1
    for (let i = 0; i < count && p >= 0; i++) {
      p = this.key(p)
      if (p >= 0) p = this.value(p, depth + 1)
    }
    return p
  }

  /** Skips `length` octets of any kind. */
  protected octets(p: number, length: number): number {
    const end = p + length
    return end <= this.bytes.length ? end : -1
  }

  protected text(p: number, length: number): number {
    const end = p + length
    return end <= this.bytes.length && isText(this.bytes, p, end) ? end : -1
  }

  /** The integer in the octet at `p`; where the message has ended, one longer than any. */
  protected uint8(p: number): number {
    return p < this.bytes.length ? (this.bytes[p] as number) : Number.POSITIVE_INFINITY
  }

  protected uint16(p: number): number {
    const { bytes } = this
    if (p + 2 > bytes.length) return Number.POSITIVE_INFINITY
    return ((bytes[p] as number) << 8) | (bytes[p + 1] as number)
  }

  protected uint32(p: number): number {
    const { bytes } = this
    if (p + 4 > bytes.length) return Number.POSITIVE_INFINITY
    const high = ((bytes[p] as number) << 8) | (bytes[p + 1] as number)
    return high * 0x10000 + (((bytes[p + 2] as number) << 8) | (bytes[p + 3] as number))
  }
}
