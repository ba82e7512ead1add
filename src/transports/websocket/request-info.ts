import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { hostAndPort, isLoopback } from '../loopback.js'
import { tlsInfo } from '../tls-info.js'
import type { TransportInfo } from '../transport.js'

/**
 * Who is at the other end. A proxy on this machine that says so, by a header, does not make its clients local; one that
 * keeps quiet does.
 */
export function infoOfRequest(socket: Socket, request: IncomingMessage): TransportInfo {
  const { remoteAddress, remotePort } = socket
  const cookies = cookiesOf(request.headers.cookie)
  return {
    kind: 'websocket',
    local: isNear(socket, request),
    ...(remoteAddress === undefined ? {} : { address: hostAndPort(remoteAddress, remotePort) }),
    ...tlsInfo(socket, 'server'),
    ...(cookies === undefined ? {} : { cookies }),
  }
}

/** Is the client on this machine? */
export function isNear({ remoteAddress, localAddress }: Socket, { headers }: IncomingMessage): boolean {
  if ('forwarded' in headers || 'x-forwarded-for' in headers) return false
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
