/** Octets and how they are written: UTF-8, hex, base64. What is written in any other than the one right way is refused. */

export type Octets = Uint8Array<ArrayBuffer>

export function utf8(text: string): Octets {
  return Uint8Array.from(new TextEncoder().encode(text))
}

export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
}

/** The octets, of which there must be `length`; `undefined` if the text is not that. */
export function fromHex(text: unknown, length: number): Octets | undefined {
  if (typeof text !== 'string' || text.length !== 2 * length || !/^[0-9a-fA-F]*$/.test(text)) return undefined
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

export function toBase64(octets: Uint8Array): string {
  return btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(''))
}

/** `undefined` if the text is not base64 in its canonical form (RFC 4648), or stands for more octets than `most`. */
export function fromBase64(text: unknown, most = 1024): Octets | undefined {
  if (typeof text !== 'string' || text.length % 4 !== 0 || text.length > Math.ceil(most / 3) * 4)
    return undefined
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const octets = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return toBase64(octets) === text ? octets : undefined
}

export function random(length: number): Octets {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** Both must have the same length. */
export function xor(a: Uint8Array, b: Uint8Array): Octets {
  return Uint8Array.from(a, (octet, i) => octet ^ (b[i] ?? 0))
}
