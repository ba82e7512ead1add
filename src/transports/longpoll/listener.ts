import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, systemClock } from '../../clock.js'
import { UsageError } from '../../errors.js'
import { subprotocolOf } from '../../serializers/serializer.js'
import { batchFraming } from '../batching/batch-framing.js'
import { batched } from '../batching/batched.js'
import { Connections } from '../connections.js'
import type { ListenerOptions } from '../listener-options.js'
import type { Transport, TransportInfo } from '../transport.js'
import { type OriginRule, originRule } from '../websocket/origins.js'
import type { Refusal } from '../websocket/refusal.js'
import { infoOfRequest } from '../websocket/request-info.js'
import type { TrustedProxies } from '../websocket/trusted-proxies.js'
import { answer } from './answers.js'
import { type Body, readBody } from './body.js'
import { CONTENT_TYPES } from './content-types.js'
import { allowOrigin, answerPreflight } from './cross-origin.js'
import { LONGEST_OPEN_REQUEST, protocolsOf } from './open-request.js'
import { LongPollServerTransport, type ServerTransportSettings, type Spoken } from './server-transport.js'

/**
 * Milliseconds that a receive is held. What crossbar documents: npm's `autobahn` gives up, and its session with it, after
 * twelve seconds.
 */
const DEFAULT_POLL_TIMEOUT = 10_000
const DEFAULT_IDLE_TIMEOUT = 30_000

/** Octets of a transport's id, by which whoever knows it can speak as its client: none is guessed. */
const ID_OCTETS = 24

/** A message by itself: HTTP says where it ends. */
const UNFRAMED = { headerLength: () => 0, writeHeader: () => {} }

/** What a listener of long-poll transports is told besides. */
export interface LongPollListenerOptions extends ListenerOptions {
  /** Called for each transport, with the request that opened it. Start it before this returns. */
  onTransport: (transport: Transport, request: IncomingMessage) => void
  /** Called for each request that names a transport that there is. */
  onRequest?: (request: IncomingMessage) => void
  /** Called when the id of a transport is no longer valid. */
  onEnd?: (transport: Transport) => void
  /** Where its requests go: `/lp` for `/lp/open`. */
  path: string
  /** The origins whose pages may connect; see `originRule`. */
  origins?: readonly string[] | 'any'
  /** Says why a transport is refused for a reason that lies outside, if it is. */
  refuse?: (request: IncomingMessage) => Refusal | undefined
  /** The proxies that are believed when they say who their clients are; none by default. */
  proxies?: TrustedProxies | undefined
  /**
   * Milliseconds that a receive is held while there is nothing to say; 10,000 by default. Then it is answered with status
   * 204, and the client asks again. Proxies have limits of their own, of 30 seconds and more.
   */
  pollTimeout?: number
  /** Milliseconds without a receive after which a client is lost; 30,000 by default. */
  idleTimeout?: number
  /**
   * The status of a send or a close that went well; 202 by default, which is the number in the spec. What it says in words,
   * no content, is 204: crossbar answers that, and npm's `autobahn` takes no other.
   */
  doneStatus?: 202 | 204
}

/**
 * Makes transports of HTTP requests: `POST <path>/open`, and for each transport `<path>/<id>/receive`, `send` and `close`.
 * It is handed the requests of an HTTP server, so that the port can be shared.
 *
 * The id of a transport is a secret of its client: whoever knows it is that client. So TLS belongs underneath.
 *
 * Spec: rfc/text/advanced/transport_http_longpoll.md.
 */
export class LongPollListener {
  readonly connections: Connections

  readonly #options: LongPollListenerOptions
  readonly #path: string
  readonly #originRule: OriginRule
  readonly #settings: ServerTransportSettings
  readonly #spoken = new Map<string, Spoken>()
  readonly #transports = new Map<string, LongPollServerTransport>()

