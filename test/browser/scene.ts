import type { JSHandle, Page } from 'playwright-core'
import { Client } from '../../src/index.js'
import { silentLogger } from '../../src/logger.js'
import { anonymous, type ListenOptions, type Realm, type RealmOptions, Router } from '../../src/router.js'
import type { PageService, Place } from './page.js'
import type { PageOptions } from './stage.js'

export interface SceneOptions extends PageOptions {
  readonly listen?: ListenOptions
  readonly realm?: Omit<RealmOptions, 'name'>
}

/** A page and a router; disposing of it closes both, and fails if anything has failed in the page that nobody expected. */
export class Scene implements AsyncDisposable {
  readonly #clients: Client[] = []
  readonly #pages: { readonly page: Page; readonly leave: () => Promise<void> }[] = []
  readonly #problems: string[] = []

  private constructor(
    public router: Router,
    private readonly open: (port: number) => Promise<Router>,
  ) {}

  /** A router on a port, which pages of `origin` may connect to. */
  static async open(origin: string, { listen, realm }: SceneOptions): Promise<Scene> {
    const realms = [{ auth: [anonymous()], ...realm, name: 'realm1' }]
    const open = (port: number) =>
      new Router({ realms, logger: silentLogger }).listen({ origins: [origin], ...listen, port })
    return new Scene(await open(0), open)
  }

  /** Takes a page for its own, until it gives it back. */
  has(page: Page, giveBack: () => void): void {
    const onError = (error: Error) => this.#problems.push(error.message)
    page.on('pageerror', onError)
    this.#pages.push({
      page,
      leave: async () => {
        if (page.isClosed()) return
        await page.evaluate(() => wampkit.stopAll())
        page.off('pageerror', onError)
        giveBack()
      },
    })
  }

  get page(): Page {
    const [first] = this.#pages
    if (first === undefined) throw new Error('there is no page in this scene')
    return first.page
  }

  get realm(): Realm {
    return this.router.realms.get('realm1') as Realm
  }

  get port(): number {
    return Number(new URL(this.webSocket.url).port)
  }

  get webSocket(): Place {
    return { url: this.router.urls[0] ?? '' }
  }

  get longPoll(): Place {
    return { url: `http://127.0.0.1:${this.port}/longpoll` }
  }

  /** A client in the router's process. */
  async join(): Promise<Client> {
    const client = new Client({ router: this.router, realm: 'realm1' })
    this.#clients.push(client)
    return client.start()
  }

  /** A client in a page that has joined. */
  service(place: Place, page = this.page): Promise<JSHandle<PageService>> {
    return page.evaluateHandle((place) => new wampkit.PageService(wampkit.at(place)).start(), place)
  }

  /** Closes the router; what it returns starts another one on the same port. */
  async closeRouter(): Promise<() => Promise<void>> {
    const { port } = this
    await this.router.close()
    return async () => {
      this.router = await this.open(port)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.stop()))
    await Promise.all(this.#pages.map(({ leave }) => leave()))
    await this.router.close()
    if (this.#problems.length > 0) throw new Error(`in the page: ${this.#problems.join(', ')}`)
  }
}
