/** RawSocket by hand: frames as a client should send them, and as it should not. Spec: rfc/text/advanced/transport_rawsocket.md. */

export const RAW_TYPE = { message: 0, ping: 1, pong: 2 } as const

export interface RawFrame {
  /** The first octet: reserved bits, the bit for 2^24, type. */
  readonly first: number
  readonly payload: Uint8Array
  /** What the header says of the length, if it does not say the truth. */
  readonly declared?: number | undefined
}

const IDS = { json: 1, msgpack: 2, cbor: 3 } as const

/** Octets that ask for a format, and take 16 MiB. */
export function greeting(format: keyof typeof IDS): Buffer {
  return Buffer.of(0x7f, 0xf0 | IDS[format], 0, 0)
}

/** What an answer to a greeting says. @throws Error if no router may say it. */
export function readAnswer(answer: Buffer): { format: keyof typeof IDS } | { refusal: number } {
  const [magic, second = 0, third, fourth] = answer
  const [format] = Object.entries(IDS).find(([, id]) => id === (second & 0x0f)) ?? []
  const isFine = magic === 0x7f && third === 0 && fourth === 0
  if (isFine && (second & 0x0f) === 0 && second >> 4 <= 4) return { refusal: second >> 4 }
  if (!isFine || format === undefined) throw new Error(`the router answered ${answer.toString('hex')}`)
  return { format: format as keyof typeof IDS }
}

export function rawFrame(first: number, payload: Uint8Array): RawFrame {
  return { first, payload }
}

export function writeRawFrame({ first, payload, declared }: RawFrame): Buffer {
  const header = Buffer.alloc(4)
  header[0] = first
  header.writeUIntBE(declared ?? payload.length, 1, 3)
  return Buffer.concat([header, payload])
}

/**
 * The first frame in `buffer`, as a router sends them; undefined if it is not all there yet.
 *
 * @throws Error if no router may send this.
 */
export function readRawFrame(buffer: Buffer): { type: number; payload: Buffer; size: number } | undefined {
  if (buffer.length < 4) return undefined
  const [first = 0] = buffer
  // No message of the router is as long as the bit for 2^24 says.
  if (first > RAW_TYPE.pong) throw new Error(`a frame of the router begins with 0x${first.toString(16)}`)
  const size = 4 + buffer.readUIntBE(1, 3)
  if (buffer.length < size) return undefined
  return { type: first, payload: buffer.subarray(4, size), size }
}
