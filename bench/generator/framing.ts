/**
 * How messages are delimited: by WebSocket; by RawSocket; or by RawSocket's headers with no handshake before them, which is
 * what the bare TCP relay speaks.
 */
export type Framing = 'websocket' | 'rawsocket' | 'lengths'

/** What a frame is, whichever way it was framed. */
export const Kind = { message: 0, ping: 1, other: 2, close: 3 } as const

export type KindOfFrame = (typeof Kind)[keyof typeof Kind]

export function kindOfWebSocket(first: number): KindOfFrame {
  const opcode = first & 0x0f
  if (opcode === 1 || opcode === 2) return Kind.message
  if (opcode === 8) return Kind.close
  return opcode === 9 ? Kind.ping : Kind.other
}

export function kindOfRawSocket(first: number): KindOfFrame {
  const type = first & 0x07
  if (type === 0) return Kind.message
  return type === 1 ? Kind.ping : Kind.other
}

/** The longest header of either, mask included. */
export const LONGEST_HEADER = 14
