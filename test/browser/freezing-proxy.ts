import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between clients and a port, and can let a connection die without a word. */
export class FreezingProxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>()

  private constructor(private readonly server: Server) {}

  static async before(port: number): Promise<FreezingProxy> {
    const server = createServer({ noDelay: true }, (near) => {
      const far = connect(port, '127.0.0.1')
      near.pipe(far)
      far.pipe(near)
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.#sockets.add(socket)
        socket.on('error', () => other.destroy())
        socket.on('close', () => proxy.#sockets.delete(socket))
      }
    })
    const proxy = new FreezingProxy(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** From now on nothing passes over the connections that there are, in either direction; new ones live. */
  freeze(): void {
    for (const socket of this.#sockets) socket.unpipe().pause()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.server.close(resolve))
  }
}
