import type { Socket } from 'node:net'
import { hostAndPort, isLoopback } from '../loopback.js'
import { tlsInfo } from '../tls-info.js'
import type { TransportInfo } from '../transport.js'
import type { TrustedProxies } from '../websocket/trusted-proxies.js'

/**
 * Where the other end of a connected socket is; `side` is this end. Nothing says who is behind a reverse proxy, but nobody
 * there is on this machine.
 */
export function infoOfSocket(
  socket: Socket,
  side: 'client' | 'server',
  proxies?: TrustedProxies,
): TransportInfo {
  const { remoteAddress, remotePort, localAddress } = socket
  const isProxy = remoteAddress !== undefined && proxies?.has(remoteAddress) === true
  return {
    kind: 'rawsocket',
    // A Unix socket has no address at either end; a TCP connection that is already reset has lost only its remote one.
    local: remoteAddress === undefined ? localAddress === undefined : !isProxy && isLoopback(remoteAddress),
    ...(remoteAddress === undefined ? {} : { address: hostAndPort(remoteAddress, remotePort) }),
    ...tlsInfo(socket, side),
  }
}
