import type { Authorizer } from '../../authorization/authorization.js'
import { byRole } from '../../authorization/by-role.js'
import type { Clock } from '../../clock.js'
import { ApplicationError } from '../../errors.js'
import type { EventArchive } from '../../event-store/event-store.js'
import type { Logger } from '../../logger.js'
import type { HandledRealm } from '../../message-handlers/router-message-handler.js'
import { Broker } from '../../roles/broker/broker.js'
import { Dealer } from '../../roles/dealer/dealer.js'
import { type SessionLimits, sessionLimits } from '../../roles/session-limits.js'
import { trustLevels } from '../../roles/trust-levels.js'
import { UriCheck } from '../../roles/uri-check.js'
import type { Session } from '../../sessions/session.js'
import { ERROR, META } from '../../uris.js'
import { registerHistoryProcedure } from './meta/history.js'
import { Judge } from './meta/judge.js'
import { MetaSession } from './meta/meta-session.js'
import { registerRegistrationProcedures, registrationEvents } from './meta/registrations.js'
import {
  type ExpectPowers,
  registerSessionProcedures,
  type SessionsOfRealm,
  sessionDetails,
} from './meta/sessions.js'
import { registerSubscriptionProcedures, subscriptionEvents } from './meta/subscriptions.js'
import { TestamentStore } from './meta/testaments.js'
import { RealmCaller } from './realm-caller.js'
import type { RealmOptions } from './router-options.js'
import type { KeepPayload } from './stored-payloads.js'

/** What a realm has to know of the connection of a session. */
export interface Membership {
  /** Is the client on this machine? */
  readonly local: boolean
  /** Says GOODBYE to the session, and closes its transport when it is answered, or is not. */
  dismiss(reason: string, message?: string): void
}

/** What a realm is made of, besides its options. */
export interface RealmParts {
  readonly clock: Clock
  readonly archive: EventArchive
  readonly keep: KeepPayload
  readonly limits?: SessionLimits | undefined
  /** Called whenever a session wants more than it may have. */
  readonly onLimit?: () => void
  /** The longest URI that clients may name, in characters. */
  readonly longestUri: number
  /** Called whenever one of them names a longer one. */
  readonly onLongUri: () => void
  readonly logger: Logger
}

export interface RevokeOptions {
  /** The id of the only session that is to lose it; all do by default. */
  readonly session?: number
  /** Why, in words: those who understand it are told. */
  readonly reason?: string
}

/** A routing namespace of a router: a broker, a dealer, the sessions that joined, and what tells of them. */
export class Realm implements HandledRealm, SessionsOfRealm {
  readonly name: string
  readonly broker: Broker
  readonly dealer: Dealer
  readonly longestUri: number
  #authorizer: Authorizer | undefined
  readonly #sessions = new Map<number, Session>()
  readonly #memberships = new Map<Session, Membership>()
  readonly #meta: MetaSession
  readonly #testaments: TestamentStore
  readonly #caller: RealmCaller
  /** Nobody is told who leaves, while all are sent away. */
  #isSilent = false

