import type { Socket } from 'node:net'
import { type RawData, WebSocket } from 'ws'
import { TransportError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import type { Serializer } from '../../serializers/serializer.js'
import type { Connections } from '../connections.js'
import type { Beating } from '../heartbeat/heartbeats.js'
import { Pulse, SILENT_HEARTBEATS } from '../heartbeat/pulse.js'
import { Incoming } from '../incoming.js'
import { announcing, LimitReader } from '../message-limit.js'
import type { Framer, Framing } from '../output/framer.js'
import { GatheredWriter, type WriterOwner } from '../output/gathered-writer.js'
import type { Transport, TransportInfo, TransportReceiver } from '../transport.js'
import { errorOfClose, NORMAL_CLOSURE, tooLong, unacceptableFrame, wrongFrameType } from './closing.js'
import { limitMessages } from './receiving-limit.js'

/** `ws` receives; before it says its last word, a close frame, we say what was gathered. */
export class ServerSocket extends WebSocket {
  transport: ServerTransport | undefined

  override close(code?: number, reason?: string | Buffer): void {
    this.transport?.closing()
    super.close(code, reason)
  }
}

/**
 * The router's end of a WebSocket: `ws` receives, we frame and write. There may be ten thousand of these: no closure, no
 * timer and no buffer of their own.
 */
export class ServerTransport implements Transport, WriterOwner, Beating {
  readonly #incoming = new Incoming()
  readonly #pulse = new Pulse()
  readonly #writer: GatheredWriter
  /** May we still write? */
  #open = true
  /** Did our side ask for the end? */
  #closed = false
  /** How many have asked us not to read. */
  #pauses = 0
  /** Is there a session? */
  #isMember = false
  #failure: TransportError | undefined

  constructor(
    readonly info: TransportInfo,
    private readonly ws: ServerSocket,
    private readonly socket: Socket,
    private readonly serializer: Serializer,
    framer: Framer,
    /** The frame of a batch, where frames of the framer are parts of one. */
    envelope: Framing | undefined,
    private readonly host: Connections,
  ) {
    this.#writer = new GatheredWriter(socket, framer, host.outbox, host.sendBufferLimit, this)
    this.#writer.slowConsumers = host.slowConsumers
    this.#writer.envelope = envelope
    ws.transport = this
    limitMessages(ws, host.maxMessageSizeBeforeLogin)
    ws.on('message', onMessage)
    ws.on('error', onError)
    ws.on('close', onClose)
    ws.pause()
  }

  start(receiver: TransportReceiver): void {
    this.#incoming.start(new LimitReader(receiver, this.#writer))
    if (this.#pauses === 0) this.ws.resume()
  }

  pause(): void {
    if (++this.#pauses === 1 && this.#open) this.ws.pause()
  }

  resume(): void {
    if (--this.#pauses === 0 && this.#incoming.started) this.ws.resume()
  }

  send(message: Message): void {
    if (this.#open) this.#writer.write(announcing(message, this.host.maxMessageSize))
  }

  admit(isMember: boolean): void {
    this.#isMember = isMember
    limitMessages(this.ws, this.#maxMessageSize)
  }

  close(): void {
    this.#closed = true
    this.#incoming.stop()
    this.ws.resume()
    this.ws.close(NORMAL_CLOSURE)
  }

  /** A close frame is about to be written; nothing may follow it. */
  closing(): void {
    this.#writer.end()
    this.#open = false
  }

  beat(): void {
    const silent = this.#pulse.feel(this.socket)
    if (!this.#writer.hasMoved() && silent >= SILENT_HEARTBEATS) {
      const period = SILENT_HEARTBEATS * this.host.heartbeat
      this.#drop(`the connection was lost: nothing came for ${period} ms`, 'lost')
    } else if (this.#open) {
      if (silent > 0 && this.#pauses > 0) this.#look()
      this.ws.ping()
    }
  }

  overflowed(waiting: number): void {
    const { sendBufferLimit } = this.host
    this.#drop(
      `slow consumer: ${waiting} bytes wait to be sent, and the limit is ${sendBufferLimit}`,
      'slow consumer',
    )
  }

  receive(data: Buffer, isBinary: boolean): void {
    const { serializer } = this
    const { batching } = serializer
    if (data.length > this.#maxMessageSize) this.#incoming.reject(tooLong(this.#maxMessageSize))
    else if (isBinary !== serializer.binary) this.#incoming.reject(wrongFrameType(serializer.name, isBinary))
    else if (batching === undefined) this.#incoming.decode(serializer, data)
    else this.#incoming.decodeBatch(serializer, batching, data)
  }

  /** `ws` has refused what came, and closes the connection. */
  refused(cause: Error): void {
    const error = unacceptableFrame(cause, this.#maxMessageSize)
    this.#failure ??= new TransportError(`the connection was closed because ${error.message}`, {
      cause: error,
    })
    this.#incoming.reject(error)
  }

  ended(code: number, reason: Buffer): void {
    this.#open = false
    this.#writer.discard()
    this.host.ended(this)
    const error = this.#failure ?? (this.#closed ? undefined : errorOfClose(code, reason.toString()))
    this.#incoming.closed(error)
  }

  get #maxMessageSize(): number {
    return this.#isMember ? this.host.maxMessageSize : this.host.maxMessageSizeBeforeLogin
  }

  /** Whether one that is not read from is still there shows only if it is: reads once. */
  #look(): void {
    this.ws.resume()
    this.socket.once('data', () => {
      if (this.#pauses > 0 && this.#open) this.ws.pause()
    })
  }

  #drop(sentence: string, why: 'slow consumer' | 'lost'): void {
    if (this.#failure === undefined) {
      this.#failure = new TransportError(sentence)
      this.host.dropped(this, this.#failure, why)
    }
    this.#open = false
    this.#writer.discard()
    this.ws.terminate()
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  ;(this as ServerSocket).transport?.receive(data as Buffer, isBinary)
}

function onError(this: WebSocket, error: Error): void {
  ;(this as ServerSocket).transport?.refused(error)
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  ;(this as ServerSocket).transport?.ended(code, reason)
}
