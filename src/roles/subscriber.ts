import { ApplicationError } from '../errors.js'
import * as Code from '../messages/code.js'
import { type Dict, EMPTY_DICT, type RevocationDetails } from '../messages/dictionaries.js'
import type { ErrorMessage } from '../messages/error-message.js'
import {
  type EventMessage,
  Subscribe,
  type Subscribed,
  Unsubscribe,
  type Unsubscribed,
} from '../messages/pubsub.js'
import type { Session } from '../sessions/session.js'
import { spellOut } from '../spelling.js'
import * as ERROR from '../uris/error.js'
import type { TopicContract } from './contract.js'
import { type ErrorClasses, isErrorOf } from './error-classes.js'
import { expectHandler, expectUri } from './expectations.js'
import { featuresOf } from './feature-table.js'
import { openSession } from './open-session.js'
import { ReceivedEvent } from './received-event.js'
import { Requests } from './requests.js'
import type { Revocation } from './revocation.js'
import { SharedSubscription, type SubscribedHandler } from './shared-subscription.js'
import type { EventHandler, SubscribeOptions, Subscription } from './subscription.js'

/** Called with each event itself, rather than with its arguments. */
export type EventSink = (event: ReceivedEvent) => unknown

/** The role that subscribes to topics. Spec: rfc/text/basic/publish_subscribe.md. */
export class Subscriber {
  static readonly features = featuresOf('subscriber')

  #session: Session | undefined
  /** One for each topic and match policy, however many handlers it has; it outlives sessions. */
  readonly #wanted = new Map<string, SharedSubscription>()
  readonly #byId = new Map<number, SharedSubscription>()
  readonly #subscribing = new Requests<Subscribed>()
  readonly #unsubscribing = new Requests<Unsubscribed>()

  constructor(
    private readonly errors: ErrorClasses,
    /** Told what an event handler threw: there is nobody else to tell. */
    private readonly onError: (error: unknown) => void,
    /** Told that the router has taken a subscription back. */
    private readonly onRevoked: (revocation: Revocation) => void = () => {},
  ) {}

  open(session: Session): void {
    this.#session = session
  }

