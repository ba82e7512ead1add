import { Skipper } from '../binary/skipper.js'

/** Skips MessagePack. */
export class MsgpackSkipper extends Skipper {
  value(p: number, depth: number): number {
    if (p >= this.bytes.length) return -1
    const kind = this.bytes[p++] as number
    if (kind < 0x80 || kind >= 0xe0) return p
    if (kind < 0x90) return this.entries(p, kind & 0x0f, depth)
    if (kind < 0xa0) return this.items(p, kind & 0x0f, depth)
    if (kind < 0xc0) return this.text(p, kind & 0x1f)
    return this.#long(p, kind, depth)
  }

  #long(p: number, kind: number, depth: number): number {
    switch (kind) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return p
      case 0xc4: // bin 8, 16, 32
        return this.octets(p + 1, this.uint8(p))
      case 0xc5:
        return this.octets(p + 2, this.uint16(p))
      case 0xc6:
        return this.octets(p + 4, this.uint32(p))
      case 0xc7: // ext 8, 16, 32: an octet for the type, too
        return this.octets(p + 2, this.uint8(p))
      case 0xc8:
        return this.octets(p + 3, this.uint16(p))
      case 0xc9:
        return this.octets(p + 5, this.uint32(p))
      case 0xcc: // uint 8, int 8
      case 0xd0:
        return this.octets(p, 1)
      case 0xcd: // uint 16, int 16
      case 0xd1:
        return this.octets(p, 2)
      case 0xca: // float 32, uint 32, int 32
      case 0xce:
      case 0xd2:
        return this.octets(p, 4)
      case 0xcb: // float 64, uint 64, int 64
      case 0xcf:
      case 0xd3:
        return this.octets(p, 8)
      case 0xd4: // fixext 1, 2, 4, 8, 16
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.octets(p + 1, 1 << (kind - 0xd4))
      case 0xd9: // str 8, 16, 32
        return this.text(p + 1, this.uint8(p))
      case 0xda:
        return this.text(p + 2, this.uint16(p))
      case 0xdb:
        return this.text(p + 4, this.uint32(p))
      case 0xdc: // array 16, 32
        return this.items(p + 2, this.uint16(p), depth)
      case 0xdd:
        return this.items(p + 4, this.uint32(p), depth)
      case 0xde: // map 16, 32
        return this.entries(p + 2, this.uint16(p), depth)
      case 0xdf:
        return this.entries(p + 4, this.uint32(p), depth)
      default:
        return -1
    }
  }

  list(p: number, depth: number): number {
    const kind = this.bytes[p] as number
    return (kind >= 0x90 && kind < 0xa0) || kind === 0xdc || kind === 0xdd ? this.value(p, depth) : -1
  }

  dict(p: number, depth: number): number {
    const kind = this.bytes[p] as number
    return (kind >= 0x80 && kind < 0x90) || kind === 0xde || kind === 0xdf ? this.value(p, depth) : -1
  }

  protected key(p: number): number {
    const kind = this.bytes[p] as number
    return (kind >= 0xa0 && kind < 0xc0) || (kind >= 0xd9 && kind <= 0xdb) ? this.value(p, 0) : -1
  }
}
