/**
 * Base64 with padding, RFC 4648 section 4. Node and browsers have no function in common that is both strict and made for
 * octets: `atob` is neither, and `btoa` is slow.
 */
const DIGITS = /* @__PURE__ */ new TextEncoder().encode(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
)
const PADDING = 0x3d

export function toBase64(bytes: Uint8Array): string {
  const { length } = bytes
  const text = new Uint8Array(Math.ceil(length / 3) * 4)
  for (let i = 0, p = 0; i < length; i += 3) {
    // Beyond the end there is undefined, which counts as 0.
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number)
    text[p++] = DIGITS[bits >> 18] as number
    text[p++] = DIGITS[(bits >> 12) & 63] as number
    text[p++] = DIGITS[(bits >> 6) & 63] as number
    text[p++] = DIGITS[bits & 63] as number
  }
  text.fill(PADDING, text.length - ((3 - (length % 3)) % 3))
  return new TextDecoder().decode(text)
}

/** The octets that `text` stands for from `start` on; undefined if that is not Base64. */
export function fromBase64(text: string, start = 0): Uint8Array | undefined {
  const base64 = text.slice(start)
  if (base64.length % 4 !== 0 || /[^A-Za-z\d+/]/.test(base64.replace(/==?$/, ''))) return undefined
  const binary = atob(base64)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
