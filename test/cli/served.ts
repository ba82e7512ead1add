import { Client } from '../../src/peers/client/client.js'
import { Router } from '../../src/peers/router/router.js'

/** A router on a free port, and a client of it to see what a command does. */
export class Served implements AsyncDisposable {
  private constructor(
    readonly router: Router,
    readonly client: Client,
    readonly url: string,
  ) {}

  static async open(realm = 'realm1', port = 0): Promise<Served> {
    const router = await new Router({ realms: [{ name: realm }] }).listen({ port })
    const client = await new Client({ router, realm }).start()
    return new Served(router, client, router.urls[0] as string)
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** Ends all sessions but that of `client`, and tells them not to come back. */
  async killOthers(): Promise<void> {
    for (const id of await this.client.meta.session.list())
      if (id !== this.client.session?.id) await this.client.meta.session.kill(id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.stop()
    await this.router.close()
  }
}
