import { idOf } from '../../sessions/ids.js'
import type { Session } from '../../sessions/session.js'
import type { MatchPolicy } from '../../uris.js'
import { UriMap } from '../uri-map/uri-map.js'

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

/** All subscriptions of a realm, by what they match and by id. */
export class Topics {
  readonly #byUri = new UriMap<SubscribedTopic>()
  readonly #byId = new Map<number, SubscribedTopic>()

  constructor(private readonly realm: string) {}

  get(id: number): SubscribedTopic | undefined {
    return this.#byId.get(id)
  }

  find(match: MatchPolicy, topic: string): SubscribedTopic | undefined {
    return this.#byUri.get(match, topic)
  }

  /** The subscription to exactly this topic or pattern; made if there is none. */
  ensure(match: MatchPolicy, topic: string): SubscribedTopic {
    const existing = this.find(match, topic)
    if (existing !== undefined) return existing
    let attempt = 0
    let id = idOf(this.realm, match, topic)
    while (this.#byId.has(id)) id = idOf(this.realm, match, topic, ++attempt)
    const created = new SubscribedTopic(id, topic, match)
    this.#byId.set(id, created)
    this.#byUri.set(match, topic, created)
    return created
  }

  delete(subscribed: SubscribedTopic): void {
    this.#byId.delete(subscribed.id)
    this.#byUri.delete(subscribed.match, subscribed.topic)
  }

  /** Calls `visit` with every subscription that a publication to `topic` reaches. */
  forEachMatch(topic: string, visit: (subscribed: SubscribedTopic) => void): void {
    this.#byUri.forEachMatch(topic, visit)
  }

  /** Every subscription there is. */
  all(): Iterable<SubscribedTopic> {
    return this.#byId.values()
  }
}
