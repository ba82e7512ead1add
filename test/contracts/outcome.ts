import type { ApplicationError } from '../../src/index.js'

/** What a promise was rejected with; or what it resolved to, in a dictionary, which no test takes for an error. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ value }),
    (error: ApplicationError) => error,
  )
}

/** Everything that a stream gives. */
export async function allOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of stream) all.push(value)
  return all
}
