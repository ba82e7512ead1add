import { ValueWriter } from '../binary/value-writer.js'

const TWO_32 = 2 ** 32

/** Values to MessagePack; every integer in its shortest form. */
export class MsgpackWriter extends ValueWriter {
  protected readonly nullOctet = 0xc0
  protected readonly trueOctet = 0xc3
  protected readonly falseOctet = 0xc2
  readonly #double = new DataView(new ArrayBuffer(8))

  integer(integer: number): void {
    if (integer >= 0) {
      if (integer < 0x80) this.bytes[this.position++] = integer
      else if (integer < 0x100) this.#head8(0xcc, integer)
      else if (integer < 0x10000) this.#head16(0xcd, integer)
      else if (integer < TWO_32) this.#head32(0xce, integer)
      else this.#head64(0xcf, Math.floor(integer / TWO_32), integer)
    } else if (integer >= -0x20) this.bytes[this.position++] = integer
    else if (integer >= -0x80) this.#head8(0xd0, integer)
    else if (integer >= -0x8000) this.#head16(0xd1, integer)
    else if (integer >= -0x80000000) this.#head32(0xd2, integer)
    else this.#head64(0xd3, Math.floor(integer / TWO_32), integer)
  }

  protected bigint(integer: bigint, depth: number): void {
    const signed = BigInt.asIntN(64, integer) === integer
    if (!signed && BigInt.asUintN(64, integer) !== integer)
      throw this.place.error(depth, 'is an integer of more than 64 bits, which MessagePack does not have')
    this.#head64(
      integer < 0n ? 0xd3 : 0xcf,
      Number(BigInt.asIntN(32, integer >> 32n)),
      Number(BigInt.asUintN(32, integer)),
    )
  }

  protected float(number: number): void {
    this.#double.setFloat64(0, number)
    this.#head64(0xcb, this.#double.getInt32(0), this.#double.getInt32(4))
  }

  protected textHeadLength(length: number): number {
    if (length < 0x20) return 1
    if (length < 0x100) return 2
    return length < 0x10000 ? 3 : 5
  }

  protected textHead(length: number): void {
    if (length < 0x20) this.bytes[this.position++] = 0xa0 | length
    else if (length < 0x100) this.#head8(0xd9, length)
    else if (length < 0x10000) this.#head16(0xda, length)
    else this.#head32(0xdb, length)
  }

  protected binaryHead(length: number): void {
    if (length < 0x100) this.#head8(0xc4, length)
    else if (length < 0x10000) this.#head16(0xc5, length)
    else this.#head32(0xc6, length)
  }

  listHead(length: number): void {
    if (length < 0x10) this.bytes[this.position++] = 0x90 | length
    else if (length < 0x10000) this.#head16(0xdc, length)
    else this.#head32(0xdd, length)
  }

  protected dictHead(length: number): void {
    if (length < 0x10) this.bytes[this.position++] = 0x80 | length
    else if (length < 0x10000) this.#head16(0xde, length)
    else this.#head32(0xdf, length)
  }

  #head8(kind: number, value: number): void {
    const { bytes } = this
    bytes[this.position++] = kind
    bytes[this.position++] = value
  }

  #head16(kind: number, value: number): void {
    const { bytes } = this
    bytes[this.position++] = kind
    bytes[this.position++] = value >> 8
    bytes[this.position++] = value
  }

  #head32(kind: number, value: number): void {
    this.bytes[this.position++] = kind
    this.#word(value)
  }

  #head64(kind: number, high: number, low: number): void {
    this.bytes[this.position++] = kind
    this.#word(high)
    this.#word(low)
  }

  /** Writes the last 32 bits of an integer. */
  #word(value: number): void {
    const { bytes } = this
    const word = value >>> 0
    bytes[this.position++] = word >>> 24
    bytes[this.position++] = word >>> 16
    bytes[this.position++] = word >>> 8
    bytes[this.position++] = word
  }
}
