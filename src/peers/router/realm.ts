import type { Clock } from '../../clock.js'
import type { HandledRealm } from '../../message-handlers/router-message-handler.js'
import { Broker } from '../../roles/broker/broker.js'
import { Dealer } from '../../roles/dealer/dealer.js'
import type { Session } from '../../sessions/session.js'
import { META, type UriRule } from '../../uris.js'
import { MetaSession } from './meta/meta-session.js'
import { registerRegistrationProcedures, registrationEvents } from './meta/registrations.js'
import { registerSessionProcedures, type SessionsOfRealm, sessionDetails } from './meta/sessions.js'
import { registerSubscriptionProcedures, subscriptionEvents } from './meta/subscriptions.js'

/** What a realm has to know of the connection of a session. */
export interface Membership {
  /** Is the client on this machine? */
  readonly local: boolean
  /** Says GOODBYE to the session, and closes its transport when it is answered, or is not. */
  dismiss(reason: string, message?: string): void
}

/** A routing namespace of a router: a broker, a dealer, the sessions that joined, and what tells of them. */
export class Realm implements HandledRealm, SessionsOfRealm {
  readonly broker: Broker
  readonly dealer: Dealer
  readonly #sessions = new Map<number, Session>()
  readonly #memberships = new Map<Session, Membership>()
  readonly #meta: MetaSession
  /** Nobody is told who leaves, while all are sent away. */
  #isSilent = false

  constructor(
    readonly name: string,
    clock: Clock,
    uriRule: UriRule,
  ) {
    const meta = () => this.#meta
    this.broker = new Broker(name, uriRule, subscriptionEvents(meta))
    this.dealer = new Dealer(name, clock, uriRule, registrationEvents(meta))
    this.#meta = new MetaSession(name, this)
    registerSessionProcedures(this.#meta, this)
    registerRegistrationProcedures(this.#meta, this.dealer)
    registerSubscriptionProcedures(this.#meta, this.broker)
  }

  /** The sessions that have joined, by id. */
  get sessions(): ReadonlyMap<number, Session> {
    return this.#sessions
  }

  join(session: Session, membership: Membership): void {
    this.#sessions.set(session.id, session)
    this.#memberships.set(session, membership)
    this.#meta.publish(META.session.onJoin, [sessionDetails(session)])
  }

  leave(session: Session): void {
    if (this.#sessions.get(session.id) !== session) return
    const { authid, authrole } = session.details
    this.#sessions.delete(session.id)
    this.#memberships.delete(session)
    this.broker.remove(session)
    this.dealer.remove(session)
    if (!this.#isSilent) this.#meta.publish(META.session.onLeave, [session.id, authid, authrole])
  }

  mayDismiss(sessionId: number): boolean {
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return false
    return session.details.authmethod !== 'anonymous' || this.#memberships.get(session)?.local === true
  }

  dismiss(sessions: readonly Session[], reason: string, message?: string, silently = false): void {
    this.#isSilent = silently
    for (const session of sessions) {
      const membership = this.#memberships.get(session)
      this.leave(session)
      membership?.dismiss(reason, message)
    }
    this.#isSilent = false
  }
}
