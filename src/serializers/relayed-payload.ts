import type { EncodedPayload, Payload } from '../messages/payload.js'
import type { OctetWriter } from './octet-writer.js'
import type { EncodedParts } from './serializer.js'

/** A longer payload, in octets, leaves as a piece of its own; a shorter one is copied behind the head. */
const LONG = 4096

/** Reads payload that it has checked before. */
export interface TailReader {
  readonly name: string
  decodeTail(bytes: Uint8Array): Payload
}

/**
 * The payload of a message that came in, from `start` to `end` of its octets. No view of them is made until somebody
 * wants one, since copying a short payload costs less.
 */
export class RelayedPayload implements EncodedPayload {
  readonly #reader: TailReader
  #bytes: Uint8Array | undefined

  constructor(
    reader: TailReader,
    readonly count: 1 | 2,
    readonly source: Uint8Array,
    readonly start: number,
    readonly end: number,
  ) {
    this.#reader = reader
  }

  get format(): string {
    return this.#reader.name
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.source.subarray(this.start, this.end)
    return this.#bytes
  }

  decode(): Payload {
    return this.#reader.decodeTail(this.bytes)
  }
}

/** Puts a payload behind the head that was written: as a copy, or, if it is long, as the tail. */
export function splice(encoded: EncodedPayload, octets: OctetWriter, parts: EncodedParts): void {
  if (encoded instanceof RelayedPayload) {
    if (encoded.end - encoded.start > LONG) parts.tail = encoded.bytes
    else octets.copy(encoded.source, encoded.start, encoded.end)
  } else if (encoded.bytes.length > LONG) parts.tail = encoded.bytes
  else octets.copy(encoded.bytes, 0, encoded.bytes.length)
}

/** The two pieces of a message as one of its own. */
export function joined({ head, tail }: EncodedParts): Uint8Array {
  if (tail === undefined) return head.slice()
  const whole = new Uint8Array(head.length + tail.length)
  whole.set(head)
  whole.set(tail, head.length)
  return whole
}
