import { ApplicationError, CanceledError, UsageError } from '../errors.js'
import type { ErrorMessage } from '../messages/error-message.js'
import { Payload } from '../messages/payload.js'
import { ERROR, isUri } from '../uris.js'

/**
 * A class of errors bound to a URI. Received, it is made by its static `fromError` if it has one, otherwise by
 * `new Class(...args)`. Thrown, its `args` and `kwargs` leave, or its message alone if it has neither.
 */
export interface ErrorClass {
  new (...args: never[]): Error
  fromError?(error: ApplicationError): Error
}

/** What crosses the wire of an error. */
export interface WireError {
  readonly uri: string
  readonly payload: Payload
}

/** The classes that an application bound to error URIs, for both directions. */
export class ErrorClasses {
  readonly #byUri = new Map<string, ErrorClass>()

  /** @throws UsageError if `uri` is no URI. */
  bind(uri: string, errorClass: ErrorClass): void {
    if (!isUri(uri))
      throw new UsageError(`cannot bind an error class to ${JSON.stringify(uri)}: it is no URI`)
    this.#byUri.set(uri, errorClass)
  }

  /** The error that an ERROR message stands for. */
  fromMessage(message: ErrorMessage): Error {
    const { args, kwargs } = message.payload
    const error = new ApplicationError(message.error, args, { kwargs, details: message.details })
    const errorClass = this.#byUri.get(message.error)
    if (errorClass === undefined) return error
    if (errorClass.fromError !== undefined) return errorClass.fromError(error)
    const bound = new errorClass(...(args as never[]))
    if (bound.cause === undefined) bound.cause = error
    return bound
  }

  /** What to tell the caller of whatever a handler threw: never a stack. */
  toWire(thrown: unknown): WireError {
    if (thrown instanceof CanceledError) return { uri: thrown.uri, payload: new Payload([thrown.message]) }
    if (thrown instanceof ApplicationError) return { uri: thrown.uri, payload: payloadOf(thrown) }
    for (const [uri, errorClass] of this.#byUri)
      if (thrown instanceof errorClass) return { uri, payload: payloadOf(thrown) }
    const sentence = thrown instanceof Error ? thrown.message : String(thrown)
    return { uri: ERROR.runtimeError, payload: new Payload([sentence]) }
  }
}

function payloadOf(error: Error): Payload {
  const { args, kwargs } = error as { args?: unknown; kwargs?: unknown }
  const hasKwargs = typeof kwargs === 'object' && kwargs !== null
  if (!Array.isArray(args) && !hasKwargs) return new Payload(error.message === '' ? [] : [error.message])
  return new Payload(
    Array.isArray(args) ? args : [],
    hasKwargs ? (kwargs as Record<string, unknown>) : undefined,
  )
}
