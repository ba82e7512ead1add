import { UsageError } from '../errors.js'
import { isDict } from '../messages/checks.js'
import type { Dict } from '../messages/dictionaries.js'
import { Payload } from '../messages/payload.js'
import { show } from '../messages/show.js'

/**
 * The payload of what a user calls or publishes.
 *
 * @throws UsageError if it has not the shape of one: sent, it would cost the session.
 */
export function toArguments(args: readonly unknown[], kwargs: Dict | undefined): Payload {
  if (!Array.isArray(args)) throw new UsageError(`args must be a list, not ${show(args)}`)
  if (kwargs !== undefined && !isDict(kwargs))
    throw new UsageError(`kwargs must be a dictionary, not ${show(kwargs)}`)
  return new Payload(args, kwargs)
}

/** An argument that was left out at the end was not given: on the wire it would be null, which is a value. */
export function withoutTrailingGaps(args: readonly unknown[]): readonly unknown[] {
  let { length } = args
  while (length > 0 && args[length - 1] === undefined) length--
  return args.slice(0, length)
}
