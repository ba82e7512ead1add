import { ProtocolError, type TransportError, UsageError } from '../errors.js'
import type { Message } from '../messages/message.js'
import type { Batching, Serializer } from '../serializers/serializer.js'
import type { TransportReceiver } from './transport.js'

type Delivery = (receiver: TransportReceiver) => void

/**
 * The receiving half that all transports share: what comes in before there is a receiver waits, what comes in after
 * this end closed is dropped, and `closed` is said once.
 */
export class Incoming {
  #receiver: TransportReceiver | undefined
  #waiting: Delivery[] | undefined
  #started = false
  #stopped = false
  #ended = false

  get started(): boolean {
    return this.#started
  }

  /** Delivers to `receiver` what waited, and what follows; not before this method has returned. */
  start(receiver: TransportReceiver): void {
    if (this.#started) throw new UsageError('a transport has one receiver: start() was called a second time')
    this.#started = true
    queueMicrotask(() => {
      const waiting = this.#waiting
      this.#receiver = receiver
      this.#waiting = undefined
      for (const deliver of waiting ?? []) deliver(receiver)
    })
  }

  /**
   * Reads one message and delivers it, or rejects it.
   *
   * @returns whether it was a message.
   */
  decode(serializer: Serializer, data: string | Uint8Array): boolean {
    if (this.#stopped) return true
    let message: Message
    try {
      message = serializer.decode(data)
    } catch (error) {
      this.reject(error instanceof ProtocolError ? error : unreadable(error))
      return false
    }
    const receiver = this.#receiver
    if (receiver !== undefined) receiver.receive(message)
    else this.#deliver((later) => !this.#stopped && later.receive(message))
    return true
  }

  /** The same for a batch of messages; what comes before something malformed is delivered. */
  decodeBatch(serializer: Serializer, batching: Batching, data: string | Uint8Array): boolean {
    let isFine = true
    try {
      for (const message of batching.split(data)) {
        if (this.#stopped) return isFine
        isFine = this.decode(serializer, message) && isFine
      }
    } catch (error) {
      this.reject(error instanceof ProtocolError ? error : unreadable(error))
      return false
    }
    return isFine
  }

  reject(error: ProtocolError): void {
    this.#deliver((receiver) => !this.#stopped && receiver.reject(error))
  }

  /** This end closes: nothing more is delivered, except `closed`. */
  stop(): void {
    this.#stopped = true
  }

  closed(error?: TransportError): void {
    if (this.#ended) return
    this.#ended = true
    this.#deliver((receiver) => {
      this.#stopped = true
      receiver.closed(error)
    })
  }

  #deliver(deliver: Delivery): void {
    if (this.#receiver !== undefined) deliver(this.#receiver)
    else {
      this.#waiting ??= []
      this.#waiting.push(deliver)
    }
  }
}

function unreadable(cause: unknown): ProtocolError {
  return new ProtocolError('something came that cannot be read as a message', { cause })
}
