import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { TransportError, UsageError } from '../../errors.js'
import { WebSocketListener, type WebSocketListenerOptions } from '../../transports/websocket/listener.js'
import type { Arrivals } from './limits/arrivals.js'
import type { ListenOptions } from './router-options.js'
import { createTlsServer } from './tls-server.js'

const DEFAULT_PORT = 8080
const LOOPBACK = '127.0.0.1'

/** One port that a router listens on. */
export class Listening {
  private constructor(
    private readonly server: Server,
    private readonly listener: WebSocketListener,
    private readonly arrivals: Arrivals,
    private readonly host: string,
    private readonly scheme: 'ws' | 'wss',
  ) {}

  /**
   * @throws TransportError if the port cannot be had; UsageError if it is no port.
   */
  static async open(
    { port = DEFAULT_PORT, host = LOOPBACK, path, origins, tls }: ListenOptions,
    options: WebSocketListenerOptions,
    arrivals: Arrivals,
  ) {
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      throw new UsageError(`port must be a whole number from 0 to 65535, not ${port}`)
    const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
    const listener = new WebSocketListener({
      ...options,
      ...(path === undefined ? {} : { path }),
      ...(origins === undefined ? {} : { origins }),
      refuse: (request) => arrivals.refusalOf(request),
      onTransport: (transport, request) => {
        arrivals.upgraded(request)
        options.onTransport(transport, request)
      },
    })
    server.on('connection', (socket: Socket) => arrivals.arrive(socket))
    server.on('upgrade', (request, socket, head) => listener.handleUpgrade(request, socket, head))
    await listen(server, port, host)
    return new Listening(server, listener, arrivals, host, tls === undefined ? 'ws' : 'wss')
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get url(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host
    return `${this.scheme}://${host}:${this.port}`
  }

  /** Takes no new connections; resolves when those that there are have ended. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => {
        this.listener.close()
        resolve()
      })
      this.arrivals.close()
    })
  }
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
