import { inspect } from 'node:util'
import { ticket } from '../../src/authentication/ticket.js'
import { Client } from '../../src/index.js'
import { type Logger, silentLogger } from '../../src/logger.js'
import { anonymous, checkTickets, Router } from '../../src/router.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import type { Serializer } from '../../src/serializers/serializer.js'
import { inTime } from '../chaos/turns.js'
import { ECHO, REALM, WALL } from './messages.js'
import { LONG_POLL_PATH } from './requests.js'

/** Milliseconds that a bystander waits for the router. */
const PATIENCE = 10_000
/** Milliseconds after the end of a connection, until the router must have heard of it. */
const MOST_DELAY = 10_000

const SECRET = 'a bystander, and no other'
const BYSTANDER_ECHO = 'com.bystander.echo'
const BYSTANDER_NEWS = 'com.bystander.news'

/**
 * A router on a port, and four bystanders, in each format and over each transport, who call and publish to each other, and
 * are open to what others call and publish. Everything that must not happen is noted in `faults`.
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
    await router.listen({ port: 0, longPoll: { pollTimeout: 200, idleTimeout: 3_000 } })
    // Who is at peace polls as usual.
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
    const heard = new Promise<void>((resolve) => {
      let missing = 2
      this.#newsHeard = (value) => {
        if (value === token && --missing === 0) resolve()
      }
    })
    const echo = await inTime('a call of a bystander', caller.call(BYSTANDER_ECHO, [token]), PATIENCE)
    if (echo !== token) this.note(`a bystander called with ${token} and was answered`, echo)
    await callee.publish(BYSTANDER_NEWS, [token])
    await inTime('an event to a bystander', heard, PATIENCE)
  }

  /** Nothing is left of the attackers, whose connections are gone. */
  async expectNothingLeft(): Promise<void> {
    // The router may hear of the end of a connection after its client.
    const deadline = performance.now() + MOST_DELAY
    while (this.#possessions() !== this.#baseline) {
      if (performance.now() > deadline)
        return this.note(`the realm still has ${this.#possessions()}, and not ${this.#baseline}`)
      await this.expectUndisturbed()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#bystanders.map((client) => client.stop()))
    await inTime('the end of the router', this.router.close(), PATIENCE)
    process.off('uncaughtException', this.#fault)
    process.off('unhandledRejection', this.#fault)
  }

  async #invite(): Promise<void> {
    const caller = await this.#join('ws', json())
    const callee = await this.#join('rs', msgpack())
    const subscribers = [await this.#join('ws', cbor()), await this.#join('http', json())]
    await callee.register(BYSTANDER_ECHO, (value: unknown) => value)
    for (const subscriber of subscribers)
      await subscriber.subscribe(BYSTANDER_NEWS, (token: unknown) => this.#newsHeard(token))
    await caller.register(ECHO, (...args: unknown[]) => args)
    for (const client of this.#bystanders) await client.subscribe(WALL, () => {})
    this.#baseline = this.#possessions()
  }

  async #join(scheme: 'ws' | 'rs' | 'http', serializer: Serializer): Promise<Client> {
    const [, port] = new Set(this.router.urls.map((url) => new URL(url).port))
    const name = `over ${scheme}, ${serializer.name}`
    const client = new Client({
      url: `${scheme}://127.0.0.1:${port}${scheme === 'http' ? LONG_POLL_PATH : ''}`,
      realm: REALM,
      serializers: [serializer],
      auth: [ticket({ authid: 'bystander', ticket: SECRET })],
      connection: { heartbeat: 0 },
      reconnect: false,
    })
    client.on('leave', (details) => {
      if (!this.#isOver) this.note(`a bystander (${name}) lost its session`, details)
    })
    client.on('error', (error) => this.note(`a bystander (${name}) was disturbed`, error))
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
}
