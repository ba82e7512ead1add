import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type Clock, systemClock } from '../../clock.js'
import { type TransportError, UsageError } from '../../errors.js'
import { type Logger, silentLogger } from '../../logger.js'
import { type RelaySerializer, subprotocolOf } from '../../serializers/serializer.js'
import type { Framer } from '../output/framer.js'
import { Outbox } from '../output/outbox.js'
import type { SlowConsumers } from '../output/slow-consumers.js'
import type { Transport } from '../transport.js'
import { CLOSE_TIMEOUT, DEFAULT_MAX_MESSAGE_SIZE } from './closing.js'
import { Heartbeats } from './heartbeats.js'
import { type ListenerCounters, listenerCounters } from './listener-counters.js'
import { type OriginRule, originRule } from './origins.js'
import { DEFAULT_HEARTBEAT } from './pulse.js'
import { type Refusal, refuseUpgrade } from './refusal.js'
import { infoOfRequest } from './request-info.js'
import { serverFraming } from './server-framing.js'
import { ServerSocket, ServerTransport, type ServerTransportHost } from './server-transport.js'

export interface ListenerOptions {
  /** What the router speaks. Which one a connection uses is the client's choice: the first of its list. */
  serializers: readonly RelaySerializer[]
  /** Called for each connection, when it is open. Start the transport before the next heartbeat. */
  onTransport: (transport: Transport, request: IncomingMessage) => void
  /** Refuse all other paths; by default each path will do. */
  path?: string
  /** The longest message taken, in bytes; 16 MiB by default. */
  maxMessageSize?: number
  /** The longest one as long as there is no session, in bytes; the same by default. See `Transport.admit`. */
  maxMessageSizeBeforeLogin?: number
  /** The origins whose pages may connect; see `originRule`. */
  origins?: readonly string[] | 'any'
  /** Says why a request is refused for a reason that lies outside, if it is. */
  refuse?: (request: IncomingMessage) => Refusal | undefined
  /**
   * How many bytes may wait for a client that reads slowly, before it is disconnected; 64 MiB by default, which is four
   * of the longest messages, and what NATS allows.
   */
  sendBufferLimit?: number
  /** Sees to clients that read too slowly, in place of disconnecting them. */
  slowConsumers?: SlowConsumers | undefined
  /**
   * Milliseconds between two pings; 20 seconds by default, 0 for none. A connection on which nothing comes for two of
   * these periods is lost.
   */
  heartbeat?: number
  /** Where this listener counts, along with others. */
  counters?: ListenerCounters
  logger?: Logger
  clock?: Clock
}

/**
 * Makes transports of WebSocket connections. It takes requests to upgrade that an HTTP server has accepted, so that the
 * port can be shared.
 *
 * Spec: rfc/text/basic/building_blocks.md, "WebSocket Transport"; RFC 6455.
 */
export class WebSocketListener implements ServerTransportHost {
  readonly counters: ListenerCounters
  readonly outbox = new Outbox()
  readonly heartbeat: number
  readonly maxMessageSize: number
  readonly maxMessageSizeBeforeLogin: number
  readonly sendBufferLimit: number
  readonly slowConsumers: SlowConsumers | undefined

  readonly #options: ListenerOptions
  readonly #logger: Logger
  readonly #originRule: OriginRule
  readonly #server: WebSocketServer
  readonly #connections: Heartbeats
  readonly #spoken = new Map<string, { serializer: RelaySerializer; framer: Framer }>()
  #closed: (() => void) | undefined

