import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { TransportError, UsageError } from '../../../errors.js'
import { byFirstOctet } from './first-octet.js'
import type { ListenOptions } from './listen-options.js'
import { createTlsServer } from './tls-server.js'
import { listenOnUnix } from './unix-socket.js'
import { type WayParts, Ways } from './ways.js'

const DEFAULT_PORT = 8080
const LOOPBACK = '127.0.0.1'
const OWNER_ONLY = 0o600
/** Milliseconds that a whole HTTP request may take, its body included. */
const REQUEST_TIMEOUT = 60_000

/** One port that a router listens on, TCP or Unix: what comes is told apart by its first octet. */
export class Listening {
  #ended: Promise<void> | undefined

  private constructor(
    private readonly server: Server,
    private readonly ways: Ways,
    private readonly options: ListenOptions,
  ) {}

  /** @throws TransportError if the port cannot be had; UsageError if the options cannot work. */
  static async open(options: ListenOptions, parts: WayParts): Promise<Listening> {
    const { port = DEFAULT_PORT, host = LOOPBACK, unix, unixMode = OWNER_ONLY } = options
    checkPlace(options, port)
    const { rawSocket = true, longPoll = true, tls } = options
    const ways = new Ways({ ...options, longPoll }, parts)
    const http = createHttpServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
      if (!ways.handleRequest(request, response)) answer(request, response)
    })
    http.on('upgrade', (request, socket, head) => ways.handleUpgrade(request, socket, head))
    const begun = (socket: Socket) => {
      if (rawSocket)
        byFirstOctet(
          socket,
          (raw, head) => ways.handleSocket(raw, head),
          (other) => http.emit('connection', other),
        )
      else http.emit('connection', socket)
    }
    const server = tls === undefined ? createServer(begun) : createTlsServer(tls)
    if (tls !== undefined) server.on('secureConnection', begun)
    // Before TLS is done, if there is any.
    server.prependListener('connection', (socket: Socket) => ways.arrivals.arrive(socket, unix !== undefined))
    if (unix === undefined) await listen(server, port, host)
    else await listenOnUnix(server, unix, unixMode)
    return new Listening(server, ways, options)
  }

  /** The first of `urls`, which is for WebSockets. */
  get url(): string {
    return this.urls[0] as string
  }

  /** Where clients find this port, by each transport. */
  get urls(): readonly string[] {
    const { rawSocket = true, tls, unix, host = LOOPBACK } = this.options
    const secured = tls === undefined ? '' : 's'
    if (unix !== undefined)
      return [`ws+unix://${resolve(unix)}`, ...(rawSocket ? [`unix+rs://${encodeURI(resolve(unix))}`] : [])]
    const { port } = this.server.address() as AddressInfo
    const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
    return [`ws${secured}://${place}`, ...(rawSocket ? [`rs${secured}://${place}`] : [])]
  }

  /** Takes no new connections. Those that carry WAMP go on. */
  stop(): void {
    this.#ended ??= new Promise((resolve) => this.server.close(() => resolve()))
    this.ways.arrivals.close()
  }

  /** Closes all connections; resolves when they have ended. */
  async close(): Promise<void> {
    this.stop()
    await this.ways.close()
    // Idle connections of long-poll clients would be kept for requests that nobody answers any more.
    this.ways.arrivals.closeAll()
    await this.#ended
  }
}

/** @throws UsageError */
function checkPlace({ unix, unixMode, host, port: given, tls }: ListenOptions, port: number): void {
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new UsageError(`port must be a whole number from 0 to 65535, not ${port}`)
  if (unix === undefined) {
    if (unixMode !== undefined) throw new UsageError('unixMode is of a Unix socket: it needs unix')
  } else if (host !== undefined || given !== undefined || tls !== undefined)
    throw new UsageError(
      'a router listens on a Unix socket (unix) or on a port (port, host, tls), not on both at once',
    )
}

/** To who comes with a browser, or with anything else that is no WebSocket. */
function answer(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket' })
  response.end('This is a WAMP router. Connect with WebSocket, subprotocol wamp.2.json, .msgpack or .cbor.\n')
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(port, host, cause)))
    server.listen({ port, host }, resolve)
  })
}

function cannotListen(port: number, host: string, cause: NodeJS.ErrnoException): TransportError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new TransportError(`port ${port} on ${host} is in use; choose another`, { cause })
    case 'EACCES':
      return new TransportError(`port ${port} on ${host} needs privileges; choose one above 1023`, { cause })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new TransportError(`${host} is no address of this machine`, { cause })
    default:
      return new TransportError(`cannot listen on port ${port} of ${host}: ${cause.message}`, { cause })
  }
}
