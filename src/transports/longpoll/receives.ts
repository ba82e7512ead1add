import type { ServerResponse } from 'node:http'
import type { Clock, Timer } from '../../clock.js'
import type { Connections } from '../connections.js'
import { DEFAULT_MAX_MESSAGE_SIZE } from '../message-limit.js'
import { Backlog, type BacklogKeeper, type BacklogOwner } from '../output/backlog.js'
import { answer } from './answers.js'
import { writePortions } from './portions.js'

/** Octets that are gathered for a request that waits for them; what follows in this turn has to wait. */
const ENOUGH = 64 * 1024
/** Milliseconds that a client has to fetch the rest when the router has closed. */
const CLOSE_TIMEOUT = 2_000

/** Where nobody sees to slow clients, a backlog only counts. */
const nobody: BacklogKeeper = { grown() {}, shrunk() {}, ended() {} }

export interface ReceivesSettings {
  readonly clock: Clock
  readonly connections: Connections
  /** Milliseconds that a request is held while there is nothing to say. */
  readonly pollTimeout: number
  /** Milliseconds that a client may take to come back with another one. */
  readonly idleTimeout: number
}

/** Whose the messages are. */
export interface ReceivesOwner extends BacklogOwner {
  /** Octets of the longest batch that the client takes. */
  readonly limit: number
  /** The client has not come back, and messages have nowhere to go. */
  lost(): void
  /** All was said, and the client knows that this was the end, or has not asked. */
  finished(): void
}

/** A response on its way, and what is in it. */
interface Flight {
  readonly response: ServerResponse
  readonly frames: readonly Buffer[]
}

/**
 * What waits for a client, and the request by which it fetches it: held while there is nothing. What was in a response
 * that could not be written whole, because its client has gone, is in the next one again.
 *
 * Spec: rfc/text/advanced/transport_http_longpoll.md, "Receiving WAMP Messages".
 */
export class Receives {
  /** The request that waits for messages. */
  #held: ServerResponse | undefined
  #flight: Flight | undefined
  /** Has anything of it left since this was asked last? */
  #hasMoved = false
  /** Messages for the next response, in front of those of the backlog. */
  #ready: Buffer[] = []
  #readyOctets = 0
  #backlog: Backlog | undefined
  #timer: Timer | undefined
  #isClosing = false
  #isOver = false

  constructor(
    private readonly settings: ReceivesSettings,
    private readonly owner: ReceivesOwner,
    private readonly contentType: string,
    /** Is a response a batch of messages, or one? */
    private readonly isBatched: boolean,
  ) {
    this.#awaitClient()
  }

  /** A message is to be said. It leaves when `answer` is called. */
  push(frame: Buffer, isEvent: boolean): void {
    const isFirst = this.#ready.length === 0
    const isAwaited = this.#held !== undefined && this.#readyOctets < ENOUGH
    if (this.#backlog === undefined && (isFirst || isAwaited)) {
      this.#ready.push(frame)
      this.#readyOctets += frame.length
    } else this.#wait(frame, isEvent)
  }

