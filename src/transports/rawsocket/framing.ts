import type { Framing } from '../output/framer.js'
import { LONGEST_MESSAGE } from './handshake.js'

/** Octets in front of each message. */
export const HEADER_LENGTH = 4

/** What a frame holds. Spec: rfc/text/advanced/transport_rawsocket.md, "Framing". */
export const FrameType = { message: 0, ping: 1, pong: 2 } as const

/** The bit that says that the payload has exactly 2^24 octets, for which 24 bits are one too few. */
export const LONGEST_BIT = 0x08

/** Writes the header of a frame with `length` octets of payload, 2^24 at most. */
export function writeHeader(target: Uint8Array, at: number, type: number, length: number): void {
  target[at] = length === LONGEST_MESSAGE ? type | LONGEST_BIT : type
  target[at + 1] = length >>> 16
  target[at + 2] = length >>> 8
  target[at + 3] = length
}

/** The frames of messages, as both ends send them. */
export const rawSocketFraming: Framing = {
  headerLength: () => HEADER_LENGTH,
  writeHeader: (target, at, length) => writeHeader(target, at, FrameType.message, length),
}

/** A frame in one piece. */
export function frameOf(type: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_LENGTH + payload.length)
  writeHeader(frame, 0, type, payload.length)
  frame.set(payload, HEADER_LENGTH)
  return frame
}
