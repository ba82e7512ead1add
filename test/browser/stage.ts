import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type Dialect, programOf } from './program.js'
import { Scene, type SceneOptions } from './scene.js'
import { WebServer } from './web-server.js'

declare global {
  /** What there is in a page, for the functions that a test runs in it. */
  var wampkit: typeof import('./page.js')
}

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why there is no browser; where everything has to be there, the tests fail instead of being skipped. */
export const noBrowser =
  existsSync(CHROMIUM) || process.env.CI
    ? undefined
    : `skipped: there is no ${CHROMIUM}, from Debian's package chromium`

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-sync',
  '--no-first-run',
  // Names that are not of this machine, so that pages of theirs get no secure context.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
]

export interface PageOptions {
  /** Of the decorators, before they are lowered. */
  readonly dialect?: Dialect
  /** By which name the server of the pages is called. */
  readonly host?: string
}

/** One browser, and the server of its pages. */
export class Stage implements AsyncDisposable {
  readonly #idle: Page[] = []

  private constructor(
    private readonly browser: Browser,
    private readonly context: BrowserContext,
    private readonly server: WebServer,
  ) {}

  static async open(): Promise<Stage> {
    const [browser, standard, legacy] = await Promise.all([
      chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS }),
      programOf('standard'),
      programOf('legacy'),
    ])
    const context = await browser.newContext()
    context.setDefaultTimeout(10_000)
    return new Stage(browser, context, await WebServer.open({ standard, legacy }))
  }

  /** A page, and a router that it may connect to. */
  async scene(options: SceneOptions = {}): Promise<Scene> {
    const { server } = this
    const [scene, page] = await Promise.all([
      Scene.open(server.origin(options.host), options),
      this.page(options),
    ])
    scene.has(page, () => this.#idle.push(page))
    return scene
  }

  /** A page with the program, freshly loaded; to open another one takes longer than all the rest. */
  async page({ dialect = 'standard', host }: PageOptions = {}): Promise<Page> {
    const page = this.#idle.pop() ?? (await this.context.newPage())
    await page.goto(`${this.server.origin(host)}/${dialect}/`)
    return page
  }

  /** Takes the network from all pages, or gives it back. */
  setOffline(isOffline: boolean): Promise<void> {
    return this.context.setOffline(isOffline)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close()
    await this.server[Symbol.asyncDispose]()
  }
}
