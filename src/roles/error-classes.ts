import { ApplicationError, CanceledError } from '../errors.js'
import { isDict } from '../messages/checks.js'
import { type Dict, EMPTY_DICT } from '../messages/dictionaries.js'
import type { ErrorMessage } from '../messages/error-message.js'
import { Payload } from '../messages/payload.js'
import { show } from '../messages/show.js'
import * as ERROR from '../uris/error.js'
import { isUri } from '../uris.js'
import { expectUri } from './expectations.js'

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
  readonly details: Dict
}

/** The classes that an application bound to error URIs, for both directions. */
export class ErrorClasses {
  readonly #byUri = new Map<string, ErrorClass>()

  /** @throws UsageError if `uri` is no URI. */
  bind(uri: string, errorClass: ErrorClass): void {
    expectUri('bind an error class to', uri)
    this.#byUri.set(uri, errorClass)
  }

  /** The error that an ERROR message stands for; as it came, if no object of its class can be made of it. */
  fromMessage(message: ErrorMessage): Error {
    const { args, kwargs } = message.payload
    const error = new ApplicationError(message.error, args, { kwargs, details: message.details })
    const errorClass = this.#byUri.get(message.error)
    if (errorClass === undefined) return error
    try {
      if (errorClass.fromError !== undefined) return errorClass.fromError(error)
      const bound = new errorClass(...(args as never[]))
      if (bound.cause === undefined) bound.cause = error
      return bound
    } catch {
      // Whoever waits for the answer must get one, even if another peer chose arguments that the class does not take.
      return error
    }
  }

  /** What to tell the caller of whatever a handler threw: never a stack. */
  toWire(thrown: unknown): WireError {
    if (thrown instanceof CanceledError) return wireError(thrown.uri, new Payload([thrown.message]))
    if (thrown instanceof ApplicationError && typeof thrown.uri === 'string' && isUri(thrown.uri))
      return wireError(thrown.uri, payloadOf(thrown), thrown.details)
    const uri = this.#uriOf(thrown)
    if (uri !== undefined) return wireError(uri, payloadOf(thrown as Error))
    return wireError(ERROR.runtimeError, new Payload([sentenceOf(thrown)]))
  }

  /** The URI of the class of `thrown`, or else of the nearest class that it extends. */
  #uriOf(thrown: unknown): string | undefined {
    if (!(thrown instanceof Error)) return undefined
    for (let link = Object.getPrototypeOf(thrown); link !== null; link = Object.getPrototypeOf(link))
      for (const [uri, errorClass] of this.#byUri) if (errorClass.prototype === link) return uri
    return undefined
  }
}

/** What was thrown, in words. */
export function sentenceOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  const message = (thrown as { message?: unknown } | undefined | null)?.message
  return typeof message === 'string' ? message : show(thrown)
}

function wireError(uri: string, payload: Payload, details: Dict = EMPTY_DICT): WireError {
  return { uri, payload, details }
}

function payloadOf(error: Error): Payload {
  const { args, kwargs } = error as { args?: unknown; kwargs?: unknown }
  if (!Array.isArray(args) && !isDict(kwargs)) return new Payload(error.message === '' ? [] : [error.message])
  return new Payload(Array.isArray(args) ? args : [], isDict(kwargs) ? kwargs : undefined)
}

/** Is this the error with that URI? */
export function isErrorOf(error: unknown, uri: string): boolean {
  return error instanceof ApplicationError && error.uri === uri
}
