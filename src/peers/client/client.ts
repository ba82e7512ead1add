import type { Dict } from '../../messages/dictionaries.js'
import type { CallArguments, CallOptions } from '../../roles/call-options.js'
import type { CallResult } from '../../roles/call-result.js'
import type { Callee } from '../../roles/callee.js'
import type {
  Called,
  CallGiven,
  CallTypes,
  ContractCallOptions,
  ProcedureContract,
  PublishGiven,
  PublishTypes,
  Streamed,
  StreamGiven,
  TopicContract,
} from '../../roles/contract.js'
import { type DeclaredRole, declaredRoles } from '../../roles/decorators.js'
import type { ErrorClass } from '../../roles/error-classes.js'
import { openEventStream } from '../../roles/event-stream.js'
import type { PublishOptions } from '../../roles/publisher.js'
import type { ReceivedEvent } from '../../roles/received-event.js'
import type { ProcedureHandler, RegisterOptions, Registration } from '../../roles/registration.js'
import { openResultStream, type ResultStream, type ResultStreamGiven } from '../../roles/result-stream.js'
import type {
  EventHandler,
  EventStream,
  StreamOptions,
  SubscribeOptions,
  Subscription,
} from '../../roles/subscription.js'
import { respelled } from '../../sessions/compatibility.js'
import type { ClientEvents, ClientOptions, SessionDetails } from './client-options.js'
import { ClientParts } from './client-parts.js'
import type { ClientState } from './client-state.js'
import { type HistoricEvent, type HistoryFilters, readHistory } from './history.js'
import { type MetaApi, metaApi } from './meta-api.js'
import {
  type Remote,
  type RemoteContracts,
  type RemoteProcedure,
  remoteObject,
  remoteProcedures,
} from './remote.js'

/** Marks the class across copies of this package: a tool and the file it loads may each have their own. */
const BRAND: unique symbol = Symbol.for('wampkit.Client')

/**
 * A client of a router: calls and serves procedures, publishes and subscribes. Subclass it and decorate methods with
 * `@callee` and `@subscriber`, or use it as it is.
 *
 *     await using client = await new Client({ url: 'ws://localhost:8080', realm: 'realm1' }).start()
 *     const sum = await client.call<number>('com.example.add', [2, 3])
 *
 * What is registered and subscribed to stays declared when the session ends: the next `start()` brings it back.
 */
export class Client implements AsyncDisposable {
  /** @internal */
  static readonly [BRAND] = true

  readonly #parts: ClientParts

