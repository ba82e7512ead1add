import { ValueWriter } from '../binary/value-writer.js'

const UNSIGNED = 0x00
const NEGATIVE = 0x20
const BINARY = 0x40
const TEXT = 0x60
const LIST = 0x80
const DICT = 0xa0
const POSITIVE_BIGNUM = 0xc2
const NEGATIVE_BIGNUM = 0xc3
const TWO_32 = 2 ** 32

/** Values to CBOR: definite lengths, every integer in its shortest form. */
export class CborWriter extends ValueWriter {
  protected readonly nullOctet = 0xf6
  protected readonly trueOctet = 0xf5
  protected readonly falseOctet = 0xf4
  readonly #double = new DataView(new ArrayBuffer(8))

  integer(integer: number): void {
    if (integer >= 0) this.#head(UNSIGNED, integer)
    else this.#head(NEGATIVE, -1 - integer)
  }

  protected bigint(integer: bigint): void {
    const magnitude = integer < 0n ? -1n - integer : integer
    if (BigInt.asUintN(64, magnitude) !== magnitude) {
      this.#bignum(integer < 0n ? NEGATIVE_BIGNUM : POSITIVE_BIGNUM, magnitude)
      return
    }
    this.bytes[this.position++] = (integer < 0n ? NEGATIVE : UNSIGNED) | 27
    this.#word(Number(magnitude >> 32n))
    this.#word(Number(BigInt.asUintN(32, magnitude)))
  }

  /** RFC 8949, section 3.4.3. */
  #bignum(tag: number, magnitude: bigint): void {
    const hex = magnitude.toString(16)
    const digits = hex.padStart(hex.length + (hex.length % 2), '0')
    this.bytes[this.position++] = tag
    const octets = Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
      Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16),
    )
    this.octets(octets)
  }

  protected float(number: number): void {
    this.#double.setFloat64(0, number)
    this.bytes[this.position++] = 0xfb
    this.#word(this.#double.getUint32(0))
    this.#word(this.#double.getUint32(4))
  }

  protected textHeadLength(length: number): number {
    if (length < 24) return 1
    if (length < 0x100) return 2
    return length < 0x10000 ? 3 : 5
  }

  protected textHead(length: number): void {
    this.#head(TEXT, length)
  }

  protected binaryHead(length: number): void {
    this.#head(BINARY, length)
  }

  listHead(length: number): void {
    this.#head(LIST, length)
  }

  protected dictHead(length: number): void {
    this.#head(DICT, length)
  }

  /** A kind of value and its integer, in as few octets as hold it. */
  #head(kind: number, integer: number): void {
    const { bytes } = this
    if (integer < 24) bytes[this.position++] = kind | integer
    else if (integer < 0x100) {
      bytes[this.position++] = kind | 24
      bytes[this.position++] = integer
    } else if (integer < 0x10000) {
      bytes[this.position++] = kind | 25
      bytes[this.position++] = integer >> 8
      bytes[this.position++] = integer
    } else if (integer < TWO_32) {
      bytes[this.position++] = kind | 26
      this.#word(integer)
    } else {
      bytes[this.position++] = kind | 27
      this.#word(Math.floor(integer / TWO_32))
      this.#word(integer >>> 0)
    }
  }

  /** Writes 32 bits. */
  #word(word: number): void {
    const { bytes } = this
    bytes[this.position++] = word >>> 24
    bytes[this.position++] = word >>> 16
    bytes[this.position++] = word >>> 8
    bytes[this.position++] = word
  }
}
