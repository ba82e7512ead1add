import { TransportError } from '../errors.js'
import type { ClientRequest } from '../messages/client-request.js'
import { Code, type Side } from '../messages/codes.js'
import type { Message } from '../messages/message.js'
import { Unsubscribe } from '../messages/pubsub.js'
import type { Transport, TransportInfo, TransportReceiver } from '../transports/transport.js'

/** Nobody is subscribed under the last of all ids. */
const NO_SUBSCRIPTION = 2 ** 53

/** A message on its way over a line. */
export interface Passage {
  readonly line: Line
  /** Who has said it. */
  readonly from: Side
  readonly message: Message
  /** Lets it arrive, or another message in its place. On a line that is closed nothing does. */
  deliver(instead?: Message): void
}

/** One end of a transport, where a test looks at what passes, in both directions, and decides what becomes of it. */
export class Line implements Transport {
  readonly info: TransportInfo
  /** A client's line may be dead without anything that could notice it: whoever uses it has to ask. */
  readonly hasHeartbeat: boolean
  /** Octets that this end has said and that are kept back. */
  keptBack = 0
  #receiver: TransportReceiver | undefined
  /** Has this end closed it, or was it cut? */
  #isClosed = false
  #loss: TransportError | undefined
  #isEnded = false
  /** Requests of this end that were replaced by one which changes nothing, and whose answer nobody waits for. */
  readonly #replaced = new Set<number>()

  constructor(
    private readonly inner: Transport,
    /** Whose end it is. */
    private readonly end: Side,
    private readonly pass: (passage: Passage) => void,
    private readonly onEnd: (line: Line) => void = () => {},
  ) {
    this.info = inner.info
    this.hasHeartbeat = end === 'router' && inner.hasHeartbeat === true
  }

  get backlog(): number {
    return (this.inner.backlog ?? 0) + this.keptBack
  }

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver
    const from = this.end === 'client' ? 'router' : 'client'
    this.inner.start({
      receive: (message) => {
        if (this.#isClosed || this.#isReplaced(message)) return
        const deliver = (instead = message) => {
          if (!this.#isClosed) receiver.receive(instead)
        }
        this.pass({ line: this, from, message, deliver })
      },
      reject: (error) => {
        if (!this.#isClosed) receiver.reject(error)
      },
      closed: (error) => this.#closed(error),
    })
  }

  send(message: Message): void {
    if (this.#isClosed) return
    const deliver = (instead = message) => {
      if (!this.#isClosed) this.inner.send(instead)
    }
    this.pass({ line: this, from: this.end, message, deliver })
  }

  pause(): void {
    this.inner.pause?.()
  }

  resume(): void {
    this.inner.resume?.()
  }

  admit(isMember: boolean): void {
    this.inner.admit?.(isMember)
  }

  close(): void {
    this.#isClosed = true
    this.inner.close()
  }

  /** Cuts the line: what was delivered arrives, nothing else does, and neither end hears a GOODBYE. */
  cut(): void {
    if (this.#isClosed) return
    this.#loss = new TransportError('the connection was lost: the test has cut it')
    this.close()
    // Whoever says something just now does not expect to hear of it before he has finished.
    queueMicrotask(() => this.#closed())
  }

  /**
   * Has the router never hear of a request of this end, though it insists on request ids without gaps: in its place it
   * gets one that changes nothing, to unsubscribe from what does not exist.
   */
  replace({ message: { requestId }, deliver }: Passage & { readonly message: ClientRequest }): void {
    this.#replaced.add(requestId)
    deliver(new Unsubscribe(requestId, NO_SUBSCRIPTION))
  }

  #isReplaced(message: Message): boolean {
    return (
      message.code === Code.ERROR &&
      message.requestCode === Code.UNSUBSCRIBE &&
      this.#replaced.delete(message.requestId)
    )
  }

  #closed(error?: TransportError): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#isClosed = true
    this.onEnd(this)
    this.#receiver?.closed(this.#loss ?? error)
  }
}