  close(error: Error): void {
    this.#session = undefined
    this.#byId.clear()
    this.#subscribing.close(error)
    this.#unsubscribing.close(error)
    for (const shared of this.#wanted.values()) shared.forget()
  }

  /** There will be no further session, for now: streams of events end. */
  end(error: Error): void {
    for (const [key, shared] of this.#wanted) {
      shared.endSinks(error)
      if (shared.handlers.size === 0) this.#wanted.delete(key)
    }
  }

  /** A subscription for each handler, subscribed or not. */
  get wanted(): readonly Subscription[] {
    return [...this.#wanted.values()].flatMap(({ handlers }) => [...handlers])
  }

  /**
   * Has `handler` called with the arguments of each event. Handlers of one topic share one subscription.
   *
   * @throws ApplicationError if the router refuses; SessionClosedError if there is no session; UsageError if `topic`
   * is no URI.
   */
  subscribe(
    topic: string | TopicContract,
    handler: EventHandler,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    if (typeof topic === 'object') return this.subscribe(topic.uri, topic.handle(handler), options)
    expectHandler('subscribe to', topic, handler)
    return this.#add(topic, options, (shared) => shared.callback(handler, options))
  }

  /**
   * Has `sink` called with each event as a whole, in one session after the other, until `end()`: then `onClose` is called, once.
   *
   * @throws as `subscribe` does.
   */
  subscribeToEvents(
    topic: string | TopicContract,
    options: SubscribeOptions,
    sink: EventSink,
    onClose: (error: Error) => void,
  ): Promise<Subscription> {
    if (typeof topic === 'object')
      return this.subscribeToEvents(topic.uri, options, topic.sink(sink), onClose)
    return this.#add(topic, options, (shared) => shared.sink(sink, options, onClose))
  }

  /** Subscribes, in a new session, to everything that was subscribed to in an earlier one. */
  async subscribeAgain(): Promise<void> {
    await Promise.all([...this.#wanted.values()].map((shared) => this.#ensure(shared)))
  }

  /** A SUBSCRIBED came. */
  subscribed(message: Subscribed): void {
    this.#subscribing.settle(message.requestId, message)
  }

  /** An UNSUBSCRIBED came: the answer to a request, or, with request id 0, a revocation. */
  unsubscribed(message: Unsubscribed): void {
    if (message.requestId === 0) this.#revoked(message.details ?? EMPTY_DICT)
    else this.#unsubscribing.settle(message.requestId, message)
  }

  /** The router has taken a subscription back: streams of it end; the next session asks for the rest again. */
  #revoked({ subscription, reason }: RevocationDetails): void {
    const shared = subscription === undefined ? undefined : this.#byId.get(subscription)
    if (shared?.id === undefined) return
    this.#byId.delete(shared.id)
    shared.forget()
    const sentence = `the router has taken back the subscription to ${shared.topic}${reason === undefined ? '' : `: ${reason}`}`
    shared.endSinks(new ApplicationError(ERROR.noSuchSubscription, [sentence]))
    this.onRevoked({ role: 'subscriber', uri: shared.topic, reason })
  }

  /** An ERROR came for a SUBSCRIBE or an UNSUBSCRIBE. */
  error(message: ErrorMessage): void {
    const requests = message.requestCode === Code.SUBSCRIBE ? this.#subscribing : this.#unsubscribing
    requests.fail(message.requestId, this.errors.fromMessage(message))
  }

  /** An EVENT came. One that crossed our UNSUBSCRIBE on its way is legal, and dropped. */
  event(message: EventMessage): void {
    const shared = this.#byId.get(message.subscriptionId)
    if (shared === undefined) return
    const { details, payload, publicationId } = message
    const event = new ReceivedEvent(details.topic ?? shared.topic, publicationId, details, payload)
    for (const handler of shared.receivers(event)) handler.run(event, this.onError)
  }

  async #add(
    topic: string,
    options: SubscribeOptions,
    make: (shared: SharedSubscription) => SubscribedHandler,
  ): Promise<Subscription> {
    const match = options.match ?? 'exact'
    expectUri('subscribe to', topic, match)
    const key = `${match}:${topic}`
    let shared = this.#wanted.get(key)
    if (shared === undefined) {
      shared = new SharedSubscription(topic, options, (handler, from) => this.#remove(handler, from, key))
      this.#wanted.set(key, shared)
    }
    const handler = make(shared)
    const isFirst = shared.subscribing === undefined
    shared.handlers.add(handler)
    try {
      await this.#ensure(shared)
      // The others have had what is retained; the router sends it again to who asks again.
      if (!isFirst && options.getRetained === true) await this.#subscribe(shared, [handler])
    } catch (error) {
      shared.handlers.delete(handler)
      if (shared.handlers.size === 0 && this.#wanted.get(key) === shared) this.#wanted.delete(key)
      throw error
    }
    return handler
  }

  /** Subscribes unless that has been done, or is under way. */
  async #ensure(shared: SharedSubscription): Promise<void> {
    shared.subscribing ??= this.#subscribe(shared).catch((error: unknown) => {
      shared.forget()
      throw error
    })
    await shared.subscribing
  }

  async #subscribe(shared: SharedSubscription, retainedFor = shared.wantingRetained): Promise<void> {
    const session = openSession(this.#session, `subscribe to ${shared.topic}`)
    const { getRetained: _, ...common } = shared.options
    const options = wireOptions(retainedFor.length > 0 ? { ...common, getRetained: true } : common)
    await this.#subscribing.send(
      session,
      (requestId) => new Subscribe(requestId, options, shared.topic),
      ({ subscriptionId }) => {
        shared.id = subscriptionId
        shared.subscribed(retainedFor)
        this.#byId.set(subscriptionId, shared)
      },
    )
  }

  async #remove(handler: SubscribedHandler, shared: SharedSubscription, key: string): Promise<void> {
    if (!shared.handlers.delete(handler) || shared.handlers.size > 0) return
    // One that is being subscribed can be taken back only when the router has answered; until then others may join.
    if (shared.id === undefined) await shared.subscribing?.catch(() => {})
    if (shared.handlers.size > 0 || this.#wanted.get(key) !== shared) return
    this.#wanted.delete(key)
    const { id } = shared
    const session = this.#session
    if (session === undefined || id === undefined) return
    // From here on a new handler makes a new subscription, which may well get the same id.
    shared.forget()
    this.#byId.delete(id)
    const unsubscribed = this.#unsubscribing.send(
      session,
      (requestId) => new Unsubscribe(requestId, id),
      () => undefined,
    )
    await unsubscribed.catch((error: unknown) => {
      // With its session, or by a revocation, the subscription has gone all the same.
      if (this.#session === session && !isErrorOf(error, ERROR.noSuchSubscription)) throw error
    })
  }
}

function wireOptions(options: SubscribeOptions): Dict {
  const { match, extra } = options
  const wire = spellOut(extra, options, ['getRetained', 'nkey'])
  if (match !== undefined && match !== 'exact') wire.match = match
  return wire
}