  /** @throws UsageError if there is no serializer, or an origin that is none. */
  constructor(options: ListenerOptions) {
    if (options.serializers.length === 0) throw new UsageError('a WebSocketListener needs a serializer')
    this.#options = options
    this.counters = options.counters ?? listenerCounters()
    this.#originRule = originRule(options.origins)
    this.heartbeat = options.heartbeat ?? DEFAULT_HEARTBEAT
    this.maxMessageSize = options.maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE
    const { maxMessageSizeBeforeLogin = Number.POSITIVE_INFINITY } = options
    this.maxMessageSizeBeforeLogin = Math.min(maxMessageSizeBeforeLogin, this.maxMessageSize)
    this.slowConsumers = options.slowConsumers
    this.sendBufferLimit = options.sendBufferLimit ?? 64 * 1024 * 1024
    this.#logger = options.logger ?? silentLogger
    this.#connections = new Heartbeats(options.clock ?? systemClock, this.heartbeat)
    for (const serializer of options.serializers) {
      const framer = this.outbox.createFramer(serializer, serverFraming(serializer.binary))
      this.#spoken.set(subprotocolOf(serializer), { serializer, framer })
    }
    const settings = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      allowSynchronousEvents: true,
      maxPayload: this.maxMessageSizeBeforeLogin,
      closeTimeout: CLOSE_TIMEOUT,
      handleProtocols: (asked: Set<string>) => this.#choose(asked) ?? false,
      WebSocket: ServerSocket,
    }
    this.#server = new WebSocketServer(settings)
  }

  /** How many connections there are. */
  get size(): number {
    return this.#connections.size
  }

  /**
   * Answers a request to upgrade: the arguments are those of an HTTP server's `upgrade` event. A connection comes of it,
   * or an HTTP response that says what is wrong.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusalOf(request)
    if (refusal !== undefined) {
      this.counters.refused++
      this.#logger.debug(`refused a WebSocket: ${refusal[1]}`)
      return refuseUpgrade(socket, refusal)
    }
    // What `ws` refuses, for want of a header or such, it answers by itself.
    this.#server.handleUpgrade(request, socket, head, (ws) =>
      this.#accept(ws as ServerSocket, socket as Socket, request),
    )
  }

  /** Takes no further connections, and closes those there are, in order. Resolves when the last one is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#closed
      this.#closed = () => {
        before?.()
        resolve()
      }
      for (const connection of this.#connections) (connection as ServerTransport).close()
      if (this.size === 0) this.#closed()
    })
  }

  dropped(transport: ServerTransport, error: TransportError, why: 'slow consumer' | 'lost'): void {
    if (why === 'lost') this.counters.lost++
    else this.counters.slowConsumersDropped++
    this.#logger.warn(`dropped the connection of ${transport.info.address}: ${error.message}`)
  }

  ended(transport: ServerTransport): void {
    this.#connections.delete(transport)
    if (this.size === 0) this.#closed?.()
  }

  #accept(ws: ServerSocket, socket: Socket, request: IncomingMessage): void {
    const chosen = this.#spoken.get(ws.protocol)
    if (chosen === undefined) return ws.terminate()
    const { serializer, framer } = chosen
    const transport = new ServerTransport(
      infoOfRequest(socket, request),
      ws,
      socket,
      serializer,
      framer,
      this,
    )
    this.#connections.add(transport)
    this.counters.accepted++
    this.#options.onTransport(transport, request)
  }

  #refusalOf(request: IncomingMessage): Refusal | undefined {
    if (this.#closed !== undefined) return [503, 'This router is closing.']
    const { path } = this.#options
    const asked = request.url?.split('?', 1)[0]
    if (path !== undefined && asked !== path) return [404, `There is no WebSocket here; it is at ${path}.`]
    const strange = this.#originRule(request)
    if (strange !== undefined) {
      this.counters.refusedByOrigin++
      this.#logger.warn(`refused a WebSocket: ${strange}`)
      return [403, strange]
    }
    const outside = this.#options.refuse?.(request)
    if (outside !== undefined) return outside
    const list = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
    if (this.#choose(list) !== undefined) return undefined
    const spoken = [...this.#spoken.keys()].join(', ')
    const sentence =
      list.length === 0
        ? `A WAMP client must name its subprotocols; spoken here: ${spoken}.`
        : `None of the subprotocols asked for is spoken here, only: ${spoken}.`
    return [400, sentence, { 'Sec-WebSocket-Protocol': spoken }]
  }

  /** The first one of the client's list that is spoken here. */
  #choose(asked: Iterable<string>): string | undefined {
    for (const name of asked) if (this.#spoken.has(name)) return name
    return undefined
  }
}
