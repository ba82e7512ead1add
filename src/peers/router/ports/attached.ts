import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { UsageError } from '../../../errors.js'
import { refuseUpgrade } from '../../../transports/websocket/refusal.js'
import type { AttachOptions, HttpServer } from './listen-options.js'
import { type WayParts, Ways } from './ways.js'

const DEFAULT_PATH = '/ws'

/**
 * A router inside an HTTP server of the application: it takes the requests for its own paths, and no others.
 *
 * It takes them before anybody who listens to the server hears of them, since of several listeners each would answer:
 * frameworks answer what they do not know, and `ws` refuses it. When a listener was added makes no difference.
 */
export class Attached {
  readonly #path: string
  readonly #ways: Ways
  /** What the server did before when something happened to it. */
  readonly #emit: HttpServer['emit']
  #isOver = false
  #closed: Promise<void> | undefined

  /** @throws UsageError if the options cannot work. */
  constructor(
    private readonly server: HttpServer,
    options: AttachOptions,
    parts: WayParts,
  ) {
    const { path = DEFAULT_PATH } = options
    if (!path.startsWith('/'))
      throw new UsageError(`path must begin with a slash, not ${JSON.stringify(path)}`)
    this.#path = path
    this.#ways = new Ways({ ...options, path }, parts)
    this.#emit = server.emit
    server.emit = this.#emitted
    // Where nobody listens for upgrades, Node takes them for requests.
    server.on('upgrade', refuseStray)
  }

  /** Lets go of the server, which goes on, and closes the connections of the router's clients. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    // Clients by long-poll hear of the end by their next request.
    await this.#ways.close()
    this.#ways.arrivals.closeAll()
    this.#isOver = true
    this.server.off('upgrade', refuseStray)
    // Unless somebody else has come in between, who will go on calling ours.
    if (this.server.emit === this.#emitted) this.server.emit = this.#emit
  }

  readonly #emitted = (event: string, ...told: unknown[]): boolean =>
    this.#takes(event, told) || Reflect.apply(this.#emit, this.server, [event, ...told])

  #takes(event: string, told: unknown[]): boolean {
    if (this.#isOver) return false
    if (event === 'request') {
      const [request, response] = told as [IncomingMessage, ServerResponse]
      return this.#ways.handleRequest(request, response)
    }
    if (event !== 'upgrade') return false
    const [request, socket, head] = told as [IncomingMessage, Duplex, Buffer]
    if (request.url?.split('?', 1)[0] !== this.#path) return false
    this.#ways.arrivals.arrive(request.socket)
    if (!socket.destroyed) this.#ways.handleUpgrade(request, socket, head)
    return true
  }
}

/** Answers a request for a WebSocket on another path, if nobody but routers listens for them. */
function refuseStray(this: HttpServer, _request: IncomingMessage, socket: Duplex): void {
  if (socket.writableEnded || this.listeners('upgrade').some((listener) => listener !== refuseStray)) return
  refuseUpgrade(socket, [404, 'There is no WebSocket here.'])
}
