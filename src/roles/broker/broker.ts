import { MessageTooLongError, ProtocolError, UsageError } from '../../errors.js'
import { sized } from '../../event-store/event-size.js'
import type { EventArchive, HistoryOptions, StoredEvent } from '../../event-store/event-store.js'
import { Code } from '../../messages/codes.js'
import { EMPTY_DICT, type EventDetails, type PublishOptions } from '../../messages/dictionaries.js'
import { ErrorMessage } from '../../messages/error-message.js'
import { Payload } from '../../messages/payload.js'
import {
  EventMessage,
  type Publish,
  Published,
  type Subscribe,
  Subscribed,
  type Unsubscribe,
  Unsubscribed,
} from '../../messages/pubsub.js'
import { RandomIds } from '../../sessions/ids.js'
import type { Session } from '../../sessions/session.js'
import { ERROR, isReserved, LONGEST_URI } from '../../uris.js'
import { featuresOf } from '../feature-table.js'
import { disclose } from '../identity.js'
import { passthru, usesPassthru } from '../passthru.js'
import { type SessionLimits, sessionLimits } from '../session-limits.js'
import type { TrustLevels } from '../trust-levels.js'
import type { UriCheck } from '../uri-check.js'
import { audienceOf, eligibilityOf } from './eligibility.js'
import { Retention, type RetentionLimits } from './retention.js'
import { type SubscribedTopic, type SubscriptionObserver, Topics } from './topics.js'

export interface BrokerOptions {
  readonly realm: string
  readonly uris: UriCheck
  readonly observer?: SubscriptionObserver
  readonly trustLevels?: TrustLevels | undefined
  /** Where events are kept. */
  readonly archive: EventArchive
  /** Gives payload that is to be kept octets of its own. */
  readonly keep: (payload: Payload) => Payload
  /** The topics whose history is kept. */
  readonly histories?: readonly HistoryOptions[]
  readonly retention?: RetentionLimits
  readonly limits?: SessionLimits | undefined
  /** Called whenever a session wants more than it may have. */
  readonly onLimit?: (() => void) | undefined
}

/** What a broker has done, or could not do. */
export interface BrokerCounters {
  /** EVENTs that a subscriber did not get, because they are longer than it takes. */
  eventsTooLong: number
}

/**
 * The role of a router that passes events to subscribers. It runs to the end in every turn, and waits for nothing.
 *
 * Spec: rfc/text/basic/publish_subscribe.md and the pubsub_* sections of the advanced profile.
 */
export class Broker {
  static readonly features = featuresOf('broker')

  readonly counters: BrokerCounters = { eventsTooLong: 0 }
  readonly #ids = new RandomIds()
  readonly #topics: Topics
  /** Which subscriptions each session has a part in. */
  readonly #bySession = new Map<Session, Set<SubscribedTopic>>()
  readonly #uris: UriCheck
  readonly #observer: SubscriptionObserver | undefined
  readonly #trustLevels: TrustLevels | undefined
  readonly #retention: Retention
  readonly #mostSubscriptions: number
  readonly #onLimit: (() => void) | undefined
  readonly #keep: (payload: Payload) => Payload

  constructor(options: BrokerOptions) {
    const { realm, archive, histories = [] } = options
    this.#uris = options.uris
    this.#observer = options.observer
    this.#trustLevels = options.trustLevels
    this.#keep = options.keep
    this.#onLimit = options.onLimit
    this.#mostSubscriptions = sessionLimits(options.limits).subscriptions
    this.#topics = new Topics(realm)
    this.#retention = new Retention(archive, options.retention)
    for (const history of histories)
      this.#topics.ensure(history.match ?? 'exact', history.topic).history = archive.history(history)
  }

  /** All subscriptions. */
  get topics(): Topics {
    return this.#topics
  }

  /** Every subscription there is. */
  subscriptions(): Iterable<SubscribedTopic> {
    return this.#topics.all()
  }

