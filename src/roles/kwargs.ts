/** Keyword arguments, marked as such where only positional ones are expected. */
export class Kwargs<Values extends object = Readonly<Record<string, unknown>>> {
  constructor(readonly values: Values) {}
}

/**
 * Marks the last argument of `client.rpc.…(…)` or of a proxy's method as keyword arguments.
 *
 *     await client.rpc.com.example.greet('Ada', kwargs({ greeting: 'Hello' }))
 */
export function kwargs<Values extends object>(values: Values): Kwargs<Values> {
  return new Kwargs(values)
}

/** Separates a trailing `kwargs(…)` from the arguments before it. */
export function splitKwargs(args: readonly unknown[]): {
  args: readonly unknown[]
  kwargs: Readonly<Record<string, unknown>> | undefined
} {
  const last = args.at(-1)
  return last instanceof Kwargs
    ? { args: args.slice(0, -1), kwargs: last.values }
    : { args, kwargs: undefined }
}

/** How a handler is called: positional arguments, then one object of the keyword arguments if there are any. */
export function handlerArguments(
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  return Object.keys(kwargs).length > 0 ? [...args, kwargs] : args
}
