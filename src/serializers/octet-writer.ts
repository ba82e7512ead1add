const SIZE = 4096
/** A buffer that a large message has stretched beyond this is given back. */
const KEEP = 1 << 20
/** Up to here a loop writes ASCII faster than a call of the platform's encoder (50 to 100 ns). */
const SHORT = 48
/** Views of the first so many octets are kept; to make one costs as much as to write the message. */
const VIEWS = 512

/** A buffer that octets are written into, one message after the other. It grows as needed. */
export class OctetWriter {
  bytes: Uint8Array = new Uint8Array(SIZE)
  position = 0
  readonly #encoder = new TextEncoder()
  #views: (Uint8Array | undefined)[] = []

  /** Begins with another message. */
  reset(): void {
    this.position = 0
    if (this.bytes.length > KEEP) this.#replace(new Uint8Array(SIZE))
  }

  /** Makes room for `count` more octets. */
  ensure(count: number): void {
    const needed = this.position + count
    if (needed <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.position))
    this.#replace(larger)
  }

  #replace(bytes: Uint8Array): void {
    this.bytes = bytes
    this.#views = []
  }

  octet(octet: number): void {
    this.ensure(1)
    this.bytes[this.position++] = octet
  }

  /** Copies octets from elsewhere. */
  copy(source: Uint8Array, start: number, end: number): void {
    this.ensure(end - start)
    if (end - start > SHORT) {
      this.bytes.set(source.subarray(start, end), this.position)
      this.position += end - start
      return
    }
    const { bytes } = this
    let p = this.position
    for (let i = start; i < end; i++) bytes[p++] = source[i] as number
    this.position = p
  }

  /** Writes text as UTF-8; half a character becomes U+FFFD. Returns the number of octets. */
  utf8(text: string): number {
    const { length } = text
    this.ensure(length * 3)
    const { bytes, position } = this
    if (length <= SHORT) {
      let i = 0
      for (; i < length; i++) {
        const code = text.charCodeAt(i)
        if (code >= 0x80) break
        bytes[position + i] = code
      }
      if (i === length) {
        this.position = position + length
        return length
      }
    }
    const { written } = this.#encoder.encodeInto(text, bytes.subarray(position))
    this.position = position + written
    return written
  }

  /** What was written; valid until something else is. */
  get written(): Uint8Array {
    const { position } = this
    if (position >= VIEWS) return this.bytes.subarray(0, position)
    const view = this.#views[position]
    if (view !== undefined) return view
    const made = this.bytes.subarray(0, position)
    this.#views[position] = made
    return made
  }
}
