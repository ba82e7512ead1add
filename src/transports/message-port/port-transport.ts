import { atEndOfTurn } from '../../clock.js'
import { ProtocolError, TransportError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import type { Serializer } from '../../serializers/serializer.js'
import { Incoming } from '../incoming.js'
import { announcing, expectWrittenTaken, type Limited, LimitReader } from '../message-limit.js'
import type { Transport, TransportInfo, TransportReceiver } from '../transport.js'

/** One end of a channel between two threads, or between a page and a worker: what a `MessagePort` is everywhere. */
export interface PortLike {
  postMessage(value: unknown): void
  addEventListener(name: 'message' | 'close', listener: (event: PortEvent) => void): void
  removeEventListener(name: 'message' | 'close', listener: (event: PortEvent) => void): void
  start?(): void
  close(): void
}

export interface PortEvent {
  readonly type: string
  readonly data?: unknown
}

/** What the two ends tell each other besides messages: they are posted as lists, and the end as this. */
export const CLOSED = null

const INFO: TransportInfo = Object.freeze({ kind: 'message-port', local: true })

/**
 * Carries messages over a `MessagePort`, encoded: whatever is said in one turn of the event loop is posted as one list.
 * The platform tells in Node, and in newer browsers, if the thread at the other end is gone.
 */
export class PortTransport implements Transport {
  readonly info = INFO
  /** Nothing comes between two threads of one process. */
  readonly hasHeartbeat = true
  readonly #incoming = new Incoming()
  readonly #other: Limited = { limit: Number.POSITIVE_INFINITY }
  #gathered: (string | Uint8Array)[] = []
  #open = true

  /** @param maxMessageSize octets of the longest message that is taken. */
  constructor(
    private readonly port: PortLike,
    private readonly serializer: Serializer,
    private readonly maxMessageSize: number,
  ) {
    port.addEventListener('message', this.#onMessage)
    port.addEventListener('close', this.#onClose)
    port.start?.()
  }

  start(receiver: TransportReceiver): void {
    this.#incoming.start(new LimitReader(receiver, this.#other))
  }

  send(message: Message): void {
    if (!this.#open) return
    const encoded = this.serializer.encode(announcing(message, this.maxMessageSize))
    expectWrittenTaken(message, encoded, this.#other.limit)
    // Octets may lie in memory that is used again when this turn ends: those are copied when they are posted.
    if (this.#gathered.push(encoded) === 1) atEndOfTurn(() => this.#post())
  }

  close(): void {
    this.#incoming.stop()
    if (!this.#open) return
    this.#post()
    this.port.postMessage(CLOSED)
    // As over a network, that this end is closed is told later.
    queueMicrotask(() => this.#end())
  }

  #post(): void {
    const messages = this.#gathered
    this.#gathered = []
    if (this.#open && messages.length > 0) this.port.postMessage(messages)
  }

  readonly #onMessage = ({ data }: PortEvent): void => {
    if (data === CLOSED) return this.#end()
    if (!Array.isArray(data))
      return this.#incoming.reject(new ProtocolError('something came over a MessagePort that is no message'))
    for (const encoded of data as unknown[]) {
      if (typeof encoded !== 'string' && !(encoded instanceof Uint8Array))
        this.#incoming.reject(new ProtocolError('a message must be text or octets'))
      else if (encoded.length > this.maxMessageSize)
        this.#incoming.reject(
          new ProtocolError(`a message came that is longer than ${this.maxMessageSize} bytes`),
        )
      else this.#incoming.decode(this.serializer, encoded)
    }
  }

  readonly #onClose = (): void => {
    if (this.#open) this.#end(new TransportError('the thread at the other end is gone'))
  }

  #end(error?: TransportError): void {
    if (!this.#open) return
    this.#open = false
    this.port.removeEventListener('message', this.#onMessage)
    this.port.removeEventListener('close', this.#onClose)
    this.port.close()
    this.#incoming.closed(error)
  }
}
