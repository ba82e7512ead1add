import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach } from 'vitest'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import {
  RawSocketListener,
  type RawSocketListenerOptions,
} from '../../../src/transports/rawsocket/listener.js'
import type { Transport } from '../../../src/transports/transport.js'
import { Recorder } from '../recorder.js'
import { certificate, key } from '../websocket/certificate.js'
import { HELLO, RawClient } from './raw-client.js'

export type Ground = 'tcp' | 'tls' | 'unix'

/** A connection that a listener accepted. */
export interface Accepted {
  transport: Transport
  socket: Socket
}

/** A listener on a port of 127.0.0.1, or on a Unix socket. */
export class TestListener {
  readonly accepted: Accepted[] = []
  #waiting: ((accepted: Accepted) => void)[] = []
  readonly #folder: string | undefined
  /** All that were accepted, with or without a handshake. */
  readonly sockets: Socket[] = []

  private constructor(
    readonly server: Server,
    readonly listener: RawSocketListener,
    private readonly ground: Ground,
  ) {
    if (ground === 'unix') this.#folder = mkdtempSync(join(tmpdir(), 'rawsocket-'))
  }

  static async open(
    options: Partial<RawSocketListenerOptions> = {},
    ground: Ground = 'tcp',
  ): Promise<TestListener> {
    const accept = (socket: Socket) => {
      opened.sockets.push(socket)
      listener.accept(socket)
    }
    const server =
      ground === 'tls' ? createTlsServer({ cert: certificate, key }, accept) : createServer(accept)
    const listener = new RawSocketListener({
      serializers: [jsonRelay()],
      ...options,
      onTransport: (transport, socket) => {
        options.onTransport?.(transport, socket)
        opened.#accept({ transport, socket })
      },
    })
    const opened = new TestListener(server, listener, ground)
    await new Promise<void>((resolve) =>
      ground === 'unix' ? server.listen(opened.path, resolve) : server.listen(0, '127.0.0.1', resolve),
    )
    return opened
  }

  get path(): string {
    return join(this.#folder ?? '', 'router.sock')
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get where(): NetConnectOpts {
    return this.ground === 'unix' ? { path: this.path } : { port: this.port, host: '127.0.0.1' }
  }

  get url(): string {
    if (this.ground === 'unix') return `unix+rs://${this.path}`
    return `${this.ground === 'tls' ? 'rss' : 'rs'}://127.0.0.1:${this.port}`
  }

  /** The next connection. */
  next(): Promise<Accepted> {
    const accepted = this.accepted.shift()
    return accepted ? Promise.resolve(accepted) : new Promise((resolve) => this.#waiting.push(resolve))
  }

  async close(): Promise<void> {
    this.server.close()
    await this.listener.close()
    for (const socket of this.sockets) socket.destroy()
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
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
export async function listen(
  options: Partial<RawSocketListenerOptions> = {},
  ground: Ground = 'tcp',
): Promise<TestListener> {
  const listener = await TestListener.open(options, ground)
  listeners.push(listener)
  return listener
}

export async function ask(listener: TestListener, first: Buffer = HELLO): Promise<RawClient> {
  const client = await RawClient.connect(listener.where, first)
  clients.push(client)
  return client
}

/** A raw client, and the router's end of it. */
export async function connected(listener: TestListener, handshake: Buffer = HELLO) {
  const client = await ask(listener, handshake)
  const { transport, socket } = await listener.next()
  const recorder = new Recorder()
  transport.start(recorder)
  return { client, transport, socket, recorder }
}

export async function opened(options: Partial<RawSocketListenerOptions> = {}, handshake: Buffer = HELLO) {
  const listener = await listen(options)
  return { listener, ...(await connected(listener, handshake)) }
}
