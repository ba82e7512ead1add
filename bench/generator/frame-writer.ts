import type { Socket } from 'node:net'
import { type FrameTemplate, MASK } from './frame-template.js'
import { type Framing, LONGEST_HEADER } from './framing.js'

const SLAB = 64 * 1024
/** Tails that are longer than this are not copied. */
const SHORT_TAIL = 4096
/** A slab with less room than this is left after a flush. */
const LEAST_ROOM = 16 * 1024

/** Gathers frames until they are flushed, so that all that is said at once leaves in one write. */
export class FrameWriter {
  #slab = Buffer.allocUnsafe(LEAST_ROOM)
  /** Where the next octet goes, and from where on nothing has been handed over. */
  #at = 0
  #from = 0
  #pieces: Buffer[] = []

  constructor(
    private readonly socket: Socket,
    private readonly framing: Framing,
    private readonly isText: boolean,
  ) {}

  /** Adds a message with the request id that stands in `id`. */
  add(template: FrameTemplate, id: Uint8Array, start: number, end: number): void {
    const { prefix, tail } = template
    const idLength = end - start
    const isShort = tail.length <= SHORT_TAIL
    this.#ensure(LONGEST_HEADER + prefix.length + idLength + (isShort ? tail.length : 0))
    let at = this.#header(prefix.length + idLength + tail.length, 0)
    const slab = this.#slab
    let end_: Buffer
    if (this.framing === 'websocket') {
      at += template.maskedPrefix.copy(slab, at)
      for (let i = 0; i < idLength; i++)
        slab[at++] = (id[start + i] as number) ^ (MASK[(prefix.length + i) & 3] as number)
      end_ = template.maskedTails[(prefix.length + idLength) & 3] as Buffer
    } else {
      at += prefix.copy(slab, at)
      for (let i = start; i < end; i++) slab[at++] = id[i] as number
      end_ = tail
    }
    if (isShort) {
      this.#at = at + end_.copy(slab, at)
      return
    }
    this.#pieces.push(slab.subarray(this.#from, at), end_)
    this.#at = at
    this.#from = at
  }

  /** Adds any message, or, with a code of its framing, any other frame. */
  addWhole(octets: Uint8Array, code = 0): void {
    this.#ensure(LONGEST_HEADER + octets.length)
    let at = this.#header(octets.length, code)
    const isMasked = this.framing === 'websocket'
    for (let i = 0; i < octets.length; i++)
      this.#slab[at++] = (octets[i] as number) ^ (isMasked ? (MASK[i & 3] as number) : 0)
    this.#at = at
  }

  flush(): void {
    if (this.#at === this.#from && this.#pieces.length === 0) return
    const last = this.#slab.subarray(this.#from, this.#at)
    this.#from = this.#at
    if (this.#pieces.length === 0) this.socket.write(last)
    else {
      this.socket.cork()
      for (const piece of this.#pieces) this.socket.write(piece)
      this.socket.write(last)
      this.socket.uncork()
      this.#pieces = []
    }
    if (this.#slab.length - this.#at < LEAST_ROOM / 2) this.#renew(SLAB)
  }

  #ensure(octets: number): void {
    if (this.#at + octets <= this.#slab.length) return
    if (this.#at > this.#from) this.#pieces.push(this.#slab.subarray(this.#from, this.#at))
    this.#renew(Math.max(SLAB, octets))
  }

  #renew(length: number): void {
    this.#slab = Buffer.allocUnsafe(length)
    this.#at = 0
    this.#from = 0
  }

  /** Writes the header of a frame. @returns where its payload goes. */
  #header(length: number, code: number): number {
    const slab = this.#slab
    let at = this.#at
    if (this.framing !== 'websocket') {
      slab[at] = code
      return slab.writeUIntBE(length, at + 1, 3)
    }
    slab[at++] = 0x80 | (code === 0 ? (this.isText ? 1 : 2) : code)
    if (length < 126) slab[at++] = 0x80 | length
    else if (length <= 0xffff) {
      slab[at++] = 0x80 | 126
      at = slab.writeUInt16BE(length, at)
    } else {
      slab[at++] = 0x80 | 127
      at = slab.writeUInt32BE(length, slab.writeUInt32BE(0, at))
    }
    for (let i = 0; i < 4; i++) slab[at++] = MASK[i as 0 | 1 | 2 | 3]
    return at
  }
}
