import { UsageError } from '../../errors.js'
import { Code } from '../../messages/codes.js'
import { EMPTY_DICT } from '../../messages/dictionaries.js'
import { ErrorMessage } from '../../messages/error-message.js'
import {
  EventMessage,
  type Publish,
  Published,
  type Subscribe,
  Subscribed,
  type Unsubscribe,
  Unsubscribed,
} from '../../messages/pubsub.js'
import { randomId } from '../../sessions/ids.js'
import type { Session } from '../../sessions/session.js'
import { ERROR, isReserved, isUri, isUriPattern, type UriRule } from '../../uris.js'
import { disclose } from '../identity.js'
import { passthru } from '../passthru.js'
import { eligibilityOf } from './eligibility.js'
import { type SubscribedTopic, type SubscriptionObserver, Topics } from './topics.js'

/**
 * The role of a router that passes events to subscribers. It runs to the end in every turn, and waits for nothing.
 *
 * Spec: rfc/text/basic/publish_subscribe.md and the pubsub_* sections of the advanced profile.
 */
export class Broker {
  static readonly features = [
    'pattern_based_subscription',
    'publisher_exclusion',
    'publisher_identification',
    'session_meta_api',
    'subscriber_blackwhite_listing',
    'subscription_meta_api',
  ] as const

  readonly #topics: Topics
  /** Which subscriptions each session has a part in. */
  readonly #bySession = new Map<Session, Set<SubscribedTopic>>()

  constructor(
    realm: string,
    private readonly uriRule: UriRule = 'loose',
    private readonly observer?: SubscriptionObserver,
  ) {
    this.#topics = new Topics(realm)
  }

  /** All subscriptions. */
  get topics(): Topics {
    return this.#topics
  }

  /** Every subscription there is. */
  subscriptions(): Iterable<SubscribedTopic> {
    return this.#topics.all()
  }

  /** SUBSCRIBE. The second one of a session for the same topic gives the same subscription. */
  subscribe(session: Session, message: Subscribe): void {
    const { topic, requestId, options } = message
    const { match = 'exact' } = options
    if (!isUriPattern(topic, match, this.uriRule)) {
      const sentence = `${JSON.stringify(topic)} is no ${this.uriRule} URI to subscribe to (${match})`
      session.send(ErrorMessage.saying(Code.SUBSCRIBE, requestId, ERROR.invalidUri, sentence))
      return
    }
    const subscribed = this.#topics.ensure(match, topic)
    // Without subscribers there is no subscription: one that has none yet has just been made.
    const isNew = subscribed.subscribers.size === 0
    const isFirst = !subscribed.subscribers.has(session)
    subscribed.subscribers.add(session)
    const subscriptions = this.#bySession.get(session)
    if (subscriptions === undefined) this.#bySession.set(session, new Set([subscribed]))
    else subscriptions.add(subscribed)
    session.send(new Subscribed(requestId, subscribed.id))
    if (isNew) this.observer?.created(session, subscribed)
    if (isFirst) this.observer?.subscribed(session, subscribed)
  }

  /** UNSUBSCRIBE. Of a subscription that only others have it is refused, and theirs stay. */
  unsubscribe(session: Session, message: Unsubscribe): void {
    const subscribed = this.#topics.get(message.subscriptionId)
    if (subscribed === undefined || !subscribed.subscribers.has(session)) {
      const sentence = `this session has no subscription ${message.subscriptionId}`
      session.send(
        ErrorMessage.saying(Code.UNSUBSCRIBE, message.requestId, ERROR.noSuchSubscription, sentence),
      )
      return
    }
    this.#bySession.get(session)?.delete(subscribed)
    session.send(new Unsubscribed(message.requestId))
    this.#leave(subscribed, session)
  }

  /** PUBLISH: one EVENT to every subscriber, for each of its subscriptions that the topic matches. */
  publish(publisher: Session, message: Publish): void {
    const { topic, requestId, options, payload } = message
    // Without an acknowledgment asked for, a refusal is not told either.
    const refuse = (error: string, sentence: string) => {
      if (options.acknowledge) publisher.send(ErrorMessage.saying(Code.PUBLISH, requestId, error, sentence))
    }
    if (!isUri(topic, this.uriRule))
      return refuse(ERROR.invalidUri, `${JSON.stringify(topic)} is no ${this.uriRule} URI`)
    const isMeta = isReserved(topic)
    if (isMeta && !publisher.isTrusted)
      return refuse(ERROR.invalidUri, `${topic} cannot be published to: the protocol keeps wamp.* for itself`)
    const publicationId = randomId()
    const reading = passthru(options)
    const told = options.disclose_me === true ? { ...reading, ...disclose(publisher, 'publisher') } : reading
    const excluded = options.exclude_me === false ? undefined : publisher
    const mayHave = options === EMPTY_DICT ? undefined : eligibilityOf(options)
    this.#topics.forEachMatch(topic, (subscribed) => {
      // What the router tells of itself reaches those who ask for it, and not every pattern that is wide enough.
      if (isMeta && !isReserved(subscribed.topic)) return
      const details = subscribed.match === 'exact' ? told : { ...told, topic }
      // One message object for all subscribers: a transport encodes it once.
      const event = new EventMessage(subscribed.id, publicationId, details, payload)
      for (const subscriber of subscribed.subscribers)
        if (subscriber !== excluded && mayHave?.(subscriber) !== false) deliver(subscriber, event)
    })
    if (options.acknowledge) publisher.send(new Published(requestId, publicationId))
  }

  /** The session is over: its subscriptions go. */
  remove(session: Session): void {
    for (const subscribed of this.#bySession.get(session) ?? []) this.#leave(subscribed, session)
    this.#bySession.delete(session)
  }

  #leave(subscribed: SubscribedTopic, session: Session): void {
    subscribed.subscribers.delete(session)
    const deleted = subscribed.subscribers.size === 0
    if (deleted) this.#topics.delete(subscribed)
    this.observer?.unsubscribed(session, subscribed)
    if (deleted) this.observer?.deleted(session, subscribed)
  }
}

/** A subscriber whose serializer cannot carry the event does without it; the others get theirs. */
function deliver(subscriber: Session, event: EventMessage): void {
  try {
    subscriber.send(event)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
  }
}
