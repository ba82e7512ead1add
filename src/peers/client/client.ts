import type { Dict } from '../../messages/dictionaries.js'
import type { CallArguments, CallOptions } from '../../roles/call-options.js'
import type { CallResult } from '../../roles/call-result.js'
import { Callee } from '../../roles/callee.js'
import { Caller } from '../../roles/caller.js'
import { type DeclaredRole, declaredRoles } from '../../roles/decorators.js'
import { type ErrorClass, ErrorClasses } from '../../roles/error-classes.js'
import { openEventStream } from '../../roles/event-stream.js'
import { Publisher, type PublishOptions } from '../../roles/publisher.js'
import type { ProcedureHandler, RegisterOptions, Registration } from '../../roles/registration.js'
import { openResultStream, type ResultStream, type ResultStreamOptions } from '../../roles/result-stream.js'
import type { Revocation } from '../../roles/revocation.js'
import { Subscriber } from '../../roles/subscriber.js'
import type {
  EventHandler,
  EventStream,
  StreamOptions,
  SubscribeOptions,
  Subscription,
} from '../../roles/subscription.js'
import { type Compatibility, respelled } from '../../sessions/compatibility.js'
import { AwayQueue } from './away-queue.js'
import { ClientConnection, type ConnectionOwner } from './client-connection.js'
import type { ClientEvents, ClientOptions, SessionDetails } from './client-options.js'
import { type ClientState, errorOf } from './client-state.js'
import { openTransport } from './dial.js'
import { type HistoricEvent, type HistoryFilters, readHistory } from './history.js'
import { Lifecycle } from './lifecycle.js'
import { Login } from './login.js'
import { type MetaApi, metaApi } from './meta-api.js'
import { Notices } from './notices.js'
import { type Remote, type RemoteProcedure, remoteObject, remoteProcedures } from './remote.js'
import { RoleRegistration } from './role-registration.js'
import { detailsOf } from './session-details.js'
import { settingsOf } from './settings.js'

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

  readonly #errors = new ErrorClasses()
  readonly #notices: Notices
  readonly #owner: ConnectionOwner
  readonly #roles: RoleRegistration
  readonly #lifecycle: Lifecycle
  readonly #away: AwayQueue
  readonly #compatibility: Compatibility

  /** @throws UsageError if the options cannot work. */
  constructor(options: ClientOptions) {
    const settings = settingsOf(options)
    const { clock, reconnect } = settings
    this.#compatibility = settings.compatibility
    this.#notices = new Notices(settings.logger)
    for (const [uri, errorClass] of Object.entries(options.errors ?? {})) this.#errors.bind(uri, errorClass)
    const onError = (error: unknown) => this.#notices.report(error)
    const onRevoked = (revocation: Revocation) => this.#notices.emit('revoke', revocation)
    this.#owner = {
      caller: new Caller(clock, this.#errors, onError),
      callee: new Callee(clock, this.#errors, onRevoked),
      publisher: new Publisher(this.#errors),
      subscriber: new Subscriber(this.#errors, onError, onRevoked),
      registerRoles: () => {
        this.#away.open()
        return this.#roles.run(() => this.registerRoles())
      },
      onJoin: () => {
        this.#lifecycle.joined()
        if (this.session !== undefined) this.#notices.emit('join', this.session)
      },
      onLeave: (reason, error) => {
        this.#lifecycle.left(error)
        this.#notices.emit('leave', error === undefined ? { reason } : { reason, error })
      },
      onClose: () => this.#away.close(),
      onError,
    }
    this.#roles = new RoleRegistration(this, this.#owner.callee, this.#owner.subscriber)
    this.#away = new AwayQueue(reconnect.queue, clock)
    this.#lifecycle = new Lifecycle({
      clock,
      reconnect,
      dial: (signal) => openTransport(options, settings.serializers, signal),
      connect: (transport) => new ClientConnection(transport, this.#owner, settings),
      login: (transport) => new Login(options, transport.info, settings.ownerKey),
      onState: (change) => {
        this.#away.follow(change)
        if (change.state === 'stopped') this.#owner.subscriber.end(errorOf(change))
        this.#notices.emit('state', change)
      },
      onGivenUp: onError,
    })
  }

  /** The session that is joined, if any. */
  get session(): SessionDetails | undefined {
    const session = this.#lifecycle.connection?.session
    return session?.isEstablished ? detailsOf(session) : undefined
  }

  /** What the client is doing; each change is told by the event `state`. */
  get state(): ClientState {
    return this.#lifecycle.state
  }

  /** The procedures and topics that the decorated methods of this client declare. */
  declaredRoles(): readonly DeclaredRole[] {
    return declaredRoles(this)
  }

  /** The procedures that are registered, decorated ones included; between sessions, those that will be again. */
  get registrations(): readonly Registration[] {
    return this.#owner.callee.offered
  }

  /** The subscriptions, one for each handler; between sessions, those that will be made again. */
  get subscriptions(): readonly Subscription[] {
    return this.#owner.subscriber.wanted
  }

  /**
   * Connects and joins the realm. Resolves, to this client, when the session is established and every decorated
   * method is registered. Harmless if it is started already.
   *
   * @throws TransportError if no router answers; SessionClosedError if it refuses, with the reason; ApplicationError
   * if it refuses a registration.
   */
  async start(): Promise<this> {
    await this.#lifecycle.start()
    return this
  }

  /**
   * Says GOODBYE and closes the transport; calls under way fail, and so does a `start()` that has not come to its end.
   * Harmless if it is not started.
   */
  stop(): Promise<void> {
    return this.#lifecycle.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Calls `listener` whenever the client joins, leaves, or has an error that no promise tells. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (detail: ClientEvents[Name]) => void,
  ): Disposable {
    return this.#notices.events.on(name, listener)
  }

  off<Name extends keyof ClientEvents>(name: Name, listener: (detail: ClientEvents[Name]) => void): void {
    this.#notices.events.off(name, listener)
  }

  /** Resolves with the next event of this name. */
  once<Name extends keyof ClientEvents>(name: Name): Promise<ClientEvents[Name]> {
    return this.#notices.events.once(name)
  }

  /**
   * Calls a procedure. Resolves to the only value of the result, to `undefined` if there is none, or, if there are
   * several or keywords, or with `{ details: true }`, to a `CallResult`.
   *
   * @throws ApplicationError, or the class bound to its URI, if the call fails; CanceledError if it times out or its
   * signal aborts; SessionClosedError or TransportError if the session ends first; UsageError if it cannot be sent.
   */
  call(
    procedure: string,
    args: CallArguments | undefined,
    kwargs: Dict | undefined,
    options: CallOptions & { details: true },
  ): Promise<CallResult>
  call<T = unknown>(procedure: string, args?: CallArguments, kwargs?: Dict, options?: CallOptions): Promise<T>
  call(procedure: string, args?: CallArguments, kwargs?: Dict, options?: CallOptions): Promise<unknown> {
    return this.#away.pass(`call ${procedure}`, options, (timeLeft) =>
      this.#owner.caller.call(procedure, args, kwargs, timeLeft),
    )
  }

  /** Any procedure as a function: `client.rpc.com.example.add(2, 3)`. Keyword arguments go last, as `kwargs({ … })`. */
  get rpc(): RemoteProcedure {
    return remoteProcedures((procedure, args, kwargs) => this.call(procedure, args, kwargs))
  }

  /**
   * The methods of a class as procedures, typed from the class: `client.proxy<DateService>().getTodaysDate()`. A
   * method's procedure is its name behind `prefix`.
   */
  proxy<T extends object>(prefix = ''): Remote<T, Client> {
    return remoteObject((procedure, args, kwargs) => this.call(procedure, args, kwargs), prefix) as Remote<
      T,
      Client
    >
  }

  /**
   * Calls a procedure and gives its progressive results to read with `for await`; the final result, if there is
   * anything in it, comes last. Leaving the loop cancels the call.
   *
   * @throws in the loop, what `call` throws.
   */
  stream<T = unknown>(
    procedure: string,
    args?: CallArguments,
    kwargs?: Dict,
    options?: ResultStreamOptions,
  ): ResultStream<T> {
    return openResultStream<T>((...call) => this.call(...call), procedure, args, kwargs, options)
  }

  /**
   * Registers a procedure; `handler` is called with the positional arguments, then one object of the keyword
   * arguments if there are any.
   *
   * @throws ApplicationError if the router refuses; SessionClosedError if there is no session.
   */
  register(procedure: string, handler: ProcedureHandler, options?: RegisterOptions): Promise<Registration> {
    return this.#roles.note(this.#owner.callee.register(procedure, handler, options))
  }

  /**
   * Subscribes to a topic: `handler` is called with each event's arguments; or, without a handler, resolves to a
   * stream of events for `for await`.
   *
   * @throws ApplicationError if the router refuses; SessionClosedError if there is no session.
   */
  subscribe(topic: string, options?: StreamOptions): Promise<EventStream>
  subscribe(topic: string, handler: EventHandler, options?: SubscribeOptions): Promise<Subscription>
  subscribe(
    topic: string,
    handlerOrOptions?: EventHandler | StreamOptions,
    options?: SubscribeOptions,
  ): Promise<Subscription | EventStream> {
    const { subscriber } = this.#owner
    if (typeof handlerOrOptions === 'function')
      return this.#roles.note(subscriber.subscribe(topic, handlerOrOptions, options))
    return openEventStream(subscriber, topic, handlerOrOptions)
  }

  /**
   * Publishes an event. Resolves to the publication's id with `{ acknowledge: true }`, otherwise to `undefined` as
   * soon as it is on its way.
   *
   * @throws ApplicationError if the router refuses an acknowledged one; SessionClosedError if there is no session.
   */
  publish(
    topic: string,
    args?: readonly unknown[],
    kwargs?: Dict,
    options?: PublishOptions,
  ): Promise<number | undefined> {
    return this.#away.pass(`publish to ${topic}`, undefined, () =>
      this.#owner.publisher.publish(topic, args, kwargs, options),
    )
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
      (uri) => respelled(uri, this.#compatibility),
    )
  }

  /**
   * Binds a class of errors to a URI: errors received under it are of the class, and those thrown leave under it.
   *
   * @throws UsageError if `uri` is no URI.
   */
  bindError(uri: string, errorClass: ErrorClass): void {
    this.#errors.bind(uri, errorClass)
  }

  /**
   * Registers the decorated methods, and all that was registered or subscribed to in an earlier session. Called by
   * the message handler when the router says WELCOME; a subclass may override it to register more, or otherwise. What
   * an override registers belongs to that session: it is asked again in the next.
   */
  registerRoles(): Promise<void> {
    return this.#roles.registerDeclared()
  }
}
