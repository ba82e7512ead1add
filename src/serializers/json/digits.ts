import type { OctetWriter } from '../octet-writer.js'

const ZERO = 0x30
const MOST_DIGITS = 16

/** Writes a safe, non-negative integer in decimal; ten times as fast as by way of a string. */
export function writeDigits(octets: OctetWriter, integer: number): void {
  octets.ensure(MOST_DIGITS)
  let length = 1
  for (let limit = 10; limit <= integer; limit *= 10) length++
  const { bytes } = octets
  let p = octets.position + length
  octets.position = p
  let rest = integer
  // Integers of 32 bits divide much faster than doubles.
  while (rest > 0xffffffff) {
    const quotient = Math.floor(rest / 10)
    bytes[--p] = ZERO + (rest - quotient * 10)
    rest = quotient
  }
  let small = rest >>> 0
  do {
    const quotient = (small / 10) >>> 0
    bytes[--p] = ZERO + (small - quotient * 10)
    small = quotient
  } while (small > 0)
}
