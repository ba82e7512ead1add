import type { Dict } from '../messages/dictionaries.js'
import { Payload } from '../messages/payload.js'
import { toArguments } from './arguments.js'

/**
 * A result with more to it than one value. A procedure returns one to give several values or keywords; a caller gets
 * one when there are several, or when it asks with `{ details: true }`. The parts of a call in several parts are the
 * same: values, or one of these.
 *
 * Spec: rfc/text/basic/remote_procedure_call.md, "RESULT".
 */
export class CallResult {
  constructor(
    readonly args: readonly unknown[] = [],
    readonly kwargs: Readonly<Record<string, unknown>> = {},
    /** The details of the RESULT. Of one that is to be sent, the keys of payload passthru mode (`ppt_…`) count. */
    readonly details: Dict = {},
  ) {}
}

/** What a caller gets for a payload: nothing, its only value, or all of it. */
export function fromPayload(payload: Payload, details: Dict, wantsDetails = false): unknown {
  const { args, kwargs } = payload
  if (!wantsDetails && Object.keys(kwargs).length === 0) {
    if (args.length === 0) return undefined
    if (args.length === 1) return args[0]
  }
  return new CallResult(args, kwargs, details)
}

/**
 * The payload of what a procedure returned.
 *
 * @throws UsageError if it is a `CallResult` that has not the shape of one.
 */
export function toPayload(value: unknown): Payload {
  if (value === undefined) return Payload.none
  if (value instanceof CallResult) return toArguments(value.args, value.kwargs)
  return new Payload([value])
}