  /**
   * SUBSCRIBE. The second one of a session for the same topic gives the same subscription. Retained events, where they
   * are asked for, follow the answer.
   */
  subscribe(session: Session, message: Subscribe): void {
    const { topic, requestId, options } = message
    const { match = 'exact' } = options
    const wrong = this.#uris.refusalOfPattern(topic, match)
    if (wrong !== undefined) {
      session.send(ErrorMessage.saying(Code.SUBSCRIBE, requestId, ERROR.invalidUri, wrong))
      return
    }
    if ((options.nkey?.length ?? 0) > LONGEST_URI) {
      const sentence = `an nkey has ${LONGEST_URI} characters at most`
      session.send(ErrorMessage.saying(Code.SUBSCRIBE, requestId, ERROR.invalidArgument, sentence))
      return
    }
    if ((this.#bySession.get(session)?.size ?? 0) >= this.#mostSubscriptions) {
      this.#onLimit?.()
      const sentence = `a session may have ${this.#mostSubscriptions} subscriptions, and this one has`
      session.send(ErrorMessage.saying(Code.SUBSCRIBE, requestId, ERROR.limitExceeded, sentence))
      return
    }
    const existing = this.#topics.find(match, topic)
    const slow = existing === undefined ? this.#topics.refusalOf(match, topic) : undefined
    if (slow !== undefined) {
      this.#onLimit?.()
      session.send(ErrorMessage.saying(Code.SUBSCRIBE, requestId, ERROR.limitExceeded, slow))
      return
    }
    const subscribed = existing ?? this.#topics.ensure(match, topic)
    // Without subscribers there is no subscription, unless it is kept: one that has none yet has just been made.
    const isNew = subscribed.subscribers.size === 0 && !subscribed.isKept
    const isFirst = !subscribed.subscribers.has(session)
    subscribed.add(session, options.nkey)
    const subscriptions = this.#bySession.get(session)
    if (subscriptions === undefined) this.#bySession.set(session, new Set([subscribed]))
    else subscriptions.add(subscribed)
    session.send(new Subscribed(requestId, subscribed.id))
    if (options.get_retained === true) this.#sendRetained(session, subscribed)
    if (isNew) this.#observer?.created(session, subscribed)
    if (isFirst) this.#observer?.subscribed(session, subscribed)
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
    const wrong = this.#uris.refusalOf(topic)
    if (wrong !== undefined) return refuse(ERROR.invalidUri, wrong)
    checkPublisher(publisher, options)
    if ((options.rkey?.length ?? 0) > LONGEST_URI)
      return refuse(ERROR.invalidArgument, `an rkey has ${LONGEST_URI} characters at most`)
    const isMeta = isReserved(topic)
    if (isMeta && !publisher.isTrusted)
      return refuse(ERROR.invalidUri, `${topic} cannot be published to: the protocol keeps wamp.* for itself`)
    const publicationId = this.#ids.next()
    const told = this.#toldOf(publisher, message)
    const excluded = options.exclude_me === false ? undefined : publisher
    const mayHave = options === EMPTY_DICT ? undefined : eligibilityOf(options)
    // Who was named by a session's id means nobody later on. Spec: pubsub_event_history.md, "Security Aspects".
    const isLasting = options.eligible === undefined && options.exclude === undefined
    let kept: StoredEvent | undefined
    const keep = () => {
      kept ??= sized({
        publicationId,
        timestamp: Date.now(),
        topic,
        details: told,
        payload: this.#keep(payload),
        audience: audienceOf(options),
      })
      return kept
    }
    this.#topics.forEachMatch(topic, (subscribed) => {
      // What the router tells of itself reaches those who ask for it, and not every pattern that is wide enough.
      if (isMeta && !isReserved(subscribed.topic)) return
      const details = subscribed.match === 'exact' ? told : { ...told, topic }
      // One message object for all subscribers: a transport encodes it once.
      const event = new EventMessage(subscribed.id, publicationId, details, payload)
      const lacks = options.rkey === undefined ? undefined : subscribed.withoutPartOf(options.rkey)
      for (const subscriber of subscribed.subscribers)
        if (subscriber !== excluded && mayHave?.(subscriber) !== false && lacks?.(subscriber) !== true)
          this.#deliver(subscriber, event)
      if (isLasting) subscribed.history?.append(keep())
    })
    if (options.retain === true) this.#retention.retain(retainable(keep(), excluded))
    if (options.acknowledge) publisher.send(new Published(requestId, publicationId))
  }

  /** Would anybody be told of an event of the router's own? */
  isHeard(topic: string): boolean {
    const heard: boolean[] = []
    this.#topics.forEachMatch(topic, (subscribed) => heard.push(isReserved(subscribed.topic)))
    return heard.includes(true)
  }

  /** The session is over: its subscriptions go. */
  remove(session: Session): void {
    for (const subscribed of this.#bySession.get(session) ?? []) this.#leave(subscribed, session)
    this.#bySession.delete(session)
  }

  /**
   * Takes a subscription from a subscriber, or from all. A subscriber that has not announced the feature is not told.
   * Returns how many subscribers lost it.
   *
   * Spec: rfc/text/advanced/pubsub_subscription_revocation.md.
   */
  revoke(subscriptionId: number, sessionId?: number, reason?: string): number {
    const subscribed = this.#topics.get(subscriptionId)
    if (subscribed === undefined) return 0
    const details = { subscription: subscriptionId, ...(reason === undefined ? EMPTY_DICT : { reason }) }
    const revoked = [...subscribed.subscribers].filter(
      ({ id }) => sessionId === undefined || id === sessionId,
    )
    for (const session of revoked) {
      this.#bySession.get(session)?.delete(subscribed)
      const dies = session.compatibility.noSubscriptionRevocation === true
      if (session.peer.has('subscriber', 'subscription_revocation') && !dies)
        session.send(new Unsubscribed(0, details))
      this.#leave(subscribed, session)
    }
    return revoked.length
  }

  #sendRetained(session: Session, { id, match, topic: pattern }: SubscribedTopic): void {
    this.#retention.forEachMatch(match, pattern, session, ({ publicationId, details, payload, topic }) => {
      const told = { ...details, ...(match === 'exact' ? EMPTY_DICT : { topic }), retained: true }
      this.#deliver(session, new EventMessage(id, publicationId, told, undecoded(payload)))
    })
  }

  /** What every subscriber is told of a publication. */
  #toldOf(publisher: Session, { options, topic }: Publish): EventDetails {
    const reading = passthru(options)
    const level = this.#trustLevels?.('publish', topic, publisher)
    if (options.disclose_me !== true && level === undefined) return reading
    return {
      ...reading,
      ...(options.disclose_me === true ? disclose(publisher, 'publisher') : EMPTY_DICT),
      ...(level === undefined ? EMPTY_DICT : { trustlevel: level }),
    }
  }

  /** A subscriber that cannot be sent the event does without it; the others get theirs. */
  #deliver(subscriber: Session, event: EventMessage): void {
    try {
      subscriber.send(event)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      if (error instanceof MessageTooLongError) this.counters.eventsTooLong++
    }
  }

  #leave(subscribed: SubscribedTopic, session: Session): void {
    subscribed.remove(session)
    const deleted = subscribed.subscribers.size === 0 && !subscribed.isKept
    if (deleted) this.#topics.delete(subscribed)
    this.#observer?.unsubscribed(session, subscribed)
    if (deleted) this.#observer?.deleted(session, subscribed)
  }
}

/** The same payload for one occasion: what is decoded of it goes with the message, and does not stay with the event. */
function undecoded(payload: Payload): Payload {
  return payload.encoded === undefined ? payload : Payload.fromEncoded(payload.encoded)
}

/** A retained event that its publisher would not have had is not for it later either. */
function retainable(event: StoredEvent, excluded: Session | undefined): StoredEvent {
  if (excluded === undefined) return event
  const { exclude = [] } = event.audience as PublishOptions
  return sized({ ...event, audience: { ...event.audience, exclude: [...exclude, excluded.id] } })
}

/** @throws ProtocolError if the publisher has not announced what it uses. */
function checkPublisher({ peer }: Session, options: PublishOptions): void {
  if (options === EMPTY_DICT || !usesPassthru(options) || peer.has('publisher', 'payload_passthru_mode'))
    return
  throw new ProtocolError(
    'PUBLISH.Options.ppt_scheme needs payload_passthru_mode, which the publisher has not announced in HELLO',
  )
}