  /** A request for messages came. */
  hold(response: ServerResponse): void {
    const { clock, pollTimeout } = this.settings
    // It may be one whose client has long gone; the one that asked last is there.
    if (this.#held !== undefined)
      this.#answer(409, 'Another receive has taken the place of this one; a client has one at a time.')
    this.#held = response
    response.on('close', () => this.#closed(response))
    this.#timer?.cancel()
    this.#timer = clock.after(pollTimeout, () => this.#giveAnswer())
    this.answer()
  }

  /** Answers the request that is held, if there is something to say. */
  answer(): void {
    const response = this.#held
    if (response === undefined || this.#flight !== undefined) return
    const frames = this.#take()
    if (frames.length > 0) this.#fly(response, frames)
    else if (this.#isClosing) {
      this.#answer(410, 'The router has closed this transport.')
      this.owner.finished()
    }
  }

  /** Says what is left, and then that this was the end. */
  close(): void {
    this.#isClosing = true
    this.answer()
    if (this.#held === undefined) this.#awaitClient()
  }

  /** Forgets all that has not been said. */
  end(): void {
    this.#isOver = true
    this.#ready = []
    this.#backlog?.end()
    this.#backlog = undefined
    if (this.#held !== undefined) this.#answer(204)
    this.#timer?.cancel()
  }

  /** Forgets even what is on its way. */
  discard(): void {
    this.end()
    this.#flight?.response.destroy()
  }

  #wait(frame: Buffer, isEvent: boolean): void {
    const { slowConsumers, sendBufferLimit } = this.settings.connections
    const waiting = this.#backlog?.octets ?? 0
    if (slowConsumers === undefined && waiting + frame.length > sendBufferLimit)
      return this.owner.overflowed(waiting + frame.length)
    this.#backlog ??= new Backlog(slowConsumers ?? nobody, this.owner, sendBufferLimit)
    this.#backlog.push(frame, isEvent)
  }

  /** The messages of the next response. */
  #take(): Buffer[] {
    const most = this.isBatched ? Math.min(this.owner.limit, DEFAULT_MAX_MESSAGE_SIZE) : 0
    const frames: Buffer[] = []
    let octets = 0
    for (let next = this.#first; next !== undefined; next = this.#first) {
      if (frames.length > 0 && octets + next.length > most) break
      octets += next.length
      frames.push(next)
      this.#shift()
    }
    const backlog = this.#backlog
    if (backlog === undefined) return frames
    backlog.taken()
    if (backlog.octets === 0) {
      this.#backlog = undefined
      backlog.end()
    }
    return frames
  }

  get #first(): Buffer | undefined {
    return this.#ready[0] ?? this.#backlog?.first
  }

  #shift(): void {
    const frame = this.#ready.shift()
    if (frame === undefined) this.#backlog?.shift()
    else this.#readyOctets -= frame.length
  }

  #fly(response: ServerResponse, frames: readonly Buffer[]): void {
    this.#held = undefined
    this.#flight = { response, frames }
    this.#awaitClient()
    const body = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames)
    response.writeHead(200, { 'content-type': this.contentType, 'content-length': body.length })
    writePortions(response, body, () => {
      this.#hasMoved = true
    })
  }

  /** A response has been written, or its client has gone. */
  #closed(response: ServerResponse): void {
    if (response === this.#held) {
      this.#held = undefined
      this.#awaitClient()
    }
    if (response !== this.#flight?.response) return
    const { frames } = this.#flight
    this.#flight = undefined
    if (!response.writableFinished) {
      this.#ready = [...frames, ...this.#ready]
      this.#readyOctets += frames.reduce((octets, { length }) => octets + length, 0)
    }
    if (this.#held === undefined) this.#awaitClient()
    else this.answer()
  }

  #answer(status: number, sentence?: string): void {
    const response = this.#held as ServerResponse
    this.#held = undefined
    answer(response, status, sentence)
    this.#awaitClient()
  }

  /** A request was held long enough. */
  #giveAnswer(): void {
    // Who asks again has given up the response before; what is in it comes with the next one.
    if (this.#flight !== undefined) this.#flight.response.destroy()
    else if (this.#held !== undefined) this.#answer(204)
  }

  /** The client has so much time to come back. */
  #awaitClient(): void {
    const { clock, idleTimeout } = this.settings
    this.#hasMoved = false
    this.#timer?.cancel()
    if (this.#isOver) return
    const time = this.#isClosing ? Math.min(idleTimeout, CLOSE_TIMEOUT) : idleTimeout
    this.#timer = clock.after(time, () => {
      // A response that is long on its way is no silence.
      if (this.#flight !== undefined && this.#hasMoved) this.#awaitClient()
      else if (this.#isClosing) this.owner.finished()
      else this.owner.lost()
    })
  }
}
