/** What is sent to see whether it arrives. */
import { expect } from 'vitest'
import type { Payload } from '../peer.js'

export const BOTH: Payload = { args: [1, 'two', null, true], kwargs: { three: 3, four: ['five'] } }
export const TEXTS = ['Grüße', '世界', '🌍 ⛵️', 'e\u0301', 'שלום', '\u2028\u2029', '"\\/\b\n\t', ' ', '']
const SHORT = [0, 1, -1, 127, 128, -128, -129, 255, 256, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31)]
const LONG = [
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  -(2 ** 31) - 1,
  -(2 ** 32),
  2 ** 53 - 1,
  1 - 2 ** 53,
]
const FRACTIONS = [0.5, -0.1, 1e-300, 1.5e300, Math.PI]
const NESTED = {
  list: [[], [[]], [{}], [{ a: [{ b: { c: [null, [false]] } }] }]],
  dict: { '': {}, 'a b': { '1': [] } },
}
export const BYTES = Uint8Array.from({ length: 256 }, (_, i) => i)
export const LARGE_AND_SMALL = Array.from({ length: 20 }, (_, i) => `${i} `.repeat(i % 3 === 0 ? 20_000 : 1))
const MEBIBYTE = 'wampkit '.repeat(131_072)

/** Payloads that must arrive as they were sent, by what they are. */
export const PAYLOADS: Readonly<Record<string, (binary: (bytes: Uint8Array) => unknown) => Payload>> = {
  'keyword arguments': () => ({ args: [], kwargs: { first: 1, second: 'two' } }),
  'positional and keyword arguments': () => BOTH,
  'texts of many scripts': () => ({ args: TEXTS, kwargs: { text: TEXTS.join() } }),
  'integers of up to 32 bits': () => ({ args: SHORT, kwargs: {} }),
  'integers of up to 53 bits': () => ({ args: LONG, kwargs: {} }),
  fractions: () => ({ args: FRACTIONS, kwargs: {} }),
  'nested data': () => ({ args: [NESTED], kwargs: { nested: NESTED } }),
  binary: (binary) => ({
    args: [binary(BYTES), [binary(new Uint8Array())]],
    kwargs: { bytes: binary(BYTES) },
  }),
  '1 MiB of text and as much binary': (binary) => ({
    args: [MEBIBYTE, binary(new TextEncoder().encode(MEBIBYTE))],
    kwargs: {},
  }),
}

/** Like `toEqual`, which takes seconds for a mebibyte of binary. */
export function expectSame(actual: unknown, expected: unknown): void {
  expect(comparable(actual)).toEqual(comparable(expected))
}

function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(comparable)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, comparable(item)]))
}
