import type { MessageIds } from './message-ids.js'

/** Not zero: `ws` saves itself the work of unmasking for a key of zeros, which would flatter everybody who uses it. */
export const MASK = [0x5a, 0xc3, 0x17, 0x9e] as const

/** What `octets` look like on the wire if the first of them is at this place of a frame. */
function masked(octets: Uint8Array, offset: number): Buffer {
  const result = Buffer.from(octets)
  for (let i = 0; i < result.length; i++)
    result[i] = (result[i] as number) ^ (MASK[(offset + i) & 3] as number)
  return result
}

/**
 * A message that is sent again and again with another request id: what stands in front of the id and what follows, plain,
 * and masked for each of the four ways in which the rest can lie to the mask.
 */
export class FrameTemplate {
  readonly prefix: Buffer
  readonly tail: Buffer
  readonly maskedPrefix: Buffer
  readonly maskedTails: readonly Buffer[]

  /** @param message an encoded message, with any request id. */
  constructor(message: Uint8Array | string, ids: MessageIds) {
    const octets = Buffer.from(message)
    ids.scan(octets, 0)
    this.prefix = octets.subarray(0, ids.start)
    this.tail = octets.subarray(ids.end)
    this.maskedPrefix = masked(this.prefix, 0)
    this.maskedTails = [0, 1, 2, 3].map((offset) => masked(this.tail, offset))
  }
}
