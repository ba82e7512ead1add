import { Code } from '../../messages/codes.js'
import { EMPTY_DICT } from '../../messages/dictionaries.js'
import { ErrorMessage } from '../../messages/error-message.js'
import { type Register, Registered, type Unregister, Unregistered } from '../../messages/rpc.js'
import type { Session } from '../../sessions/session.js'
import { ERROR, isReserved, LONGEST_URI, type MatchPolicy } from '../../uris.js'
import type { UriCheck } from '../uri-check.js'
import { type RegisteredProcedure, type RegistrationObserver, Registry } from './registry.js'

/**
 * The dealer's part in offering procedures: who may register what, and what goes when a callee leaves.
 *
 * Spec: rfc/text/basic/remote_procedure_call.md, "Registering and Unregistering".
 */
export class Registrations {
  readonly registry: Registry
  /** Which registrations each session has a part in. */
  readonly #bySession = new Map<Session, Set<RegisteredProcedure>>()

  constructor(
    realm: string,
    private readonly uris: UriCheck,
    private readonly observer: RegistrationObserver | undefined,
    /** How many registrations a session may have. */
    private readonly most: number,
    private readonly onLimit: (() => void) | undefined,
  ) {
    this.registry = new Registry(realm)
  }

  /** REGISTER. Spec: rfc/text/advanced/rpc_shared_registration.md for the second callee of a procedure. */
  register(session: Session, message: Register): void {
    const { procedure, requestId, options } = message
    const { match = 'exact', invoke = 'single' } = options
    this.#takeOver(session, message)
    const existing = this.registry.find(match, procedure)
    const refusal = this.#refusalOf(session, message, existing)
    if (refusal !== undefined) {
      session.send(ErrorMessage.saying(Code.REGISTER, requestId, ...refusal))
      return
    }
    const registered = existing ?? this.registry.create(match, procedure, invoke)
    registered.callees.push({
      session,
      disclosesCaller: options.disclose_caller === true,
      keepsTime: options.forward_timeout === true && session.peer.has('callee', 'call_timeout'),
      node: options.nkey ?? `${session.id}`,
      ownerKey: options._owner_key,
    })
    const registrations = this.#bySession.get(session)
    if (registrations === undefined) this.#bySession.set(session, new Set([registered]))
    else registrations.add(registered)
    session.send(new Registered(requestId, registered.id))
    if (session.isTrusted) return
    if (existing === undefined) this.observer?.created(session, registered)
    this.observer?.registered(session, registered)
  }

  /**
   * A client that was cut off comes back before the router has noticed, and finds its own registration in its way: with
   * the key that it gave then, and under the same authid, it takes the place of the session that is dead.
   */
  #takeOver(session: Session, { procedure, options: { match = 'exact', _owner_key: key } }: Register): void {
    if (key === undefined) return
    const existing = this.registry.find(match, procedure)
    const ghosts = (existing?.callees ?? []).filter(
      (callee) =>
        callee.ownerKey === key &&
        callee.session !== session &&
        callee.session.details.authid === session.details.authid,
    )
    for (const ghost of ghosts)
      this.revoke((existing as RegisteredProcedure).id, ghost.session.id, 'taken over by its owner')
  }

  /** UNREGISTER. Calls that the callee has under way go on. */
  unregister(session: Session, message: Unregister): void {
    const registered = this.registry.get(message.registrationId)
    if (registered === undefined || !registered.remove(session)) {
      const sentence = `this session has no registration ${message.registrationId}`
      session.send(
        ErrorMessage.saying(Code.UNREGISTER, message.requestId, ERROR.noSuchRegistration, sentence),
      )
      return
    }
    this.#bySession.get(session)?.delete(registered)
    session.send(new Unregistered(message.requestId))
    this.#left(session, registered)
  }

  /**
   * Takes a registration from a callee, or from all. A callee that has not announced the feature is not told. Calls that
   * are under way go on. Returns how many callees lost it.
   *
   * Spec: rfc/text/advanced/rpc_registration_revocation.md.
   */
  revoke(registrationId: number, sessionId?: number, reason?: string): number {
    const registered = this.registry.get(registrationId)
    if (registered === undefined) return 0
    const details = { registration: registrationId, ...(reason === undefined ? EMPTY_DICT : { reason }) }
    const revoked = registered.callees
      .map(({ session }) => session)
      .filter(({ id, isTrusted }) => !isTrusted && (sessionId === undefined || id === sessionId))
    for (const session of revoked) {
      registered.remove(session)
      this.#bySession.get(session)?.delete(registered)
      if (session.peer.has('callee', 'registration_revocation')) session.send(new Unregistered(0, details))
      this.#left(session, registered)
    }
    return revoked.length
  }

  /** The session is over: it serves nothing any more. */
  remove(session: Session): void {
    for (const registered of this.#bySession.get(session) ?? []) {
      registered.remove(session)
      this.#left(session, registered)
    }
    this.#bySession.delete(session)
  }

  /** Why the session may not register this, as an error URI and a sentence. */
  #refusalOf(
    session: Session,
    { procedure, options: { match = 'exact', invoke = 'single', nkey = '', _owner_key: key = '' } }: Register,
    existing: RegisteredProcedure | undefined,
  ): [error: string, sentence: string] | undefined {
    if (Math.max(nkey.length, key.length) > LONGEST_URI)
      return [ERROR.invalidArgument, `nkey and _owner_key have ${LONGEST_URI} characters at most`]
    const wrong = this.uris.refusalOfPattern(procedure, match)
    if (wrong !== undefined) return [ERROR.invalidUri, wrong]
    if ((this.#bySession.get(session)?.size ?? 0) >= this.most && !session.isTrusted) {
      this.onLimit?.()
      return [ERROR.limitExceeded, `a session may have ${this.most} registrations, and this one has`]
    }
    if (isReserved(procedure) && !session.isTrusted)
      return [ERROR.invalidUri, `${procedure} cannot be registered: the protocol keeps wamp.* for itself`]
    if (existing === undefined) return this.#tooSlow(match, procedure)
    if (existing.policy === 'single' || existing.policy !== invoke)
      return [
        ERROR.procedureAlreadyExists,
        `${procedure} is registered already, with invocation policy ${existing.policy}`,
      ]
    if (existing.callees.some((callee) => callee.session === session))
      return [ERROR.procedureAlreadyExists, `this session has registered ${procedure} already`]
    return undefined
  }

  #tooSlow(match: MatchPolicy, procedure: string): [error: string, sentence: string] | undefined {
    const slow = this.registry.refusalOf(match, procedure)
    if (slow === undefined) return undefined
    this.onLimit?.()
    return [ERROR.limitExceeded, slow]
  }

  /** The session is no callee of the registration any more; without a callee there is no registration. */
  #left(session: Session, registered: RegisteredProcedure): void {
    const deleted = registered.callees.length === 0
    if (deleted) this.registry.delete(registered)
    this.observer?.unregistered(session, registered)
    if (deleted) this.observer?.deleted(session, registered)
  }
}
