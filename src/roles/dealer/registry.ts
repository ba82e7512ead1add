import type { Session } from '../../sessions/session.js'
import type { MatchPolicy } from '../../uris.js'
import { chooseCallee } from '../invocation-policies.js'
import { choosePartition } from '../partition.js'
import type { InvocationPolicy } from '../registration.js'
import { PatternTable } from '../uri-map/pattern-table.js'

/** A callee of a registration, with what it asked for. */
export interface RegisteredCallee {
  readonly session: Session
  readonly disclosesCaller: boolean
  /** Does it want to be told the timeout of a call, and keep the time itself? */
  readonly keepsTime: boolean
  /** By what name it takes its part of partitioned calls. */
  readonly node: string
  /** Who shows this, under the same authid, takes its place. */
  readonly ownerKey: string | undefined
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

  /** The callee that serves the next call; of a partitioned one, that which the key belongs to. */
  choose(partition?: string): RegisteredCallee | undefined {
    if (partition !== undefined) return choosePartition(partition, this.callees, ({ node }) => node)
    if (this.#turn >= this.callees.length) this.#turn = 0
    return chooseCallee(this.policy, this.callees, this.#turn++)
  }

  /**
   * The callee that serves a call which those in `unavailable` could not: chosen as if they were not there. Nobody
   * stands in for the only callee of a procedure that is not shared.
   *
   * Spec: rfc/text/advanced/rpc_call_rerouting.md.
   */
  chooseOther(unavailable: ReadonlySet<Session>, partition?: string): RegisteredCallee | undefined {
    if (this.policy === 'single') return undefined
    if (partition !== undefined) {
      const available = this.callees.filter(({ session }) => !unavailable.has(session))
      return choosePartition(partition, available, ({ node }) => node)
    }
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

/** All registrations of a realm. */
export class Registry extends PatternTable<RegisteredProcedure> {
  constructor(realm: string) {
    super(realm, ({ procedure }) => procedure)
  }

  create(match: MatchPolicy, procedure: string, policy: InvocationPolicy): RegisteredProcedure {
    return this.add(match, procedure, (id) => new RegisteredProcedure(id, procedure, match, policy))
  }
}
