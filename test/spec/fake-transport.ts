import { ProtocolError, TransportError } from '../../src/errors.js'
import type { MessageCode } from '../../src/messages/codes.js'
import { definitionOf } from '../../src/messages/codes.js'
import type { Message } from '../../src/messages/message.js'
import { json } from '../../src/serializers/json/json.js'
import { jsonRelay } from '../../src/serializers/json/relay.js'
import type { Serializer } from '../../src/serializers/serializer.js'
import type { Transport, TransportInfo, TransportReceiver } from '../../src/transports/transport.js'

export type MessageOf<C extends MessageCode> = Extract<Message, { code: C }>

/** Lets everything that is ready run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** How long a test waits for what it expects. */
export const MOST_TURNS = 20

/**
 * One of our peers at one end, a test at the other: what the peer says is written down, and what the test says arrives
 * at once. Everything passes a real serializer, so that what is no message is refused where a transport refuses it.
 */
export class FakeTransport implements Transport {
  readonly info: TransportInfo
  readonly hasHeartbeat: boolean
  /** What the peer said and nobody has read yet. */
  readonly unread: Message[] = []
  /** Did the peer close the transport? */
  isClosed = false
  readonly #test = json()
  readonly #peer: Serializer
  #receiver: TransportReceiver | undefined

  constructor(
    readonly side: 'client' | 'router',
    { local = true, hasHeartbeat = true } = {},
  ) {
    this.hasHeartbeat = hasHeartbeat
    this.info = { kind: 'fake', local }
    this.#peer = side === 'router' ? jsonRelay() : json()
  }

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver
  }

  send(message: Message): void {
    if (!this.isClosed) this.unread.push(this.#test.decode(this.#peer.encode(message)))
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    queueMicrotask(() => this.#receiver?.closed())
  }

  /** Says a message, or anything else. */
  say(message: Message): void {
    this.sayText(String(this.#test.encode(message)))
  }

  sayWire(list: unknown): void {
    this.sayText(JSON.stringify(list))
  }

  sayText(text: string): void {
    const receiver = this.#receiver
    if (receiver === undefined) throw new Error('the peer has not started its transport')
    if (this.isClosed) return
    let message: Message
    try {
      message = this.#peer.decode(text)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      receiver.reject(error)
      return
    }
    receiver.receive(message)
  }

  /** The connection breaks, or the test closes it in order. */
  end(error?: TransportError): void {
    this.isClosed = true
    this.#receiver?.closed(error)
  }

  lose(): void {
    this.end(new TransportError('the connection was lost'))
  }

  /** The next message that the peer has said, which must have this code. */
  hears<C extends MessageCode>(code: C): MessageOf<C> {
    const message = this.unread.shift()
    if (message?.code !== code)
      throw new Error(`expected ${nameOf(code)}, but the ${this.side} said ${picture(message)}`)
    return message as MessageOf<C>
  }

  /** As `hears`, for what the peer says a little later. */
  async hearsSoon<C extends MessageCode>(code: C): Promise<MessageOf<C>> {
    for (let turns = 0; this.unread.length === 0 && turns < MOST_TURNS; turns++) await turn()
    return this.hears(code)
  }

  hearsNothing(): void {
    if (this.unread.length > 0)
      throw new Error(`expected nothing, but the ${this.side} said ${this.unread.map(picture).join(', ')}`)
  }
}

/** The message as the list that stands on the wire. */
export function wire(message: Message): unknown[] {
  return 'payload' in message ? [...message.head(), ...message.payload.toWire()] : message.head()
}

function picture(message: Message | undefined): string {
  return message === undefined ? 'nothing' : `${nameOf(message.code)} ${JSON.stringify(wire(message))}`
}

function nameOf(code: number): string {
  return definitionOf(code)?.name ?? `${code}`
}
