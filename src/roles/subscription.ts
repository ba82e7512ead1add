import type { MatchPolicy } from '../uris.js'
import type { ReceivedEvent } from './received-event.js'

/** Called with an event's positional arguments, then one object of its keyword arguments. */
// biome-ignore lint/suspicious/noExplicitAny: any function can handle events; what it takes is between it and its publishers
export type EventHandler = (...args: any[]) => unknown

export interface SubscribeOptions {
  /** How the topic matches; `exact` by default. Spec: rfc/text/advanced/pubsub_pattern_based_subscription.md. */
  match?: MatchPolicy
  /**
   * Asks for the newest retained event of the topic, or of each topic that the pattern matches; it comes as an event with
   * `retained` set. Spec: rfc/text/advanced/pubsub_event_retention.md.
   */
  getRetained?: boolean
  /**
   * Shares the events that are published with an `rkey` with the other subscribers that have an `nkey`: each key has its
   * node. Spec: rfc/text/advanced/pubsub_sharded_subscription.md.
   */
  nkey?: string
  /** Further options, as the wire has them. */
  extra?: Readonly<Record<string, unknown>>
}

export interface StreamOptions extends SubscribeOptions {
  /** How many events may wait for the reader before the stream fails; 10,000 by default. */
  limit?: number
}

/** One handler's subscription to a topic. It stays valid over sessions: each new one subscribes again. */
export interface Subscription extends AsyncDisposable {
  readonly topic: string
  readonly options: SubscribeOptions
  /** The router's id, shared by all who subscribe to the same; `undefined` while not subscribed. */
  readonly id: number | undefined
  /** Stops calling the handler; the last one of a topic takes the subscription back. Harmless the second time. */
  unsubscribe(): Promise<void>
}

/** A subscription read with `for await`; leaving the loop unsubscribes. */
export interface EventStream<Event extends ReceivedEvent = ReceivedEvent>
  extends AsyncIterableIterator<Event, undefined>,
    AsyncDisposable {
  readonly subscription: Subscription
}
