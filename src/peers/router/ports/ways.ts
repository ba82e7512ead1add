import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ListenerOptions } from '../../../transports/listener-options.js'
import { LongPollListener } from '../../../transports/longpoll/listener.js'
import { RawSocketListener } from '../../../transports/rawsocket/listener.js'
import type { Transport } from '../../../transports/transport.js'
import { WebSocketListener } from '../../../transports/websocket/listener.js'
import { type TrustedProxies, trustedProxies } from '../../../transports/websocket/trusted-proxies.js'
import { type ArrivalRules, Arrivals } from '../limits/arrivals.js'
import type { HttpOptions, LongPollOptions } from './listen-options.js'

/** The path of long-poll requests. */
export function longPollPath(options: true | LongPollOptions): string {
  return (options === true ? undefined : options.path) ?? '/longpoll'
}

/** What every way into a router is made of. */
export interface WayParts {
  readonly listener: ListenerOptions
  readonly rules: Omit<ArrivalRules, 'proxies'>
  /** There is a client. */
  readonly onTransport: (transport: Transport) => void
}

/** All that is spoken in one place, a port or an HTTP server: WebSocket, RawSocket and long-poll. */
export class Ways {
  readonly arrivals: Arrivals
  readonly #webSocket: WebSocketListener
  readonly #rawSocket: RawSocketListener
  readonly #longPoll: LongPollListener | undefined

  /** @throws UsageError if the options cannot work. */
  constructor(options: HttpOptions, parts: WayParts) {
    const proxies = trustedProxies(options)
    const arrivals = new Arrivals({ ...parts.rules, proxies })
    this.arrivals = arrivals
    const { path, origins, longPoll = false } = options
    const http = {
      ...parts.listener,
      ...(origins === undefined ? {} : { origins }),
      proxies,
    }
    this.#webSocket = new WebSocketListener({
      ...http,
      ...(path === undefined ? {} : { path }),
      refuse: (request) => arrivals.refusalOf(request),
      onTransport: (transport, { socket }) => {
        arrivals.served(socket)
        parts.onTransport(transport)
      },
    })
    this.#rawSocket = new RawSocketListener({
      ...parts.listener,
      proxies,
      refuse: (socket) => (arrivals.isTooMuch(socket) ? 'too many connections from this address' : undefined),
      onTransport: (transport, socket) => {
        arrivals.served(socket)
        parts.onTransport(transport)
      },
    })
    if (longPoll !== false) this.#longPoll = this.#openLongPoll(longPoll, http, parts)
  }

  /** A connection that has begun as RawSocket does. */
  handleSocket(socket: Socket, head: Buffer): void {
    this.#rawSocket.accept(socket, head)
  }

  /** A request for a WebSocket. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#webSocket.handleUpgrade(request, socket, head)
  }

  /** @returns false if the request is for somebody else. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#longPoll?.handleRequest(request, response) ?? false
  }

  /** Are there clients by long-poll? */
  get hasPolls(): boolean {
    return (this.#longPoll?.connections.size ?? 0) > 0
  }

  /** Takes no further connections, and closes those there are. Resolves when the last one is closed. */
  async close(): Promise<void> {
    await Promise.all([this.#webSocket.close(), this.#rawSocket.close(), this.#longPoll?.close()])
  }

  #openLongPoll(
    options: true | LongPollOptions,
    http: ListenerOptions & { readonly proxies: TrustedProxies | undefined },
    { onTransport }: WayParts,
  ): LongPollListener {
    const { arrivals } = this
    const gone = new WeakMap<Transport, () => void>()
    // The HTTP server sees to requests of these connections that never come to their end.
    const served = ({ socket }: IncomingMessage) => arrivals.served(socket)
    return new LongPollListener({
      ...http,
      ...(options === true ? {} : options),
      path: longPollPath(options),
      refuse: (request) => arrivals.refusalOfTransport(request),
      onTransport: (transport, request) => {
        served(request)
        gone.set(transport, arrivals.opened(request))
        onTransport(transport)
      },
      onRequest: served,
      onEnd: (transport) => gone.get(transport)?.(),
    })
  }
}
