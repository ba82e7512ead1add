import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { FrameReader, type FrameReceiver, readBuffer } from './frame-reader.js'
import type { FrameTemplate } from './frame-template.js'
import { FrameWriter } from './frame-writer.js'
import { type Framing, Kind, type KindOfFrame } from './framing.js'
import type { Format } from './message-ids.js'

/** Where a connection goes, and what is spoken over it. */
export interface Address {
  readonly port: number
  readonly framing: Framing
  readonly format: Format
  /** The path of a WebSocket, query included. For the bare relays it is the role: `/caller`, `/callee`, … */
  readonly path: string
}

const SERIALIZER_OF_RAW_SOCKET = { json: 1, msgpack: 2, cbor: 3, 'socket.io': 0 } as const
/** The longest message that we announce over RawSocket: 2^24 octets. */
const LONGEST = 0xf0
const PONG = { websocket: 10, rawsocket: 2, lengths: 2 } as const

/** A connection of the generator: frames go out as they were prepared, and what comes in is not read but counted. */
export class Connection {
  /** Is told of each message. */
  receiver: FrameReceiver = { frame: () => {} }
  /** Is told when the other end has closed the connection, or it has broken. */
  onEnd: (reason: string) => void = () => {}
  readonly #reader: FrameReader
  readonly #writer: FrameWriter
  /** What came in before the other end has agreed; afterwards undefined. */
  #greeting: Buffer | undefined = Buffer.alloc(0)
  #isClosing = false
  #isFlushDue = false

  private constructor(
    private readonly socket: Socket,
    private readonly address: Address,
    private readonly opened: (error?: Error) => void,
  ) {
    this.#reader = new FrameReader(address.framing, (kind, octets, at, length) =>
      this.#deliver(kind, octets, at, length),
    )
    this.#writer = new FrameWriter(
      socket,
      address.framing,
      address.format === 'json' || address.format === 'socket.io',
    )
  }

  /** @throws Error if the other end is not there, or does not agree to what is spoken. */
  static open(address: Address): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port: address.port,
        noDelay: true,
        onread: {
          buffer: readBuffer,
          callback: (length: number) => {
            connection.#read(length)
            return true
          },
        },
      })
      const connection: Connection = new Connection(socket, address, (error) =>
        error === undefined ? resolve(connection) : reject(error),
      )
      socket.on('connect', () => connection.#greet())
      socket.on('error', (error) => connection.#end(error.message))
      socket.on('close', () => connection.#end('the connection was closed'))
    })
  }

  /** Adds a message to what leaves with the next flush. Such a flush follows whatever has been read at once. */
  add(template: FrameTemplate, id: Uint8Array, start: number, end: number): void {
    this.#writer.add(template, id, start, end)
  }

  flush(): void {
    this.#writer.flush()
  }

  /** Sends any message, together with what else is sent in this turn. */
  send(message: Uint8Array | string): void {
    this.#writer.addWhole(Buffer.from(message))
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    setImmediate(() => {
      this.#isFlushDue = false
      this.#writer.flush()
    })
  }

  close(): void {
    this.#isClosing = true
    this.socket.destroy()
  }

  #greet(): void {
    const { framing, format, path, port } = this.address
    if (framing === 'lengths') {
      // The bare relay is told who this is.
      this.socket.write(`${path}\n`)
      return this.#agree()
    }
    if (framing === 'rawsocket')
      return void this.socket.write(Buffer.from([0x7f, LONGEST | SERIALIZER_OF_RAW_SOCKET[format], 0, 0]))
    const subprotocol = format === 'socket.io' ? '' : `Sec-WebSocket-Protocol: wamp.2.${format}\r\n`
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n${subprotocol}\r\n`,
    )
  }

  #agree(): void {
    this.#greeting = undefined
    this.opened()
  }

  #read(length: number): void {
    if (this.#greeting !== undefined) return this.#readGreeting(length)
    this.#reader.read(length)
    this.#writer.flush()
  }

  #readGreeting(length: number): void {
    const greeting = Buffer.concat([this.#greeting ?? Buffer.alloc(0), readBuffer.subarray(0, length)])
    this.#greeting = greeting
    const isRaw = this.address.framing === 'rawsocket'
    const end = isRaw ? 4 : greeting.indexOf('\r\n\r\n') + 4
    if (isRaw ? greeting.length < 4 : end < 4) return
    const agrees = isRaw
      ? greeting[0] === 0x7f && ((greeting[1] ?? 0) & 0x0f) === SERIALIZER_OF_RAW_SOCKET[this.address.format]
      : greeting.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101'
    if (!agrees) {
      const said = isRaw ? greeting.toString('hex') : greeting.toString('latin1').split('\r\n')[0]
      this.opened(new Error(`the other end did not agree: ${said}`))
      return this.close()
    }
    this.#agree()
    const more = greeting.length - end
    if (more === 0) return
    greeting.copy(readBuffer, 0, end)
    // Who has opened the connection gets its turn first.
    const kept = Buffer.from(readBuffer.subarray(0, more))
    queueMicrotask(() => {
      kept.copy(readBuffer)
      this.#read(more)
    })
  }

  #deliver(kind: KindOfFrame, octets: Buffer, at: number, length: number): void {
    if (kind === Kind.message) this.receiver.frame(octets, at, length)
    else if (kind === Kind.ping)
      this.#writer.addWhole(Buffer.from(octets.subarray(at, at + length)), PONG[this.address.framing])
    else if (kind === Kind.close)
      this.#end(`the other end closed: ${octets.subarray(at + 2, at + length).toString()}`)
  }

  #end(reason: string): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.opened(new Error(reason))
    this.onEnd(reason)
    this.socket.destroy()
  }
}
