import type { Action, Decision } from '../../../authorization/authorization.js'
import { ApplicationError } from '../../../errors.js'
import type { Session } from '../../../sessions/session.js'
import { ERROR, type MatchPolicy } from '../../../uris.js'

/** Judges what a session asks for by way of a meta procedure. */
export type Judge = (
  session: Session,
  action: Action,
  uri: string,
  match: MatchPolicy,
) => Decision | Promise<Decision>

/**
 * Does `act` if the session may do by itself what it asks the router to do for it.
 *
 * @throws ApplicationError `wamp.error.not_authorized` if it may not, `wamp.error.authorization_failed` if nobody can say.
 */
export function ifAllowed<T>(
  decision: Decision | Promise<Decision>,
  act: () => T | Promise<T>,
): T | Promise<T> {
  if (!(decision instanceof Promise)) return whenAllowed(decision, act)
  return decision.then(
    (made) => whenAllowed(made, act),
    () => {
      throw new ApplicationError(ERROR.authorizationFailed, [
        'the router could not decide whether this is allowed',
      ])
    },
  )
}

function whenAllowed<T>({ allow }: Decision, act: () => T): T {
  if (allow) return act()
  throw new ApplicationError(ERROR.notAuthorized, ['this is not allowed to you'])
}
