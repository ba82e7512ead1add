import type { ProtocolError, TransportError } from '../../src/errors.js'
import type { Message } from '../../src/messages/message.js'
import type { TransportReceiver } from '../../src/transports/transport.js'

/** Writes down what a transport tells, and lets a test wait for it. */
export class Recorder implements TransportReceiver {
  readonly messages: Message[] = []
  readonly rejections: ProtocolError[] = []
  readonly closings: (TransportError | undefined)[] = []
  /** All of it, in order. */
  readonly order: ('message' | 'rejection' | 'closing')[] = []
  onMessage: (message: Message) => void = () => {}
  onRejection: (error: ProtocolError) => void = () => {}
  #waiting: { isThere: () => boolean; resolve: () => void }[] = []

  receive(message: Message): void {
    this.messages.push(message)
    this.order.push('message')
    this.onMessage(message)
    this.#check()
  }

  reject(error: ProtocolError): void {
    this.rejections.push(error)
    this.order.push('rejection')
    this.onRejection(error)
    this.#check()
  }

  closed(error?: TransportError): void {
    this.closings.push(error)
    this.order.push('closing')
    this.#check()
  }

  async messagesUpTo(count: number): Promise<Message[]> {
    await this.#until(() => this.messages.length >= count)
    return this.messages
  }

  async rejection(): Promise<ProtocolError> {
    await this.#until(() => this.rejections.length > 0)
    return this.rejections[0] as ProtocolError
  }

  /** The error that the closing came with. */
  async closing(): Promise<TransportError | undefined> {
    await this.#until(() => this.closings.length > 0)
    return this.closings[0]
  }

  #until(isThere: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ isThere, resolve })
      this.#check()
    })
  }

  #check(): void {
    this.#waiting = this.#waiting.filter(({ isThere, resolve }) => {
      if (!isThere()) return true
      resolve()
      return false
    })
  }
}

/** One turn of the event loop, or more. */
export async function turns(count = 1): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}
