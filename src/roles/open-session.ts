import { SessionClosedError } from '../errors.js'
import type { Session } from '../sessions/session.js'
import * as ERROR from '../uris/error.js'

/**
 * The session that a role is open in. `doing` says what cannot be done without, such as `call com.example.add`.
 *
 * @throws SessionClosedError if there is none.
 */
export function openSession(session: Session | undefined, doing: string): Session {
  if (session !== undefined) return session
  throw new SessionClosedError(ERROR.transportLost, `cannot ${doing}: there is no session; start() first`)
}
