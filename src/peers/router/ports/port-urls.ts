import type { AddressInfo, Server } from 'node:net'
import type { ListenOptions } from './listen-options.js'
import type { Place } from './place.js'
import { longPollPath } from './ways.js'

/** Where clients find a port, by each transport: `ws:` first, then `rs:`, then `http:`. */
export function urlsOf(place: Place, server: Server, options: ListenOptions): readonly string[] {
  const { path = '', rawSocket = true, longPoll = true, tls } = options
  if (place.kind === 'unix') {
    // In the URL of a WebSocket over a Unix socket, a colon ends the path of the socket.
    const socket = place.path.split('/').map(encodeURIComponent).join('/')
    return [
      `ws+unix://${socket}${path === '' ? '' : `:${path}`}`,
      ...(rawSocket ? [`unix+rs://${socket}`] : []),
    ]
  }
  const secured = tls === undefined ? '' : 's'
  const host = place.host.includes(':') ? `[${place.host}]` : place.host
  const where = `${host}:${(server.address() as AddressInfo).port}`
  return [
    `ws${secured}://${where}${path}`,
    ...(rawSocket ? [`rs${secured}://${where}`] : []),
    ...(longPoll === false ? [] : [`http${secured}://${where}${longPollPath(longPoll)}`]),
  ]
}
