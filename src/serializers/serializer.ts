import type { Message } from '../messages/message.js'
import type { Payload } from '../messages/payload.js'

/** The serializations of the spec that this package speaks. */
export type SerializerName = 'json' | 'msgpack' | 'cbor'

/**
 * How messages are written and read. One instance serves any number of transports.
 *
 * Spec: rfc/text/basic/building_blocks.md, "Serializers".
 */
export interface Serializer {
  readonly name: SerializerName
  /** Does it write octets (binary frames) or text (text frames)? */
  readonly binary: boolean
  /**
   * @throws UsageError if the message holds something that this format cannot carry.
   */
  encode(message: Message): string | Uint8Array
  /**
   * Reads one message.
   *
   * @throws ProtocolError if `data` is not one well-formed, valid message within the limits.
   */
  decode(data: string | Uint8Array): Message
}

/**
 * An encoded message in two pieces, to be written one after the other. The object and its `head` are valid until the
 * serializer's next call, so the caller copies the head; `tail` may be kept, but must not be changed.
 */
export interface EncodedParts {
  head: Uint8Array
  /** The payload, where it is long enough to be worth not copying; otherwise it is part of `head`. */
  tail: Uint8Array | undefined
}

/**
 * The serializer of a peer that passes messages on: `decode` reads the head of a message only, and checks that the
 * payload behind it is well-formed without decoding it. Such a payload is written again as it came, octet for octet,
 * if the format is the same.
 */
export interface RelaySerializer extends Serializer {
  /** The message as one piece of its own. */
  encode(message: Message): Uint8Array
  /** The message in pieces, without a copy of a long payload. */
  encodeParts(message: Message): EncodedParts
  /** The payload that an encoded one was, once it has been kept somewhere: `bytes` are not checked again. */
  restore(count: 1 | 2, bytes: Uint8Array): Payload
}

export interface SerializerOptions {
  /** How deep lists and dictionaries of a message may nest; 128 by default. The message itself is the first level. */
  maxDepth?: number
}

export const DEFAULT_MAX_DEPTH = 128

/** The WebSocket subprotocol of a serializer. Spec: rfc/text/basic/building_blocks.md, "WebSocket Transport". */
export function subprotocolOf(serializer: Pick<Serializer, 'name'>): string {
  return `wamp.2.${serializer.name}`
}
