/** WebSocket by hand: frames as a client should send them, and as it should not. Spec: RFC 6455, section 5.2. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** How the length of a frame's payload is written: in as few octets as it takes, or in more. */
export type LengthForm = 'shortest' | 16 | 64

export interface Frame {
  readonly fin: boolean
  /** The three reserved bits. */
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  readonly payload: Uint8Array
  readonly form: LengthForm
  /** What the header says of the length, if it does not say the truth. */
  readonly declared?: bigint | undefined
}

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

export function frame(opcode: number, payload: Uint8Array, fin = true): Frame {
  return { fin, rsv: 0, opcode, masked: true, payload, form: 'shortest' }
}

export function writeFrame({ fin, rsv, opcode, masked, payload, form, declared }: Frame): Buffer {
  const length = declared ?? BigInt(payload.length)
  const octets = form === 64 || length > 0xffffn ? 8 : form === 16 || length > 125n ? 2 : 0
  const header = Buffer.alloc(2 + octets)
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  header[1] = (masked ? 0x80 : 0) | (octets === 8 ? 127 : octets === 2 ? 126 : Number(length))
  if (octets === 2) header.writeUInt16BE(Number(length), 2)
  else if (octets === 8) header.writeBigUInt64BE(length, 2)
  if (!masked) return Buffer.concat([header, payload])
  return Buffer.concat([header, MASK, payload.map((octet, at) => octet ^ (MASK[at % 4] as number))])
}

export interface ReceivedFrame {
  readonly opcode: number
  readonly payload: Buffer
  /** Octets of the whole frame. */
  readonly size: number
}

/**
 * The first frame in `buffer`, as a server sends them; undefined if it is not all there yet.
 *
 * @throws Error if no server may send this.
 */
export function readFrame(buffer: Buffer): ReceivedFrame | undefined {
  if (buffer.length < 2) return undefined
  const [first = 0, second = 0] = buffer
  if ((first & 0xf0) !== 0x80) throw new Error(`a frame of the router begins with 0x${first.toString(16)}`)
  if (second > 127) throw new Error('a frame of the router is masked')
  const octets = second === 127 ? 8 : second === 126 ? 2 : 0
  if (buffer.length < 2 + octets) return undefined
  const length =
    octets === 8 ? Number(buffer.readBigUInt64BE(2)) : octets === 2 ? buffer.readUInt16BE(2) : second
  const size = 2 + octets + length
  if (buffer.length < size) return undefined
  return { opcode: first & 0x0f, payload: buffer.subarray(2 + octets, size), size }
}
