/**
 * Base64 with padding, RFC 4648 section 4, without the platform's help: Node and browsers have no function in common
 * that is both strict and made for octets.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const CODES: readonly number[] = [...ALPHABET].map((digit) => digit.charCodeAt(0))
const PADDING = 0x3d
const NONE = 255
const DIGITS: readonly number[] = Array.from({ length: 256 }, (_, code) => {
  const digit = CODES.indexOf(code)
  return digit < 0 ? NONE : digit
})

export function toBase64(bytes: Uint8Array): string {
  const { length } = bytes
  const text = new Uint8Array(Math.ceil(length / 3) * 4)
  let p = 0
  for (let i = 0; i < length; i += 3) {
    const a = bytes[i] as number
    const b = i + 1 < length ? (bytes[i + 1] as number) : 0
    const c = i + 2 < length ? (bytes[i + 2] as number) : 0
    text[p++] = CODES[a >> 2] as number
    text[p++] = CODES[((a & 3) << 4) | (b >> 4)] as number
    text[p++] = i + 1 < length ? (CODES[((b & 15) << 2) | (c >> 6)] as number) : PADDING
    text[p++] = i + 2 < length ? (CODES[c & 63] as number) : PADDING
  }
  return new TextDecoder().decode(text)
}

/** The octets that `text` stands for from `start` on; undefined if that is not Base64. */
export function fromBase64(text: string, start = 0): Uint8Array | undefined {
  const length = text.length - start
  if (length % 4 !== 0) return undefined
  if (length === 0) return new Uint8Array(0)
  let padding = 0
  while (padding < 2 && text.charCodeAt(text.length - 1 - padding) === PADDING) padding++
  const bytes = new Uint8Array((length / 4) * 3 - padding)
  const end = text.length - padding
  let bits = 0
  let p = 0
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    const digit = code < 256 ? (DIGITS[code] as number) : NONE
    if (digit === NONE) return undefined
    bits = (bits << 6) | digit
    switch ((i - start) & 3) {
      case 1:
        bytes[p++] = bits >> 4
        bits &= 15
        break
      case 2:
        bytes[p++] = bits >> 2
        bits &= 3
        break
      case 3:
        bytes[p++] = bits
        bits = 0
    }
  }
  return bytes
}
