import { SessionClosedError, UsageError } from '../../errors.js'
import * as CLOSE from '../../uris/close.js'
import * as ERROR from '../../uris/error.js'
import type { ReconnectOptions } from './backoff.js'

/** Reasons that another attempt would be told again. */
const FINAL: ReadonlySet<string> = new Set([
  CLOSE.killed,
  ERROR.noSuchRealm,
  ERROR.noSuchPrincipal,
  ERROR.noMatchingAuthMethod,
  ERROR.authenticationDenied,
  ERROR.authenticationRequired,
  ERROR.notAuthorized,
])

/** Reasons of WAMP and of our router; all others are of the application, which knows what it wants. */
const WELL_KNOWN = /^wamp(kit)?\./

/** Can another attempt end otherwise than the one that ended with `error`? */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof SessionClosedError)) return !(error instanceof UsageError)
  return WELL_KNOWN.test(error.reason) && !FINAL.has(error.reason)
}

/**
 * The options with their defaults; `undefined` for no reconnecting.
 *
 * @throws UsageError if one cannot work.
 */
export function reconnectOptions(given: boolean | ReconnectOptions = true): Required<ReconnectOptions> {
  const options = {
    initialDelay: 300,
    maxDelay: 30_000,
    factor: 2,
    jitter: 0.5,
    maxAttempts: given === false ? 0 : Number.POSITIVE_INFINITY,
    fromStart: false,
    queue: 0,
    ...(typeof given === 'object' ? given : undefined),
  }
  const { fromStart, ...numbers } = options
  for (const [name, value] of Object.entries(numbers))
    if (!(value >= 0) || (name === 'jitter' && value > 1))
      throw new UsageError(
        `reconnect.${name} must be a number from 0${name === 'jitter' ? ' to 1' : ''}, not ${JSON.stringify(value)}`,
      )
  if (!(options.factor >= 1))
    throw new UsageError(`reconnect.factor must be 1 or more, not ${options.factor}`)
  return { ...numbers, fromStart }
}
