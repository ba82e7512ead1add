import type { Socket } from 'node:net'
import { type RawData, WebSocket } from 'ws'
import { atEndOfTurn, type Clock, type Timer } from '../../clock.js'
import { TransportError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import type { Batch, Serializer } from '../../serializers/serializer.js'
import { Pulse, SILENT_HEARTBEATS } from '../heartbeat/pulse.js'
import { Incoming } from '../incoming.js'
import { hostAndPort, isLoopback } from '../loopback.js'
import { announcing, expectWrittenTaken, type Limited, LimitReader } from '../message-limit.js'
import { tlsInfo } from '../tls-info.js'
import type { Transport, TransportInfo, TransportReceiver } from '../transport.js'
import { errorOfClose, NORMAL_CLOSURE, unacceptableFrame, wrongFrameType } from './closing.js'

export interface NodeTransportSettings {
  clock: Clock
  /** Milliseconds; 0 for none. */
  heartbeat: number
  maxMessageSize: number
}

const TEXT = { binary: false }
const BINARY = { binary: true }
/** `ws` writes octets as one piece, header and all, and text as two, which is better where a copy would be long. */
const LONG_TEXT = 16 * 1024

/** A client's end of a WebSocket, over `ws`. */
export class NodeTransport implements Transport {
  readonly info: TransportInfo
  /** What came shows at the socket; where there is none, it is for whoever uses this to ask. */
  readonly hasHeartbeat: boolean
  readonly #incoming = new Incoming()
  readonly #pulse = new Pulse()
  readonly #router: Limited = { limit: Number.POSITIVE_INFINITY }
  /** What was said in this turn, where it leaves as one message. */
  readonly #batch: Batch | undefined
  #timer: Timer | undefined
  #isCorked = false
  /** May we still write? */
  #open = true
  /** Did our side ask for the end? */
  #closed = false
  #failure: TransportError | undefined
  #cause: Error | undefined

  /** @param socket what `ws` reads and writes, where it could be had. */
  constructor(
    private readonly ws: WebSocket,
    private readonly socket: Socket | undefined,
    private readonly serializer: Serializer,
    private readonly settings: NodeTransportSettings,
  ) {
    this.info = infoOf(ws, socket)
    this.hasHeartbeat = socket !== undefined
    this.#batch = serializer.batching?.gather((batch) => this.#write(batch))
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary))
    ws.on('error', (error) => this.#refused(error))
    ws.on('close', (code, reason) => this.#ended(code, reason.toString()))
    socket?.on('error', (error) => {
      this.#cause = error
    })
    ws.pause()
    this.#waitForHeartbeat()
  }

  start(receiver: TransportReceiver): void {
    this.#incoming.start(new LimitReader(receiver, this.#router))
    this.ws.resume()
  }

  get backlog(): number {
    return this.ws.bufferedAmount + (this.#batch?.length ?? 0)
  }

  send(message: Message): void {
    if (!this.#open) return
    const { serializer } = this
    const encoded = serializer.encode(announcing(message, this.settings.maxMessageSize))
    const { limit } = this.#router
    expectWrittenTaken(message, encoded, limit - (serializer.batching?.overhead ?? 0))
    if (this.#batch === undefined) this.#write(encoded)
    else this.#batch.add(encoded, limit)
  }

  close(): void {
    this.#batch?.flush()
    this.#open = false
    this.#closed = true
    this.#incoming.stop()
    this.ws.resume()
    this.ws.close(NORMAL_CLOSURE)
  }

  #write(encoded: string | Uint8Array): void {
    // The connection may have gone in the turn in which a batch was gathered.
    if (!this.#open) return
    this.#gather()
    const isShort = typeof encoded === 'string' && encoded.length < LONG_TEXT
    this.ws.send(isShort ? Buffer.from(encoded) : encoded, this.serializer.binary ? BINARY : TEXT)
  }

  /** What is sent in this turn of the event loop leaves in one write at its end. */
  #gather(): void {
    if (this.#isCorked || this.socket === undefined) return
    this.#isCorked = true
    this.socket.cork()
    atEndOfTurn(() => {
      this.#isCorked = false
      this.socket?.uncork()
    })
  }

  #receive(data: RawData, isBinary: boolean): void {
    const { serializer } = this
    const { batching } = serializer
    if (isBinary !== serializer.binary)
      return this.#incoming.reject(wrongFrameType(serializer.name, isBinary))
    const received = isBinary ? (data as Buffer) : (data as Buffer).toString()
    if (batching === undefined) this.#incoming.decode(serializer, received)
    else this.#incoming.decodeBatch(serializer, batching, received)
  }

  /** `ws` has refused what came, and closes the connection. */
  #refused(cause: Error): void {
    const error = unacceptableFrame(cause, this.settings.maxMessageSize)
    this.#failure ??= new TransportError(`the connection was closed because ${error.message}`, {
      cause: error,
    })
    this.#incoming.reject(error)
  }

  #ended(code: number, reason: string): void {
    this.#open = false
    this.#timer?.cancel()
    const error = this.#closed ? undefined : errorOfClose(code, reason, this.#cause)
    this.#incoming.closed(this.#failure ?? error)
  }

  #waitForHeartbeat(): void {
    const { clock, heartbeat } = this.settings
    if (heartbeat > 0) this.#timer = clock.after(heartbeat, () => this.#beat())
  }

  #beat(): void {
    const { socket } = this
    if (socket !== undefined && this.#pulse.feel(socket) >= SILENT_HEARTBEATS) {
      const period = SILENT_HEARTBEATS * this.settings.heartbeat
      this.#failure ??= new TransportError(`the connection was lost: nothing came for ${period} ms`)
      return this.ws.terminate()
    }
    this.#waitForHeartbeat()
    if (this.ws.readyState === WebSocket.OPEN) this.ws.ping()
  }
}

function infoOf(ws: WebSocket, socket: Socket | undefined): TransportInfo {
  const { remoteAddress, remotePort } = socket ?? {}
  const { protocol, host } = new URL(ws.url)
  if (protocol === 'ws+unix:') return { kind: 'websocket', local: true }
  if (remoteAddress === undefined) return { kind: 'websocket', address: host, local: false }
  return {
    kind: 'websocket',
    address: hostAndPort(remoteAddress, remotePort),
    local: isLoopback(remoteAddress),
    ...tlsInfo(socket, 'client'),
  }
}
