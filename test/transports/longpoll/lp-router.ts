import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { LongPollListener, type LongPollListenerOptions } from '../../../src/transports/longpoll/listener.js'
import type { Transport } from '../../../src/transports/transport.js'
import { formats } from '../formats.js'
import { Recorder } from '../recorder.js'

/** A transport that a listener opened. */
export interface Opened {
  transport: Transport
  request: IncomingMessage
}

/** A listener below `/lp` on a port of 127.0.0.1. */
export class LongPollRouter {
  readonly #opened: Opened[] = []
  #waiting: ((opened: Opened) => void)[] = []

  private constructor(
    readonly server: Server,
    readonly listener: LongPollListener,
  ) {}

  static async open(options: Partial<LongPollListenerOptions> = {}): Promise<LongPollRouter> {
    const server = createServer((request, response) => {
      if (!listener.handleRequest(request, response)) response.writeHead(426).end()
    })
    const listener = new LongPollListener({
      serializers: formats.map(({ router }) => router()),
      path: '/lp',
      ...options,
      onTransport: (transport, request) => {
        options.onTransport?.(transport, request)
        router.#accept({ transport, request })
      },
    })
    const router = new LongPollRouter(server, listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return router
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/lp`
  }

  next(): Promise<Opened> {
    const opened = this.#opened.shift()
    return opened ? Promise.resolve(opened) : new Promise((resolve) => this.#waiting.push(resolve))
  }

  post(path: string, body?: string | Uint8Array, init: RequestInit = {}): Promise<Response> {
    const content = body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }
    return fetch(`${this.url}${path}`, { method: 'POST', ...content, ...init })
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeAllConnections()
    return closed
  }

  #accept(opened: Opened): void {
    const waiting = this.#waiting.shift()
    if (waiting) waiting(opened)
    else this.#opened.push(opened)
  }
}

const routers: LongPollRouter[] = []

afterEach(async () => {
  for (const router of routers.splice(0)) await router.close()
})

/** A listener that is closed after the test. */
export async function listen(options: Partial<LongPollListenerOptions> = {}): Promise<LongPollRouter> {
  const router = await LongPollRouter.open(options)
  routers.push(router)
  return router
}

/** A client that makes its requests one by one, and the router's end of its transport, which is started. */
export class RawPoller {
  readonly recorder = new Recorder()

  private constructor(
    readonly router: LongPollRouter,
    readonly id: string,
    readonly transport: Transport,
    readonly request: IncomingMessage,
  ) {
    transport.start(this.recorder)
  }

  static async open(router: LongPollRouter, protocol = 'wamp.2.json'): Promise<RawPoller> {
    const response = await router.post('/open', JSON.stringify({ protocols: [protocol] }))
    const { transport: id } = (await response.json()) as { transport: string }
    const { transport, request } = await router.next()
    return new RawPoller(router, id, transport, request)
  }

  receive(init: RequestInit = {}): Promise<Response> {
    return this.router.post(`/${this.id}/receive`, undefined, init)
  }

  send(body: string | Uint8Array, init: RequestInit = {}): Promise<Response> {
    return this.router.post(`/${this.id}/send`, body, init)
  }

  close(): Promise<Response> {
    return this.router.post(`/${this.id}/close`)
  }

  /** Resolves when the server has heard of `count` further requests. */
  heard(count = 1): Promise<void> {
    return new Promise((resolve) => {
      let left = count
      const listener = () => {
        if (--left > 0) return
        this.router.server.off('request', listener)
        resolve()
      }
      this.router.server.on('request', listener)
    })
  }
}

/** A raw client of a listener of its own. */
export async function opened(
  options: Partial<LongPollListenerOptions> = {},
  protocol = 'wamp.2.json',
): Promise<RawPoller> {
  return RawPoller.open(await listen(options), protocol)
}
