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
  /** How several messages travel as one, where that is asked for: see `batched` of `wampkit/transports/batched`. */
  readonly batching?: Batching
}

/**
 * How the messages of a format are put together as a batch, and taken apart. Transports that have a name for it use it;
 * others send each message by itself.
 *
 * Spec: rfc/text/advanced/transport_batched_websocket.md, "Message Batching".
 */
export interface Batching {
  /** Octets that a message takes in a batch, besides its own. */
  readonly overhead: number
  /**
   * The messages of a batch, one after the other; those in front of something malformed come before the error.
   *
   * @throws ProtocolError if there is none in it, or it does not end where a message does.
   */
  split(batch: string | Uint8Array): Iterable<string | Uint8Array>
  /** One batch of all these messages: text if all of them are. */
  join(messages: readonly (string | Uint8Array)[]): string | Uint8Array
  /** Gathers what is said in a turn of the event loop; `write` gets it at the end of the turn, as one batch. */
  gather(write: (batch: string | Uint8Array) => void): Batch
}

/** What was said in this turn of the event loop. */
export interface Batch {
  /** Octets, or characters, that it holds. */
  readonly length: number
  /** @param limit octets that a batch may have: one that would become longer leaves before. */
  add(encoded: string | Uint8Array, limit: number): void
  /** Writes it now. */
  flush(): void
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

/**
 * The name of a serializer where a transport agrees on one: as a WebSocket subprotocol, and for long-poll.
 *
 * Spec: rfc/text/basic/building_blocks.md, "WebSocket Transport".
 */
export function subprotocolOf({ name, batching }: Pick<Serializer, 'name' | 'batching'>): string {
  return batching === undefined ? `wamp.2.${name}` : `wamp.2.${name}.batched`
}
