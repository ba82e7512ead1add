import { SessionClosedError, TransportError } from '../../errors.js'
import * as CLOSE from '../../uris/close.js'

/**
 * What a client is doing:
 *
 * - `stopped`: nothing; `start()` was not called, or failed, or the client has given up;
 * - `connecting`: it opens a transport and joins the realm;
 * - `joined`: there is a session, and everything that was declared is registered;
 * - `waiting`: the session was lost, or an attempt has failed, and it waits before the next one;
 * - `stopping`: it says GOODBYE.
 */
export type ClientState = 'stopped' | 'connecting' | 'joined' | 'waiting' | 'stopping'

/** Tells that a client does something else than before. */
export interface StateChange {
  readonly state: ClientState
  readonly previous: ClientState
  /** With `waiting` and `stopped`: what went wrong, if something did. */
  readonly error?: unknown
  /** With `waiting` and `connecting`, after a loss: which attempt in a row comes, from 1. */
  readonly attempt?: number
  /** With `waiting`: milliseconds until the next attempt. */
  readonly delay?: number
}

/** What is told to those who wait for something of a client that is `stopped`, or about to be. */
export function errorOf({ error }: StateChange): Error {
  if (error === undefined) return new SessionClosedError(CLOSE.realm, 'the client was stopped')
  return error instanceof Error ? error : new TransportError(String(error), { cause: error })
}
