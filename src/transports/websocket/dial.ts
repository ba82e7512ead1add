import type { Clock } from '../../clock.js'
import { TransportError, UsageError } from '../../errors.js'
import { type Serializer, subprotocolOf } from '../../serializers/serializer.js'
import type { Transport } from '../transport.js'

/** How to open a WebSocket. Where a browser decides for itself, it says so below. */
export interface DialOptions {
  /** Milliseconds until the attempt is given up; 10,000 by default. */
  handshakeTimeout?: number
  /** Gives the attempt up when it is aborted. */
  signal?: AbortSignal
  /**
   * Milliseconds between two pings; 5,000 by default, 0 for none. If nothing comes for two of these periods, the
   * connection is lost. A browser cannot ping: there the client asks the router for a sign of life when it is silent.
   */
  heartbeat?: number
  /** The longest message taken, in bytes; 16 MiB by default. Node only. */
  maxMessageSize?: number
  /** HTTP headers of the request. Node only: where they cannot be sent, they are refused. */
  headers?: Readonly<Record<string, string>>
  /** How `wss:` connections are secured. Node only: where it cannot be chosen, it is refused. */
  tls?: TlsOptions
  clock?: Clock
}

type Pem = string | Uint8Array

/** Options of TLS, as Node has them. */
export interface TlsOptions {
  /** Certificates to trust in place of the well-known ones. */
  ca?: Pem | readonly Pem[]
  /** The client's own certificate and its key. */
  cert?: Pem | readonly Pem[]
  key?: Pem | readonly Pem[]
  pfx?: Pem
  passphrase?: string
  /** Whom the router's certificate must be for, if not for the URL's host. */
  servername?: string
  /** Only ever `false` in tests: it lets in whoever sits between. */
  rejectUnauthorized?: boolean
}

/**
 * Opens a WebSocket to `url`, and offers the subprotocols of `serializers` in this order; the router picks.
 *
 * @throws UsageError if it is no URL of a WebSocket, or there is no serializer; TransportError if nobody answers there,
 * or not as hoped.
 */
export type DialWebSocket = (
  url: string,
  serializers: readonly Serializer[],
  options?: DialOptions,
) => Promise<Transport>

export const DEFAULT_HANDSHAKE_TIMEOUT = 10_000

/** The URL as it may stand in an error: without credentials, and without a query that may hold some. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

/** @throws UsageError if `url` cannot be dialed, or there is nothing to speak. */
export function checkDial(url: string, serializers: readonly Serializer[], scheme = /^wss?:\/\//i): void {
  if (!scheme.test(url) || !isUrl(url))
    throw new UsageError(`${JSON.stringify(url)} is not the URL of a WebSocket, such as ws://localhost:8080`)
  if (serializers.length === 0) throw new UsageError('to dial a router takes a serializer, such as json()')
}

function isUrl(url: string): boolean {
  try {
    return new URL(url).hash === ''
  } catch {
    return false
  }
}

/** The serializer that the router chose. */
export function chosenSerializer(
  protocol: string | undefined,
  serializers: readonly Serializer[],
): Serializer | undefined {
  return serializers.find((serializer) => subprotocolOf(serializer) === protocol)
}

/** The router chose nothing that was offered. */
export function nothingInCommon(
  url: string,
  protocol: string | undefined,
  serializers: readonly Serializer[],
): TransportError {
  const offered = serializers.map(subprotocolOf).join(', ')
  const chosen = protocol ? `chose ${protocol}` : 'chose none'
  return cannotReach(url, `of the subprotocols offered (${offered}) it ${chosen}`)
}

export function cannotReach(url: string, why: string, cause?: unknown): TransportError {
  return new TransportError(
    `cannot reach ${shownUrl(url)}: ${why}`,
    cause === undefined ? undefined : { cause },
  )
}
