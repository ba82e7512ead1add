import { inspect } from 'node:util'
import { Client, type Logger, silentLogger } from '../../src/index.js'
import { type Realm, Router } from '../../src/router.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { CountingClock } from './counting-clock.js'
import { Ledger } from './ledger.js'
import { Member } from './member.js'
import { ChaosProxy } from './proxy.js'
import type { Random } from './random.js'
import { NEWS, serviceOf } from './service.js'
import { greeted, socketCount, socketsLeft } from './sockets.js'
import { inTime, until } from './turns.js'
import { urlOf, WAYS, type Way } from './ways.js'

const REALM = 'chaos'
/** Connections that the router takes; there are never so many at once. */
const MOST_CONNECTIONS = 150
/** Clients of each way. */
const MEMBERS = 2
/** A client that has joined may learn so many times that it had lost its session before. */
const MOST_LOSSES = 20

/** A router, a proxy in front of it, clients that come through the proxy, and some that do not. */
export class World {
  readonly ledger = new Ledger()
  readonly clock = new CountingClock()
  readonly proxy: ChaosProxy
  readonly members: Member[] = []
  readonly #router: Router
  /** They come without the proxy, and never lose their sessions. */
  readonly #witnesses: Client[] = []
  readonly #resources = socketCount()
  #routersPort = 0
  readonly #fault = (cause: unknown) => this.ledger.fault('an error that nobody handled:', cause)

