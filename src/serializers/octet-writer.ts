const SIZE = 8192
/** With less room than this another buffer is begun. */
const ROOM = 512
/** A buffer that a large message has stretched beyond this is given back. */
const KEEP = 1 << 20
/** Up to here a loop writes ASCII faster than a call of the platform's encoder. */
const SHORT = 32
/** Views of the first so many octets are kept; to make one costs as much as to write a short message. */
const VIEWS = 512

/** A buffer that octets are written into, one message after the other. It grows as needed. */
export class OctetWriter {
  bytes: Uint8Array = new Uint8Array(SIZE)
  position = 0
  /** Where the message begins. */
  #start = 0
  readonly #encoder = new TextEncoder()
  #views: (Uint8Array | undefined)[] = []

  /** Begins with another message. */
  reset(): void {
    this.position = this.#start
    if (this.bytes.length > KEEP) this.#replace(SIZE)
  }

  /** Makes room for `count` more octets. */
  ensure(count: number): void {
    if (this.position + count <= this.bytes.length) return
    const needed = this.position - this.#start + count
    const { bytes } = this
    const start = this.#start
    const end = this.position
    this.#replace(Math.max(SIZE, needed > SIZE ? needed * 1.5 : needed))
    this.bytes.set(bytes.subarray(start, end))
    this.position = end - start
  }

  #replace(size: number): void {
    this.bytes = new Uint8Array(size)
    this.position = 0
    this.#start = 0
    this.#views = []
  }

  /** What was written; valid until something else is. */
  get written(): Uint8Array {
    const { position } = this
    if (position >= VIEWS || this.#start !== 0) return this.bytes.subarray(this.#start, position)
    const view = this.#views[position]
    if (view !== undefined) return view
    const made = this.bytes.subarray(0, position)
    this.#views[position] = made
    return made
  }

  /** What was written, for good: the next message goes behind it. To allocate for each would cost more than to write it. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(this.#start, this.position)
    this.#start = this.position
    if (this.bytes.length - this.position < ROOM) this.#replace(SIZE)
    return taken
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
    this.ensure(length)
    if (length <= SHORT && this.#ascii(text)) return length
    let octets = 0
    for (let rest = text; rest !== ''; ) {
      const { read, written } = this.#encoder.encodeInto(rest, this.bytes.subarray(this.position))
      this.position += written
      octets += written
      rest = rest.slice(read)
      // Not all of it was ASCII. A character takes three octets for each of its units at most.
      if (rest !== '') this.ensure(rest.length * 3)
    }
    return octets
  }

  #ascii(text: string): boolean {
    const { bytes, position } = this
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) return false
      bytes[position + i] = code
    }
    this.position += text.length
    return true
  }
}
