/** Dials with the WebSocket of the platform: of browsers, of Deno and Bun, and of Node from 22 on. */
import { systemClock } from '../../clock.js'
import { UsageError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import { type Batch, type Serializer, subprotocolOf } from '../../serializers/serializer.js'
import { Incoming } from '../incoming.js'
import { isLocalHost } from '../loopback.js'
import { expectWrittenTaken, type Limited, LimitReader } from '../message-limit.js'
import type { Transport, TransportInfo, TransportReceiver } from '../transport.js'
import { errorOfClose, NORMAL_CLOSURE, wrongFrameType } from './closing.js'
import {
  cannotReach,
  checkDial,
  chosenSerializer,
  DEFAULT_HANDSHAKE_TIMEOUT,
  type DialOptions,
  nothingInCommon,
} from './dial.js'

export interface NativeDialOptions extends DialOptions {
  /** The constructor to use in place of `globalThis.WebSocket`. */
  WebSocket?: typeof WebSocket
}

/** See `DialWebSocket`. */
export async function dialWebSocket(
  url: string,
  serializers: readonly Serializer[],
  options: NativeDialOptions = {},
): Promise<Transport> {
  checkDial(url, serializers)
  const { WebSocket = globalThis.WebSocket, headers, tls, signal } = options
  if (WebSocket === undefined) throw new UsageError('this platform has no WebSocket; Node has one from 22 on')
  if (headers !== undefined || tls !== undefined)
    throw new UsageError("the platform's own WebSocket takes neither headers nor TLS options")
  if (signal?.aborted) throw cannotReach(url, 'the attempt was given up', signal.reason)
  const ws = new WebSocket(url, serializers.map(subprotocolOf))
  ws.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    const settle = () => {
      timer.cancel()
      signal?.removeEventListener('abort', giveUp)
    }
    const fail = (error: Error) => {
      settle()
      ws.onopen = ws.onclose = null
      ws.onerror = ignore
      ws.close()
      reject(error)
    }
    const giveUp = () => fail(cannotReach(url, 'the attempt was given up', signal?.reason))
    const { clock = systemClock, handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT } = options
    const timer = clock.after(handshakeTimeout, () =>
      fail(cannotReach(url, `no answer within ${handshakeTimeout} ms`)),
    )
    signal?.addEventListener('abort', giveUp)
    ws.onerror = (event) => fail(cannotReach(url, reasonOf(event), causeOf(event)))
    ws.onclose = ({ code }) => fail(cannotReach(url, `it closed the connection with code ${code}`))
    ws.onopen = () => {
      const serializer = chosenSerializer(ws.protocol, serializers)
      if (serializer === undefined) return fail(nothingInCommon(url, ws.protocol, serializers))
      settle()
      resolve(new NativeTransport(ws, serializer))
    }
  })
}

class NativeTransport implements Transport {
  readonly info: TransportInfo
  readonly #incoming = new Incoming()
  readonly #router: Limited = { limit: Number.POSITIVE_INFINITY }
  /** What was said in this turn, where it leaves as one message. */
  readonly #batch: Batch | undefined
  #cause: unknown
  #open = true
  /** Did our side ask for the end? */
  #closed = false

  constructor(
    private readonly ws: WebSocket,
    private readonly serializer: Serializer,
  ) {
    const { host, hostname } = new URL(ws.url)
    this.info = { kind: 'websocket', address: host, local: isLocalHost(hostname) }
    this.#batch = serializer.batching?.gather((batch) => this.#write(batch))
    ws.onmessage = ({ data }) => this.#receive(data)
    ws.onerror = (event) => {
      this.#cause = causeOf(event)
    }
    ws.onclose = ({ code, reason }) => this.#ended(code, reason)
  }

  start(receiver: TransportReceiver): void {
    this.#incoming.start(new LimitReader(receiver, this.#router))
  }

  get backlog(): number {
    return this.ws.bufferedAmount + (this.#batch?.length ?? 0)
  }

  send(message: Message): void {
    if (!this.#open) return
    const { serializer } = this
    const encoded = serializer.encode(message)
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
    this.ws.close(NORMAL_CLOSURE)
  }

  #write(encoded: string | Uint8Array): void {
    // Once the other end has begun to close, the platform drops it.
    if (this.#open) this.ws.send(encoded as string | Uint8Array<ArrayBuffer>)
  }

  #receive(data: unknown): void {
    const { serializer } = this
    const { batching } = serializer
    const isBinary = typeof data !== 'string'
    if (isBinary !== serializer.binary)
      return this.#incoming.reject(wrongFrameType(serializer.name, isBinary))
    const received = isBinary ? new Uint8Array(data as ArrayBuffer) : data
    if (batching === undefined) this.#incoming.decode(serializer, received)
    else this.#incoming.decodeBatch(serializer, batching, received)
  }

  #ended(code: number, reason: string): void {
    this.#open = false
    this.#incoming.closed(this.#closed ? undefined : errorOfClose(code, reason, this.#cause))
  }
}

/** Browsers do not tell why, so that a page cannot explore the network of its reader; others do. */
function reasonOf(event: Event): string {
  const { message } = event as { message?: unknown }
  if (typeof message === 'string' && message !== '') return message
  return 'nobody answers there, or not as a WebSocket, or not to pages of this origin (the platform does not say which)'
}

function causeOf(event: Event): unknown {
  return (event as { error?: unknown }).error
}

function ignore(): void {}
