import { atEndOfTurn, type Clock, type Timer } from '../../clock.js'
import { ProtocolError, TransportError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import type { Serializer } from '../../serializers/serializer.js'
import { Incoming } from '../incoming.js'
import { announcing, expectWrittenTaken, type Limited, LimitReader } from '../message-limit.js'
import type { Transport, TransportInfo, TransportReceiver } from '../transport.js'
import { CONTENT_TYPES } from './content-types.js'
import { onLeavingPage } from './leaving-page.js'
import { bodyOf, discard, quote, type Requests, whyNoAnswer } from './requests.js'
import { SendQueue } from './send-queue.js'

/** Milliseconds that the router has to say its last word, when either end closes. */
const CLOSE_TIMEOUT = 5_000

export interface LongPollTransportSettings {
  clock: Clock
  maxMessageSize: number
  /** Milliseconds; 0 for none. */
  receiveTimeout: number
}

/**
 * A client's end of a long-poll transport. There is always one request that fetches, and at most one that says
 * something, so that the order of messages is kept in both directions.
 *
 * Spec: rfc/text/advanced/transport_http_longpoll.md.
 */
export class LongPollTransport implements Transport {
  readonly hasHeartbeat: boolean
  readonly info: TransportInfo
  readonly #incoming = new Incoming()
  readonly #router: Limited = { limit: Number.POSITIVE_INFINITY }
  readonly #queue: SendQueue
  #timer: Timer | undefined
  #isSending = false
  #open = true
  /** Did our side ask for the end? */
  #closed = false
  #failure: TransportError | undefined
  /** Has the router refused a message? */
  #isRefused = false
  #isOver = false
  /** Ends the listening for the end of the page. */
  readonly #stay: () => void

  constructor(
    private readonly requests: Requests,
    private readonly id: string,
    private readonly serializer: Serializer,
    private readonly settings: LongPollTransportSettings,
  ) {
    this.info = { kind: 'longpoll', address: requests.host, local: requests.isLocal }
    this.hasHeartbeat = settings.receiveTimeout > 0
    this.#queue = new SendQueue(serializer.batching)
    this.#stay = onLeavingPage(() => this.#pageLeft())
  }

  start(receiver: TransportReceiver): void {
    this.#incoming.start(new LimitReader(receiver, this.#router))
    void this.#receive()
  }

  get backlog(): number {
    return this.#queue.length
  }

  send(message: Message): void {
    if (!this.#open) return
    const { serializer } = this
    const encoded = serializer.encode(announcing(message, this.settings.maxMessageSize))
    expectWrittenTaken(message, encoded, this.#router.limit - (serializer.batching?.overhead ?? 0))
    this.#queue.push(encoded)
    if (this.#isSending) return
    this.#isSending = true
    atEndOfTurn(() => void this.#send())
  }

  close(): void {
    this.#incoming.stop()
    this.#closed = true
    // To who is refused there is nothing left to say.
    if (this.#isRefused) this.#finish()
    if (!this.#open) return
    this.#open = false
    this.#endWithin(CLOSE_TIMEOUT)
    if (!this.#isSending) void this.#leave()
  }

  /** Says what waits, one request after the other. */
  async #send(): Promise<void> {
    const contentType = CONTENT_TYPES[this.serializer.name]
    try {
      for (let body = this.#take(); body !== undefined; body = this.#take()) {
        const refusal = await this.requests.post([this.id, 'send'], { body, contentType }, refusalOf)
        if (refusal !== undefined) return this.#refused(...refusal)
        // What is still to be said has its time as long as it moves.
        if (this.#closed) this.#endWithin(CLOSE_TIMEOUT)
      }
    } catch (error) {
      return this.#lost(error)
    }
    this.#isSending = false
    if (this.#closed) await this.#leave()
  }

  #take(): string | Uint8Array | undefined {
    return this.#queue.take(this.#router.limit)
  }

  /** What the router has against it, it tells in a message, if it can. */
  #refused(status: number, sentence: string): void {
    this.#open = false
    this.#isRefused = true
    // 410: it has closed already, and the receive says so.
    if (status !== 410) this.#failure = new TransportError(`the router refused a message: ${sentence}`)
    if (this.#closed) this.#finish()
    else this.#endWithin(CLOSE_TIMEOUT)
  }

  async #receive(): Promise<void> {
    try {
      while (!this.#closed) {
        this.#awaitAnswer()
        const body = await this.requests.post([this.id, 'receive'], {}, (response) => this.#bodyOf(response))
        if (body === undefined) return this.#finish()
        // An answer without a message is one all the same.
        if (body.length > 0) this.#decode(body)
      }
    } catch (error) {
      if (error instanceof ProtocolError) this.#incoming.reject(error)
      this.#lost(error)
    }
  }

  /** What a receive has brought; nothing if the router has closed in order. */
  async #bodyOf(response: Response): Promise<Uint8Array | undefined> {
    if (response.status === 410) return undefined
    if (!response.ok) throw new TransportError(`the router ended the connection: ${await quote(response)}`)
    return bodyOf(response, this.settings.maxMessageSize, () => this.#awaitAnswer())
  }

  #awaitAnswer(): void {
    const { receiveTimeout } = this.settings
    if (!this.#open || receiveTimeout === 0) return
    this.#endWithin(receiveTimeout, `the connection was lost: no answer within ${receiveTimeout} ms`)
  }

  #decode(body: Uint8Array): void {
    const { serializer } = this
    const { batching } = serializer
    if (batching === undefined) this.#incoming.decode(serializer, body)
    else this.#incoming.decodeBatch(serializer, batching, body)
  }

  /** Closes in order: everything was said. */
  async #leave(): Promise<void> {
    try {
      await this.requests.post([this.id, 'close'], { keepalive: true }, discard)
    } catch {
      // Whether the router heard it or not, this was the end.
    }
    this.#finish()
  }

  /** The router would wait for long for somebody who does not come back; a page that does, dials again. */
  #pageLeft(): void {
    if (!this.#open) return
    this.#open = false
    this.#failure ??= new TransportError('the page was left')
    void this.#leave()
  }

  #endWithin(milliseconds: number, sentence?: string): void {
    // An answer may be read when it is over already.
    if (this.#isOver) return
    this.#timer?.cancel()
    this.#timer = this.settings.clock.after(milliseconds, () => {
      if (sentence !== undefined) this.#failure ??= new TransportError(sentence)
      this.#finish()
    })
  }

  #lost(error: unknown): void {
    if (error instanceof TransportError) this.#failure ??= error
    else {
      const why =
        error instanceof ProtocolError
          ? `the connection was closed because ${error.message}`
          : `the connection was lost (${whyNoAnswer(error)})`
      this.#failure ??= new TransportError(why, { cause: error })
    }
    this.#finish()
  }

  /** It is over, and all requests with it. */
  #finish(): void {
    this.#open = false
    this.#isOver = true
    this.#timer?.cancel()
    this.#stay()
    this.#incoming.closed(this.#closed ? undefined : this.#failure)
    this.requests.abort()
  }
}

/** What the router has against what was sent, if anything. */
async function refusalOf(response: Response): Promise<[status: number, sentence: string] | undefined> {
  if (!response.ok) return [response.status, await quote(response)]
  await discard(response)
  return undefined
}
