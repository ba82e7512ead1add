import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach } from 'vitest'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import type { Transport } from '../../../src/transports/transport.js'
import {
  WebSocketListener,
  type WebSocketListenerOptions,
} from '../../../src/transports/websocket/listener.js'
import { Recorder } from '../recorder.js'
import { RawClient, upgradeRequest } from './raw-client.js'

/** A connection that a listener accepted. */
export interface Accepted {
  transport: Transport
  request: IncomingMessage
  socket: Socket
}

/** A listener on a port of 127.0.0.1. */
export class TestListener {
  readonly accepted: Accepted[] = []
  #waiting: ((accepted: Accepted) => void)[] = []

  private constructor(
    readonly server: Server,
    readonly listener: WebSocketListener,
  ) {}

  static async open(options: Partial<WebSocketListenerOptions> = {}): Promise<TestListener> {
    const server = createServer()
    const listener = new WebSocketListener({
      serializers: [jsonRelay()],
      ...options,
      onTransport: (transport, request) => {
        options.onTransport?.(transport, request)
        opened.#accept({ transport, request, socket: request.socket })
      },
    })
    const opened = new TestListener(server, listener)
    server.on('upgrade', (request, socket, head) => listener.handleUpgrade(request, socket, head))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return opened
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  /** The next connection. */
  next(): Promise<Accepted> {
    const accepted = this.accepted.shift()
    return accepted ? Promise.resolve(accepted) : new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** The connection from this port. */
  async of(port: number | undefined): Promise<Accepted> {
    for (;;) {
      const accepted = await this.next()
      if (accepted.transport.info.address === `127.0.0.1:${port}`) return accepted
    }
  }

  async close(): Promise<void> {
    this.server.close()
    this.server.closeAllConnections()
    await this.listener.close()
  }

  #accept(accepted: Accepted): void {
    const waiting = this.#waiting.shift()
    if (waiting) waiting(accepted)
    else this.accepted.push(accepted)
  }
}

const listeners: TestListener[] = []
const clients: RawClient[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy()
  for (const listener of listeners.splice(0)) await listener.close()
})

/** A listener that is closed after the test, as are the clients below. */
export async function listen(options: Partial<WebSocketListenerOptions> = {}): Promise<TestListener> {
  const listener = await TestListener.open(options)
  listeners.push(listener)
  return listener
}

export async function ask({ port }: TestListener, request: string | Buffer): Promise<RawClient> {
  const client = await RawClient.connect(port, request)
  clients.push(client)
  return client
}

/** A raw client, and the router's end of it. */
export async function connected(listener: TestListener, protocols = 'wamp.2.json') {
  const client = await ask(listener, upgradeRequest(protocols))
  const { transport, socket } = await listener.of(client.socket.localPort)
  const recorder = new Recorder()
  transport.start(recorder)
  return { client, transport, socket, recorder }
}

export async function opened(options: Partial<WebSocketListenerOptions> = {}, protocols = 'wamp.2.json') {
  const listener = await listen(options)
  return { listener, ...(await connected(listener, protocols)) }
}
