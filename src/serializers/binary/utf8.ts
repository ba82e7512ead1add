import { isUtf8 } from 'node:buffer'

/** Up to here a loop over ASCII is faster than a call of the platform's check, which needs a view of the octets. */
const SHORT = 96

/** Are the octets from `start` to `end` valid UTF-8? */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= SHORT) {
    let bits = 0
    for (let i = start; i < end; i++) bits |= bytes[i] as number
    if (bits < 0x80) return true
  }
  return isUtf8(bytes.subarray(start, end))
}
