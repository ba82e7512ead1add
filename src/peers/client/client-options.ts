import type { ClientAuthentication } from '../../authentication/authentication-method.js'
import type { Clock } from '../../clock.js'
import type { Logger } from '../../logger.js'
import type { HandledClient, MessageHandler } from '../../message-handlers/message-handler.js'
import type { ErrorClass } from '../../roles/error-classes.js'
import type { Revocation } from '../../roles/revocation.js'
import type { Serializer } from '../../serializers/serializer.js'
import type { Compatibility, CompatibilityProfile } from '../../sessions/compatibility.js'
import type { Transport } from '../../transports/transport.js'
import type { DialOptions } from '../../transports/websocket/dial.js'
import type { ReconnectOptions } from './backoff.js'
import type { StateChange } from './client-state.js'

/** Anything that hands out a transport to itself, such as a `Router` in the same process. */
export interface TransportSource {
  connect(serializer: Serializer): Transport
}

export interface ClientOptions {
  /** The realm to join. */
  realm: string
  /**
   * Where the router listens: `ws://…` or `wss://…`, and in Node also `rs://…`, `rss://…` (RawSocket), `ws+unix:///…`,
   * `unix+rs:///…` and `http(s)://…` (long-poll). Or give `router`, or `transport`.
   */
  url?: string
  /** A router in the same process: joined without a socket. */
  router?: TransportSource
  /** Any other way to a router. Called for each session; `options.signal` aborts when it is to be given up. */
  transport?: (serializers: readonly Serializer[], options: DialOptions) => Transport | Promise<Transport>
  /** How to write messages, in the order of preference; the router picks. JSON by default. */
  serializers?: readonly Serializer[]
  /** Ways to log in, in the order of preference; none asks to be let in anonymously. */
  auth?: readonly ClientAuthentication[]
  /** The authid to ask for, where no authentication method names one. */
  authid?: string
  /**
   * Where the router does otherwise than the spec says: `crossbar`, `nexus`, or the deviations one by one. Nothing by
   * default.
   */
  compatibility?: CompatibilityProfile | Compatibility
  /** Classes of errors, by the URI that they are bound to in both directions. */
  errors?: Readonly<Record<string, ErrorClass>>
  /** What to do with messages; a subclass of `MessageHandler`. */
  messageHandler?: new (
    client: HandledClient,
  ) => MessageHandler
  /** How the client names itself to the router; the package's name and version by default. */
  agent?: string
  /** Milliseconds to wait for the transport, for WELCOME, and for the answer to GOODBYE; 10,000 each by default. */
  handshakeTimeout?: number
  /** How the router is connected to: headers, TLS, heartbeat, limits. */
  connection?: DialOptions
  /**
   * How the client comes back after a loss, or `false` if it does not: see `ReconnectOptions`. By default it does, unless
   * its router is in the same process.
   */
  reconnect?: boolean | ReconnectOptions
  /** Silent by default, except for errors that nobody listens for. */
  logger?: Logger
  clock?: Clock
}

/** The session that a client has joined. */
export interface SessionDetails {
  readonly id: number
  readonly realm: string
  readonly authid: string | undefined
  readonly authrole: string | undefined
  readonly authmethod: string | undefined
  /** All details of the WELCOME, as the router sent them. */
  readonly details: Readonly<Record<string, unknown>>
}

/** What a client tells its listeners. */
export interface ClientEvents {
  /** The client does something else than before: `connecting`, `joined`, `waiting` for its next attempt, … */
  state: StateChange
  /** A session is established, and everything that was declared is registered. */
  join: SessionDetails
  /** The session is over. `error` is there unless this side ended it with `stop()`. */
  leave: { readonly reason: string; readonly error?: Error }
  /** The router has taken back a registration or a subscription; the next session asks for it again. */
  revoke: Revocation
  /** Something failed that no promise tells: an event handler, a message handler, a listener. */
  error: unknown
}
