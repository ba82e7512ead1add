import { Buffer } from 'node:buffer'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const ZERO = 0x30
const LIST = 0x5b
const LIST_END = 0x5d
const DICT = 0x7b
const DICT_END = 0x7d
const LETTER_D = 0x64
const LETTER_E = 0x65
const LETTER_F = 0x66
const LETTER_U = 0x75

/**
 * Where a string becomes long. The scanner reads an octet in 1.2 ns; the platform's own search, copy and `JSON.parse`
 * cost 480 ns and then 0.37 ns per octet. How long a string is shows only at its end, so the loop stops after as much
 * time as the platform's way costs to begin (Node 20; 64 KiB in one string take 28 µs in place of 75).
 */
const LONG = 400
const UNDECIDED = 0
/** No number of fewer digits is too large for a double. */
const MOST_DIGITS = 308
/** The length of `\u0000`. */
const NUL_LENGTH = 6

/**
 * Walks over JSON text in UTF-8 and says whether it is well-formed, without making values of it. For lists and
 * dictionaries of any size that takes less than half the time of `JSON.parse` (64 KiB of records: 110 µs, 245 µs).
 *
 * It judges as `JSON.parse` does, RFC 8259, with two questions left to the one who asked: are the octets valid UTF-8
 * (unless `isAscii`), and is that Base64 which stands in strings that begin with `\0` (if `hasBinary`)?
 */
