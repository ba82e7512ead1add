import { anonymous } from '../../authentication/anonymous.js'
import { type Clock, systemClock, type Timer } from '../../clock.js'
import { UsageError } from '../../errors.js'
import type { EventStore } from '../../event-store/event-store.js'
import { memoryEvents } from '../../event-store/memory-events.js'
import { errorsOnlyLogger, type Logger } from '../../logger.js'
import { cborRelay } from '../../serializers/cbor/relay.js'
import { jsonRelay } from '../../serializers/json/relay.js'
import { msgpackRelay } from '../../serializers/msgpack/relay.js'
import type { RelaySerializer, Serializer } from '../../serializers/serializer.js'
import { isLoopback } from '../../transports/loopback.js'
import { createMemoryTransports } from '../../transports/memory/memory-transport.js'
import type { PortLike } from '../../transports/message-port/port-transport.js'
import { slowConsumerCounters, slowConsumers } from '../../transports/output/slow-consumers.js'
import type { SlowConsumerCounters } from '../../transports/slow-consumer-policy.js'
import type { Transport } from '../../transports/transport.js'
import { CLOSE } from '../../uris.js'
import { AGENT } from '../../version.js'
import type { Peer } from '../peer.js'
import type { Entrance } from './admission.js'
import { Doorkeeper } from './limits/doorkeeper.js'
import { type RouterCounters, routerCounters } from './limits/router-counters.js'
import { type RouterLimits, routerLimits } from './limits/router-limits.js'
import { Tally } from './limits/tally.js'
import type { AttachOptions, HttpServer, ListenOptions } from './ports/listen-options.js'
import { Ports } from './ports/ports.js'
import { Predecessors } from './predecessors.js'
import { Realm } from './realm.js'
import { checkRealmOptions, compatibilityChooser } from './realm-options.js'
import type { RealmOptions, RouterOptions } from './router-options.js'
import { type RouterParts, routerPeer } from './router-peer.js'
import { keepPayload, restorePayload } from './stored-payloads.js'

/** Milliseconds. */
export const DEFAULT_CLOSE_TIMEOUT = 2_000

/**
 * A router: realms, and the ways into them. Listens on ports, and serves clients of the same process without one.
 *
 *     await using router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ port: 8080 })
 *     const client = new Client({ router, realm: 'realm1' })
 */
export class Router implements AsyncDisposable {
  readonly #entrances = new Map<string, Entrance>()
  readonly #serializers: readonly RelaySerializer[]
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #store: EventStore
  readonly #peers = new Set<Peer>()
  /** Those that were sent away, and how long they have for an answer. */
  readonly #dismissed = new Map<Peer, Timer>()
  readonly #ports: Ports
  readonly #limits: Required<RouterLimits>
  readonly #counters = { ...routerCounters(), ...slowConsumerCounters() }
  readonly #parts: RouterParts
  #closing: Promise<void> | undefined
  /** Called when the last peer is gone. */
  #onEmpty = () => {}

