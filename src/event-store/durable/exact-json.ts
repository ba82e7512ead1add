import { Buffer } from 'node:buffer'

/**
 * JSON that gives back exactly what went into it, of all that serializers read. What JSON lacks is a dictionary with one
 * key: `{"$integer": "18446744073709551615"}`, `{"$float": "NaN"}`, `{"$octets": "3q0="}`. A key of somebody else's that
 * begins with `$` has another one before it.
 */
export function toExactJson(value: unknown): string {
  return JSON.stringify(marked(value))
}

/** @throws SyntaxError if `text` is no JSON. */
export function fromExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return text.includes('"$') ? unmarked(value) : value
}

function marked(value: unknown): unknown {
  if (typeof value === 'bigint') return { $integer: String(value) }
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return { $float: Object.is(value, -0) ? '-0' : String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array)
    return { $octets: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') }
  if (Array.isArray(value)) return value.map(marked)
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key.startsWith('$') ? `$${key}` : key, marked(entry)]),
  )
}

function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(unmarked)
  const { $integer, $float, $octets } = value as Readonly<Record<string, unknown>>
  if (typeof $integer === 'string') return BigInt($integer)
  if (typeof $float === 'string') return Number($float)
  if (typeof $octets === 'string') return new Uint8Array(Buffer.from($octets, 'base64'))
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key.startsWith('$') ? key.slice(1) : key, unmarked(entry)]),
  )
}
