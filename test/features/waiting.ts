import { type Client, currentEvent, type ReceivedEvent, type SubscribeOptions } from '../../src/index.js'

/** A promise, and what resolves it. */
export function promised<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((resolver) => {
    resolve = resolver
  })
  return { promise, resolve }
}

/**
 * Resolves when all that these clients have said has been handled, and all that the router has said meanwhile has
 * reached the last of them: each asks the router something, one after the other.
 */
export async function settled(...clients: Client[]): Promise<void> {
  for (const client of clients) await client.meta.session.count()
}

/** The values that come from somewhere, to be waited for. */
export class Heard<T> {
  readonly values: T[] = []
  #waiting: { count: number; resolve: () => void }[] = []

  readonly add = (value: T): void => {
    this.values.push(value)
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (this.values.length >= count) resolve()
      return this.values.length < count
    })
  }

  /** Resolves with the first `count` values when they have come. */
  async first(count: number): Promise<T[]> {
    if (this.values.length < count)
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }))
    return this.values.slice(0, count)
  }
}

/** Subscribes, and keeps what is heard. */
export async function hear(
  client: Client,
  topic: string,
  options: SubscribeOptions = {},
): Promise<Heard<ReceivedEvent>> {
  const heard = new Heard<ReceivedEvent>()
  await client.subscribe(topic, () => heard.add(currentEvent()), options)
  return heard
}

/** The first argument of each event. */
export function firsts(events: readonly ReceivedEvent[]): unknown[] {
  return events.map(({ args }) => args[0])
}

/** All that a loop over `values` sees, and how the loop ends. */
export async function readAll<T>(values: AsyncIterable<T>): Promise<{ seen: T[]; error: unknown }> {
  const seen: T[] = []
  try {
    for await (const value of values) seen.push(value)
  } catch (error) {
    return { seen, error }
  }
  return { seen, error: undefined }
}

/** How a call ended that was expected to fail. */
export function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a failure, not ${JSON.stringify(value)}`)
    },
    (error: unknown) => error,
  )
}