  /** @throws UsageError if there is no serializer, or no path, or an origin or a time that is none. */
  constructor(options: LongPollListenerOptions) {
    if (options.serializers.length === 0) throw new UsageError('a LongPollListener needs a serializer')
    this.#options = options
    this.#path = pathOf(options.path)
    this.#originRule = originRule(options.origins)
    // There is nothing to ping: each transport has a timer of its own.
    this.connections = new Connections({ ...options, heartbeat: 0 })
    const { pollTimeout = DEFAULT_POLL_TIMEOUT, idleTimeout = DEFAULT_IDLE_TIMEOUT } = options
    const clock: Clock = options.clock ?? systemClock
    this.#settings = {
      clock,
      connections: this.connections,
      pollTimeout: expectTime('pollTimeout', pollTimeout),
      idleTimeout: expectTime('idleTimeout', idleTimeout),
      doneStatus: options.doneStatus ?? 202,
      onEnd: (transport, id) => {
        this.#transports.delete(id)
        options.onEnd?.(transport)
      },
    }
    const { outbox } = this.connections
    for (const serializer of options.serializers) {
      const contentType = CONTENT_TYPES[serializer.name]
      const inBatches = batched(serializer)
      this.#spoken.set(subprotocolOf(serializer), {
        serializer,
        framer: outbox.createFramer(serializer, UNFRAMED),
        contentType,
      })
      this.#spoken.set(subprotocolOf(inBatches), {
        serializer: inBatches,
        framer: outbox.createFramer(serializer, batchFraming(serializer.binary)),
        contentType,
      })
    }
  }

  /**
   * Answers a request of an HTTP server, now or later.
   *
   * @returns false if its path is none of this listener; then nothing was done.
   */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const [asked = ''] = (request.url ?? '').split('?', 1)
    const path = this.#path
    if (asked !== path && !asked.startsWith(`${path}/`)) return false
    response.setHeader('cache-control', 'no-store')
    response.setHeader('x-content-type-options', 'nosniff')
    if (this.connections.isClosing) response.setHeader('connection', 'close')
    const strange = this.#originRule(request)
    if (strange !== undefined) {
      this.connections.counters.refusedByOrigin++
      this.connections.logger.warn(`refused a long-poll request: ${strange}`)
      this.#refuse(response, [403, strange])
      return true
    }
    allowOrigin(request, response)
    if (request.method === 'OPTIONS') answerPreflight(request, response)
    else if (request.method !== 'POST')
      answer(response, 405, `Long-poll requests are POST; open a transport at ${path}/open.`, {
        allow: 'POST, OPTIONS',
      })
    else this.#post(asked.slice(path.length + 1), request, response)
    return true
  }

  /** Opens no further transports, and closes those there are, in order. Resolves when the last one is closed. */
  close(): Promise<void> {
    return this.connections.close()
  }

  #post(what: string, request: IncomingMessage, response: ServerResponse): void {
    if (what === 'open') return this.#open(request, response)
    const [id = '', kind, ...more] = what.split('/')
    const isKnown = more.length === 0 && (kind === 'send' || kind === 'receive' || kind === 'close')
    const transport = isKnown ? this.#transports.get(id) : undefined
    if (isKnown && transport !== undefined) {
      this.#options.onRequest?.(request)
      return transport.handle(kind, request, response)
    }
    const sentence = isKnown
      ? 'There is no such transport: it was closed, or its client stayed away for too long.'
      : `There is nothing here; open a transport at ${this.#path}/open.`
    answer(response, 404, sentence)
  }

  #open(request: IncomingMessage, response: ServerResponse): void {
    const refusal = this.connections.isClosing
      ? ([503, 'This router is closing.'] as const)
      : this.#options.refuse?.(request)
    if (refusal !== undefined) return this.#refuse(response, refusal)
    readBody(request, LONGEST_OPEN_REQUEST, (body) => this.#accept(body, request, response))
  }

  #accept(body: Body, request: IncomingMessage, response: ServerResponse): void {
    if (body === 'lost') return
    if (body === 'too long')
      return this.#refuse(response, [413, `No more than ${LONGEST_OPEN_REQUEST} bytes are taken here.`])
    const protocols = protocolsOf(body)
    if (typeof protocols === 'string') return this.#refuse(response, [400, protocols])
    const protocol = protocols.find((name) => this.#spoken.has(name))
    const spoken = protocol === undefined ? undefined : this.#spoken.get(protocol)
    if (spoken === undefined) {
      const all = [...this.#spoken.keys()].join(', ')
      return this.#refuse(response, [400, `None of the protocols asked for is spoken here, only: ${all}.`])
    }
    // It may have closed in between.
    if (this.connections.isClosing) return this.#refuse(response, [503, 'This router is closing.'])
    const id = randomBytes(ID_OCTETS).toString('base64url')
    const info = infoOf(request, this.#options.proxies)
    const transport = new LongPollServerTransport(id, info, spoken, this.#settings)
    this.#transports.set(id, transport)
    this.connections.add(transport)
    this.#options.onTransport(transport, request)
    const opened = JSON.stringify({ protocol, transport: id })
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': opened.length })
      .end(opened)
  }

  #refuse(
    response: ServerResponse,
    [status, sentence, headers]: readonly [number, string, Refusal[2]?],
  ): void {
    this.connections.counters.refused++
    this.connections.logger.debug(`refused a long-poll transport: ${sentence}`)
    answer(response, status, sentence, headers)
  }
}

/** @throws UsageError */
function pathOf(path: string): string {
  const plain = path.replace(/\/$/, '')
  if (!/^(\/[^/?#\s]+)+$/.test(plain))
    throw new UsageError(
      `the path of a LongPollListener must be one such as /lp, not ${JSON.stringify(path)}`,
    )
  return plain
}

/** @throws UsageError */
function expectTime(name: string, milliseconds: number): number {
  if (milliseconds > 0) return milliseconds
  throw new UsageError(`${name} must be a number of milliseconds above 0, not ${milliseconds}`)
}

/** Requests of one transport come over many connections, so that none of them binds it. */
function infoOf(request: IncomingMessage, proxies: TrustedProxies | undefined): TransportInfo {
  const { channelBinding: _, ...info } = infoOfRequest(request.socket, request, proxies)
  return { ...info, kind: 'longpoll' }
}
