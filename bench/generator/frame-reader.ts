import {
  type Framing,
  Kind,
  type KindOfFrame,
  kindOfRawSocket,
  kindOfWebSocket,
  LONGEST_HEADER,
} from './framing.js'

/** Who is told of frames: of short ones all octets are there, of longer ones at least the first 64. */
export interface FrameReceiver {
  frame(octets: Buffer, at: number, length: number): void
}

/** Frames up to this length are delivered whole, however they were cut. */
const WHOLE = 8192
/** What is kept of a longer one until the last of it has come. */
const HEAD = 64
/** The room in front of what is read, for the rest of what was read before. */
const MARGIN = WHOLE + LONGEST_HEADER

/** What all connections read into. The generator is one thread, and nobody keeps what is in here. */
const shared = Buffer.allocUnsafe(MARGIN + 256 * 1024)
export const readBuffer = shared.subarray(MARGIN)

/** Splits what comes over a connection into frames, and copies next to nothing. */
export class FrameReader {
  /** The end of the last chunk, where it is the beginning of a frame. */
  #rest: Buffer | undefined
  readonly #head = Buffer.alloc(HEAD)
  #headKind: KindOfFrame = Kind.message
  #headLength = 0
  /** Octets of a long frame that are still to come. */
  #skip = 0
  /** Length of the header and of the payload of the frame that is being looked at. */
  #headerLength = 0
  #length = 0

  constructor(
    private readonly framing: Framing,
    private readonly deliver: (kind: KindOfFrame, octets: Buffer, at: number, length: number) => void,
  ) {}

  /** Reads `length` octets that have been put at the beginning of `readBuffer`. */
  read(length: number): void {
    let at = MARGIN
    const end = MARGIN + length
    if (this.#rest !== undefined) {
      at -= this.#rest.length
      shared.set(this.#rest, at)
      this.#rest = undefined
    } else if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, length)
      this.#skip -= skipped
      at += skipped
      if (this.#skip === 0) this.deliver(this.#headKind, this.#head, 0, this.#headLength)
    }
    while (at < end) {
      if (!this.#measure(at, end - at)) break
      const first = shared[at] as number
      const kind = this.framing === 'websocket' ? kindOfWebSocket(first) : kindOfRawSocket(first)
      const payload = at + this.#headerLength
      const next = payload + this.#length
      if (next <= end) {
        this.deliver(kind, shared, payload, this.#length)
        at = next
        continue
      }
      if (this.#length <= WHOLE || end - payload < HEAD) break
      shared.copy(this.#head, 0, payload, payload + HEAD)
      this.#headKind = kind
      this.#headLength = this.#length
      this.#skip = next - end
      at = end
    }
    if (at < end) this.#rest = Buffer.from(shared.subarray(at, end))
  }

  /** @returns whether the whole header is there. */
  #measure(at: number, available: number): boolean {
    if (this.framing !== 'websocket') {
      if (available < 4) return false
      this.#headerLength = 4
      this.#length = shared.readUIntBE(at + 1, 3)
      return true
    }
    if (available < 2) return false
    const short = (shared[at + 1] as number) & 0x7f
    this.#headerLength = short < 126 ? 2 : short === 126 ? 4 : 10
    if (available < this.#headerLength) return false
    this.#length =
      short < 126
        ? short
        : short === 126
          ? shared.readUInt16BE(at + 2)
          : Number(shared.readBigUInt64BE(at + 2))
    return true
  }
}
