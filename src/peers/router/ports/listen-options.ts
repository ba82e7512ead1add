import type { TrustedProxyOptions } from '../../../transports/websocket/trusted-proxy-options.js'

/** HTTP long-poll: for clients whose network lets no WebSocket pass. Times are in milliseconds. */
export interface LongPollOptions {
  /** Where its requests go; `/longpoll` by default, for `/longpoll/open`. */
  path?: string
  /** How long a request for messages is held while there are none; 10,000 by default. */
  pollTimeout?: number
  /** After how long without a request for messages a client is lost; 30,000 by default. */
  idleTimeout?: number
  /**
   * The status of what went well: 202 by default, which is the number in the spec; 204 is what it says in words, and what
   * npm's `autobahn` wants.
   */
  doneStatus?: 202 | 204
}

/** What is served over HTTP, be it a port of the router's own or somebody else's server. */
export interface HttpOptions extends TrustedProxyOptions {
  /** Takes WebSockets on this path only. */
  path?: string
  /**
   * The origins of the web pages that may connect: `https://app.example.com`, `https://*.example.com`,
   * `http://localhost:*`, or `any`. By default those of the router's own host and port, and on its own machine those of
   * all local ports. Clients that are no browsers send no origin, and are not concerned.
   */
  origins?: readonly string[] | 'any'
  /** Serves HTTP long-poll, or, with `false`, does not: `true` by default on a port, `false` on somebody else's server. */
  longPoll?: boolean | LongPollOptions
}

/** A port of a router: WebSocket on any path unless one is given, long-poll on `/longpoll`, and RawSocket. */
export interface ListenOptions extends HttpOptions {
  /** The TCP port; 8080 by default, 0 for any that is free. */
  port?: number
  /** The address to listen on; `127.0.0.1` by default, so that nobody on another machine gets in. */
  host?: string
  /** Listens on a Unix socket at this path, in place of a TCP port. Its clients are clients of this machine. */
  unix?: string
  /** The permissions of the Unix socket; 0o600 by default: nobody but the router's own user gets in. */
  unixMode?: number
  /** Serves RawSocket on the same port; `true` by default. Its connections begin with an octet that HTTP does not have. */
  rawSocket?: boolean
  /** Secures the port with TLS: clients dial `wss://`, `rss://` and `https://`. */
  tls?: ServerTlsOptions
}

/** An HTTP or HTTPS server of Node, as far as a router attaches to it: its events. */
export interface HttpServer {
  on(name: string, listener: object): unknown
  off(name: string, listener: object): unknown
  listeners(name: string): readonly unknown[]
  emit(name: string, ...told: unknown[]): boolean
}

/** What is served on an HTTP server of the application's own: WebSocket, and long-poll where it is asked for. */
export interface AttachOptions extends HttpOptions {
  /** Takes WebSockets on this path; `/ws` by default. */
  path?: string
}

type Pem = string | Uint8Array

/** A certificate and its key, as PEM. */
export interface KeyPair {
  /** The certificate, followed by those of its issuers where there are any in between. */
  readonly cert: Pem
  readonly key: Pem
  /** The passphrase of the key, if it has one. */
  readonly passphrase?: string
}

/** How a port is secured. Versions below TLS 1.2 are not spoken. */
export interface ServerTlsOptions extends KeyPair {
  /** Other certificates, by the host name that a client asks for (SNI). `*.example.com` stands for one component. */
  readonly hosts?: Readonly<Record<string, KeyPair>>
  /** Whose certificates clients may show: PEM of the authorities. */
  readonly ca?: Pem | readonly Pem[]
  /** Whether clients are asked for a certificate, or have to show one; needs `ca`. */
  readonly clientCertificates?: 'request' | 'require'
}
