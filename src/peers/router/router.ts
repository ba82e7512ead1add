import { anonymous } from '../../authentication/anonymous.js'
import { type Clock, systemClock } from '../../clock.js'
import { ProtocolError, UsageError } from '../../errors.js'
import type { EventStore } from '../../event-store/event-store.js'
import { memoryEvents } from '../../event-store/memory-events.js'
import { errorsOnlyLogger, type Logger } from '../../logger.js'
import { RouterMessageHandler } from '../../message-handlers/router-message-handler.js'
import type { Message } from '../../messages/message.js'
import { cborRelay } from '../../serializers/cbor/relay.js'
import { jsonRelay } from '../../serializers/json/relay.js'
import { msgpackRelay } from '../../serializers/msgpack/relay.js'
import type { RelaySerializer, Serializer } from '../../serializers/serializer.js'
import { isLoopback } from '../../transports/loopback.js'
import { createMemoryTransports } from '../../transports/memory/memory-transport.js'
import {
  type SlowConsumers,
  slowConsumerCounters,
  slowConsumers,
} from '../../transports/output/slow-consumers.js'
import type { SlowConsumerCounters } from '../../transports/slow-consumer-policy.js'
import type { Transport } from '../../transports/transport.js'
import type { WebSocketListenerOptions } from '../../transports/websocket/listener.js'
import { CLOSE } from '../../uris.js'
import { AGENT } from '../../version.js'
import { Peer } from '../peer.js'
import { type Entrance, SessionAdmission } from './admission.js'
import { Arrivals } from './limits/arrivals.js'
import { Doorkeeper } from './limits/doorkeeper.js'
import { Throttle } from './limits/message-rate.js'
import { type RouterCounters, routerCounters } from './limits/router-counters.js'
import { type RouterLimits, routerLimits } from './limits/router-limits.js'
import { Tally } from './limits/tally.js'
import { Listening } from './listening.js'
import { Realm } from './realm.js'
import { checkRealmOptions, compatibilityChooser } from './realm-options.js'
import type { ListenOptions, RealmOptions, RouterOptions } from './router-options.js'
import { keepPayload, restorePayload } from './stored-payloads.js'

const DEFAULT_CLOSE_TIMEOUT = 2_000

/**
 * A router: realms, and the ways into them. Listens on ports, and serves clients of the same process without one.
 *
 *     await using router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ port: 8080 })
 *     const client = new Client({ router, realm: 'realm1' })
 */
export class Router implements AsyncDisposable {
  readonly #slowConsumers: SlowConsumers | undefined
  readonly #entrances = new Map<string, Entrance>()
  readonly #serializers: readonly RelaySerializer[]
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #store: EventStore
  readonly #peers = new Set<Peer>()
  readonly #listening: Listening[] = []
  readonly #limits: Required<RouterLimits>
  readonly #counters = { ...routerCounters(), ...slowConsumerCounters() }
  readonly #connections = new Tally()
  readonly #doorkeeper: Doorkeeper
  #closing: Promise<void> | undefined
  /** Called when the last peer is gone. */
  #onEmpty = () => {}

  /** @throws UsageError if the options cannot work. */
  constructor(private readonly options: RouterOptions) {
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? errorsOnlyLogger
    this.#store = options.store ?? memoryEvents()
    this.#limits = routerLimits(options.limits)
    this.#doorkeeper = new Doorkeeper(this.#limits, this.#counters, this.#clock, this.#logger)
    const policy = options.slowConsumers ?? 'disconnect'
    this.#slowConsumers = slowConsumers(policy, this.#counters, this.#logger)
    const limits = options.maxDepth === undefined ? {} : { maxDepth: options.maxDepth }
    this.#serializers = [jsonRelay(limits), msgpackRelay(limits), cborRelay(limits)]
    if (!Array.isArray(options.realms) || options.realms.length === 0)
      throw new UsageError("a Router needs one realm at least: new Router({ realms: [{ name: 'realm1' }] })")
    for (const realm of options.realms) this.#addRealm(realm)
  }

