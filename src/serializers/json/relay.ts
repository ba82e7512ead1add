import { Buffer, isUtf8 } from 'node:buffer'
import { definitionOf } from '../../messages/codes.js'
import { EMPTY_DICT } from '../../messages/dictionaries.js'
import type { Message } from '../../messages/message.js'
import { Payload } from '../../messages/payload.js'
import { messageFromHead } from '../../messages/wire.js'
import { OctetWriter } from '../octet-writer.js'
import { joined, RelayedPayload, splice, type TailReader } from '../relayed-payload.js'
import {
  DEFAULT_MAX_DEPTH,
  type EncodedParts,
  type RelaySerializer,
  type SerializerOptions,
} from '../serializer.js'
import { writeDigits } from './digits.js'
import { JsonSerializer } from './json.js'
import { JsonReader } from './reader.js'
import { JsonScanner } from './scanner.js'
import { JsonWriter } from './writer.js'

const QUOTE = 0x22
const COMMA = 0x2c
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LIST = 0x5b
const LIST_END = 0x5d
const LETTER_E = 0x65
const DICT = 0x7b
const DICT_END = 0x7d

/**
 * JSON for a router: reads the head of a message, checks the payload octet by octet, and passes it on as it came.
 *
 * Whatever is unusual in a message, be it wrong or only rare, is left to the client's serializer, which reads all of
 * it: so both accept the same messages, and say the same about others.
 */
export class JsonRelaySerializer implements RelaySerializer, TailReader {
  readonly name = 'json'
  readonly binary = false
  readonly #whole: JsonSerializer
  readonly #reader: JsonReader
  readonly #writer: JsonWriter
  readonly #scanner: JsonScanner
  readonly #octets = new OctetWriter()
  readonly #parts: EncodedParts = { head: this.#octets.written, tail: undefined }
  /** Where reading has come to; -1 where it cannot go on. */
  #position = 0

  constructor(options: SerializerOptions = {}) {
    const { maxDepth = DEFAULT_MAX_DEPTH } = options
    this.#whole = new JsonSerializer(options)
    this.#reader = new JsonReader(maxDepth)
    this.#writer = new JsonWriter(maxDepth)
    this.#scanner = new JsonScanner(maxDepth)
  }

  decode(data: string | Uint8Array): Message {
    const bytes = bufferOf(data)
    if (bytes === undefined) return this.#whole.decode(data)
    const message = this.#quick(bytes)
    if (message !== undefined) return message
    // JSON.parse takes a hundred times as long to follow a million brackets as to read as many letters.
    if (this.#scanner.isTooDeep) throw this.#reader.tooDeep()
    return this.#whole.decode(bytes)
  }

  restore(count: 1 | 2, bytes: Uint8Array): Payload {
    const own = bufferOf(bytes) as Buffer
    return Payload.fromEncoded(new RelayedPayload(this, count, own, 0, own.length))
  }

  /** The message, if there is nothing unusual about it. */
  #quick(bytes: Buffer): Message | undefined {
    const scanner = this.#scanner
    scanner.start(bytes)
    const start = scanner.space(0)
    if (bytes[start] !== LIST) {
      scanner.value(start, 1)
      return undefined
    }
    this.#position = scanner.space(start + 1)
    const code = this.#element(bytes)
    const definition = typeof code === 'number' ? definitionOf(code) : undefined
    if (definition === undefined) return undefined
    const head = [code]
    const { length } = definition.fields
    while (this.#position > 0 && head.length <= length && this.#comma(bytes)) head.push(this.#element(bytes))
    if (this.#position < 0) return undefined
    const payload = this.#payload(bytes, definition.payload && head.length > length)
    return payload && messageFromHead(definition, head, payload)
  }

  #comma(bytes: Buffer): boolean {
    const p = this.#scanner.space(this.#position)
    if (bytes[p] !== COMMA) return false
    this.#position = this.#scanner.space(p + 1)
    return true
  }

  /** Reads an element of the head. */
  #element(bytes: Buffer): unknown {
    const p = this.#position
    const octet = bytes[p] as number
    if (octet > ZERO && octet <= NINE) return this.#integer(bytes, p)
    if (octet === DICT && bytes[p + 1] === DICT_END) {
      this.#position = p + 2
      return EMPTY_DICT
    }
    if (octet !== QUOTE) return this.#value(bytes, p)
    const end = this.#scanner.string(p)
    if (end < 0 || !this.#scanner.isLiteral) return this.#value(bytes, p)
    this.#position = end
    return bytes.toString('latin1', p + 1, end - 1)
  }

  #integer(bytes: Buffer, start: number): unknown {
    let p = start
    let integer = 0
    let octet = bytes[p] as number
    do {
      integer = integer * 10 + (octet - ZERO)
      octet = bytes[++p] as number
    } while (octet >= ZERO && octet <= NINE)
    if (integer > Number.MAX_SAFE_INTEGER || octet === POINT || (octet | 0x20) === LETTER_E)
      return this.#value(bytes, start)
    this.#position = p
    return integer
  }