  constructor(
    {
      name,
      uris = 'loose',
      trustLevels: rules,
      history = [],
      retention = {},
      roles,
      authorizer,
    }: RealmOptions,
    parts: RealmParts,
  ) {
    this.name = name
    this.#authorizer = byRole(roles, authorizer)
    const { clock, archive, keep, limits, onLimit, logger } = parts
    const meta = () => this.#meta
    const { longestUri, onLongUri } = parts
    const check = new UriCheck(uris, longestUri, onLongUri)
    const both = { realm: name, uris: check, limits, onLimit, trustLevels: rules && trustLevels(rules) }
    this.longestUri = check.longest
    this.broker = new Broker({
      ...both,
      archive,
      keep,
      retention,
      histories: history,
      observer: subscriptionEvents(meta),
    })
    this.dealer = new Dealer({ ...both, clock, observer: registrationEvents(meta) })
    this.#meta = new MetaSession(name, this)
    const judge = new Judge(() => this.#authorizer, logger)
    this.#testaments = new TestamentStore({
      broker: this.broker,
      uris: check,
      sessions: this.#sessions,
      judge,
      keep,
      maxBytes: sessionLimits(limits).testamentBytes,
      onLimit,
      logger,
    })
    const expectPowers: ExpectPowers = ({ caller }) => this.#expectPowers(caller)
    registerSessionProcedures(this.#meta, this, expectPowers)
    registerRegistrationProcedures(this.#meta, this.dealer, expectPowers)
    registerSubscriptionProcedures(this.#meta, this.broker, expectPowers)
    registerHistoryProcedure(this.#meta, this.broker, this.#sessions, judge, keep)
    this.#testaments.register(this.#meta)
    this.#caller = new RealmCaller(name, this, clock)
  }

  /**
   * Calls a procedure of the realm in the name of the router; resolves to the only value of its result. What `byProcedure`
   * takes, for authorizers and for principals that a procedure knows.
   *
   * @throws ApplicationError if it fails; CanceledError if it does not answer within 5 seconds.
   */
  call(procedure: string, args: readonly unknown[]): Promise<unknown> {
    return this.#caller.call(procedure, args)
  }

  /** Who judges what sessions ask for; without one everybody may do everything. */
  get authorizer(): Authorizer | undefined {
    return this.#authorizer
  }

  /** Has requests judged otherwise from now on. */
  judgeBy({ roles, authorizer }: Pick<RealmOptions, 'roles' | 'authorizer'>): void {
    this.#authorizer = byRole(roles, authorizer)
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
    if (this.#sessions.get(session.id) !== session) {
      // It was sent away before; what it may have made since then goes as well.
      this.broker.remove(session)
      this.dealer.remove(session)
      return
    }
    const { authid, authrole } = session.details
    this.#sessions.delete(session.id)
    this.#memberships.delete(session)
    this.broker.remove(session)
    this.dealer.remove(session)
    if (this.#isSilent) return this.#testaments.drop(session)
    this.#testaments.publish(session)
    this.#meta.publish(META.session.onLeave, [session.id, authid, authrole])
  }

  /**
   * Takes a registration from one of its callees, or from all of them. Calls under way go on. Returns how many lost it.
   *
   * Spec: rfc/text/advanced/rpc_registration_revocation.md.
   */
  revokeRegistration(registrationId: number, { session, reason }: RevokeOptions = {}): number {
    return this.dealer.revoke(registrationId, session, reason)
  }

  /**
   * Takes a subscription from one of its subscribers, or from all of them. Returns how many lost it.
   *
   * Spec: rfc/text/advanced/pubsub_subscription_revocation.md.
   */
  revokeSubscription(subscriptionId: number, { session, reason }: RevokeOptions = {}): number {
    return this.broker.revoke(subscriptionId, session, reason)
  }

  /** Not a stranger, anonymous and from another machine, may take from others what they have. */
  #expectPowers(sessionId: number): void {
    // Where there is an authorizer, it has allowed the call.
    if (this.authorizer !== undefined) return
    // One that has left meanwhile has no powers any more.
    const session = this.#sessions.get(sessionId)
    const isKnown = session !== undefined && session.details.authmethod !== 'anonymous'
    if (isKnown || (session !== undefined && this.#memberships.get(session)?.local === true)) return
    throw new ApplicationError(ERROR.notAuthorized, [
      'anonymous clients of other machines may not end what others have',
    ])
  }

  dismiss(sessions: readonly Session[], reason: string, message?: string, silently = false): void {
    this.#isSilent = silently
    try {
      for (const session of sessions) {
        const membership = this.#memberships.get(session)
        this.leave(session)
        membership?.dismiss(reason, message)
      }
    } finally {
      this.#isSilent = false
    }
  }
}