  /** @throws UsageError if the options cannot work. */
  constructor(options: ClientOptions) {
    this.#parts = new ClientParts(this, options, {
      registerRoles: () => this.registerRoles(),
      isOverridden: () => this.registerRoles !== Client.prototype.registerRoles,
    })
  }

  /** The session that is joined, if any. */
  get session(): SessionDetails | undefined {
    return this.#parts.session
  }

  /** What the client is doing; each change is told by the event `state`. */
  get state(): ClientState {
    return this.#parts.lifecycle.state
  }

  /** The procedures and topics that the decorated methods of this client declare. */
  declaredRoles(): readonly DeclaredRole[] {
    return declaredRoles(this)
  }

  /** The procedures that are registered, decorated ones included; between sessions, those that will be again. */
  get registrations(): readonly Registration[] {
    return this.#parts.owner.callee.offered
  }

  /** The subscriptions, one for each handler; between sessions, those that will be made again. */
  get subscriptions(): readonly Subscription[] {
    return this.#parts.owner.subscriber.wanted
  }

  /**
   * Connects and joins the realm. Resolves, to this client, when the session is established and every decorated
   * method is registered. Harmless if it is started already.
   *
   * @throws TransportError if no router answers; SessionClosedError if it refuses, with the reason; ApplicationError
   * if it refuses a registration.
   */
  async start(): Promise<this> {
    await this.#parts.lifecycle.start()
    return this
  }

  /**
   * Says GOODBYE and closes the transport; calls under way fail, and so does a `start()` that has not come to its end.
   * Harmless if it is not started.
   */
  stop(): Promise<void> {
    return this.#parts.lifecycle.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Calls `listener` whenever the client joins, leaves, or has an error that no promise tells. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (detail: ClientEvents[Name]) => void,
  ): Disposable {
    return this.#parts.notices.events.on(name, listener)
  }

  off<Name extends keyof ClientEvents>(name: Name, listener: (detail: ClientEvents[Name]) => void): void {
    this.#parts.notices.events.off(name, listener)
  }

  /** Resolves with the next event of this name. */
  once<Name extends keyof ClientEvents>(name: Name): Promise<ClientEvents[Name]> {
    return this.#parts.notices.events.once(name)
  }

  /**
   * Calls a procedure, by its URI or by its contract. Resolves to the only value of the result, to `undefined` if there
   * is none, or, if there are several or keywords, or with `{ details: true }`, to a `CallResult`.
   *
   * @throws ApplicationError, or the class bound to its URI, if the call fails; CanceledError if it times out or its
   * signal aborts; SessionClosedError or TransportError if the session ends first; UsageError if it cannot be sent.
   */
  call<Types extends CallTypes, const Options extends ContractCallOptions<Types>>(
    procedure: ProcedureContract<Types>,
    ...given: CallGiven<Types, Options>
  ): Promise<Called<Types, Options>>
  call(
    procedure: string,
    args: CallArguments | undefined,
    kwargs: Dict | undefined,
    options: CallOptions & { details: true },
  ): Promise<CallResult>
  call<T = unknown>(procedure: string, args?: CallArguments, kwargs?: Dict, options?: CallOptions): Promise<T>
  call(...given: Parameters<ClientParts['call']>): Promise<unknown> {
    return this.#parts.call(...given)
  }

  /** Any procedure as a function: `client.rpc.com.example.add(2, 3)`. Keyword arguments go last, as `kwargs({ … })`. */
  get rpc(): RemoteProcedure {
    return remoteProcedures((procedure, args, kwargs) => this.call(procedure, args, kwargs))
  }

  /**
   * The methods of a class as procedures, typed from the class: `client.proxy<DateService>().getTodaysDate()`. A
   * method's procedure is its name behind `prefix`. Of an object of contracts, such as a module that exports them, each
   * is a method. A method that yields has `stream(…)` too: `client.proxy<DateService>().count.stream(10)`.
   */
  proxy<T extends object>(prefix?: string): Remote<T, Client>
  proxy<Contracts extends object>(contracts: Contracts): RemoteContracts<Contracts>
  proxy(of: string | object = ''): object {
    return remoteObject(this, of)
  }

  /**
   * Calls a procedure and gives its progressive results to read with `for await`; the final result, if there is
   * anything in it, comes last. Leaving the loop cancels the call.
   *
   * @throws in the loop, what `call` throws.
   */
  stream<Types extends CallTypes>(
    procedure: ProcedureContract<Types>,
    ...given: StreamGiven<Types>
  ): ResultStream<Streamed<Types['progress'], Types['result']>>
  stream<T = unknown>(procedure: string, ...given: ResultStreamGiven): ResultStream<T>
  stream(procedure: string | ProcedureContract, ...given: ResultStreamGiven): ResultStream<unknown> {
    return openResultStream(this, procedure, ...given)
  }

  /**
   * Registers a procedure, under its URI or by its contract; `handler` is called with the positional arguments, then one
   * object of the keyword arguments if there are any.
   *
   * @throws ApplicationError if the router refuses; SessionClosedError if there is no session.
   */
  register<Handler extends ProcedureHandler>(
    procedure: ProcedureContract<CallTypes, Handler>,
    handler: NoInfer<Handler>,
    options?: RegisterOptions,
  ): Promise<Registration>
  register(procedure: string, handler: ProcedureHandler, options?: RegisterOptions): Promise<Registration>
  register(...given: Parameters<Callee['register']>): Promise<Registration> {
    return this.#parts.roles.note(this.#parts.owner.callee.register(...given))
  }

  /**
   * Subscribes to a topic, by its URI or by its contract: `handler` is called with each event's arguments; or, without a
   * handler, resolves to a stream of events for `for await`.
   *
   * @throws ApplicationError if the router refuses; SessionClosedError if there is no session.
   */
  subscribe<Event extends ReceivedEvent>(
    topic: TopicContract<PublishTypes, Event>,
    options?: StreamOptions,
  ): Promise<EventStream<Event>>
  subscribe<Handler extends EventHandler>(
    topic: TopicContract<PublishTypes, ReceivedEvent, Handler>,
    handler: NoInfer<Handler>,
    options?: SubscribeOptions,
  ): Promise<Subscription>
  subscribe(topic: string, options?: StreamOptions): Promise<EventStream>
  subscribe(topic: string, handler: EventHandler, options?: SubscribeOptions): Promise<Subscription>
  subscribe(
    topic: string | TopicContract,
    handlerOrOptions?: EventHandler | StreamOptions,
    options?: SubscribeOptions,
  ): Promise<Subscription | EventStream> {
    const { subscriber } = this.#parts.owner
    if (typeof handlerOrOptions === 'function')
      return this.#parts.roles.note(subscriber.subscribe(topic, handlerOrOptions, options))
    return openEventStream(subscriber, topic, handlerOrOptions)
  }

  /**
   * Publishes an event, to a topic by its URI or by its contract. Resolves to the publication's id with
   * `{ acknowledge: true }`, otherwise to `undefined` as soon as it is on its way.
   *
   * @throws ApplicationError if the router refuses an acknowledged one; SessionClosedError if there is no session.
   */
  publish<Published extends PublishTypes>(
    topic: TopicContract<Published>,
    ...given: PublishGiven<Published>
  ): Promise<number | undefined>
  publish(
    topic: string,
    args?: readonly unknown[],
    kwargs?: Dict,
    options?: PublishOptions,
  ): Promise<number | undefined>
  publish(...given: Parameters<ClientParts['publish']>): Promise<number | undefined> {
    return this.#parts.publish(...given)
  }

  /**
   * The events that the router has kept of a topic, oldest first unless `reverse`; of a pattern with `match`.
   *
   * @throws ApplicationError if the history of the topic is not kept (`wamp.error.no_such_subscription`,
   * `wamp.error.history_unavailable`), or a filter is wrong; what `call` throws.
   */
  history(topic: string, filters?: HistoryFilters): Promise<HistoricEvent[]> {
    return readHistory((uri, args, kwargs) => this.call(uri, args, kwargs, { details: true }), topic, filters)
  }

  /** Every procedure and topic of the router's meta API: `client.meta.session.count()`. */
  get meta(): MetaApi {
    return metaApi(
      (uri, args, kwargs) => this.call(uri, args, kwargs),
      (topic, handler) => this.subscribe(topic, handler),
      (uri) => respelled(uri, this.#parts.compatibility),
    )
  }

  /**
   * Binds a class of errors to a URI: errors received under it are of the class, and those thrown leave under it.
   *
   * @throws UsageError if `uri` is no URI.
   */
  bindError(uri: string, errorClass: ErrorClass): void {
    this.#parts.errors.bind(uri, errorClass)
  }

  /**
   * Registers the decorated methods, and all that was registered or subscribed to in an earlier session. Called by
   * the message handler when the router says WELCOME; a subclass may override it to register more, or otherwise. What
   * an override registers belongs to that session: it is asked again in the next.
   */
  registerRoles(): Promise<void> {
    return this.#parts.roles.registerDeclared()
  }
}
