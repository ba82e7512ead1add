import { Client, type ClientAuthentication, type ClientOptions } from '../../src/index.js'
import type { Serializer } from '../../src/serializers/serializer.js'
import type { Place } from './places.js'

export type MoreOptions = Omit<
  Partial<ClientOptions>,
  'url' | 'router' | 'transport' | 'connection' | 'serializers'
>

export interface StageOptions {
  readonly place: Place
  /** Opens another one of the kind. */
  readonly openPlace: () => Promise<Place>
  /** The stages of one place have each another format. */
  readonly serializer: Serializer
}

/** What a case is played on: clients that speak one format, and join a router over one transport. */
export class Stage implements AsyncDisposable {
  /** Errors that no promise tells. A case takes out what it expects. */
  readonly errors: unknown[] = []
  readonly #opened: AsyncDisposable[] = []
  #uris = 0
  /** Two clients that have joined, and stay for all cases. */
  readonly pair: readonly [Client, Client]

  private constructor(private readonly options: StageOptions) {
    this.pair = [this.#client(), this.#client()]
  }

  static async set(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options)
    await Promise.all(stage.pair.map((client) => client.start()))
    return stage
  }

  /** A URI that no other case has. */
  uri(): string {
    return `com.example.${this.options.serializer.name}.case${++this.#uris}`
  }

  /** A client of its own, that is not started. */
  client(options?: MoreOptions, place?: Place): Client {
    const client = this.#client(options, place)
    this.#opened.push(client)
    return client
  }

  /** A client of its own, that has joined. */
  join(options?: MoreOptions, place?: Place): Promise<Client> {
    return this.client(options, place).start()
  }

  /** One that logs in to the realm where that has to be. */
  logIn(auth: ClientAuthentication): Promise<Client> {
    return this.join({ realm: 'vault', auth: [auth] })
  }

  /** A router of its own, at a place of its own. */
  async ownPlace(): Promise<Place> {
    const place = await this.options.openPlace()
    this.#opened.push(place)
    return place
  }

  /** Plays a case, and clears up behind it. */
  async play(play: (stage: Stage) => Promise<void>): Promise<void> {
    try {
      await play(this)
    } finally {
      await this.#clear()
    }
    const errors = this.errors.splice(0)
    if (errors.length > 0) throw new AggregateError(errors, `nobody expected: ${errors}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clear()
    await Promise.all(this.pair.map((client) => client.stop()))
  }

  #client(options: MoreOptions = {}, place = this.options.place): Client {
    const { serializer } = this.options
    const client = new Client({ realm: 'realm1', ...options, ...place.way, serializers: [serializer] })
    client.on('error', (error) => this.errors.push(error))
    return client
  }

  async #clear(): Promise<void> {
    // In the order of their opening, the latest first: a router waits for the GOODBYE of its clients.
    for (const opened of this.#opened.splice(0).reverse()) await opened[Symbol.asyncDispose]()
    for (const client of this.pair) {
      for (const registration of client.registrations) await registration.unregister()
      for (const subscription of client.subscriptions) await subscription.unsubscribe()
    }
  }
}
