import type { Message } from '../../messages/message.js'
import type { Batching, Serializer, SerializerName } from '../../serializers/serializer.js'
import { lengthPrefixed } from './length-prefixed.js'
import { recordSeparated } from './record-separated.js'

/** A serializer of which messages are written and read in batches. */
export interface BatchedSerializer extends Serializer {
  readonly batching: Batching
}

/**
 * The same serializer, over WebSocket with the subprotocol `wamp.2.json.batched` (`.msgpack`, `.cbor`): what is said in
 * one turn of the event loop leaves as one WebSocket message. Name it before the plain one, for routers that do not know
 * batches:
 *
 *     serializers: [batched(json()), json()]
 *
 * Spec: rfc/text/advanced/transport_batched_websocket.md, "Message Batching". The section does not describe CBOR; as all
 * implementations do, it is treated like MessagePack.
 */
export function batched(serializer: Serializer): BatchedSerializer {
  return new Batched(serializer)
}

class Batched implements BatchedSerializer {
  readonly name: SerializerName
  readonly binary: boolean
  readonly batching: Batching

  constructor(private readonly serializer: Serializer) {
    this.name = serializer.name
    this.binary = serializer.binary
    this.batching = serializer.binary ? lengthPrefixed : recordSeparated
  }

  encode(message: Message): string | Uint8Array {
    return this.serializer.encode(message)
  }

  decode(data: string | Uint8Array): Message {
    return this.serializer.decode(data)
  }
}
