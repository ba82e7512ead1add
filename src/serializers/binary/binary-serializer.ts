import { ProtocolError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import { show } from '../../messages/show.js'
import { fromWire } from '../../messages/wire.js'
import type { Serializer, SerializerName } from '../serializer.js'
import type { ValueReader } from './value-reader.js'
import type { ValueWriter } from './value-writer.js'

/** What the serializers of MessagePack and CBOR have in common. */
export class BinarySerializer implements Serializer {
  readonly name: SerializerName
  readonly binary = true
  protected readonly reader: ValueReader
  protected readonly writer: ValueWriter

  constructor(name: SerializerName, reader: ValueReader, writer: ValueWriter) {
    this.name = name
    this.reader = reader
    this.writer = writer
  }

  encode(message: Message): Uint8Array {
    return this.writer.message(message)
  }

  decode(data: string | Uint8Array): Message {
    return fromWire(this.reader.read(this.octetsOf(data)))
  }

  /** @throws ProtocolError if the data is text, or nothing at all. */
  protected octetsOf(data: unknown): Uint8Array {
    if (data instanceof Uint8Array) return data
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    throw new ProtocolError(`a message in ${this.name} must be binary, not ${show(data)}`)
  }
}
