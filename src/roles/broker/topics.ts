import type { Session } from '../../sessions/session.js'
import type { MatchPolicy } from '../../uris.js'
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

  constructor(
    readonly id: number,
    readonly topic: string,
    readonly match: MatchPolicy,
  ) {}
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
