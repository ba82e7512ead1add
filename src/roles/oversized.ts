import { ApplicationError, MessageTooLongError } from '../errors.js'
import { ErrorMessage } from '../messages/error-message.js'
import * as ERROR from '../uris/error.js'
import type { ErrorClasses } from './error-classes.js'

/** The URI for a message that could not be sent: it was too long, or holds what no serializer writes. */
export function uriOfUnsendable(error: Error): string {
  return error instanceof MessageTooLongError ? ERROR.payloadSizeExceeded : ERROR.invalidArgument
}

/** What a callee tells of an answer that is too long for the router. */
export function toldOfAnswer(thrown: unknown): unknown {
  if (!(thrown instanceof MessageTooLongError)) return thrown
  return new ApplicationError(ERROR.payloadSizeExceeded, [thrown.message])
}

/**
 * What is told of a request that could not be sent. One that is too long for the router fails as if the router had
 * refused it.
 */
export function toldOfUnsent(error: unknown, requestCode: number, errors: ErrorClasses): unknown {
  if (!(error instanceof MessageTooLongError)) return error
  return errors.fromMessage(ErrorMessage.saying(requestCode, 0, ERROR.payloadSizeExceeded, error.message))
}
