import type { Clock } from '../../clock.js'
import type { HandledRealm } from '../../message-handlers/router-message-handler.js'
import { Broker } from '../../roles/broker/broker.js'
import { Dealer } from '../../roles/dealer/dealer.js'
import type { Session } from '../../sessions/session.js'
import type { UriRule } from '../../uris.js'

/** A routing namespace of a router: a broker, a dealer, and the sessions that joined. */
export class Realm implements HandledRealm {
  readonly broker: Broker
  readonly dealer: Dealer
  readonly #sessions = new Map<number, Session>()

  constructor(
    readonly name: string,
    clock: Clock,
    uriRule: UriRule,
  ) {
    this.broker = new Broker(name, uriRule)
    this.dealer = new Dealer(name, clock, uriRule)
  }

  /** The sessions that have joined, by id. */
  get sessions(): ReadonlyMap<number, Session> {
    return this.#sessions
  }

  join(session: Session): void {
    this.#sessions.set(session.id, session)
  }

  leave(session: Session): void {
    if (this.#sessions.get(session.id) !== session) return
    this.#sessions.delete(session.id)
    this.broker.remove(session)
    this.dealer.remove(session)
  }
}
