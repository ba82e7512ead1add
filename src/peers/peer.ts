import { ProtocolError, type TransportError } from '../errors.js'
import type { Side } from '../messages/codes.js'
import type { Message } from '../messages/message.js'
import type { RequestOrder } from '../sessions/request-order.js'
import { type MessageReceiver, Session } from '../sessions/session.js'
import type { Transport, TransportReceiver } from '../transports/transport.js'
import * as ERROR from '../uris/error.js'

/** What a peer asks of its message handler, besides handling messages. */
export interface PeerHandler extends MessageReceiver {
  /** The session is over and the transport is closed, or about to be. Said once. */
  handleClose(error?: Error): void
  /** Handling a message failed, for a reason that is not the other peer's fault. */
  handleFailure(error: unknown, message: Message): void
}

/**
 * One end of a connection: a transport, a session and a message handler, joined. In goes transport → session →
 * handler; out goes session → transport. None of the three knows the others.
 */
export class Peer implements TransportReceiver {
  readonly session: Session
  readonly #handler: PeerHandler
  #closed = false

  constructor(side: 'client', transport: Transport, makeHandler: (peer: Peer) => PeerHandler)
  /** @param requests A router watches the order of what it is asked. */
  constructor(
    side: 'router',
    transport: Transport,
    makeHandler: (peer: Peer) => PeerHandler,
    requests: RequestOrder,
  )
  constructor(
    side: Side,
    readonly transport: Transport,
    makeHandler: (peer: Peer) => PeerHandler,
    requests?: RequestOrder,
  ) {
    const receiver = { handleMessage: (message: Message) => this.#handler.handleMessage(message) }
    this.session = new Session(side, transport, receiver, requests)
    this.#handler = makeHandler(this)
  }

  /** Begins to listen. */
  start(): void {
    this.transport.start(this)
  }

  receive(message: Message): void {
    if (this.#closed) return
    try {
      const handled = this.session.receive(message)
      if (handled !== undefined) handled.catch((error: unknown) => this.#failed(error, message))
    } catch (error) {
      this.#failed(error, message)
    }
    if (this.session.state === 'aborted') this.close()
  }

  /** The other peer broke the rules: the session is aborted, and the transport closed. */
  reject(error: ProtocolError): void {
    if (this.#closed) return
    this.session.abort(ERROR.protocolViolation, error.message)
    this.close(error)
  }

  closed(error?: TransportError): void {
    this.#end(error)
  }

  /** Closes the transport once what was said has left. */
  close(error?: Error): void {
    this.transport.close()
    this.#end(error)
  }

  #failed(error: unknown, message: Message): void {
    if (error instanceof ProtocolError) this.reject(error)
    else this.#handler.handleFailure(error, message)
  }

  #end(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.session.lose()
    this.#handler.handleClose(error)
  }
}
