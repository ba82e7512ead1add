import { definitionOf } from '../../messages/codes.js'
import type { Message } from '../../messages/message.js'
import { Payload } from '../../messages/payload.js'
import { messageFromHead } from '../../messages/wire.js'
import { joined, RelayedPayload, splice, type TailReader } from '../relayed-payload.js'
import type { EncodedParts, RelaySerializer, SerializerName } from '../serializer.js'
import { BinarySerializer } from './binary-serializer.js'
import type { Skipper } from './skipper.js'
import type { ValueReader } from './value-reader.js'
import type { ValueWriter } from './value-writer.js'

/**
 * What MessagePack and CBOR for a router have in common: they read the head of a message, check the payload octet by
 * octet, and pass it on as it came.
 *
 * Whatever is unusual in a message, be it wrong or only rare, is left to the client's half, which reads all of it: so
 * both accept the same messages, and say the same about others.
 */
export class BinaryRelay extends BinarySerializer implements RelaySerializer, TailReader {
  readonly #skipper: Skipper
  readonly #parts: EncodedParts

  constructor(name: SerializerName, reader: ValueReader, writer: ValueWriter, skipper: Skipper) {
    super(name, reader, writer)
    this.#skipper = skipper
    this.#parts = { head: writer.written, tail: undefined }
  }

  override decode(data: string | Uint8Array): Message {
    const bytes = this.octetsOf(data)
    return this.#quick(bytes) ?? super.decode(bytes)
  }

  restore(count: 1 | 2, bytes: Uint8Array): Payload {
    return Payload.fromEncoded(new RelayedPayload(this, count, bytes, 0, bytes.length))
  }

  /** The message, if there is nothing unusual about it. */
  #quick(bytes: Uint8Array): Message | undefined {
    const { reader } = this
    reader.start(bytes)
    const length = reader.openList()
    if (length === undefined || length === 0) return undefined
    const code = reader.headElement()
    const definition = typeof code === 'number' ? definitionOf(code) : undefined
    if (definition === undefined) return undefined
    const head = [code]
    const most = definition.fields.length + 1
    while (head.length < most && reader.goesOn(length, head.length)) head.push(reader.headElement())
    const payload = this.#payload(bytes, length, head.length, definition.payload && head.length === most)
    return payload && messageFromHead(definition, head, payload)
  }

  /** Checks the payload, which follows `before` other elements of the list, and the end of the message. */
  #payload(bytes: Uint8Array, length: number, before: number, allowed: boolean): Payload | undefined {
    const { reader } = this
    const skipper = this.#skipper
    const start = reader.position
    let count: 0 | 1 | 2 = 0
    if (allowed && reader.goesOn(length, before)) {
      skipper.start(bytes)
      count = 1
      reader.position = skipper.list(start, 2)
      if (reader.position > 0 && reader.goesOn(length, before + 1)) {
        count = 2
        reader.position = skipper.dict(reader.position, 2)
      }
      if (reader.position < 0) return undefined
    }
    const end = reader.position
    if (reader.goesOn(length, before + count)) return undefined
    reader.closeList(length)
    if (reader.position !== bytes.length) return undefined
    return count === 0
      ? Payload.none
      : Payload.fromEncoded(new RelayedPayload(this, count, bytes, start, end))
  }

  /** @internal */
  decodeTail(bytes: Uint8Array): Payload {
    const { reader } = this
    reader.start(bytes)
    const args = reader.value(2) as unknown[]
    if (reader.position === bytes.length) return new Payload(args)
    return new Payload(args, reader.value(2) as Record<string, unknown>)
  }

  override encode(message: Message): Uint8Array {
    return joined(this.encodeParts(message))
  }

  encodeParts(message: Message): EncodedParts {
    const { writer } = this
    const parts = this.#parts
    parts.tail = undefined
    const head = message.head()
    const payload = 'payload' in message ? message.payload : Payload.none
    const { encoded } = payload
    if (encoded?.format === this.name) {
      writer.begin(message.code, head.length + encoded.count)
      writer.elements(head, 0)
      splice(encoded, writer, parts)
    } else {
      const values = payload === Payload.none ? [] : payload.toWire()
      writer.begin(message.code, head.length + values.length)
      writer.elements(head, 0)
      writer.elements(values, head.length)
    }
    parts.head = writer.written
    return parts
  }
}