  /** @throws UsageError if the options cannot work. */
  constructor(private readonly options: RouterOptions) {
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? errorsOnlyLogger
    this.#store = options.store ?? memoryEvents()
    this.#limits = routerLimits(options.limits)
    this.#parts = {
      entrances: this.#entrances,
      agent: options.agent ?? AGENT,
      clock: this.#clock,
      logger: this.#logger,
      limits: this.#limits,
      counters: this.#counters,
      doorkeeper: new Doorkeeper(this.#limits, this.#counters, this.#clock, this.#logger),
      predecessors: new Predecessors(),
      slowConsumers: slowConsumers(options.slowConsumers ?? 'disconnect', this.#counters, this.#logger),
      dismiss: (peer, reason, sentence) => this.#dismiss(peer, reason, sentence),
      ended: (peer) => {
        this.#dismissed.get(peer)?.cancel()
        this.#dismissed.delete(peer)
        this.#peers.delete(peer)
        if (this.#peers.size === 0) this.#onEmpty()
      },
    }
    const limits = options.maxDepth === undefined ? {} : { maxDepth: options.maxDepth }
    this.#serializers = [jsonRelay(limits), msgpackRelay(limits), cborRelay(limits)]
    const { maxMessageSize, sendBufferLimit, heartbeat } = options
    this.#ports = new Ports({
      listener: {
        serializers: this.#serializers,
        clock: this.#clock,
        logger: this.#logger,
        ...(maxMessageSize === undefined ? {} : { maxMessageSize }),
        ...(sendBufferLimit === undefined ? {} : { sendBufferLimit }),
        ...(heartbeat === undefined ? {} : { heartbeat }),
        maxMessageSizeBeforeLogin: this.#limits.maxMessageSizeBeforeLogin,
        slowConsumers: this.#parts.slowConsumers,
        counters: this.#counters,
      },
      rules: {
        clock: this.#clock,
        limits: this.#limits,
        counters: this.#counters,
        connections: new Tally(),
      },
      onTransport: (transport) => (this.#closing === undefined ? this.accept(transport) : transport.close()),
    })
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

  /** Where the router listens, as URLs for clients: `ws://127.0.0.1:8080`, `rs://127.0.0.1:8080`. */
  get urls(): readonly string[] {
    return this.#ports.urls
  }

  /**
   * Listens on a port, for WebSocket, RawSocket and long-poll. May be called again, for another one.
   *
   * @throws TransportError if the port cannot be had: in use, or not permitted; UsageError if the options cannot work, or
   * other machines could connect and it has not been said who may come in.
   */
  async listen(options: ListenOptions = {}): Promise<this> {
    this.#expectOpen()
    this.#expectDecided(options.host)
    await this.#ports.listen(options)
    return this
  }

  /**
   * Serves clients of an HTTP server that the application has, on a path of their own: WebSocket on `/ws` unless another
   * one is given, and long-poll if it is asked for. Clients from other machines need a way to log in (`auth` of the realm):
   * anonymous ones get in from this machine only, by default. When the application added its listeners makes no
   * difference. Connections are bounded by `limits` from when they ask for a WebSocket here; until then, and between
   * requests of long-poll, by the server's own time limits. The server stays the application's to close, after the router.
   *
   * @returns what lets go of the server again, and ends the connections over it.
   * @throws UsageError if the options cannot work.
   */
  attach(server: HttpServer, options: AttachOptions = {}): AsyncDisposable {
    this.#expectOpen()
    return this.#ports.attach(server, options)
  }

  /** A transport to this router for a client in the same process. What `new Client({ router })` uses. */
  connect(serializer: Serializer): Transport {
    const relay = this.#serializers.find(({ name }) => name === serializer.name)
    if (relay === undefined) throw new UsageError(`the router does not speak ${serializer.name}`)
    const [near, far] = createMemoryTransports(serializer, relay)
    this.accept(far)
    return near
  }

  /** Serves whoever is at the other end of a transport, or of the channel of a `MessagePort` (see `messagePort`). */
  accept(other: Transport | PortLike): void {
    this.#expectOpen()
    if ('postMessage' in other) return this.#ports.acceptPort(other)
    const peer = routerPeer(other, this.#parts)
    this.#peers.add(peer)
    this.#parts.doorkeeper.arrived(peer)
    peer.start()
  }

  /**
   * Takes over who may come into each realm, and what they may do there: `auth`, `roles`, `authorizer` and
   * `compatibility`. Sessions go on; what they ask for from now on is judged anew. Log-ins under way are refused with
   * `wamp.error.authentication_failed`: they began by the old rules, and may begin again. Realms that `realms` does not
   * name, and all other options, stay as they are.
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
    this.#ports.stop()
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
    await this.#ports.close()
    await this.#store.close()
  }

  #dismiss(peer: Peer, reason: string, sentence?: string): void {
    // One that does not answer is not waited for.
    const patience = this.#clock.after(this.options.closeTimeout ?? DEFAULT_CLOSE_TIMEOUT, () => peer.close())
    this.#dismissed.set(peer, patience)
    peer.session.goodbye(reason, sentence)
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
      longestUri: this.#limits.uriLength,
      onLongUri: () => {
        this.#counters.urisTooLong++
      },
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
