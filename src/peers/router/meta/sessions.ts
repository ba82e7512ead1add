import { ApplicationError } from '../../../errors.js'
import type { Dict } from '../../../messages/dictionaries.js'
import type { Session } from '../../../sessions/session.js'
import { CLOSE, ERROR, META } from '../../../uris.js'
import { authrolesArgument, idArgument, messageArgument, reasonArgument, textArgument } from './arguments.js'
import type { MetaCall, MetaSession } from './meta-session.js'

/** What the procedures need of a realm. */
export interface SessionsOfRealm {
  readonly sessions: ReadonlyMap<number, Session>
  /** Ends these sessions with a GOODBYE; `silently` tells nobody. */
  dismiss(sessions: readonly Session[], reason: string, message?: string, silently?: boolean): void
}

/**
 * May the caller take from others what they have?
 *
 * @throws ApplicationError `wamp.error.not_authorized` if not.
 */
export type ExpectPowers = (call: MetaCall) => void

/** Session Meta API: procedures. Spec: rfc/text/advanced/meta_api_sessions.md. */
export function registerSessionProcedures(
  meta: MetaSession,
  realm: SessionsOfRealm,
  expectPowers: ExpectPowers,
): void {
  const { sessions } = realm
  const uris = META.session
  const filtered = (call: MetaCall) => {
    const authroles = authrolesArgument(call)
    const wanted = authroles && new Set(authroles)
    return [...sessions.values()].filter(({ details }) => wanted?.has(String(details.authrole)) ?? true)
  }
  const kill = (call: MetaCall, doomed: (session: Session) => boolean, silently = false) => {
    expectPowers(call)
    const reason = reasonArgument(call) ?? CLOSE.killed
    const killed = [...sessions.values()].filter((session) => session.id !== call.caller && doomed(session))
    realm.dismiss(killed, reason, messageArgument(call), silently)
    return killed.map(({ id }) => id)
  }
  meta.register(uris.count, (call) => filtered(call).length)
  meta.register(uris.list, (call) => filtered(call).map(({ id }) => id))
  meta.register(uris.get, (call) => {
    const id = idArgument(call)
    const session = sessions.get(id)
    if (session === undefined) throw noSuchSession(id)
    return sessionDetails(session)
  })
  meta.register(uris.kill, (call) => {
    const id = idArgument(call)
    if (kill(call, (session) => session.id === id).length === 0) throw noSuchSession(id)
  })
  meta.register(uris.killByAuthid, (call) => {
    const authid = textArgument(call)
    return kill(call, ({ details }) => details.authid === authid)
  })
  meta.register(uris.killByAuthrole, (call) => {
    const authrole = textArgument(call)
    return kill(call, ({ details }) => details.authrole === authrole).length
  })
  meta.register(uris.killAll, (call) => kill(call, () => true, true).length)
}

/** The session as `on_join` and `get` tell of it. */
export function sessionDetails({ id, details }: Session): Dict {
  const { authid, authrole, authmethod, authprovider } = details
  return { session: id, authid, authrole, authmethod, authprovider }
}

function noSuchSession(id: number): ApplicationError {
  return new ApplicationError(ERROR.noSuchSession, [`there is no other session ${id}`])
}
