import { describe } from 'vitest'
import { dial } from '#dial'
import {
  Client,
  type ClientAuthentication,
  type ClientOptions,
  json,
  type Logger,
  silentLogger,
} from '../../src/index.js'
import { anonymous, type Realm, type RealmOptions, Router, type RouterOptions } from '../../src/router.js'
import { asTold } from '../spec/as-told.js'

/** The realm of a place, less its name, and the router. */
export interface PlaceOptions extends Omit<RealmOptions, 'name' | 'auth'> {
  router?: Omit<RouterOptions, 'realms' | 'logger'>
}

export type MoreOptions = Omit<Partial<ClientOptions>, 'realm' | 'url' | 'router' | 'transport' | 'auth'>

/** A client whose connection a test can break. */
export interface LosableClient {
  readonly client: Client
  /** Ends the connection without a word. */
  lose(): void
}

/** A router with one realm, and the clients that have joined it; disposing of it stops all of them. */
export abstract class Place implements AsyncDisposable {
  readonly router: Router
  /** What no promise tells: errors of clients, and of the router. A test takes out what it expects. */
  readonly errors: unknown[] = []
  readonly #clients: Client[] = []

  constructor({ router, ...realm }: PlaceOptions) {
    const logger: Logger = {
      ...silentLogger,
      error: (sentence, error) => this.errors.push(error ?? sentence),
    }
    this.router = new Router({
      ...router,
      realms: [{ ...realm, name: 'realm1', auth: [asTold, anonymous()] }],
      logger,
    })
  }

  get realm(): Realm {
    return this.router.realms.get('realm1') as Realm
  }

  /** What tells a client where the router is. */
  protected abstract where(): Pick<ClientOptions, 'url' | 'router'>
  protected abstract losable(): { options: Pick<ClientOptions, 'transport'>; lose: () => void }

  /** A client that has joined. */
  join(options: MoreOptions = {}): Promise<Client> {
    return this.start(this.client(options))
  }

  /** A client that has joined as `authid:authrole`. */
  joinAs(who: string, options: MoreOptions = {}): Promise<Client> {
    return this.start(this.client(options, [saying(who)]))
  }

  async joinAll<Names extends readonly string[]>(...whos: Names): Promise<{ [I in keyof Names]: Client }> {
    const joining = whos.map((who) => (who.includes(':') ? this.joinAs(who) : this.join()))
    return (await Promise.all(joining)) as { [I in keyof Names]: Client }
  }

  /** A client that is stopped with the place, not started. */
  client(options: MoreOptions = {}, auth: readonly ClientAuthentication[] = []): Client {
    return new Client({ ...this.where(), realm: 'realm1', auth, ...options })
  }

  async joinLosable(): Promise<LosableClient> {
    const { options, lose } = this.losable()
    const client = await this.start(new Client({ ...options, realm: 'realm1' }))
    return { client, lose }
  }

  async start<C extends Client>(client: C): Promise<C> {
    client.on('error', (error) => this.errors.push(error))
    this.#clients.push(client)
    return client.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.stop()))
    await this.router.close()
    if (this.errors.length > 0) throw new AggregateError(this.errors, `nobody expected: ${this.errors}`)
  }
}

class InMemory extends Place {
  protected where() {
    return { router: this.router }
  }

  protected losable() {
    let lose = () => {}
    const transport = () => {
      const opened = this.router.connect(json())
      lose = () => opened.close()
      return opened
    }
    return { options: { transport }, lose: () => lose() }
  }
}

class OverWebSocket extends Place {
  protected where() {
    return { url: this.router.urls[0] ?? '' }
  }

  protected losable() {
    let lose = () => {}
    const transport = async () => {
      const opened = await dial(this.router.urls[0] ?? '', [json()])
      lose = () => opened.close()
      return opened
    }
    return { options: { transport }, lose: () => lose() }
  }
}

function saying(authid: string): ClientAuthentication {
  return {
    method: asTold.method,
    authid,
    begin: () => ({
      answer() {
        throw new Error('nobody asks')
      },
    }),
  }
}

export type OpenPlace = (options?: PlaceOptions) => Promise<Place>

/** Describes a feature twice: in one process, and over real sockets. */
export function overEach(title: string, tests: (open: OpenPlace) => void): void {
  describe(`${title}, in memory`, () => tests(async (options = {}) => new InMemory(options)))
  describe(`${title}, over WebSocket`, () =>
    tests(async (options = {}) => {
      const place = new OverWebSocket(options)
      await place.router.listen({ port: 0 })
      return place
    }))
}
