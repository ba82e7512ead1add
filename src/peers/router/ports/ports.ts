import { UsageError } from '../../../errors.js'
import { acceptPort } from '../../../transports/message-port/accept-port.js'
import type { PortLike } from '../../../transports/message-port/port-transport.js'
import { Attached } from './attached.js'
import type { AttachOptions, HttpServer, ListenOptions } from './listen-options.js'
import { Listening } from './listening.js'
import type { WayParts } from './ways.js'

/** All the places where clients come to a router. */
export class Ports {
  readonly #listening: Listening[] = []
  readonly #attached = new Set<Attached>()
  /** Each ends the waiting at a `MessagePort` that nobody has opened yet. */
  readonly #waiting = new Set<() => void>()
  #isStopped = false

  constructor(private readonly parts: WayParts) {}

  /** Where the router listens, as URLs for clients. */
  get urls(): readonly string[] {
    return this.#listening.flatMap(({ urls }) => urls)
  }

  /** @throws TransportError if the port cannot be had; UsageError if the options cannot work. */
  async listen(options: ListenOptions): Promise<void> {
    const listening = await Listening.open(options, this.parts)
    if (!this.#isStopped) return void this.#listening.push(listening)
    await listening.close()
    throw new UsageError('the router was closed before it listened')
  }

  attach(server: HttpServer, options: AttachOptions): AsyncDisposable {
    const attached = new Attached(server, options, this.parts)
    this.#attached.add(attached)
    return {
      [Symbol.asyncDispose]: async () => {
        await attached.close()
        this.#attached.delete(attached)
      },
    }
  }

  acceptPort(port: PortLike): void {
    const { serializers, maxMessageSize } = this.parts.listener
    const stopWaiting = acceptPort(port, {
      serializers,
      ...(maxMessageSize === undefined ? {} : { maxMessageSize }),
      onTransport: (transport) => {
        this.#waiting.delete(stopWaiting)
        this.parts.onTransport(transport)
      },
      onGone: () => this.#waiting.delete(stopWaiting),
    })
    this.#waiting.add(stopWaiting)
  }

  /** Takes no new clients. */
  stop(): void {
    this.#isStopped = true
    for (const stopWaiting of this.#waiting) stopWaiting()
    this.#waiting.clear()
    for (const listening of this.#listening) listening.stop()
  }

  /** Closes all connections; resolves when they have ended. */
  async close(): Promise<void> {
    this.stop()
    await Promise.all([...this.#listening, ...this.#attached].map((place) => place.close()))
  }
}
