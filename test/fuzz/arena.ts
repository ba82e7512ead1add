import { inspect } from 'node:util'
import { ticket } from '../../src/authentication/ticket.js'
import { Client } from '../../src/index.js'
import { type Logger, silentLogger } from '../../src/logger.js'
import { anonymous, checkTickets, Router } from '../../src/router.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import type { Serializer } from '../../src/serializers/serializer.js'
import { ECHO, REALM, WALL } from './messages.js'

/** Milliseconds that a bystander waits for the router. */
const PATIENCE = 10_000
/** What bystanders do after the end of a connection, until the router must have heard of it. */
const MOST_TRIPS = 500

const SECRET = 'a bystander, and no other'
const BYSTANDER_ECHO = 'com.bystander.echo'
const BYSTANDER_NEWS = 'com.bystander.news'

/**
 * A router on a port, and three bystanders, one in each format, who call and publish to each other, and are open to what
 * others call and publish. Everything that must not happen is noted in `faults`.
 */
export class Arena implements AsyncDisposable {
  readonly faults: string[] = []
  readonly #bystanders: Client[] = []
  readonly #fault = (cause: unknown) => this.note('an error that nobody handled', cause)
  /** What the bystanders have of the realm. */
  #baseline = ''
  #token = 0
  #newsHeard: (token: unknown) => void = () => {}
  #isOver = false

  private constructor(readonly router: Router) {
    process.on('uncaughtException', this.#fault)
    process.on('unhandledRejection', this.#fault)
  }

  static async open(): Promise<Arena> {
    const logger: Logger = {
      ...silentLogger,
      error: (message, ...more) => arena.note(`logged: ${message}`, ...more),
    }
    const tickets = checkTickets({
      fuzz: { authrole: 'stranger', ticket: 'the ticket' },
      bystander: { authrole: 'bystander', ticket: SECRET },
    })
    const router = new Router({
      realms: [
        { name: REALM, auth: [anonymous(), tickets], retention: { maxTopics: 20, maxBytes: 2 ** 20 } },
      ],
      limits: {
        handshakeTimeout: 600_000,
        failedLogins: Number.POSITIVE_INFINITY,
        failedLoginsPerAddress: Number.POSITIVE_INFINITY,
      },
      maxMessageSize: 2 ** 18,
      heartbeat: 0,
      logger,
    })
    const arena = new Arena(router)
    await router.listen({ port: 0 })
    await arena.#invite()
    return arena
  }

  get port(): number {
    return Number(new URL(this.router.urls[0] as string).port)
  }

  note(what: string, ...more: unknown[]): void {
    this.faults.push([what, ...more.map((value) => inspect(value, { depth: 4 }))].join(' '))
  }

  /** The bystanders call and publish to each other. */
  async expectUndisturbed(): Promise<void> {
    const [caller, callee] = this.#bystanders as [Client, Client]
    const token = ++this.#token
    const heard = new Promise((resolve) => {
      this.#newsHeard = (value) => value === token && resolve(value)
    })
    const echo = await this.#inTime('a call of a bystander', caller.call(BYSTANDER_ECHO, [token]))
    if (echo !== token) this.note(`a bystander called with ${token} and was answered`, echo)
    await callee.publish(BYSTANDER_NEWS, [token])
    await this.#inTime('an event to a bystander', heard)
  }

  /** Nothing is left of the attackers, whose connections are gone. */
  async expectNothingLeft(): Promise<void> {
    // The router may hear of the end of a connection after its client.
    for (let trips = 0; this.#possessions() !== this.#baseline; trips++) {
      if (trips === MOST_TRIPS)
        return this.note(`the realm still has ${this.#possessions()}, and not ${this.#baseline}`)
      await this.expectUndisturbed()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#bystanders.map((client) => client.stop()))
    await this.#inTime('the end of the router', this.router.close())
    process.off('uncaughtException', this.#fault)
    process.off('unhandledRejection', this.#fault)
  }

  async #invite(): Promise<void> {
    const caller = await this.#join(json())
    const callee = await this.#join(msgpack())
    const subscriber = await this.#join(cbor())
    await callee.register(BYSTANDER_ECHO, (value: unknown) => value)
    await subscriber.subscribe(BYSTANDER_NEWS, (token: unknown) => this.#newsHeard(token))
    await caller.register(ECHO, (...args: unknown[]) => args)
    for (const client of this.#bystanders) await client.subscribe(WALL, () => {})
    this.#baseline = this.#possessions()
  }

  async #join(serializer: Serializer): Promise<Client> {
    const client = new Client({
      url: this.router.urls[0] as string,
      realm: REALM,
      serializers: [serializer],
      auth: [ticket({ authid: 'bystander', ticket: SECRET })],
      websocket: { heartbeat: 0 },
    })
    client.on('leave', (details) => {
      if (!this.#isOver) this.note(`a bystander (${serializer.name}) lost its session`, details)
    })
    client.on('error', (error) => this.note(`a bystander (${serializer.name}) was disturbed`, error))
    this.#bystanders.push(client)
    return client.start()
  }

  #possessions(): string {
    const realm = this.router.realms.get(REALM)
    const sessions = realm?.sessions.size
    const registrations = realm?.dealer.registrations().map(({ procedure, match }) => `${match} ${procedure}`)
    const subscriptions = [...(realm?.broker.subscriptions() ?? [])].map(
      ({ match, topic, subscribers }) => `${match} ${topic} (${subscribers.size})`,
    )
    return inspect({ sessions, registrations, subscriptions }, { breakLength: Number.POSITIVE_INFINITY })
  }

  async #inTime<T>(what: string, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} took more than ${PATIENCE} ms`)), PATIENCE)
    })
    try {
      return await Promise.race([promise, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
