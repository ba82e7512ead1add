import { anonymous } from '../authentication/anonymous.js'
import { type Clock, inNextTurn } from '../clock.js'
import { UsageError } from '../errors.js'
import { Client } from '../peers/client/client.js'
import type { ClientOptions } from '../peers/client/client-options.js'
import { DEFAULT_CLOSE_TIMEOUT, type Router } from '../peers/router/router.js'
import type { RealmOptions, RouterOptions } from '../peers/router/router-options.js'
import type { ProcedureHandler } from '../roles/registration.js'
import { Faults } from './faults/faults.js'
import type { Conversation } from './recording/conversation.js'
import { Recording } from './recording/recording.js'
import type { Watchable, Wiretap } from './recording/wiretap.js'
import { TestClock } from './test-clock.js'
import { believe, sayWho } from './told-login.js'
import { WatchedRouter } from './watched-router.js'

/** A test router has one realm; its options and those of the router stand side by side. */
export interface TestRouterOptions extends Omit<RouterOptions, 'realms'>, Omit<RealmOptions, 'name'> {
  /** The realm; `realm1` by default. */
  realm?: string
  /** What measures time, for the router and for the clients that are made here: `testClock()`, for instance. */
  clock?: Clock
}

/** The options of a client; those that say where its router is need not be given. */
export interface ConnectOptions extends Partial<ClientOptions> {
  /** The role to have in the realm, such as one of those in `roles` of the router. No log-in is needed for it. */
  authrole?: string
}

/** A class whose constructor takes what that of `Client` takes. */
export type ServiceClass<Service extends Client> = new (options: ClientOptions) => Service

/** Procedures by their URI, in place of a service. */
export type Procedures = Readonly<Record<string, ProcedureHandler>>

/**
 * A router for one test, in this process: with the real dealer and broker, no port, and no time that has to pass. Closing
 * it, or leaving its scope, stops every client that was made here.
 *
 *     await using kit = await testRouter()
 *     await kit.serve(DateService)
 *     const client = await kit.connect()
 */
export class TestRouter implements AsyncDisposable, Watchable {
  readonly router: Router
  /** The name of its realm. */
  readonly realm: string
  readonly #watched: WatchedRouter
  readonly #clock: Clock | undefined
  readonly #closeTimeout: number
  readonly #clients: Client[] = []
  readonly #faults: Faults[] = []

  /** @throws UsageError if the options cannot work. */
  constructor(options: TestRouterOptions = {}) {
    const {
      realm = 'realm1',
      uris,
      auth = [],
      roles,
      authorizer,
      trustLevels,
      history,
      compatibility,
      retention,
      ...ofRouter
    } = options
    const ofRealm = { uris, roles, authorizer, trustLevels, history, compatibility, retention }
    const given = Object.entries(ofRealm).filter(([, value]) => value !== undefined)
    this.realm = realm
    this.#clock = options.clock
    this.#closeTimeout = options.closeTimeout ?? DEFAULT_CLOSE_TIMEOUT
    this.#watched = new WatchedRouter({
      ...ofRouter,
      realms: [
        {
          ...(Object.fromEntries(given) as Omit<RealmOptions, 'name'>),
          name: realm,
          auth: [...auth, believe, anonymous({ localOnly: true })],
        },
      ],
    })
    this.router = this.#watched
  }

  /** What `record` listens to. */
  get wiretap(): Wiretap {
    return this.#watched.wiretap
  }

  /**
   * A client that has joined, anonymously unless `authid` or `authrole` say otherwise.
   *
   * @throws what `Client.start` throws.
   */
  readonly connect = (options: ConnectOptions = {}): Promise<Client> => this.#start(Client, options)

  /**
   * Starts a service. Instead of a class there may be functions by the URIs of their procedures: for services that are not
   * there in a test.
   *
   * @throws what `Client.start` throws.
   */
  readonly serve: Serve = async (
    service: ServiceClass<Client> | Procedures,
    options: ConnectOptions = {},
  ): Promise<Client> => {
    if (typeof service !== 'function') {
      const client = await this.#start(Client, options, 'service')
      await Promise.all(Object.entries(service).map(([uri, handler]) => client.register(uri, handler)))
      return client
    }
    return this.#start(service, options, service.name)
  }

  /** A way to this router that fails when the test says so: `connect({ router: faulty() })`. */
  readonly faulty = (): Faults => {
    const faults = new Faults(this.router)
    this.#faults.push(faults)
    return faults
  }

  /**
   * Writes down what is said from now on: in the whole realm, or between the router and one client, which has joined.
   *
   * @throws UsageError if the client has not joined this router.
   */
  readonly record = (client?: Client): Recording => {
    if (client === undefined) return new Recording(this.wiretap)
    const first = this.wiretap.conversationOf(client.session?.id ?? 0)
    if (first === undefined)
      throw new UsageError(
        'to be recorded, a client must have joined this router; record() writes down all clients',
      )
    const isComeBack = ({ ownerKey }: Conversation) => ownerKey !== undefined && ownerKey === first.ownerKey
    return new Recording(this.wiretap, (conversation) => conversation === first || isComeBack(conversation))
  }

  /** Ends every fault, stops the clients and closes the router. Harmless the second time. */
  async close(): Promise<void> {
    for (const faults of this.#faults) faults.clear()
    await Promise.all(this.#clients.map((client) => client.stop()))
    const closing = this.router.close()
    if (this.#clock instanceof TestClock) {
      // Whoever has not answered by now is not waited for: the hands would stand still for ever.
      await new Promise<void>(inNextTurn)
      this.#clock.pass(this.#closeTimeout)
    }
    await closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start<Service extends Client>(
    Service: ServiceClass<Service>,
    { authid, authrole, ...options }: ConnectOptions,
    name?: string,
  ): Promise<Service> {
    const isSomebody = options.auth === undefined && (authid !== undefined || authrole !== undefined)
    const identity = isSomebody
      ? { auth: [sayWho(authid ?? authrole ?? '', authrole ?? 'anonymous')] }
      : authid === undefined
        ? {}
        : { authid }
    if (options.router instanceof Faults) this.#faults.push(options.router)
    const hasPlace = options.url ?? options.transport ?? options.router
    const client = new Service({
      realm: this.realm,
      ...(hasPlace === undefined ? { router: this.router } : {}),
      ...(this.#clock === undefined ? {} : { clock: this.#clock }),
      ...identity,
      ...options,
    })
    this.#clients.push(client)
    const named = name ?? (authid === undefined ? authrole : undefined)
    client.on('join', ({ id }) => {
      if (named !== undefined) this.wiretap.name(id, named)
    })
    return client.start()
  }
}

/** What `serve` may be called with. */
export interface Serve {
  <Service extends Client>(service: ServiceClass<Service>, options?: ConnectOptions): Promise<Service>
  (procedures: Procedures, options?: ConnectOptions): Promise<Client>
}

/**
 * A router for one test. Its functions may be taken apart: `const { router, realm, connect } = await testRouter()`; then
 * close it, or use `await using`.
 *
 * @throws UsageError if the options cannot work.
 */
export async function testRouter(options?: TestRouterOptions): Promise<TestRouter> {
  return new TestRouter(options)
}
