import { runEvent } from './current.js'
import { handlerArguments } from './kwargs.js'
import type { ReceivedEvent } from './received-event.js'
import type { EventHandler, SubscribeOptions, Subscription } from './subscription.js'

type Remove = (handler: SubscribedHandler, from: SharedSubscription) => Promise<void>

/**
 * A subscription of a session with all the handlers that share it: a router knows each topic only once for a session.
 *
 * Spec: rfc/text/basic/publish_subscribe.md, "SUBSCRIBE".
 */
export class SharedSubscription {
  id: number | undefined
  /** Settles when the router has answered the SUBSCRIBE; `undefined` if none was sent in this session. */
  subscribing: Promise<void> | undefined
  readonly handlers = new Set<SubscribedHandler>()
  /** Whom the retained events are for that follow the last SUBSCRIBED. */
  #retainedFor: readonly SubscribedHandler[] = []

  constructor(
    readonly topic: string,
    readonly options: SubscribeOptions,
    private readonly onRemove: Remove,
  ) {}

  /** A handler that takes an event's arguments. */
  callback(handler: EventHandler, options: SubscribeOptions): SubscribedHandler {
    const handle = (event: ReceivedEvent) => handler(...handlerArguments(event.args, event.kwargs))
    return new SubscribedHandler(this, options, handle, this.onRemove)
  }

  /** A handler that takes the event as a whole, and that ends one day. */
  sink(
    sink: (event: ReceivedEvent) => unknown,
    options: SubscribeOptions,
    onClose: (error: Error) => void,
  ): SubscribedHandler {
    return new SubscribedHandler(this, options, sink, this.onRemove, onClose)
  }

  /** The handlers that want the newest retained events. */
  get wantingRetained(): SubscribedHandler[] {
    return [...this.handlers].filter(({ options }) => options.getRetained === true)
  }

  /** A SUBSCRIBED came: retained events that follow are for these. */
  subscribed(retainedFor: readonly SubscribedHandler[]): void {
    this.#retainedFor = retainedFor
  }

  /** Whom an event is for: one that was retained is for those who asked for it, and not for those who had it before. */
  receivers(event: ReceivedEvent): SubscribedHandler[] {
    return event.retained
      ? this.#retainedFor.filter((handler) => this.handlers.has(handler))
      : [...this.handlers]
  }

  /** Takes out, and tells, the handlers that end. */
  endSinks(error: Error): void {
    for (const handler of [...this.handlers]) {
      if (handler.onClose === undefined) continue
      this.handlers.delete(handler)
      handler.onClose(error)
    }
  }

  /** The session is over, or the subscription is: the next session starts from nothing. */
  forget(): void {
    this.id = undefined
    this.subscribing = undefined
  }
}

/** One handler of a shared subscription, as its user holds it. */
export class SubscribedHandler implements Subscription {
  constructor(
    private readonly shared: SharedSubscription,
    readonly options: SubscribeOptions,
    private readonly handle: (event: ReceivedEvent) => unknown,
    private readonly onRemove: Remove,
    /** Called when there will be no more events, if the handler wants to know. */
    readonly onClose?: (error: Error) => void,
  ) {}

  get topic(): string {
    return this.shared.topic
  }

  get id(): number | undefined {
    return this.shared.id
  }

  /** Calls the handler; what it throws, now or later, goes to `onError` and to nobody else. */
  run(event: ReceivedEvent, onError: (error: unknown) => void): void {
    try {
      const returned = runEvent(event, () => this.handle(event))
      if (returned instanceof Promise) returned.catch(onError)
    } catch (error) {
      onError(error)
    }
  }

  unsubscribe(): Promise<void> {
    return this.onRemove(this, this.shared)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.unsubscribe()
  }
}
