const SIZE = 256
/** Longer ones are seldom keys. */
const LONGEST = 48

interface Entry {
  readonly octets: Uint8Array
  readonly text: string
}

/**
 * The strings of the dictionary keys that were read last. Keys come again and again, and the same string found twice
 * spares the decoding, and the engine the search for a key it knows.
 */
export class KeyCache {
  readonly #entries: (Entry | undefined)[] = new Array(SIZE).fill(undefined)

  /** The string of the octets from `start` to `end`, if it is there. */
  find(bytes: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start
    if (length > LONGEST) return undefined
    const entry = this.#entries[slotOf(bytes, start, end)]
    if (entry === undefined || entry.octets.length !== length) return undefined
    for (let i = 0; i < length; i++) if (entry.octets[i] !== bytes[start + i]) return undefined
    return entry.text
  }

  /** Keeps the string of the octets, in place of another perhaps. */
  keep(bytes: Uint8Array, start: number, end: number, text: string): void {
    if (end - start > LONGEST) return
    this.#entries[slotOf(bytes, start, end)] = { octets: new Uint8Array(bytes.subarray(start, end)), text }
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0
  const length = end - start
  const first = bytes[start] as number
  const middle = bytes[start + (length >> 1)] as number
  const last = bytes[end - 1] as number
  return (first + length * 7 + middle * 31 + last * 131) & (SIZE - 1)
}
