import type { Action, Authorizer, Decision } from '../../../authorization/authorization.js'
import { ApplicationError } from '../../../errors.js'
import type { Logger } from '../../../logger.js'
import { authorizationRequest } from '../../../message-handlers/request-gate.js'
import type { Session } from '../../../sessions/session.js'
import { ERROR, type MatchPolicy } from '../../../uris.js'

/** Judges what sessions ask for by way of meta procedures: they may not do more by those than by themselves. */
export class Judge {
  constructor(
    /** Who judges, by now: another one may have been put in charge. */
    private readonly authorizer: () => Authorizer | undefined,
    private readonly logger: Logger,
  ) {}

  /**
   * What is decided about it; `session` may be over. Without an authorizer everything is allowed.
   *
   * @throws ApplicationError `wamp.error.authorization_failed`, as the promise does, if nobody can say; the log says why.
   */
  decide(session: Session, action: Action, uri: string, match: MatchPolicy): Decision | Promise<Decision> {
    const authorizer = this.authorizer()
    if (authorizer === undefined) return { allow: true }
    const failed = (error: unknown): never => {
      this.logger.error('an authorizer failed', error)
      throw new ApplicationError(ERROR.authorizationFailed, [
        'the router could not decide whether this is allowed',
      ])
    }
    try {
      const decision = authorizer.authorize(authorizationRequest(session, { action, uri, match }))
      return decision instanceof Promise ? decision.catch(failed) : decision
    } catch (error) {
      return failed(error)
    }
  }
}

/**
 * Does `act` if it is allowed, with the decision.
 *
 * @throws ApplicationError `wamp.error.not_authorized` if it is not.
 */
export function ifAllowed<T>(
  decision: Decision | Promise<Decision>,
  act: (decision: Decision) => T | Promise<T>,
): T | Promise<T> {
  const whenDecided = (made: Decision) => {
    if (made.allow) return act(made)
    throw new ApplicationError(ERROR.notAuthorized, ['this is not allowed to you'])
  }
  return decision instanceof Promise ? decision.then(whenDecided) : whenDecided(decision)
}
