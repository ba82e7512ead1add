import type { IncomingMessage, ServerResponse } from 'node:http'
import { ProtocolError, TransportError } from '../../errors.js'
import { Code } from '../../messages/codes.js'
import type { Message } from '../../messages/message.js'
import { type Serializer, subprotocolOf } from '../../serializers/serializer.js'
import type { Connection } from '../connections.js'
import { Incoming } from '../incoming.js'
import { announcing, expectTaken, type Limited, LimitReader } from '../message-limit.js'
import type { BacklogOwner } from '../output/backlog.js'
import type { Framer } from '../output/framer.js'
import type { TransportInfo, TransportReceiver } from '../transport.js'
import { answer } from './answers.js'
import type { Body } from './body.js'
import { Receives, type ReceivesSettings } from './receives.js'
import { Sends } from './sends.js'

/** How a protocol is read and written. */
export interface Spoken {
  readonly serializer: Serializer
  readonly framer: Framer
  readonly contentType: string
}

export interface ServerTransportSettings extends ReceivesSettings {
  /** The status of a request that went well and has nothing to say. */
  readonly doneStatus: 202 | 204
  /** There is no such transport any more. */
  readonly onEnd: (transport: LongPollServerTransport, id: string) => void
}

/**
 * The router's end of a long-poll transport: what its client says comes in `Sends`, what it is told leaves in `Receives`.
 *
 * Spec: rfc/text/advanced/transport_http_longpoll.md.
 */
export class LongPollServerTransport implements Connection, Limited, BacklogOwner {
  /** A client that does not come back is lost. */
  readonly hasHeartbeat = true
  limit = Number.POSITIVE_INFINITY
  readonly #incoming = new Incoming()
  readonly #sends = new Sends(this)
  readonly #receives: Receives
  #state: 'open' | 'closing' | 'ended' = 'open'
  /** How many have asked us not to read. */
  #pauses = 0
  /** Is there a session? */
  #isMember = false
  #failure: TransportError | undefined

  /** @param id a secret of the client. */
  constructor(
    private readonly id: string,
    readonly info: TransportInfo,
    private readonly spoken: Spoken,
    private readonly settings: ServerTransportSettings,
  ) {
    const isBatched = spoken.serializer.batching !== undefined
    this.#receives = new Receives(settings, this, spoken.contentType, isBatched)
  }

  get name(): string {
    return this.info.address ?? 'a client'
  }

  start(receiver: TransportReceiver): void {
    this.#incoming.start(new LimitReader(receiver, this))
    this.#sends.next()
  }

  send(message: Message): void {
    if (this.#state !== 'open') return
    const { framer } = this.spoken
    const { connections } = this.settings
    framer.lay(announcing(message, connections.maxMessageSize))
    if (framer.frameLength > this.limit) expectTaken(message, framer.frameLength, this.limit)
    this.#receives.push(framer.keep(), message.code === Code.EVENT)
    connections.outbox.add(this)
  }

  /** The turn is over: what was said in it leaves, if there is a request to answer. */
  endTurn(): void {
    this.#receives.answer()
  }

  pause(): void {
    this.#pauses++
  }

  resume(): void {
    if (--this.#pauses === 0) this.#sends.next()
  }

  admit(isMember: boolean): void {
    this.#isMember = isMember
  }

  close(): void {
    this.#incoming.stop()
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#sends.refuse(410, GONE)
    this.#receives.close()
  }

  /** A request of the client; the last part of its path says what for. */
  handle(kind: 'send' | 'receive' | 'close', request: IncomingMessage, response: ServerResponse): void {
    if (kind === 'receive') {
      request.resume()
      this.#receives.hold(response)
    } else if (this.#state === 'open') this.#sends.add({ kind, request, response })
    else if (kind === 'send') answer(response, 410, GONE)
    else this.left(response)
  }

  get isReading(): boolean {
    return this.#pauses === 0 && this.#incoming.started
  }

  get bodyLimit(): number {
    const { maxMessageSize, maxMessageSizeBeforeLogin } = this.settings.connections
    return this.#isMember ? maxMessageSize : maxMessageSizeBeforeLogin
  }

  sent(body: Body, response: ServerResponse): void {
    if (body === 'lost') return
    if (body === 'too long') {
      const sentence = `a message came that is longer than ${this.bodyLimit} bytes`
      this.#incoming.reject(new ProtocolError(sentence, { limit: 'size' }))
      return answer(response, 413, `No more than ${this.bodyLimit} bytes are taken.`)
    }
    const { serializer } = this.spoken
    const { batching } = serializer
    const isFine =
      batching === undefined
        ? this.#incoming.decode(serializer, body)
        : this.#incoming.decodeBatch(serializer, batching, body)
    if (isFine) answer(response, this.settings.doneStatus)
    else answer(response, 400, `What came is nothing that ${subprotocolOf(serializer)} has.`)
  }

  left(response: ServerResponse): void {
    answer(response, this.settings.doneStatus)
    this.#end()
  }

  /** Has a timer of its own, which is set anew with each request. */
  beat(): void {}

  lost(): void {
    this.#drop(`the connection was lost: no receive came for ${this.settings.idleTimeout} ms`, 'lost')
  }

  overflowed(waiting: number): void {
    const { sendBufferLimit } = this.settings.connections
    this.#drop(
      `slow consumer: ${waiting} bytes wait to be sent, and the limit is ${sendBufferLimit}`,
      'slow consumer',
    )
  }

  caughtUp(): void {}

  finished(): void {
    this.#end()
  }

  #drop(sentence: string, why: 'slow consumer' | 'lost'): void {
    if (this.#state === 'ended') return
    this.#failure = new TransportError(sentence)
    this.settings.connections.dropped(this, this.#failure, why)
    this.#receives.discard()
    this.#end()
  }

  #end(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#sends.refuse(404, GONE)
    this.#receives.end()
    this.settings.onEnd(this, this.id)
    this.settings.connections.ended(this)
    // Whoever is sending, or closing, is not to hear of it before that has returned.
    queueMicrotask(() => this.#incoming.closed(this.#failure))
  }
}

const GONE = 'This transport is closed.'
