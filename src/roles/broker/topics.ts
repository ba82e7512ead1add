import type { History } from '../../event-store/event-store.js'
import type { Session } from '../../sessions/session.js'
import type { MatchPolicy } from '../../uris.js'
import { choosePartition } from '../partition.js'
import { PatternTable } from '../uri-map/pattern-table.js'

/** Is told of subscriptions, as the meta API tells of them. */
export interface SubscriptionObserver {
  created(session: Session, subscribed: SubscribedTopic): void
  subscribed(session: Session, subscribed: SubscribedTopic): void
  unsubscribed(session: Session, subscribed: SubscribedTopic): void
  deleted(session: Session, subscribed: SubscribedTopic): void
}

/** A subscription as the broker knows it: one id, shared by all who subscribed to the same topic in the same way. */
export class SubscribedTopic {
  readonly subscribers = new Set<Session>()
  readonly created = new Date()
  /** What was published to it, where that is kept: such a subscription stays without subscribers too. */
  history: History | undefined
  /** The node keys of the subscribers that have one. */
  #nodes: Map<Session, string> | undefined

  constructor(
    readonly id: number,
    readonly topic: string,
    readonly match: MatchPolicy,
  ) {}

  /** Does it outlive its last subscriber? */
  get isKept(): boolean {
    return this.history !== undefined
  }

  add(session: Session, node: string | undefined): void {
    this.subscribers.add(session)
    this.#nodes?.delete(session)
    if (node === undefined) return
    this.#nodes ??= new Map()
    this.#nodes.set(session, node)
  }

  remove(session: Session): void {
    this.subscribers.delete(session)
    this.#nodes?.delete(session)
  }

  /**
   * Who does without an event of this resource key: those whose node it does not belong to.
   *
   * Spec: rfc/text/advanced/pubsub_sharded_subscription.md.
   */
  withoutPartOf(rkey: string): ((subscriber: Session) => boolean) | undefined {
    const nodes = this.#nodes
    if (nodes === undefined || nodes.size === 0) return undefined
    const chosen = choosePartition(rkey, nodes.values(), (node) => node)
    return (subscriber) => {
      const node = nodes.get(subscriber)
      return node !== undefined && node !== chosen
    }
  }
}

/** All subscriptions of a realm. */
export class Topics extends PatternTable<SubscribedTopic> {
  constructor(realm: string) {
    super(realm, ({ topic }) => topic)
  }

  /** The subscription to exactly this topic or pattern; made if there is none. */
  ensure(match: MatchPolicy, topic: string): SubscribedTopic {
    return this.find(match, topic) ?? this.add(match, topic, (id) => new SubscribedTopic(id, topic, match))
  }
}
