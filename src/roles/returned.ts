/** What a handler returned: a value, a promise of one, or a generator of several. */

export type AnyIterator = Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>

/** The value behind promises, or what a generator returns. */
export type ResultOf<Returned> =
  Awaited<Returned> extends infer Value
    ? Value extends AsyncGenerator<unknown, infer Result, never> | Generator<unknown, infer Result, never>
      ? Awaited<Result>
      : Value
    : never

/** What a generator yields; `never` for all else. */
export type ProgressOf<Returned> =
  Awaited<Returned> extends infer Value
    ? Value extends AsyncGenerator<infer Progress, unknown, never> | Generator<infer Progress, unknown, never>
      ? Awaited<Progress>
      : never
    : never

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return hasMethod(value, 'then')
}

/** Is `value` what a generator function returns? Other iterables (lists, maps) are values like any other. */
export function isIterator(value: unknown): value is AnyIterator {
  return (
    hasMethod(value, 'next') && (hasMethod(value, Symbol.asyncIterator) || hasMethod(value, Symbol.iterator))
  )
}

function hasMethod(value: unknown, name: PropertyKey): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function'
}
