import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { UsageError } from '../../errors.js'
import { type Serializer, subprotocolOf } from '../../serializers/serializer.js'
import { batchFraming } from '../batching/batch-framing.js'
import { batched } from '../batching/batched.js'
import { Connections } from '../connections.js'
import type { ListenerOptions } from '../listener-options.js'
import type { Framer, Framing } from '../output/framer.js'
import type { Transport } from '../transport.js'
import { CLOSE_TIMEOUT } from './closing.js'
import { type OriginRule, originRule } from './origins.js'
import { type Refusal, refuseUpgrade } from './refusal.js'
import { infoOfRequest } from './request-info.js'
import { serverFraming } from './server-framing.js'
import { ServerSocket, ServerTransport } from './server-transport.js'
import type { TrustedProxies } from './trusted-proxies.js'

/** How a subprotocol is read and written. */
interface Spoken {
  readonly serializer: Serializer
  readonly framer: Framer
  /** The frame of a batch. */
  readonly envelope: Framing | undefined
}

/** What a listener of WebSockets is told besides. A client's list of subprotocols says in which order it likes them. */
export interface WebSocketListenerOptions extends ListenerOptions {
  /** Called for each connection, when it is open. Start the transport before the next heartbeat. */
  onTransport: (transport: Transport, request: IncomingMessage) => void
  /** Refuse all other paths; by default each path will do. */
  path?: string
  /** The origins whose pages may connect; see `originRule`. */
  origins?: readonly string[] | 'any'
  /** Says why a request is refused for a reason that lies outside, if it is. */
  refuse?: (request: IncomingMessage) => Refusal | undefined
  /** The proxies that are believed when they say who their clients are; none by default. */
  proxies?: TrustedProxies | undefined
}

/**
 * Makes transports of WebSocket connections. It takes requests to upgrade that an HTTP server has accepted, so that the
 * port can be shared.
 *
 * Spec: rfc/text/basic/building_blocks.md, "WebSocket Transport"; rfc/text/advanced/transport_batched_websocket.md;
 * RFC 6455.
 */
export class WebSocketListener {
  readonly connections: Connections

  readonly #options: WebSocketListenerOptions
  readonly #originRule: OriginRule
  readonly #server: WebSocketServer
  readonly #spoken = new Map<string, Spoken>()

  /** @throws UsageError if there is no serializer, or an origin that is none. */
  constructor(options: WebSocketListenerOptions) {
    if (options.serializers.length === 0) throw new UsageError('a WebSocketListener needs a serializer')
    this.#options = options
    this.#originRule = originRule(options.origins)
    this.connections = new Connections(options)
    const { outbox, maxMessageSize } = this.connections
    for (const serializer of options.serializers) {
      const framer = outbox.createFramer(serializer, serverFraming(serializer.binary))
      this.#spoken.set(subprotocolOf(serializer), { serializer, framer, envelope: undefined })
    }
    for (const serializer of options.serializers) {
      const framer = outbox.createFramer(serializer, batchFraming(serializer.binary))
      const inBatches = batched(serializer)
      const envelope = serverFraming(serializer.binary)
      this.#spoken.set(subprotocolOf(inBatches), { serializer: inBatches, framer, envelope })
    }
    const settings = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      allowSynchronousEvents: true,
      maxPayload: maxMessageSize,
      closeTimeout: CLOSE_TIMEOUT,
      handleProtocols: (asked: Set<string>) => this.#choose(asked) ?? false,
      WebSocket: ServerSocket,
    }
    this.#server = new WebSocketServer(settings)
  }

  /**
   * Answers a request to upgrade: the arguments are those of an HTTP server's `upgrade` event. A connection comes of it,
   * or an HTTP response that says what is wrong.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusalOf(request)
    if (refusal !== undefined) {
      this.connections.counters.refused++
      this.connections.logger.debug(`refused a WebSocket: ${refusal[1]}`)
      return refuseUpgrade(socket, refusal)
    }
    // What `ws` refuses, for want of a header or such, it answers by itself.
    this.#server.handleUpgrade(request, socket, head, (ws) =>
      this.#accept(ws as ServerSocket, socket as Socket, request),
    )
  }

  /** Takes no further connections, and closes those there are, in order. Resolves when the last one is closed. */
  close(): Promise<void> {
    return this.connections.close()
  }

  #accept(ws: ServerSocket, socket: Socket, request: IncomingMessage): void {
    const chosen = this.#spoken.get(ws.protocol)
    if (chosen === undefined) return ws.terminate()
    const { serializer, framer, envelope } = chosen
    const transport = new ServerTransport(
      infoOfRequest(socket, request, this.#options.proxies),
      ws,
      socket,
      serializer,
      framer,
      envelope,
      this.connections,
    )
    this.connections.add(transport)
    this.#options.onTransport(transport, request)
  }

  #refusalOf(request: IncomingMessage): Refusal | undefined {
    if (this.connections.isClosing) return [503, 'This router is closing.']
    const { path } = this.#options
    const asked = request.url?.split('?', 1)[0]
    if (path !== undefined && asked !== path) return [404, `There is no WebSocket here; it is at ${path}.`]
    const strange = this.#originRule(request)
    if (strange !== undefined) {
      this.connections.counters.refusedByOrigin++
      this.connections.logger.warn(`refused a WebSocket: ${strange}`)
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
