import { ProtocolError, SessionClosedError, TransportError, type WampError } from '../errors.js'

/**
 * The error of a request that had left when its session ended with `cause`: nobody can tell if it was carried out. To
 * repeat it may do it twice.
 */
export function outcomeUnknown(cause: Error, what: string): WampError {
  const error = sameKindAs(cause, `the outcome of ${what} is unknown`)
  error.outcome = 'unknown'
  return error
}

function sameKindAs(cause: Error, sentence: string): WampError {
  if (cause instanceof SessionClosedError) return new SessionClosedError(cause.reason, sentence, { cause })
  const ErrorClass = cause instanceof ProtocolError ? ProtocolError : TransportError
  return new ErrorClass(`${cause.message}; ${sentence}`, { cause })
}
