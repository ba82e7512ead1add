import type { Socket } from 'node:net'
import { ProtocolError, TransportError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import type { Serializer } from '../../serializers/serializer.js'
import type { Beating } from '../heartbeat/heartbeats.js'
import { Pulse, SILENT_HEARTBEATS } from '../heartbeat/pulse.js'
import { Incoming } from '../incoming.js'
import { announcing, type Limited, LimitReader } from '../message-limit.js'
import type { WriterOwner } from '../output/gathered-writer.js'
import type { Transport, TransportInfo, TransportReceiver } from '../transport.js'
import { endInOrder, lost } from './ending.js'
import { FrameReader, type FrameReceiver } from './frame-reader.js'
import { FrameType, frameOf } from './framing.js'
import type { ConnectionHost, FrameWriter, RawSocketEnd } from './raw-socket-end.js'
import { infoOfSocket } from './socket-info.js'

/**
 * Our PING. It holds something, since autobahn for JavaScript answers an empty one only when the next frame comes.
 */
const PING = frameOf(FrameType.ping, Buffer.from('wamp'))
/** So many octets of PONGs may wait for one that does not read them. */
const MOST_PONGS = 1024 * 1024

const TRANSPORT = Symbol('transport')

/** A socket that knows whose it is: a listener is told its socket as `this`, so one function will do for all. */
type Carrier = Socket & { [TRANSPORT]?: RawSocketTransport }

/**
 * A transport of frames on a socket: TCP, TLS or Unix. There may be ten thousand of these: no closure, no timer and no
 * buffer of their own.
 *
 * Spec: rfc/text/advanced/transport_rawsocket.md.
 */
export class RawSocketTransport implements Transport, FrameReceiver, WriterOwner, Limited, Beating {
  readonly info: TransportInfo
  readonly hasHeartbeat: boolean
  readonly #socket: Carrier
  readonly #serializer: Serializer
  readonly #host: ConnectionHost
  readonly #incoming = new Incoming()
  readonly #pulse = new Pulse()
  readonly #reader: FrameReader
  readonly #writer: FrameWriter
  /** What the handshake has set, in octets. */
  readonly #taken: number
  readonly #limit: number
  /** May we still write? */
  #open = true
  /** Did our side ask for the end? */
  #closed = false
  /** Has the other side ended in order? */
  #left = false
  /** How many have asked us not to read. */
  #pauses = 0
  /** Is there something that leaves when all of what came has been read? */
  #isCorked = false
  /** Octets of PONGs since the socket last had nothing that waited. */
  #pongs = 0
  #answersPings = false
  #failure: TransportError | undefined
  #cause: NodeJS.ErrnoException | undefined

  constructor({ side, proxies, socket, serializer, taken, limit, host, openWriter }: RawSocketEnd) {
    this.info = infoOfSocket(socket, side, proxies)
    this.hasHeartbeat = host.heartbeat > 0
    this.#socket = socket
    this.#serializer = serializer
    this.#host = host
    this.#taken = taken
    this.#limit = limit
    this.#reader = new FrameReader(Math.min(taken, host.maxMessageSizeBeforeLogin), this)
    this.#writer = openWriter(socket, this)
    this.#writer.limit = limit
    this.#socket[TRANSPORT] = this
    // The other end may have ended; what was gathered for it can still be said.
    socket.allowHalfOpen = true
    socket.setNoDelay(true)
    // The kernel sees to those that answer no PING.
    if (host.heartbeat > 0) socket.setKeepAlive(true, host.heartbeat)
    socket.pause()
    socket.on('data', onData)
    socket.on('end', onEnd)
    socket.on('error', onError)
    socket.on('close', onClose)
  }

  get backlog(): number {
    return this.#socket.writableLength
  }

  get limit(): number {
    return this.#writer.limit
  }

  /**
   * The limit that the other end announces in HELLO or WELCOME, if it does. Only ends of our own kind do, and those
   * answer PINGs: of autobahn for Python, and of crossbar with it, a PING is the end.
   */
  set limit(announced: number) {
    this.#writer.limit = Math.min(announced, this.#limit)
    if (announced !== Number.POSITIVE_INFINITY) this.#answersPings = true
  }

  start(receiver: TransportReceiver): void {
    this.#incoming.start(new LimitReader(receiver, this))
    if (this.#pauses === 0) this.#socket.resume()
  }

  pause(): void {
    if (++this.#pauses === 1 && this.#open) this.#socket.pause()
  }

  resume(): void {
    if (--this.#pauses === 0 && this.#incoming.started) this.#socket.resume()
  }

  send(message: Message): void {
    if (this.#open) this.#writer.write(announcing(message, Math.min(this.#taken, this.#host.maxMessageSize)))
  }

  admit(isMember: boolean): void {
    const { maxMessageSize, maxMessageSizeBeforeLogin } = this.#host
    this.#reader.limit = Math.min(this.#taken, isMember ? maxMessageSize : maxMessageSizeBeforeLogin)
  }

  close(): void {
    this.#closed = true
    this.#incoming.stop()
    this.#finish()
  }

  beat(): void {
    const silent = this.#pulse.feel(this.#socket)
    const hasMoved = this.#writer.hasMoved()
    if (!this.#answersPings || !this.#open) return
    if (!hasMoved && silent >= SILENT_HEARTBEATS) {
      const period = SILENT_HEARTBEATS * this.#host.heartbeat
      return this.#drop(`the connection was lost: nothing came for ${period} ms`, 'lost')
    }
    // Whether one that is not read from is still there shows only if it is: `read` pauses it again.
    if (silent > 0 && this.#pauses > 0) this.#socket.resume()
    this.#socket.write(PING)
  }

  overflowed(waiting: number): void {
    const { sendBufferLimit } = this.#host
    this.#drop(
      `slow consumer: ${waiting} bytes wait to be sent, and the limit is ${sendBufferLimit}`,
      'slow consumer',
    )
  }

  unsendable(sentence: string): void {
    this.#fail(sentence)
    this.#finish()
  }

  message(octets: Buffer): void {
    this.#incoming.decode(this.#serializer, octets)
  }

  ping(payload: Buffer): void {
    const { length } = payload
    this.#answersPings = true
    if (length > this.#limit)
      return this.violated(
        new ProtocolError(`a PING came that is longer than a PONG may be, ${this.#limit} bytes`),
      )
    const socket = this.#socket
    if (socket.writableLength === 0) this.#pongs = 0
    if (this.#pongs > MOST_PONGS)
      return this.#drop('slow consumer: it sends PINGs, and does not read the PONGs', 'slow consumer')
    if (!this.#isCorked) {
      this.#isCorked = true
      socket.cork()
    }
    const pong = frameOf(FrameType.pong, payload)
    this.#pongs += pong.length
    socket.write(pong)
  }

  pong(): void {
    this.#answersPings = true
  }

  violated(error: ProtocolError): void {
    this.#failure ??= new TransportError(`the connection was closed because ${error.message}`, {
      cause: error,
    })
    this.#incoming.reject(error)
    this.#finish()
  }

  /** Octets came. */
  read(chunk: Buffer): void {
    this.#reader.read(chunk)
    if (this.#isCorked) {
      this.#isCorked = false
      this.#socket.uncork()
    }
    if (this.#pauses > 0 && this.#open) this.#socket.pause()
  }

  /** The other end says no more. */
  left(): void {
    if (this.#reader.isMidFrame)
      this.#failure ??= new TransportError('the connection was lost in the middle of a message')
    else this.#left = true
    this.#finish()
  }

  failed(cause: NodeJS.ErrnoException): void {
    this.#cause = cause
    // The keep-alive of the kernel got no answer.
    if (cause.code === 'ETIMEDOUT' && this.#open) this.#fail(lost(cause).message, 'lost')
  }

  /** The socket is closed. */
  ended(): void {
    this.#open = false
    this.#writer.discard()
    this.#host.ended(this)
    const isInOrder = this.#closed || this.#left
    this.#incoming.closed(this.#failure ?? (isInOrder ? undefined : lost(this.#cause)))
  }

  /** Says what was gathered, and ends. */
  #finish(): void {
    if (!this.#open) return
    this.#open = false
    this.#reader.stop()
    this.#writer.end()
    endInOrder(this.#socket, this.#host.clock)
  }

  #drop(sentence: string, why: 'slow consumer' | 'lost'): void {
    this.#fail(sentence, why)
    this.#open = false
    this.#reader.stop()
    this.#writer.discard()
    this.#socket.destroy()
  }

  #fail(sentence: string, why?: 'slow consumer' | 'lost'): void {
    if (this.#failure !== undefined) return
    this.#failure = new TransportError(
      sentence,
      this.#cause === undefined ? undefined : { cause: this.#cause },
    )
    this.#host.dropped(this, this.#failure, why)
  }
}

function onData(this: Carrier, chunk: Buffer): void {
  this[TRANSPORT]?.read(chunk)
}

function onEnd(this: Carrier): void {
  this[TRANSPORT]?.left()
}

function onError(this: Carrier, error: NodeJS.ErrnoException): void {
  this[TRANSPORT]?.failed(error)
}

function onClose(this: Carrier): void {
  this[TRANSPORT]?.ended()
}
