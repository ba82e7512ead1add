import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { refuseUpgrade } from '../../../transports/websocket/refusal.js'
import type { AttachOptions, HttpServer } from './listen-options.js'
import { type WayParts, Ways } from './ways.js'

const DEFAULT_PATH = '/ws'

/** A router inside an HTTP server of the application: it takes the requests for its own paths, and no others. */
export class Attached {
  readonly #path: string
  readonly #ways: Ways
  /** Who answered requests before. */
  #others: RequestListener[] = []

  /** @throws UsageError if the options cannot work. */
  constructor(
    private readonly server: HttpServer,
    options: AttachOptions,
    parts: WayParts,
  ) {
    this.#path = options.path ?? DEFAULT_PATH
    this.#ways = new Ways({ ...options, path: this.#path }, parts)
    server.on('upgrade', this.#onUpgrade)
    if (options.longPoll === undefined || options.longPoll === false) return
    // Two who answer one request would spoil each other's answer: the others get what is not ours.
    this.#others = server.listeners('request') as RequestListener[]
    server.removeAllListeners('request')
    server.on('request', this.#onRequest)
  }

  /** Lets go of the server, which goes on, and closes the connections of the router's clients. */
  async close(): Promise<void> {
    await this.#ways.close()
    this.server.off('upgrade', this.#onUpgrade)
    if (!this.server.listeners('request').includes(this.#onRequest)) return
    this.server.off('request', this.#onRequest)
    for (const other of this.#others) this.server.on('request', other)
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const [path] = (request.url ?? '').split('?', 1)
    if (path === this.#path) this.#ways.handleUpgrade(request, socket, head)
    else if (this.server.listenerCount('upgrade') === 1)
      refuseUpgrade(socket, [404, `There is no WebSocket here; it is at ${this.#path}.`])
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (this.#ways.handleRequest(request, response)) return
    for (const other of this.#others) Reflect.apply(other, this.server, [request, response])
  }
}
