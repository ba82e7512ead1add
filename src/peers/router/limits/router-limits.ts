import { UsageError } from '../../../errors.js'
import { LONGEST_URI } from '../../../uris.js'

/** What a router lets strangers, addresses and clients have of it. `Infinity` lifts a limit. */
export interface RouterLimits {
  /**
   * Milliseconds that a connection has to become a WebSocket, a RawSocket or one of a client by long-poll, TLS included,
   * and then again until there is a session; and once more after each GOODBYE. 10,000 by default.
   */
  readonly handshakeTimeout?: number
  /** The longest message taken from a client without a session, in bytes; 65,536 by default. */
  readonly maxMessageSizeBeforeLogin?: number
  /** Sessions of the router at once; 100,000 by default. */
  readonly sessions?: number
  /** Sessions of one authid in one realm at once; any number by default. */
  readonly sessionsPerAuthid?: number
  /**
   * Connections from one address at once, 1,000 by default; one more is answered with HTTP 503, or error 4 of RawSocket,
   * and what comes when there are twice as many is closed unheard. Of IPv6 a network of 64 bits counts as one address. As
   * many transports by long-poll, over whatever connections. On a server of the application's own, only connections count
   * that have become WebSockets: its others are its own to bound.
   */
  readonly connectionsPerAddress?: number
  /** The same for addresses of the router's own machine, such as that of a proxy; any number by default. */
  readonly localConnections?: number
  /**
   * Messages a second that are taken from one session, on the average; any number by default. Who sends more is not
   * read from until the average is kept: nothing is lost.
   */
  readonly messagesPerSecond?: number
  /** Messages that a session may send at once before it is slowed down; those of one second by default. */
  readonly messageBurst?: number
  /**
   * Failed log-ins from one address for one authid before further ones have to wait, 1 second first and twice as long
   * each time, up to 60; 5 by default. Who does not wait is refused, right answer or wrong. A quarter of an hour without
   * a failure makes good for all.
   */
  readonly failedLogins?: number
  /** The same for all authids of one address together, lest it tries one after the other; 50 by default. */
  readonly failedLoginsPerAddress?: number
  /** The longest URI, or pattern of URIs, that a client may name, in characters; 1,024 by default, and 64 at least. */
  readonly uriLength?: number
  /**
   * Messages of a session that may wait for an authorizer; 100 by default. When there are more it is not read from until
   * half of them have gone; where that is impossible, it is ended when there are ten times as many.
   */
  readonly undecidedMessages?: number
  /** The same in bytes of memory; 1 MiB by default. */
  readonly undecidedBytes?: number
}

/** No URI of the meta API is longer. */
const LEAST_URI_LENGTH = 64

/** The limits, each with its default where it is not given. @throws UsageError if one is no number above 0, or too low. */
export function routerLimits(given: RouterLimits = {}): Required<RouterLimits> {
  const { messagesPerSecond = Number.POSITIVE_INFINITY } = given
  const limits = {
    handshakeTimeout: 10_000,
    maxMessageSizeBeforeLogin: 64 * 1024,
    sessions: 100_000,
    sessionsPerAuthid: Number.POSITIVE_INFINITY,
    connectionsPerAddress: 1_000,
    localConnections: Number.POSITIVE_INFINITY,
    messagesPerSecond,
    messageBurst: Math.max(1, messagesPerSecond),
    failedLogins: 5,
    failedLoginsPerAddress: 50,
    uriLength: LONGEST_URI,
    undecidedMessages: 100,
    undecidedBytes: 1024 * 1024,
    ...given,
  }
  for (const [name, limit] of Object.entries(limits))
    if (typeof limit !== 'number' || !(limit > 0))
      throw new UsageError(`limits.${name} must be a number above 0, not ${JSON.stringify(limit)}`)
  if (limits.uriLength < LEAST_URI_LENGTH)
    throw new UsageError(
      `limits.uriLength must be ${LEAST_URI_LENGTH} or more, not ${limits.uriLength}: WAMP has long URIs of its own`,
    )
  return limits
}
