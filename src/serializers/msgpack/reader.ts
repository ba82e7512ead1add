import { ProtocolError } from '../../errors.js'
import { EMPTY_DICT } from '../../messages/dictionaries.js'
import { isoTime } from '../binary/iso-time.js'
import { ValueReader, wrongKey } from '../binary/value-reader.js'

const TIMESTAMP = -1
/** Not in the specification: msgpackr writes `undefined` as an octet 0 of this type. */
const UNDEFINED = 0

/**
 * MessagePack to values, with nothing that is not in the specification: no records, no classes. The extension
 * "timestamp" becomes an ISO 8601 string, as a `Date` leaves; others become their octets.
 */
export class MsgpackReader extends ValueReader {
  openList(): number | undefined {
    if (this.bytes.length === 0) return undefined
    const kind = this.octet()
    if (kind >= 0x90 && kind < 0xa0) return kind & 0x0f
    if (kind === 0xdc) return this.uint16()
    return kind === 0xdd ? this.uint32() : undefined
  }

  headElement(): unknown {
    const kind = this.bytes[this.position] as number
    if (kind === 0x80) {
      this.position++
      return EMPTY_DICT
    }
    return (kind >= 0xa0 && kind < 0xc0) || kind === 0xd9 ? this.dictKey() : this.value(2)
  }

  value(depth: number): unknown {
    const kind = this.octet()
    if (kind < 0x80) return kind
    if (kind < 0x90) return this.dict(kind & 0x0f, depth)
    if (kind < 0xa0) return this.list(kind & 0x0f, depth)
    if (kind < 0xc0) return this.text(kind & 0x1f)
    if (kind >= 0xe0) return kind - 0x100
    return this.#long(kind, depth)
  }

  #long(kind: number, depth: number): unknown {
    switch (kind) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.binary(this.octet())
      case 0xc5:
        return this.binary(this.uint16())
      case 0xc6:
        return this.binary(this.uint32())
      case 0xc7:
        return this.#extension(this.octet())
      case 0xc8:
        return this.#extension(this.uint16())
      case 0xc9:
        return this.#extension(this.uint32())
      case 0xca:
        return this.float32()
      case 0xcb:
        return this.float64()
      case 0xcc:
        return this.octet()
      case 0xcd:
        return this.uint16()
      case 0xce:
        return this.uint32()
      case 0xcf:
        return this.integer64(this.uint32(), this.uint32())
      case 0xd0:
        return (this.octet() << 24) >> 24
      case 0xd1:
        return (this.uint16() << 16) >> 16
      case 0xd2:
        return this.int32()
      case 0xd3:
        return this.integer64(this.int32(), this.uint32())
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (kind - 0xd4))
      case 0xd9:
        return this.text(this.octet())
      case 0xda:
        return this.text(this.uint16())
      case 0xdb:
        return this.text(this.uint32())
      case 0xdc:
        return this.list(this.uint16(), depth)
      case 0xdd:
        return this.list(this.uint32(), depth)
      case 0xde:
        return this.dict(this.uint16(), depth)
      case 0xdf:
        return this.dict(this.uint32(), depth)
      default:
        throw new ProtocolError(`the octet 0x${kind.toString(16)} does not exist in MessagePack`)
    }
  }

  protected dictKey(): string {
    const { position } = this
    const kind = this.octet()
    if (kind >= 0xa0 && kind < 0xc0) return this.key(kind & 0x1f)
    if (kind === 0xd9) return this.key(this.octet())
    if (kind === 0xda) return this.text(this.uint16())
    if (kind === 0xdb) return this.text(this.uint32())
    this.position = position
    throw wrongKey(this.value(this.maxDepth))
  }

  #extension(length: number): unknown {
    const type = (this.octet() << 24) >> 24
    const { position } = this
    const octets = this.binary(length)
    if (type === UNDEFINED && length === 1 && octets[0] === 0) return null
    if (type !== TIMESTAMP) return octets
    this.position = position
    const time = this.#timestamp(length)
    this.position = position + length
    return time ?? octets
  }

  /** A timestamp in one of its three lengths. */
  #timestamp(length: number): string | undefined {
    if (length === 4) return isoTime(this.uint32())
    if (length !== 8 && length !== 12) return undefined
    const high = this.uint32()
    if (length === 8) return isoTime((high & 3) * 2 ** 32 + this.uint32(), high >>> 2)
    return isoTime(Number(this.integer64(this.int32(), this.uint32())), high)
  }
}
