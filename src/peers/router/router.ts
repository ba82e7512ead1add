import { anonymous } from '../../authentication/anonymous.js'
import { type Clock, systemClock } from '../../clock.js'
import { ProtocolError, UsageError } from '../../errors.js'
import type { EventStore } from '../../event-store/event-store.js'
import { memoryEvents } from '../../event-store/memory-events.js'
import { errorsOnlyLogger, type Logger } from '../../logger.js'
import { RouterMessageHandler } from '../../message-handlers/router-message-handler.js'
import { cborRelay } from '../../serializers/cbor/relay.js'
import { jsonRelay } from '../../serializers/json/relay.js'
import { msgpackRelay } from '../../serializers/msgpack/relay.js'
import type { RelaySerializer, Serializer } from '../../serializers/serializer.js'
import { createMemoryTransports } from '../../transports/memory/memory-transport.js'
import type { Transport } from '../../transports/transport.js'
import { CLOSE } from '../../uris.js'
import { AGENT } from '../../version.js'
import { Peer } from '../peer.js'
import { type Entrance, SessionAdmission } from './admission.js'
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
  readonly #entrances = new Map<string, Entrance>()
  readonly #serializers: readonly RelaySerializer[]
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #store: EventStore
  readonly #peers = new Set<Peer>()
  readonly #listening: Listening[] = []
  #closing: Promise<void> | undefined
  /** Called when the last peer is gone. */
  #onEmpty = () => {}

  /** @throws UsageError if the options cannot work. */
  constructor(private readonly options: RouterOptions) {
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? errorsOnlyLogger
    this.#store = options.store ?? memoryEvents()
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

  /** Where the router listens, as URLs for clients: `ws://127.0.0.1:8080`. */
  get urls(): readonly string[] {
    return this.#listening.map(({ url }) => url)
  }

  /**
   * Listens on a port, for WebSockets. May be called again, for another one.
   *
   * @throws TransportError if the port cannot be had: in use, or not permitted; UsageError if the options cannot work.
   */
  async listen(options: ListenOptions = {}): Promise<this> {
    this.#expectOpen()
    const { maxMessageSize, sendBufferLimit, heartbeat } = this.options
    const listening = await Listening.open(options, {
      serializers: this.#serializers,
      clock: this.#clock,
      logger: this.#logger,
      ...(maxMessageSize === undefined ? {} : { maxMessageSize }),
      ...(sendBufferLimit === undefined ? {} : { sendBufferLimit }),
      ...(heartbeat === undefined ? {} : { heartbeat }),
      onTransport: (transport) => (this.#closing === undefined ? this.attach(transport) : transport.close()),
    })
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
      const handler = new RouterMessageHandler(
        self.session,
        (enter) =>
          new SessionAdmission(
            self,
            this.#entrances,
            this.options.agent ?? AGENT,
            this.#logger,
            enter,
            (peer, reason, sentence) => this.#dismiss(peer, reason, sentence),
          ),
        () => self.close(),
      )
      return {
        handleMessage: (message) => handler.handleMessage(message),
        handleClose: (error) => {
          this.#peers.delete(self)
          handler.handleClose()
          if (this.#peers.size === 0) this.#onEmpty()
          // Of a transport that was lost, the listener has told.
          if (error instanceof ProtocolError)
            this.#logger.warn(`a client broke the protocol: ${error.message}`)
        },
        handleFailure: (error) => {
          this.#logger.error('handling a message failed', error)
          self.close()
        },
      }
    })
    this.#peers.add(peer)
    peer.start()
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
    const realm = new Realm(options, { clock: this.#clock, archive, keep: keepPayload(this.#serializers) })
    this.#entrances.set(name, { realm, auth, compatibility: compatibilityChooser(options) })
  }

  #expectOpen(): void {
    if (this.#closing !== undefined) throw new UsageError('the router is closed')
  }
}