  /** Reads an element of any kind. */
  #value(bytes: Buffer, start: number): unknown {
    const end = this.#scanner.value(start, 2)
    this.#position = end
    return end < 0 ? undefined : this.#reader.read(bytes.toString('utf8', start, end), 2)
  }

  /** Checks the payload and the end of the message. */
  #payload(bytes: Buffer, allowed: boolean): Payload | undefined {
    const scanner = this.#scanner
    scanner.hasBinary = false
    const start = scanner.space(this.#position)
    let p = start
    let count: 0 | 1 | 2 = 0
    if (allowed && bytes[p] === COMMA) {
      count = 1
      p = this.#container(bytes, p + 1, LIST)
      if (bytes[p] === COMMA) {
        count = 2
        p = this.#container(bytes, p + 1, DICT)
      }
    }
    if (bytes[p] !== LIST_END) return undefined
    const end = p + 1
    if (scanner.space(end) !== bytes.length) return undefined
    if (!scanner.isAscii && !isUtf8(bytes)) return undefined
    if (count === 0) return Payload.none
    const encoded = new RelayedPayload(this, count, bytes, start, end)
    if (scanner.hasBinary) encoded.decode()
    return Payload.fromEncoded(encoded)
  }

  /** The position behind a list or dictionary of the payload, and behind the space that follows; or -1. */
  #container(bytes: Buffer, start: number, opening: number): number {
    const p = this.#scanner.space(start)
    const end = bytes[p] === opening ? this.#scanner.value(p, 2) : -1
    return end < 0 ? -1 : this.#scanner.space(end)
  }

  /** @internal */
  decodeTail(bytes: Uint8Array): Payload {
    // The tail begins with the comma behind the head, and ends with the bracket of the message.
    const text = `[${(bytes as Buffer).toString('utf8', 1)}`
    const [args, kwargs] = this.#reader.read(text) as [unknown[], Record<string, unknown>?]
    return new Payload(args, kwargs)
  }

  encode(message: Message): Uint8Array {
    return joined(this.encodeParts(message))
  }

  encodeParts(message: Message): EncodedParts {
    const octets = this.#octets
    const parts = this.#parts
    octets.reset()
    parts.tail = undefined
    const head = message.head()
    this.#writeHead(message.code, head)
    const payload = 'payload' in message ? message.payload : Payload.none
    if (payload === Payload.none) octets.octet(LIST_END)
    else if (payload.encoded?.format === this.name) splice(payload.encoded, octets, parts)
    else this.#writePayload(message.code, payload.toWire(), head.length)
    parts.head = octets.written
    return parts
  }

  #writeHead(code: number, head: readonly unknown[]): void {
    const octets = this.#octets
    for (let i = 0; i < head.length; i++) {
      const element = head[i]
      octets.octet(i === 0 ? LIST : COMMA)
      if (typeof element === 'number' && element >= 0 && Number.isSafeInteger(element))
        writeDigits(octets, element)
      else if (element === EMPTY_DICT) {
        octets.octet(DICT)
        octets.octet(DICT_END)
      } else octets.utf8(this.#writer.list(code, [element], i).slice(1, -1))
    }
  }

  #writePayload(code: number, values: readonly unknown[], offset: number): void {
    const octets = this.#octets
    if (values.length === 0) octets.octet(LIST_END)
    else {
      octets.octet(COMMA)
      octets.utf8(this.#writer.list(code, values, offset).slice(1))
    }
  }
}

/** The serializer `wamp.2.json`, for routers. Needs Node. */
export function jsonRelay(options?: SerializerOptions): RelaySerializer {
  return new JsonRelaySerializer(options)
}

function bufferOf(data: unknown): Buffer | undefined {
  if (Buffer.isBuffer(data)) return data
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : undefined
}
