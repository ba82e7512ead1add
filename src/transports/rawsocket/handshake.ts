import type { Serializer, SerializerName } from '../../serializers/serializer.js'

/** With this octet the handshake begins, and no HTTP request and no TLS record does. */
export const MAGIC = 0x7f
/** Octets of the handshake, each way. */
export const HANDSHAKE_LENGTH = 4

/** The longest message that a handshake can ask for, and a frame can hold, in octets. */
export const LONGEST_MESSAGE = 2 ** 24

const SHORTEST_LIMIT = 2 ** 9

const SERIALIZER_IDS: Readonly<Record<SerializerName, number>> = { json: 1, msgpack: 2, cbor: 3 }

/** Why a router refuses a connection, as it is said in the handshake. */
export const REFUSAL = {
  serializerUnsupported: 1,
  lengthUnacceptable: 2,
  reservedBits: 3,
  tooManyConnections: 4,
} as const

export type RefusalCode = (typeof REFUSAL)[keyof typeof REFUSAL]

const REFUSALS: Readonly<Record<number, string>> = {
  1: 'serializer unsupported',
  2: 'maximum message length unacceptable',
  3: 'use of reserved bits (unsupported feature)',
  4: 'maximum connection count reached',
}

/** What four octets say, from either end. */
export interface Handshake {
  readonly serializerId: number
  /** Octets of the longest message that their sender takes. */
  readonly limit: number
  /** Are bits set that nobody knows the meaning of? */
  readonly hasReservedBits: boolean
}

/** The id of a serializer. Spec: rfc/text/advanced/transport_rawsocket.md, "Handshake". */
export function serializerIdOf({ name }: Pick<Serializer, 'name'>): number {
  return SERIALIZER_IDS[name]
}

/** The longest length that can be announced by one who takes `octets`; 512 by one who takes less. */
export function announceable(octets: number): number {
  return 2 ** (lengthCode(octets) + 9)
}

/** A request of a client, or the answer that accepts it: what its sender speaks, and how much it takes. */
export function writeHandshake(serializer: Pick<Serializer, 'name'>, maxMessageSize: number): Buffer {
  return Buffer.of(MAGIC, (lengthCode(maxMessageSize) << 4) | serializerIdOf(serializer), 0, 0)
}

/** The answer that refuses a client. */
export function writeRefusal(code: RefusalCode): Buffer {
  return Buffer.of(MAGIC, code << 4, 0, 0)
}

/** Reads four octets that begin with `MAGIC`. */
export function readHandshake(octets: Uint8Array): Handshake {
  const [, second = 0, third, fourth] = octets
  return {
    serializerId: second & 0x0f,
    limit: SHORTEST_LIMIT * 2 ** (second >> 4),
    hasReservedBits: third !== 0 || fourth !== 0,
  }
}

/** The code of the error that an answer tells, if it refuses. */
export function refusalIn(answer: Uint8Array): number | undefined {
  const [, second = 0] = answer
  return (second & 0x0f) === 0 ? second >> 4 : undefined
}

/** A refusal in words. */
export function describeRefusal(code: number): string {
  return REFUSALS[code] ?? `error ${code}, which the specification does not know`
}

function lengthCode(octets: number): number {
  const bounded = Math.min(Math.max(octets, SHORTEST_LIMIT), LONGEST_MESSAGE)
  return Math.floor(Math.log2(bounded)) - 9
}
