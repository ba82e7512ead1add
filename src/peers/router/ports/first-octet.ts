import type { Socket } from 'node:net'

/** What RawSocket begins with, and no HTTP request does. Spec: rfc/text/advanced/transport_rawsocket.md, "Handshake". */
const RAW_SOCKET = 0x7f

/** Reads the beginning of a connection, and hands it on by what it is; one that says nothing stays as it is. */
export function byFirstOctet(
  socket: Socket,
  rawSocket: (socket: Socket, head: Buffer) => void,
  http: (socket: Socket) => void,
): void {
  // Whoever gets the socket listens for its errors; until then there is nobody to tell.
  socket.on('error', ignore)
  socket.once('data', (head: Buffer) => {
    socket.pause()
    socket.off('error', ignore)
    if (head[0] === RAW_SOCKET) return rawSocket(socket, head)
    socket.unshift(head)
    http(socket)
    socket.resume()
  })
}

function ignore(): void {}
