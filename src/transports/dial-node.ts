/** Dials a router by the scheme of its URL, in Node. */
import { UsageError } from '../errors.js'
import type { Serializer } from '../serializers/serializer.js'
import { dialLongPoll } from './longpoll/dial-longpoll.js'
import { dialRawSocket } from './rawsocket/dial.js'
import type { Transport } from './transport.js'
import type { DialOptions } from './websocket/dial.js'
import { dialWebSocket } from './websocket/dial-node.js'

type Dial = (url: string, serializers: readonly Serializer[], options?: DialOptions) => Promise<Transport>

const BY_SCHEME: Readonly<Record<string, Dial>> = {
  ws: dialWebSocket,
  wss: dialWebSocket,
  'ws+unix': dialWebSocket,
  rs: dialRawSocket,
  rss: dialRawSocket,
  'unix+rs': dialRawSocket,
  http: dialLongPoll,
  https: dialLongPoll,
}

/**
 * Opens a transport to `url`.
 *
 * @throws UsageError if it is no URL of a router; TransportError if nobody answers there, or not as hoped.
 */
export async function dial(...[url, serializers, options]: Parameters<Dial>): Promise<Transport> {
  const [, scheme = ''] = /^([a-z+]+):/i.exec(url) ?? []
  const dialScheme = BY_SCHEME[scheme.toLowerCase()]
  if (dialScheme !== undefined) return dialScheme(url, serializers, options)
  const known = Object.keys(BY_SCHEME)
    .map((known) => `${known}:`)
    .join(', ')
  throw new UsageError(
    `${JSON.stringify(url)} cannot be dialed: the URL of a router is one such as ws://localhost:8080 (${known})`,
  )
}
