import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { byFirstOctet } from './first-octet.js'
import { createHttpServer } from './http-server.js'
import type { ListenOptions } from './listen-options.js'
import { placeOf } from './place.js'
import { urlsOf } from './port-urls.js'
import { listenOnTcp } from './tcp-port.js'
import { createTlsServer } from './tls-server.js'
import { listenOnUnix } from './unix-socket.js'
import { type WayParts, Ways } from './ways.js'

/** One port that a router listens on, TCP or Unix: what comes is told apart by its first octet. */
export class Listening {
  #ended: Promise<void> | undefined

  private constructor(
    private readonly server: Server,
    private readonly http: HttpServer,
    private readonly ways: Ways,
    /** Where clients find this port, by each transport; the first one is for WebSockets. */
    readonly urls: readonly string[],
  ) {}

  /** @throws TransportError if the port cannot be had; UsageError if the options cannot work. */
  static async open(options: ListenOptions, parts: WayParts): Promise<Listening> {
    const place = placeOf(options)
    const { rawSocket = true, longPoll = true, tls } = options
    const ways = new Ways({ ...options, longPoll }, parts)
    const server = tls === undefined ? createServer({ noDelay: true }) : createTlsServer(tls)
    const http = createHttpServer(ways, parts.rules.limits.handshakeTimeout)
    const toHttp = (socket: Socket) => void http.emit('connection', socket)
    const toRawSocket = (socket: Socket, head: Buffer) => ways.handleSocket(socket, head)
    // Before TLS is done, if there is any.
    server.prependListener('connection', (socket: Socket) => ways.arrivals.arrive(socket))
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      rawSocket ? byFirstOctet(socket, toRawSocket, toHttp) : toHttp(socket),
    )
    try {
      if (place.kind === 'tcp') await listenOnTcp(server, place.host, place.port)
      else await listenOnUnix(server, place.path, place.mode)
    } catch (error) {
      http.close()
      throw error
    }
    // A machine that has run out of something has some again after a while.
    server.on('error', (error) => parts.listener.logger?.error('a connection could not be accepted', error))
    return new Listening(server, http, ways, urlsOf(place, server, options))
  }

  /**
   * Takes no new clients. Connections that carry WAMP go on; where there are clients by long-poll, each of whose requests
   * may come over a connection of its own, there may even be new ones.
   */
  stop(): void {
    if (!this.ways.hasPolls) this.#stopListening()
  }

  /** Closes all connections; resolves when they have ended. */
  async close(): Promise<void> {
    this.stop()
    await this.ways.close()
    const ended = this.#stopListening()
    this.http.close()
    // Idle connections of long-poll clients would be kept for requests that nobody answers any more.
    this.ways.arrivals.closeAll()
    await ended
  }

  #stopListening(): Promise<void> {
    this.#ended ??= new Promise((resolve) => this.server.close(() => resolve()))
    this.ways.arrivals.close()
    return this.#ended
  }
}
