import type { Server } from 'node:net'
import { TransportError } from '../../../errors.js'

/** Listens on a TCP port. @throws TransportError if it cannot be had. */
export function listenOnTcp(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => reject(cannotListen(port, host, cause))
    server.once('error', fail)
    server.listen({ port, host }, () => {
      server.off('error', fail)
      resolve()
    })
  })
}

function cannotListen(port: number, host: string, cause: NodeJS.ErrnoException): TransportError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new TransportError(`port ${port} on ${host} is in use; choose another`, { cause })
    case 'EACCES':
      return new TransportError(`port ${port} on ${host} needs privileges; choose one above 1023`, { cause })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new TransportError(`${host} is no address of this machine`, { cause })
    default:
      return new TransportError(`cannot listen on port ${port} of ${host}: ${cause.message}`, { cause })
  }
}
