import type { Serializer } from '../../serializers/serializer.js'
import type { Transport } from '../transport.js'
import type { DialOptions } from '../websocket/dial.js'
import { dialLongPoll, type LongPollOptions } from './dial-longpoll.js'

export { dialLongPoll, type LongPollOptions } from './dial-longpoll.js'

/**
 * A way to a router by plain HTTP requests, for networks that let no WebSocket pass: the option `transport` of a client.
 *
 *     new Client({ transport: longPoll('https://router.example/lp'), realm: 'realm1' })
 *
 * `url` is the base URL, to which `/open` is added.
 *
 * Spec: rfc/text/advanced/transport_http_longpoll.md.
 */
export function longPoll(
  url: string,
  options: LongPollOptions = {},
): (serializers: readonly Serializer[], dialed?: DialOptions) => Promise<Transport> {
  return (serializers, dialed) => dialLongPoll(url, serializers, { ...dialed, ...options })
}
