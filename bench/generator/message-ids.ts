/** The formats of messages that the generator speaks: those of WAMP, and that of socket.io. */
export type Format = 'json' | 'msgpack' | 'cbor' | 'socket.io'

/** What a message may have in front of its request id, and the id itself, in octets. */
const LONGEST_ID = 20

/**
 * Finds and writes the request ids of messages that are otherwise never read: `scan` leaves its answer in the fields, so
 * that nothing is allocated for a message.
 */
export abstract class MessageIds {
  /** The message code of what was scanned last. */
  code = 0
  /** Where its request id stands, and where that ends. */
  start = 0
  end = 0
  /** Where `write` has left an id. */
  readonly scratch = Buffer.alloc(LONGEST_ID)

  abstract scan(octets: Uint8Array, at: number): void
  /** The request id that was scanned last. */
  abstract value(octets: Uint8Array): number
  /** Writes an id into `scratch`. @returns where it ends. */
  abstract write(id: number): number
}

const isDigit = (octet: number | undefined): boolean => octet !== undefined && octet >= 0x30 && octet <= 0x39

/** Ids written in decimal digits. */
abstract class DecimalIds extends MessageIds {
  value(octets: Uint8Array): number {
    let value = 0
    for (let i = this.start; i < this.end; i++) value = value * 10 + (octets[i] as number) - 0x30
    return value
  }

  write(id: number): number {
    return this.scratch.write(String(id), 'latin1')
  }

  protected digitsAt(octets: Uint8Array, at: number): void {
    this.start = at
    while (isDigit(octets[at])) at++
    this.end = at
  }
}

/** `[CODE,ID,…` */
class JsonIds extends DecimalIds {
  scan(octets: Uint8Array, at: number): void {
    let code = 0
    for (at++; isDigit(octets[at]); at++) code = code * 10 + (octets[at] as number) - 0x30
    this.code = code
    this.digitsAt(octets, at + 1)
  }
}

/** `42ID["event",…` and `43ID[…`: the two digits, which are an event and its acknowledgement, are taken for the code. */
class SocketIoIds extends DecimalIds {
  scan(octets: Uint8Array, at: number): void {
    this.code = ((octets[at] as number) - 0x30) * 10 + (octets[at + 1] as number) - 0x30
    this.digitsAt(octets, at + 2)
  }
}

/** Ids written as big-endian integers behind an octet that tells their length. */
abstract class BinaryIds extends MessageIds {
  value(octets: Uint8Array): number {
    if (this.end - this.start === 1) return this.smallValue(octets[this.start] as number)
    let value = 0
    for (let i = this.start + 1; i < this.end; i++) value = value * 256 + (octets[i] as number)
    return value
  }

  protected abstract smallValue(octet: number): number

  protected writeWide(id: number, tagOf2: number, tagOf4: number): number {
    if (id > 0xffff) {
      this.scratch[0] = tagOf4
      return this.scratch.writeUInt32BE(id, 1)
    }
    this.scratch[0] = tagOf2
    return this.scratch.writeUInt16BE(id, 1)
  }
}

function msgpackLength(tag: number): number {
  if (tag < 0x80 || tag >= 0xe0) return 1
  if (tag === 0xcc || tag === 0xd0) return 2
  if (tag === 0xcd || tag === 0xd1) return 3
  return tag === 0xce || tag === 0xd2 ? 5 : 9
}

class MsgpackIds extends BinaryIds {
  scan(octets: Uint8Array, at: number): void {
    this.code = octets[at + 1] as number
    this.start = at + 2
    this.end = this.start + msgpackLength(octets[this.start] as number)
  }

  write(id: number): number {
    if (id >= 0x80) return this.writeWide(id, 0xcd, 0xce)
    this.scratch[0] = id
    return 1
  }

  protected smallValue(octet: number): number {
    return octet
  }
}

function cborLength(tag: number): number {
  const size = tag & 0x1f
  return size < 24 ? 1 : 1 + 2 ** (size - 24)
}

class CborIds extends BinaryIds {
  scan(octets: Uint8Array, at: number): void {
    const length = cborLength(octets[at + 1] as number)
    this.code = length === 1 ? (octets[at + 1] as number) & 0x1f : (octets[at + 2] as number)
    this.start = at + 1 + length
    this.end = this.start + cborLength(octets[this.start] as number)
  }

  write(id: number): number {
    if (id >= 24) return this.writeWide(id, 0x19, 0x1a)
    this.scratch[0] = id
    return 1
  }

  protected smallValue(octet: number): number {
    return octet & 0x1f
  }
}

export function messageIds(format: Format): MessageIds {
  if (format === 'json') return new JsonIds()
  if (format === 'msgpack') return new MsgpackIds()
  return format === 'cbor' ? new CborIds() : new SocketIoIds()
}
