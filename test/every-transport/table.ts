/** Every transport, in which formats and runtimes it works, and why not where it does not. Data only. */
import type { SerializerName } from '../../src/serializers/serializer.js'

export const FORMATS: readonly SerializerName[] = ['json', 'msgpack', 'cbor']

/** Where the suite of all transports is run, or, in a browser, what else shows that it works there. */
export const PLATFORMS = ['Node 20', 'Node 24', 'Bun', 'Deno', 'browser'] as const

export type Platform = (typeof PLATFORMS)[number]

export interface TransportRow {
  /** The name of the place that `places.ts` opens. */
  readonly id: TransportId
  readonly name: string
  /** What a client is told, as Markdown. */
  readonly how: string
  /** The platforms in which it does not work, and why. */
  readonly without?: { readonly [P in Platform]?: string }
  readonly note?: string
  /**
   * Is whom to trust said when a process starts, as for `fetch`? Then the suite runs in a process that was started so.
   */
  readonly trustsFromStart?: boolean
  /** Which limit of the length of messages it has; by default a stricter one for who has not logged in. */
  readonly limit?: 'none' | 'alike'
}

export type TransportId =
  | 'memory'
  | 'message-port'
  | 'ws'
  | 'wss'
  | 'ws-batched'
  | 'ws-unix'
  | 'ws-attached'
  | 'ws-ipv6'
  | 'rs'
  | 'rss'
  | 'rs-unix'
  | 'rs-ipv6'
  | 'longpoll'
  | 'longpoll-tls'
  | 'longpoll-single'

const NO_ROUTER = 'there is no router'
const NO_SOCKETS = 'there are no sockets'

export const TRANSPORTS: readonly TransportRow[] = [
  {
    id: 'memory',
    name: 'memory',
    how: '`router`, a `Router` of the same process',
    without: { browser: NO_ROUTER },
    limit: 'none',
  },
  {
    id: 'message-port',
    name: '`MessagePort`',
    how: '`transport: messagePort(port)`, and `router.accept(port)`',
    without: { browser: NO_ROUTER },
    note: 'for threads',
    limit: 'alike',
  },
  { id: 'ws', name: 'WebSocket', how: '`ws://host:port`' },
  { id: 'wss', name: 'WebSocket, TLS', how: '`wss://host:port`' },
  { id: 'ws-batched', name: 'WebSocket, batched', how: '`serializers: [batched(json())]`' },
  {
    id: 'ws-unix',
    name: 'WebSocket, Unix socket',
    how: '`ws+unix:///path`',
    without: { browser: NO_SOCKETS },
  },
  {
    id: 'ws-attached',
    name: 'WebSocket, in an HTTP server of yours',
    how: '`router.attach(server)`, and `ws://host:port/ws`',
  },
  { id: 'ws-ipv6', name: 'WebSocket, IPv6', how: '`ws://[::1]:port`' },
  { id: 'rs', name: 'RawSocket', how: '`rs://host:port`', without: { browser: NO_SOCKETS } },
  { id: 'rss', name: 'RawSocket, TLS', how: '`rss://host:port`', without: { browser: NO_SOCKETS } },
  {
    id: 'rs-unix',
    name: 'RawSocket, Unix socket',
    how: '`unix+rs:///path`',
    without: { browser: NO_SOCKETS },
  },
  { id: 'rs-ipv6', name: 'RawSocket, IPv6', how: '`rs://[::1]:port`', without: { browser: NO_SOCKETS } },
  {
    id: 'longpoll',
    name: 'HTTP long-poll',
    how: '`http://host:port/longpoll`',
    note: 'in batches; in a browser by `transport: longPoll(url)`',
  },
  {
    id: 'longpoll-tls',
    name: 'HTTPS long-poll',
    how: '`https://host:port/longpoll`',
    without: { Deno: 'a router there loses connections with long messages on them' },
    note: '`NODE_EXTRA_CA_CERTS`, or a `fetch` of yours, says which other authorities to trust',
    trustsFromStart: true,
  },
  {
    id: 'longpoll-single',
    name: 'HTTP long-poll, a message at a time',
    how: '`http://host:port/longpoll`',
    note: 'with routers that know no batches',
  },
]
