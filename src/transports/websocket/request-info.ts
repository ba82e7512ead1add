import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { hostAndPort, isLoopback } from '../loopback.js'
import { tlsInfo } from '../tls-info.js'
import type { TransportInfo } from '../transport.js'
import type { TrustedProxies } from './trusted-proxies.js'

/**
 * Who is at the other end. A proxy on this machine that says so, by a header, does not make its clients local; one that
 * keeps quiet does, unless it is known for one. Of proxies that are known, the address of the client is believed.
 */
export function infoOfRequest(
  socket: Socket,
  request: IncomingMessage,
  proxies?: TrustedProxies,
): TransportInfo {
  const { remoteAddress, remotePort } = socket
  const cookies = cookiesOf(request.headers.cookie)
  const client = proxies?.clientOf(request)
  const address =
    client === undefined
      ? remoteAddress && hostAndPort(remoteAddress, remotePort)
      : hostAndPort(client, undefined)
  return {
    kind: 'websocket',
    local: client === undefined && isNear(socket, request),
    ...(address === undefined ? {} : { address }),
    ...tlsInfo(socket, 'server'),
    ...(cookies === undefined ? {} : { cookies }),
  }
}

/** Headers that are there because a proxy has passed the request on. */
const OF_PROXIES = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-real-ip',
] as const

/** Is the client on this machine? */
export function isNear({ remoteAddress, localAddress }: Socket, { headers }: IncomingMessage): boolean {
  if (OF_PROXIES.some((header) => header in headers)) return false
  // A Unix socket has no address at either end; a TCP connection that is already reset has lost only its remote one.
  return remoteAddress === undefined ? localAddress === undefined : isLoopback(remoteAddress)
}

/** The cookies of a request, by name. Spec: RFC 6265, section 4.2. */
function cookiesOf(header: string | undefined): Record<string, string> | undefined {
  if (header === undefined) return undefined
  const pairs = header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=')
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()] as const]
  })
  return Object.fromEntries(pairs)
}
