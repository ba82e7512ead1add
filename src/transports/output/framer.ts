import type { Message } from '../../messages/message.js'
import type { RelaySerializer } from '../../serializers/serializer.js'
import type { Slab } from './slab.js'

/** What a transport puts in front of each message. */
export interface Framing {
  headerLength(payloadLength: number): number
  writeHeader(target: Uint8Array, at: number, payloadLength: number): void
}

/** A payload from this length on is written from where it lies; a shorter one is cheaper to copy. */
const LONG_TAIL = 4096

/**
 * Encodes and frames messages into the slab, for all connections of a listener that share a serializer. A message that
 * goes to many of them in one turn, as an EVENT does, is encoded and framed once: server frames are not masked, so the
 * octets are the same for all.
 */
export class Framer {
  /** The last frame is `target` from `start` to `end`, and then `tail` where there is one. */
  target: Buffer
  start = 0
  end = 0
  tail: Uint8Array | undefined
  /** Octets of the last message, without its header. */
  length = 0
  #message: Message | undefined
  #kept: Buffer | undefined

  constructor(
    private readonly serializer: RelaySerializer,
    private readonly framing: Framing,
    private readonly slab: Slab,
  ) {
    this.target = slab.target
  }

  /** @throws UsageError if the message cannot be serialized; nothing has been written. */
  lay(message: Message): void {
    if (message === this.#message) return
    this.#message = undefined
    this.#kept = undefined
    const { slab, framing } = this
    const { head, tail } = this.serializer.encodeParts(message)
    const headLength = head.length
    const tailLength = tail === undefined ? 0 : tail.length
    const headerLength = framing.headerLength(headLength + tailLength)
    const isLong = tailLength >= LONG_TAIL
    const length = headerLength + headLength + (isLong ? 0 : tailLength)
    const at = slab.reserve(length)
    const target = slab.target
    framing.writeHeader(target, at, headLength + tailLength)
    target.set(head, at + headerLength)
    if (tail !== undefined && !isLong) target.set(tail, at + headerLength + headLength)
    this.target = target
    this.start = at
    this.end = at + length
    this.tail = isLong ? tail : undefined
    this.length = headLength + tailLength
    this.#message = message
  }

  /** The last frame in memory of its own: one for all who have to let it wait. */
  keep(): Buffer {
    if (this.#kept === undefined) {
      const frame = this.target.subarray(this.start, this.end)
      this.#kept = this.tail === undefined ? Buffer.from(frame) : Buffer.concat([frame, this.tail])
    }
    return this.#kept
  }

  /** The turn is over: the slab will be written over. */
  forget(): void {
    this.#message = undefined
    this.#kept = undefined
    this.target = this.slab.target
    this.tail = undefined
  }
}