  private constructor(private readonly random: Random) {
    this.proxy = new ChaosProxy(random)
    const logger: Logger = {
      ...silentLogger,
      error: (sentence, ...more) => this.ledger.fault(`the router logged: ${sentence}`, ...more),
      warn: (sentence) => {
        if (sentence.includes('broke the protocol')) this.ledger.fault(`the router logged: ${sentence}`)
      },
    }
    this.#router = new Router({
      realms: [{ name: REALM }],
      clock: this.clock,
      logger,
      // Without it, a ghost is only found when its client comes back.
      heartbeat: random.oneOf([0, 500]),
      limits: { handshakeTimeout: 1_000, localConnections: MOST_CONNECTIONS },
    })
    process.on('uncaughtException', this.#fault)
    process.on('unhandledRejection', this.#fault)
  }

  static async open(random: Random): Promise<World> {
    const world = new World(random)
    await world.#open()
    return world
  }

  async #open(): Promise<void> {
    await this.#router.listen({ port: 0, longPoll: { pollTimeout: 300, idleTimeout: 1_000 } })
    const port = this.#port
    this.#routersPort = port
    await this.proxy.listen(port)
    const names = WAYS.flatMap(({ name }) =>
      Array.from({ length: MEMBERS }, (_, index) => `${name}_${index}`),
    )
    for (const [index, name] of names.entries()) {
      const way = WAYS[Math.floor(index / MEMBERS)] as Way
      const client = serviceOf({ name, ledger: this.ledger }, this.#options(way))
      this.members.push(new Member(client, names, this.random))
    }
    await Promise.all(this.members.map(({ client }) => client.start()))
    await Promise.all(this.members.map((member) => member.begin()))
    await Promise.all([
      this.#witness('witness_ws', `ws://127.0.0.1:${port}`),
      this.#witness('witness_rs', `rs://127.0.0.1:${port}`),
    ])
  }

  get #port(): number {
    return Number(new URL(this.#router.urls[0] as string).port)
  }

  get #realm(): Realm {
    return this.#router.realms.get(REALM) as Realm
  }

  #options(way: Way) {
    const { clock } = this
    return {
      url: urlOf(way, this.proxy.port),
      realm: REALM,
      serializers: way.serializers,
      clock,
      handshakeTimeout: 2_000,
      connection: { clock, heartbeat: 500, handshakeTimeout: 2_000 },
      reconnect: { initialDelay: 2, maxDelay: 30, fromStart: true, queue: 20 },
    }
  }

  async #witness(name: string, url: string): Promise<void> {
    const { clock } = this
    const client = new Client({
      url,
      realm: REALM,
      serializers: [msgpack()],
      clock,
      connection: { clock, heartbeat: 0 },
      reconnect: false,
    })
    client.on('leave', ({ error }) => error && this.ledger.fault(`${name} lost its session:`, error))
    client.on('error', (error) => this.ledger.fault(`${name} had an error that no promise tells:`, error))
    this.#witnesses.push(client)
    await client.start()
    const hearing = (kind: string) => (token: string) => this.ledger.heard(`${name} (${kind})`, token)
    await client.subscribe(NEWS, hearing('prefix'), { match: 'prefix' })
    await client.subscribe(`${NEWS}.`, hearing('wildcard'), { match: 'wildcard' })
    await client.subscribe(`${NEWS}.0`, hearing('exact'))
    const stream = await client.subscribe(`${NEWS}.1`)
    void this.#read(stream, hearing('stream'))
  }

  async #read(stream: AsyncIterable<{ args: readonly unknown[] }>, hear: (token: string) => void) {
    try {
      for await (const { args } of stream) hear(String(args[0]))
    } catch (error) {
      this.ledger.fault('the stream of a witness failed:', error)
    }
  }

  /** The storm is over: all that was under way comes to its end, and everybody has a session. */
  async settle(): Promise<void> {
    await this.proxy.calm()
    const pending = this.members.flatMap((member) => [...member.pending])
    await inTime('what was under way', Promise.all(pending))
    await Promise.all(this.members.map((member) => inTime('to be joined again', this.#comeToRest(member))))
  }

  /** What was declared is there, for whoever comes, and nothing else. */
  async expectAllThere(): Promise<void> {
    const { ledger, members } = this
    const { clock } = this
    const guest = new Client({
      url: `ws://127.0.0.1:${this.#port}`,
      realm: REALM,
      clock,
      connection: { clock },
    })
    await guest.start()
    for (const { client } of members)
      for (const { procedure } of client.registrations) {
        const token = ledger.token('guest')
        const args = procedure.endsWith('.count')
          ? [token, 0]
          : procedure.endsWith('.slow')
            ? [token, 1]
            : [token, '']
        await guest.call(procedure, args).then(
          () => ledger.count('called at the end'),
          (error) => {
            if (!procedure.endsWith('.refuse'))
              ledger.fault(`${procedure} of ${client.name} cannot be called at the end:`, error)
          },
        )
      }
    await this.#expectHeard(guest)
    for (const member of members) member.expectStillThere()
    this.#expectSame(
      'registrations',
      this.#registered(),
      counted(
        members.flatMap(({ client }) =>
          client.registrations.map(({ procedure, options }) => `${options.match ?? 'exact'} ${procedure}`),
        ),
      ),
    )
    const wanted = members.flatMap(({ client }) => [
      ...new Set(client.subscriptions.map(({ topic, options }) => `${options.match ?? 'exact'} ${topic}`)),
    ])
    const ofWitnesses = this.#witnesses.flatMap(({ subscriptions }) =>
      subscriptions.map(({ topic, options }) => `${options.match ?? 'exact'} ${topic}`),
    )
    this.#expectSame('subscriptions', this.#subscribed(), counted([...wanted, ...ofWitnesses]))
    await guest.stop()
  }

  /** All that the ledger has can be true. */
  expectAllTrue(): void {
    const { ledger } = this
    for (const name of ['witness_ws', 'witness_rs']) {
      ledger.expectHeardAll(`${name} (prefix)`, () => true)
      ledger.expectHeardAll(`${name} (wildcard)`, () => true)
      ledger.expectHeardAll(`${name} (exact)`, (topic) => topic === `${NEWS}.0`)
      ledger.expectHeardAll(`${name} (stream)`, (topic) => topic === `${NEWS}.1`)
    }
    ledger.expectCallsAddUp()
  }

  /** All clients stop, the router closes, and nothing is left. */
  async end(): Promise<void> {
    try {
      await this.#end()
    } finally {
      process.off('uncaughtException', this.#fault)
      process.off('unhandledRejection', this.#fault)
    }
  }

  async #end(): Promise<void> {
    const { ledger } = this
    const clients = [...this.members.map(({ client }) => client), ...this.#witnesses]
    await inTime('the stop of all clients', Promise.all(clients.map((client) => client.stop())))
    for (const { state, name } of this.members.map(({ client }) => client))
      if (state !== 'stopped') ledger.fault(`${name} was stopped, and is`, state)
    await this.#expectEmptyRealm()
    await this.proxy[Symbol.asyncDispose]()
    await this.#expectEveryPlaceFree()
    await inTime('the end of the router', this.#router.close())
    this.#expectCounters()
    for (const timer of this.clock.left) ledger.fault(`there is still ${timer}`)
    const before = this.#resources
    const ports = { router: this.#routersPort, proxy: this.proxy.port }
    await until('the end of all sockets', () => socketCount() <= before).catch((error) =>
      ledger.fault(`${socketCount()} sockets are left, and there were ${before}:`, error, socketsLeft(ports)),
    )
  }

  /** What the session seems to be, it is. */
  async #comeToRest({ client }: Member): Promise<void> {
    for (let losses = 0; losses < MOST_LOSSES; losses++) {
      await client.start()
      try {
        await client.meta.session.count()
        return
      } catch {
        // It was lost before, and the client has not known.
      }
    }
    this.ledger.fault(`${client.name} cannot keep a session`)
  }

  /** A last publication reaches everybody who listens, once. */
  async #expectHeard(guest: Client): Promise<void> {
    const { ledger, members } = this
    for (const number of [1, 2]) {
      const topic = `${NEWS}.${number}`
      const token = ledger.token('guest')
      await ledger.published(token, topic, guest.publish(topic, [token], undefined, { acknowledge: true }))
      const listeners = members.flatMap((member) => member.listeners(topic))
      await until('a last event', () => listeners.every((who) => ledger.hasHeard(who, token))).catch(
        (error) =>
          ledger.fault(
            String(error),
            listeners.filter((who) => !ledger.hasHeard(who, token)),
          ),
      )
    }
    // What was said to them before has arrived, when they are answered.
    for (const witness of this.#witnesses) await witness.meta.session.count()
  }

  async #expectEmptyRealm(): Promise<void> {
    const observer = new Client({ router: this.#router, realm: REALM })
    await observer.start()
    const count = await observer.meta.session.count()
    if (count !== 1)
      this.ledger.fault(`all have left, and the realm has ${count} sessions beside the observer`)
    const lists = [await observer.meta.registration.list(), await observer.meta.subscription.list()]
    for (const list of lists)
      if (Object.values(list).flat().length > 0)
        this.ledger.fault('all have left, and the realm still has', list)
    await observer.stop()
    if (this.#realm.sessions.size !== 0)
      this.ledger.fault(`the realm has ${this.#realm.sessions.size} sessions at the end`)
  }

  /** The router has forgotten all connections: it takes as many as it takes at most. */
  async #expectEveryPlaceFree(): Promise<void> {
    const take = async () => {
      const all = await Promise.all(Array.from({ length: MOST_CONNECTIONS }, () => greeted(this.#port)))
      for (const { socket } of all) socket.destroy()
      return all.filter(({ isTaken }) => isTaken).length
    }
    let taken = 0
    // It hears of the end of a connection after who has ended it.
    for (let tries = 0; tries < 10 && taken < MOST_CONNECTIONS; tries++)
      taken = await inTime('the places', take())
    if (taken < MOST_CONNECTIONS)
      this.ledger.fault(`the router takes ${taken} connections at the end, in place of ${MOST_CONNECTIONS}`)
  }

  #expectCounters(): void {
    const { counters } = this.#router
    const never = [
      'refusedByOrigin',
      'slowConsumersDropped',
      'failedLogins',
      'throttled',
      'undecided',
      'messagesTooLong',
      'messagesTooDeep',
      'urisTooLong',
    ] as const
    for (const name of never)
      if (counters[name] !== 0) this.ledger.fault(`the router has counted ${counters[name]} of ${name}`)
    for (const [name, count] of Object.entries(counters))
      if (!Number.isSafeInteger(count) || count < 0)
        this.ledger.fault(`the router has counted ${count} of ${name}`)
    if (counters.lost + counters.timedOut > 2 * counters.accepted + counters.refused)
      this.ledger.fault('the counters of the router cannot be true:', counters)
  }

  #registered(): string[] {
    return this.#realm.dealer
      .registrations()
      .flatMap(({ match, procedure, callees }) => Array.from(callees, () => `${match} ${procedure}`))
      .sort()
  }

  #subscribed(): string[] {
    return [...this.#realm.broker.subscriptions()]
      .flatMap(({ match, topic, subscribers }) =>
        Array.from({ length: subscribers.size }, () => `${match} ${topic}`),
      )
      .sort()
  }

  #expectSame(what: string, actual: string[], expected: string[]): void {
    if (inspect(actual, { maxArrayLength: null }) === inspect(expected, { maxArrayLength: null })) return
    const missing = without(expected, actual)
    const foreign = without(actual, expected)
    this.ledger.fault(`of the ${what}, the router lacks`, missing, 'and has besides', foreign)
  }
}

function counted(things: readonly string[]): string[] {
  return [...things].sort()
}

/** Those of `all` that are not among `some`, each as often as there are more of it. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const left = [...some]
  return all.filter((one) => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
