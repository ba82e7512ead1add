import { Client, type ClientOptions } from '../../src/index.js'
import { Router } from '../../src/router.js'

/** A router with two clients that have joined it over memory; disposing of it stops all three. */
export class Pair implements AsyncDisposable {
  readonly router = new Router({ realms: [{ name: 'realm1' }] })
  /** What reached the `error` event of either client. */
  readonly errors: unknown[] = []

  private constructor(
    readonly callee: Client,
    readonly caller: Client,
  ) {
    for (const client of [callee, caller]) client.on('error', (error) => this.errors.push(error))
  }

  static async join(options: Partial<ClientOptions> = {}): Promise<Pair> {
    let pair: Pair | undefined
    // Each start() asks for a transport, by then there is a router.
    const router = {
      connect: (serializer: Parameters<Router['connect']>[0]) => (pair as Pair).router.connect(serializer),
    }
    pair = new Pair(
      new Client({ router, realm: 'realm1', ...options }),
      new Client({ router, realm: 'realm1', ...options }),
    )
    await Promise.all([pair.callee.start(), pair.caller.start()])
    return pair
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.callee.stop(), this.caller.stop()])
    await this.router.close()
  }
}
