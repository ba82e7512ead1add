import { ProtocolError } from '../../errors.js'
import { FrameType, HEADER_LENGTH, LONGEST_BIT } from './framing.js'
import { LONGEST_MESSAGE } from './handshake.js'

/** Who is told what frames hold. */
export interface FrameReceiver {
  /** The octets of one message. */
  message(octets: Buffer): void
  ping(payload: Buffer): void
  pong(): void
  /** What came is no frame that is allowed; what follows it is not read. */
  violated(error: ProtocolError): void
}

const TYPE_BITS = 0x07
const RESERVED_BITS = 0xf0

/** Pieces that are shorter than this are copied together, so that a frame that comes in crumbs is not kept in crumbs. */
const SHORT_PIECE = 4096

/**
 * Reads frames from a stream, however it is cut. A frame that lies whole in what came is not copied; of another one, only
 * what has come of it is held, whatever its header announces.
 *
 * Spec: rfc/text/advanced/transport_rawsocket.md, "Framing".
 */
export class FrameReader {
  #header = 0
  #headerOctets = 0
  #type = 0
  #length = 0
  /** Octets that are still to come of a frame whose header has come. */
  #missing = 0
  #pieces: Buffer[] | undefined
  /** Where short pieces are gathered, and how much of it is filled. */
  #block: Buffer | undefined
  #filled = 0
  #stopped = false

  /** @param limit octets of the longest frame that is taken. */
  constructor(
    public limit: number,
    private readonly receiver: FrameReceiver,
  ) {}

  /** Has part of a frame come, and the rest not yet? */
  get isMidFrame(): boolean {
    return this.#headerOctets > 0 || this.#missing > 0
  }

  /** Reads on. */
  read(chunk: Buffer): void {
    const { length } = chunk
    let at = 0
    while (at < length && !this.#stopped) {
      if (this.#missing > 0) at = this.#gather(chunk, at)
      else if (!this.#readHeaderOctet(chunk[at++] as number)) continue
      else if (length - at >= this.#length) {
        const end = at + this.#length
        this.#deliver(chunk.subarray(at, end))
        at = end
      } else this.#missing = this.#length
    }
  }

  /** What follows is not read. */
  stop(): void {
    this.#stopped = true
    this.#forget()
  }

  /** @returns whether it was the last one of a header that is allowed. */
  #readHeaderOctet(octet: number): boolean {
    if (this.#headerOctets === 0 && !this.#isFirstAllowed(octet)) return false
    this.#header = (this.#header << 8) | octet
    if (++this.#headerOctets < HEADER_LENGTH) return false
    const first = this.#header >>> 24
    const length = this.#header & 0xffffff
    this.#header = 0
    this.#headerOctets = 0
    this.#type = first & TYPE_BITS
    this.#length = (first & LONGEST_BIT) === 0 ? length : LONGEST_MESSAGE
    if ((first & LONGEST_BIT) !== 0 && length !== 0)
      return this.#refuse(
        'a frame came with a length and with the bit that stands for a length of 2^24 bytes',
      )
    if (this.#length > this.limit) {
      const sentence = `a message came that is longer than ${this.limit} bytes`
      return this.#refuseWith(new ProtocolError(sentence, { limit: 'size' }))
    }
    if (this.#length === 0 && this.#type === FrameType.message)
      return this.#refuse('a message came that has no bytes')
    return true
  }

  #isFirstAllowed(octet: number): boolean {
    if ((octet & RESERVED_BITS) !== 0) return this.#refuse('a frame came with reserved bits set')
    const type = octet & TYPE_BITS
    return type <= FrameType.pong || this.#refuse(`a frame came of type ${type}, which is reserved`)
  }

  #gather(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#missing)
    this.#missing -= end - at
    // Nobody asks what is in a PONG.
    if (this.#type !== FrameType.pong) this.#keep(chunk.subarray(at, end))
    if (this.#missing > 0) return end
    this.#endBlock()
    const pieces = this.#pieces ?? []
    const [first] = pieces
    this.#forget()
    this.#deliver(pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces))
    return end
  }

  #keep(piece: Buffer): void {
    if (piece.length >= SHORT_PIECE) {
      this.#endBlock()
      this.#add(piece)
      return
    }
    let rest = piece
    while (rest.length > 0) {
      const missing = this.#missing + rest.length
      this.#block ??= Buffer.allocUnsafeSlow(Math.min(SHORT_PIECE, missing))
      const copied = rest.copy(this.#block, this.#filled)
      this.#filled += copied
      rest = rest.subarray(copied)
      if (this.#filled === this.#block.length) this.#endBlock()
    }
  }

  #endBlock(): void {
    const block = this.#block
    if (block === undefined) return
    this.#add(block.subarray(0, this.#filled))
    this.#block = undefined
    this.#filled = 0
  }

  #add(piece: Buffer): void {
    if (this.#pieces === undefined) this.#pieces = [piece]
    else this.#pieces.push(piece)
  }

  #forget(): void {
    this.#missing = 0
    this.#pieces = undefined
    this.#block = undefined
    this.#filled = 0
  }

  #deliver(payload: Buffer): void {
    if (this.#type === FrameType.message) this.receiver.message(payload)
    else if (this.#type === FrameType.ping) this.receiver.ping(payload)
    else this.receiver.pong()
  }

  #refuse(sentence: string): false {
    return this.#refuseWith(new ProtocolError(sentence))
  }

  #refuseWith(error: ProtocolError): false {
    this.stop()
    this.receiver.violated(error)
    return false
  }
}
