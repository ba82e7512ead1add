import type { Message } from '../../messages/message.js'
import type { RelaySerializer } from '../../serializers/serializer.js'
import type { Slab } from './slab.js'

/** What a transport puts in front of each message, and behind it. */
export interface Framing {
  headerLength(payloadLength: number): number
  writeHeader(target: Uint8Array, at: number, payloadLength: number): void
  /** The same octets behind each message, where there are some. */
  readonly trailer?: Uint8Array
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
  /** What comes behind the tail; a frame without a tail has it in `target`. */
  trailer: Uint8Array | undefined
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
    const { trailer } = framing
    const copied = headerLength + headLength + (isLong ? 0 : tailLength)
    const length = copied + (isLong || trailer === undefined ? 0 : trailer.length)
    const at = slab.reserve(length)
    const target = slab.target
    framing.writeHeader(target, at, headLength + tailLength)
    target.set(head, at + headerLength)
    if (tail !== undefined && !isLong) target.set(tail, at + headerLength + headLength)
    if (trailer !== undefined && !isLong) target.set(trailer, at + copied)
    this.target = target
    this.start = at
    this.end = at + length
    this.tail = isLong ? tail : undefined
    this.trailer = isLong ? trailer : undefined
    this.length = headLength + tailLength
    this.#message = message
  }

  /** Octets of the last frame, all of it. */
  get frameLength(): number {
    const { tail, trailer } = this
    return this.end - this.start + (tail === undefined ? 0 : tail.length) + (trailer?.length ?? 0)
  }

  /** The last frame in memory of its own: one for all who have to let it wait. */
  keep(): Buffer {
    if (this.#kept === undefined) {
      const { tail, trailer } = this
      const frame = this.target.subarray(this.start, this.end)
      this.#kept =
        tail === undefined
          ? Buffer.from(frame)
          : Buffer.concat(trailer === undefined ? [frame, tail] : [frame, tail, trailer])
    }
    return this.#kept
  }

  /** The turn is over: the slab will be written over. */
  forget(): void {
    this.#message = undefined
    this.#kept = undefined
    this.target = this.slab.target
    this.tail = undefined
    this.trailer = undefined
  }
}
