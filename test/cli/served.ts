import { Client } from '../../src/peers/client/client.js'
import { Router } from '../../src/peers/router/router.js'

/** A router on a free port, and a client of it to see what a command does. */
export class Served implements AsyncDisposable {
  private constructor(
    readonly router: Router,
    readonly client: Client,
    readonly url: string,
  ) {}

  static async open(realm = 'realm1'): Promise<Served> {
    const router = await new Router({ realms: [{ name: realm }] }).listen({ port: 0 })
    const client = await new Client({ router, realm }).start()
    return new Served(router, client, router.urls[0] as string)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.stop()
    await this.router.close()
  }
}
