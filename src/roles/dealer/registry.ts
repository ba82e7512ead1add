import { idOf } from '../../sessions/ids.js'
import type { Session } from '../../sessions/session.js'
import type { MatchPolicy } from '../../uris.js'
import { chooseCallee } from '../invocation-policies.js'
import type { InvocationPolicy } from '../registration.js'
import { UriMap } from '../uri-map/uri-map.js'

/** A callee of a registration, with what it asked for. */
export interface RegisteredCallee {
  readonly session: Session
  readonly disclosesCaller: boolean
  /** Does it want to be told the timeout of a call, and keep the time itself? */
  readonly keepsTime: boolean
}

/** Is told of registrations, as the meta API tells of them; not of those that the router has itself. */
export interface RegistrationObserver {
  created(session: Session, registered: RegisteredProcedure): void
  registered(session: Session, registered: RegisteredProcedure): void
  unregistered(session: Session, registered: RegisteredProcedure): void
  deleted(session: Session, registered: RegisteredProcedure): void
}

/** A procedure as the dealer knows it: one id and one policy, shared by all of its callees. */
export class RegisteredProcedure {
  readonly callees: RegisteredCallee[] = []
  readonly created = new Date()
  #turn = 0

  constructor(
    readonly id: number,
    readonly procedure: string,
    readonly match: MatchPolicy,
    readonly policy: InvocationPolicy,
  ) {}

  /** The callee that serves the next call. */
  choose(): RegisteredCallee | undefined {
    if (this.#turn >= this.callees.length) this.#turn = 0
    return chooseCallee(this.policy, this.callees, this.#turn++)
  }

  /**
   * The callee that serves a call which those in `unavailable` could not: chosen as if they were not there. Nobody
   * stands in for the only callee of a procedure that is not shared.
   *
   * Spec: rfc/text/advanced/rpc_call_rerouting.md.
   */
  chooseOther(unavailable: ReadonlySet<Session>): RegisteredCallee | undefined {
    if (this.policy === 'single') return undefined
    // From the one whose turn it is, so that `roundrobin` goes on where it was.
    const turn = this.#turn % Math.max(this.callees.length, 1)
    const order =
      this.policy === 'roundrobin'
        ? [...this.callees.slice(turn), ...this.callees.slice(0, turn)]
        : this.callees
    const chosen = chooseCallee(
      this.policy,
      order.filter(({ session }) => !unavailable.has(session)),
      0,
    )
    if (chosen !== undefined && this.policy === 'roundrobin') this.#turn = this.callees.indexOf(chosen) + 1
    return chosen
  }

  /** Takes the callee out. A turn that has passed it goes on with the one that follows. */
  remove(session: Session): boolean {
    const index = this.callees.findIndex((callee) => callee.session === session)
    if (index < 0) return false
    this.callees.splice(index, 1)
    if (index < this.#turn) this.#turn--
    return true
  }
}

/** All registrations of a realm, by what they match and by id. */
export class Registry {
  readonly #byUri = new UriMap<RegisteredProcedure>()
  readonly #byId = new Map<number, RegisteredProcedure>()

  constructor(private readonly realm: string) {}

  get(id: number): RegisteredProcedure | undefined {
    return this.#byId.get(id)
  }

  find(match: MatchPolicy, procedure: string): RegisteredProcedure | undefined {
    return this.#byUri.get(match, procedure)
  }

  /** The registration under exactly this URI: the fast way to the one that a call goes to. */
  exact(procedure: string): RegisteredProcedure | undefined {
    return this.#byUri.exact(procedure)
  }

  /** The one registration that a call of this URI goes to. */
  best(procedure: string): RegisteredProcedure | undefined {
    return this.#byUri.best(procedure)
  }

  create(match: MatchPolicy, procedure: string, policy: InvocationPolicy): RegisteredProcedure {
    let attempt = 0
    let id = idOf(this.realm, match, procedure)
    while (this.#byId.has(id)) id = idOf(this.realm, match, procedure, ++attempt)
    const created = new RegisteredProcedure(id, procedure, match, policy)
    this.#byId.set(id, created)
    this.#byUri.set(match, procedure, created)
    return created
  }

  delete(registered: RegisteredProcedure): void {
    this.#byId.delete(registered.id)
    this.#byUri.delete(registered.match, registered.procedure)
  }

  /** Every registration there is. */
  all(): Iterable<RegisteredProcedure> {
    return this.#byId.values()
  }
}