export class JsonScanner {
  readonly #maxDepth: number
  #bytes: Buffer = Buffer.alloc(0)
  #end = 0
  #bits = 0
  /** Did a string among the values begin with `\0`? */
  hasBinary = false
  /** Did the scan stop because lists and dictionaries nest too deep? */
  isTooDeep = false
  /** Do the octets of the last string stand for themselves: no escapes, all ASCII? */
  isLiteral = false

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth
  }

  /** Begins with another text. */
  start(bytes: Buffer): void {
    this.#bytes = bytes
    this.#end = bytes.length
    this.#bits = 0
    this.hasBinary = false
    this.isTooDeep = false
  }

  /** Was all that was scanned ASCII? */
  get isAscii(): boolean {
    return this.#bits < 0x80
  }

  /** The first position from `p` on that holds no white space. */
  space(p: number): number {
    const bytes = this.#bytes
    while (p < this.#end) {
      const octet = bytes[p] as number
      if (octet > 0x20 || (octet !== 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09)) break
      p++
    }
    return p
  }

  /** The position behind the value that begins at `p` and stands at `depth`, or -1 if it is not well-formed. */
  value(p: number, depth: number): number {
    if (p >= this.#end) return -1
    const octet = this.#bytes[p] as number
    switch (octet) {
      case QUOTE:
        if (this.#bytes[p + 1] !== BACKSLASH || !this.#beginsWithNul(p + 1)) return this.string(p)
        this.hasBinary = true
        return this.string(p + NUL_LENGTH)
      case LIST:
        return this.#enters(depth) ? this.#list(p + 1, depth) : -1
      case DICT:
        return this.#enters(depth) ? this.#dict(p + 1, depth) : -1
      case 0x74:
        return this.#letters(p + 1, 0x72, 0x75, 0x65) // true
      case LETTER_F:
        return this.#bytes[p + 1] === 0x61 ? this.#letters(p + 2, 0x6c, 0x73, 0x65) : -1 // false
      case 0x6e:
        return this.#letters(p + 1, 0x75, 0x6c, 0x6c) // null
      default:
        return this.#number(p)
    }
  }

  #enters(depth: number): boolean {
    if (depth <= this.#maxDepth) return true
    this.isTooDeep = true
    return false
  }

  #list(p: number, depth: number): number {
    const bytes = this.#bytes
    p = this.space(p)
    if (bytes[p] === LIST_END) return p + 1
    for (;;) {
      p = this.value(p, depth + 1)
      if (p < 0) return -1
      p = this.space(p)
      const octet = bytes[p]
      if (octet === LIST_END) return p + 1
      if (octet !== COMMA) return -1
      p = this.space(p + 1)
    }
  }

  #dict(p: number, depth: number): number {
    const bytes = this.#bytes
    p = this.space(p)
    if (bytes[p] === DICT_END) return p + 1
    for (;;) {
      if (bytes[p] !== QUOTE) return -1
      p = this.string(p)
      if (p < 0) return -1
      p = this.space(p)
      if (bytes[p] !== COLON) return -1
      p = this.value(this.space(p + 1), depth + 1)
      if (p < 0) return -1
      p = this.space(p)
      const octet = bytes[p]
      if (octet === DICT_END) return p + 1
      if (octet !== COMMA) return -1
      p = this.space(p + 1)
    }
  }

  /** The position behind the string whose first quote is at `p`, or -1. */
  string(p: number): number {
    const bytes = this.#bytes
    const far = p + LONG
    let bits = 0
    let escapes = false
    for (p++; p < this.#end; p++) {
      const octet = bytes[p] as number
      if (octet === QUOTE) {
        this.#bits |= bits
        this.isLiteral = !escapes && bits < 0x80
        return p + 1
      }
      if (octet < 0x20) return -1
      bits |= octet
      if (octet === BACKSLASH) {
        escapes = true
        p = this.#escape(p + 1) - 1
        if (p < 0) return -1
      } else if (p === far && !escapes) {
        const end = this.#longString(p)
        if (end !== UNDECIDED) return end
      }
    }
    return -1
  }

  /** The position behind a string that goes on at `p`, or -1, or UNDECIDED if there are escapes in it. */
  #longString(p: number): number {
    const end = this.#bytes.indexOf(QUOTE, p)
    if (end === -1) return -1
    // Every octet as a character of its own: quotes, backslashes and control characters look no different.
    const text = this.#bytes.toString('latin1', p, end)
    if (text.includes('\\')) return UNDECIDED
    this.#bits = 0xff
    this.isLiteral = false
    return isJson(`"${text}"`) ? end + 1 : -1
  }

  /** The position behind the escape whose backslash is before `p`, or -1. */
  #escape(p: number): number {
    const bytes = this.#bytes
    switch (bytes[p]) {
      case QUOTE:
      case BACKSLASH:
      case 0x2f: // /
      case 0x62: // b
      case LETTER_F:
      case 0x6e: // n
      case 0x72: // r
      case 0x74: // t
        return p + 1
      case LETTER_U:
        return this.#unicode(p + 1)
      default:
        return -1
    }
  }

  /** The position behind the four digits of a `\u` at `p`, and behind its partner's if it is half a character. */
  #unicode(p: number): number {
    const unit = this.#hex(p)
    if (unit < 0) return -1
    if (unit < 0xd800 || unit > 0xdfff) return p + 4
    const bytes = this.#bytes
    if (unit < 0xdc00 && bytes[p + 4] === BACKSLASH && bytes[p + 5] === LETTER_U) {
      const low = this.#hex(p + 6)
      if (low >= 0xdc00 && low <= 0xdfff) return p + 10
    }
    // Half a character: mended in place, see surrogates.ts.
    bytes[p] = bytes[p + 1] = bytes[p + 2] = LETTER_F
    bytes[p + 3] = LETTER_D
    return p + 4
  }

  #hex(p: number): number {
    if (p + 4 > this.#end) return -1
    let unit = 0
    for (const end = p + 4; p < end; p++) {
      const octet = this.#bytes[p] as number
      const letter = octet | 0x20
      if (octet >= ZERO && octet <= 0x39) unit = (unit << 4) | (octet - ZERO)
      else if (letter >= 0x61 && letter <= LETTER_F) unit = (unit << 4) | (letter - 0x57)
      else return -1
    }
    return unit
  }

  #beginsWithNul(p: number): boolean {
    return this.#bytes[p + 1] === LETTER_U && this.#hex(p + 2) === 0
  }

  #number(p: number): number {
    const bytes = this.#bytes
    const start = p
    if (bytes[p] === 0x2d) p++
    if (bytes[p] === ZERO) p++
    else {
      p = this.#digits(p)
      if (p < 0) return -1
    }
    if (bytes[p] === 0x2e) {
      p = this.#digits(p + 1)
      if (p < 0) return -1
    }
    if (p < this.#end && ((bytes[p] as number) | 0x20) === LETTER_E) {
      const sign = bytes[p + 1]
      p = this.#digits(sign === 0x2b || sign === 0x2d ? p + 2 : p + 1)
      return p < 0 || this.#isFinite(start, p) ? p : -1
    }
    return p - start < MOST_DIGITS || this.#isFinite(start, p) ? p : -1
  }

  #isFinite(start: number, end: number): boolean {
    return Number.isFinite(Number(this.#bytes.toString('latin1', start, end)))
  }

  /** The position behind one or more digits, or -1. */
  #digits(p: number): number {
    const bytes = this.#bytes
    const start = p
    while (p < this.#end && (bytes[p] as number) >= ZERO && (bytes[p] as number) <= 0x39) p++
    return p > start ? p : -1
  }

  /** The position behind three letters at `p`, or -1 if they are others. */
  #letters(p: number, first: number, second: number, third: number): number {
    const bytes = this.#bytes
    return bytes[p] === first && bytes[p + 1] === second && bytes[p + 2] === third ? p + 3 : -1
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