  /** The realms, by name. */
  get realms(): ReadonlyMap<string, Realm> {
    return new Map([...this.#entrances].map(([name, { realm }]) => [name, realm]))
  }

  /** What happened to connections and sessions so far. */
  get counters(): Readonly<RouterCounters & SlowConsumerCounters> {
    return this.#counters
  }

  /** Where the router listens, as URLs for clients: `ws://127.0.0.1:8080`. */
  get urls(): readonly string[] {
    return this.#listening.map(({ url }) => url)
  }

  /**
   * Listens on a port, for WebSockets. May be called again, for another one.
   *
   * @throws TransportError if the port cannot be had: in use, or not permitted; UsageError if the options cannot work, or
   * other machines could connect and it has not been said who may come in.
   */
  async listen(options: ListenOptions = {}): Promise<this> {
    this.#expectOpen()
    this.#expectDecided(options.host)
    const { maxMessageSize, sendBufferLimit, heartbeat } = this.options
    const listener: WebSocketListenerOptions = {
      serializers: this.#serializers,
      clock: this.#clock,
      logger: this.#logger,
      ...(maxMessageSize === undefined ? {} : { maxMessageSize }),
      ...(sendBufferLimit === undefined ? {} : { sendBufferLimit }),
      ...(heartbeat === undefined ? {} : { heartbeat }),
      maxMessageSizeBeforeLogin: this.#limits.maxMessageSizeBeforeLogin,
      slowConsumers: this.#slowConsumers,
      counters: this.#counters,
      onTransport: (transport) => (this.#closing === undefined ? this.attach(transport) : transport.close()),
    }
    const arrivals = new Arrivals({
      clock: this.#clock,
      limits: this.#limits,
      counters: this.#counters,
      connections: this.#connections,
    })
    const listening = await Listening.open(options, listener, arrivals)
    this.#listening.push(listening)
    return this
  }

  /** A transport to this router for a client in the same process. What `new Client({ router })` uses. */
  connect(serializer: Serializer): Transport {
    const relay = this.#serializers.find(({ name }) => name === serializer.name)
    if (relay === undefined) throw new UsageError(`the router does not speak ${serializer.name}`)
    const [near, far] = createMemoryTransports(serializer, relay)
    this.attach(far)
    return near
  }

  /** Serves whoever is at the other end of `transport`. */
  attach(transport: Transport): void {
    this.#expectOpen()
    const peer = new Peer('router', transport, (self) => {
      const failed = (error: unknown) => {
        if (error instanceof ProtocolError) return self.reject(error)
        this.#logger.error('handling a message failed', error)
        self.close()
      }
      const handler = new RouterMessageHandler(
        self.session,
        (enter) =>
          new SessionAdmission(
            self,
            this.#entrances,
            this.options.agent ?? AGENT,
            this.#logger,
            this.#doorkeeper,
            enter,
            (peer, reason, sentence) => this.#dismiss(peer, reason, sentence),
          ),
        () => self.close(),
        this.#logger,
        failed,
      )
      const handle = (message: Message) => handler.handleMessage(message)
      const slow = this.#slowConsumers
      const listen =
        slow === undefined ? handle : (message: Message) => slow.handle(transport, message, handle)
      const throttle = this.#throttle(transport, listen)
      return {
        handleMessage: throttle === undefined ? listen : (message) => throttle.take(message),
        handleClose: (error) => {
          this.#peers.delete(self)
          this.#doorkeeper.gone(self)
          throttle?.stop()
          slow?.left(transport)
          handler.handleClose()
          if (this.#peers.size === 0) this.#onEmpty()
          // Of a transport that was lost, the listener has told.
          if (error instanceof ProtocolError)
            this.#logger.warn(`a client broke the protocol: ${error.message}`)
        },
        handleFailure: failed,
      }
    })
    this.#peers.add(peer)
    this.#doorkeeper.arrived(peer)
    peer.start()
  }

  /**
   * Takes over who may come into each realm, and what they may do there: `auth`, `roles`, `authorizer` and
   * `compatibility`. Sessions go on; what they ask for from now on is judged anew. Realms that `realms` does not name, and
   * all other options, stay as they are.
   *
   * @throws UsageError if an option cannot work, or there is no such realm; then nothing has changed.
   */
  reload(realms: readonly RealmOptions[]): void {
    for (const options of realms) {
      checkRealmOptions(options)
      if (!this.#entrances.has(options.name))
        throw new UsageError(
          `there is no realm ${options.name}: realms cannot be added to a router that runs`,
        )
    }
    for (const options of realms) {
      const { name, auth = [anonymous({ localOnly: true })] } = options
      const realm = this.#entrances.get(name)?.realm as Realm
      realm.judgeBy(options)
      this.#entrances.set(name, { realm, auth, compatibility: compatibilityChooser(options) })
    }
  }

  /**
   * Stops listening, says GOODBYE (`wamp.close.system_shutdown`) to every session, waits for the answers, not for
   * ever, and closes all transports. Harmless the second time.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const closed = this.#listening.map((listening) => listening.close())
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    if (this.#peers.size === 0) this.#onEmpty()
    const { closeTimeout = DEFAULT_CLOSE_TIMEOUT } = this.options
    const deadline = this.#clock.after(closeTimeout, () => {
      for (const peer of [...this.#peers]) peer.close()
    })
    for (const peer of [...this.#peers]) {
      if (peer.session.isEstablished)
        peer.session.goodbye(CLOSE.systemShutdown, 'the router is shutting down')
      else peer.close()
    }
    await empty
    deadline.cancel()
    await Promise.all(closed)
    await this.#store.close()
  }

  /** What slows a session down, if there is a limit. */
  #throttle(transport: Transport, handle: (message: Message) => void): Throttle | undefined {
    const { messagesPerSecond, messageBurst } = this.#limits
    if (messagesPerSecond === Number.POSITIVE_INFINITY) return undefined
    const rate = { perSecond: messagesPerSecond, burst: messageBurst }
    return new Throttle(rate, transport, this.#clock, () => this.#counters.throttled++, handle)
  }

  #dismiss(peer: Peer, reason: string, sentence?: string): void {
    peer.session.goodbye(reason, sentence)
    // One that does not answer is not waited for.
    this.#clock.after(this.options.closeTimeout ?? DEFAULT_CLOSE_TIMEOUT, () => peer.close())
  }

  #addRealm(options: RealmOptions): void {
    checkRealmOptions(options)
    const { name, auth = [anonymous({ localOnly: true })] } = options
    if (this.#entrances.has(name)) throw new UsageError(`there are two realms named ${name}`)
    const archive = this.#store.open(name, restorePayload(this.#serializers))
    const keep = keepPayload(this.#serializers)
    const { sessionLimits } = this.options
    const onLimit = () => {
      this.#counters.refusedByLimit++
    }
    const realm = new Realm(options, {
      clock: this.#clock,
      archive,
      keep,
      limits: sessionLimits,
      onLimit,
      logger: this.#logger,
    })
    this.#entrances.set(name, { realm, auth, compatibility: compatibilityChooser(options) })
  }

  /** Where other machines can come from, somebody must have said who is let in. */
  #expectDecided(host: string | undefined): void {
    if (host === undefined || host === 'localhost' || isLoopback(host)) return
    const undecided = this.options.realms.filter(({ auth }) => auth === undefined).map(({ name }) => name)
    if (undecided.length === 0) return
    throw new UsageError(
      `to listen on ${host}, where other machines can connect, say who may come in: the option auth of realm ${undecided.join(', ')}, such as [anonymous()] for everybody`,
    )
  }

  #expectOpen(): void {
    if (this.#closing !== undefined) throw new UsageError('the router is closed')
  }
}
