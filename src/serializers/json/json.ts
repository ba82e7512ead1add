import { ProtocolError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import { show } from '../../messages/show.js'
import { fromWire } from '../../messages/wire.js'
import { DEFAULT_MAX_DEPTH, type Serializer, type SerializerOptions } from '../serializer.js'
import { JsonReader } from './reader.js'
import { JsonWriter } from './writer.js'

/**
 * Messages as JSON text. Binary travels as a string, `\0` and then Base64. An integer that a double cannot hold is a
 * BigInt on this side and an integer on the other.
 *
 * Spec: rfc/text/basic/building_blocks.md, "Serializers", and rfc/text/advanced/serialization_binary_json.md.
 */
export class JsonSerializer implements Serializer {
  readonly name = 'json'
  readonly binary = false
  readonly #reader: JsonReader
  readonly #writer: JsonWriter
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  constructor(options: SerializerOptions = {}) {
    const { maxDepth = DEFAULT_MAX_DEPTH } = options
    this.#reader = new JsonReader(maxDepth)
    this.#writer = new JsonWriter(maxDepth)
  }

  encode(message: Message): string {
    const list = message.head()
    if ('payload' in message) list.push(...message.payload.toWire())
    return this.#writer.list(message.code, list)
  }

  decode(data: string | Uint8Array): Message {
    return fromWire(this.#reader.read(typeof data === 'string' ? data : this.#text(data)))
  }

  #text(data: unknown): string {
    if (!ArrayBuffer.isView(data)) throw new ProtocolError(`a JSON message must be text, not ${show(data)}`)
    try {
      return this.#utf8.decode(data)
    } catch (cause) {
      throw new ProtocolError('the message is not UTF-8', { cause })
    }
  }
}

/** The serializer `wamp.2.json`, for clients. */
export function json(options?: SerializerOptions): Serializer {
  return new JsonSerializer(options)
}
