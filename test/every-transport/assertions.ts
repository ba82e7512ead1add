import { deepEqual, equal } from 'node:assert/strict'
import { failure } from '../features/waiting.js'

export { deepEqual, equal, ok } from 'node:assert/strict'

/** Has `actual` these properties, with these values? It may have others. */
export function like(actual: unknown, expected: Readonly<Record<string, unknown>>): void {
  const properties = Object(actual) as Record<string, unknown>
  deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, properties[name]])), expected)
}

/** Does the promise reject, with an error that has these properties? */
export async function fails(
  promise: Promise<unknown>,
  expected: Readonly<Record<string, unknown>>,
): Promise<void> {
  like(await failure(promise), expected)
}

/** Are these the same octets? A runtime may give them in a subclass of `Uint8Array`. */
export function sameOctets(actual: unknown, expected: Uint8Array): void {
  equal(actual instanceof Uint8Array, true)
  equal(Buffer.compare(actual as Uint8Array, expected), 0)
}
