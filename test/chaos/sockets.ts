import { connect, Socket } from 'node:net'

/** TCP sockets of this process, and servers. */
export function socketCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
}

/** The sockets that there are, and whose they are. */
export function socketsLeft(ports: Readonly<Record<'router' | 'proxy', number>>): unknown[] {
  const { _getActiveHandles } = process as unknown as { _getActiveHandles(): unknown[] }
  const left = _getActiveHandles().filter((handle): handle is Socket => handle instanceof Socket)
  return left.map(({ localPort, remotePort, readyState, destroyed, readableEnded, writableEnded }) => ({
    whose: [
      ...(localPort === ports.proxy ? ['the proxy, towards a client'] : []),
      ...(remotePort === ports.proxy ? ['a client'] : []),
      ...(localPort === ports.router ? ['the router'] : []),
      ...(remotePort === ports.router ? ['the proxy, towards the router'] : []),
    ],
    ...{ readyState, destroyed, readableEnded, writableEnded },
  }))
}

/** A connection that has begun with a handshake of RawSocket: was it taken? */
export function greeted(port: number): Promise<{ socket: Socket; isTaken: boolean }> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    socket.on('connect', () => socket.write(Buffer.of(0x7f, 0xf1, 0, 0)))
    socket.once('data', (answer: Buffer) => resolve({ socket, isTaken: answer[1] === 0xf1 }))
    socket.once('close', () => resolve({ socket, isTaken: false }))
  })
}
