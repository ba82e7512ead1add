import { connect, type Socket } from 'node:net'

const NEWLINE = 0x0a
const SPACE = 0x20

/**
 * As much of the NATS protocol as it takes to load a server: it publishes, subscribes, and tells what comes. Messages are
 * written as they were prepared.
 */
export class NatsConnection {
  /** Is told what a message says of itself: `subject sid [reply-to]`. */
  onMessage: (head: string) => void = () => {}
  onEnd: (reason: string) => void = () => {}
  #rest: Buffer | undefined
  #pieces: Buffer[] = []
  #onPong: (() => void) | undefined

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', (error) => this.onEnd(error.message))
    socket.on('close', () => this.onEnd('the connection was closed'))
  }

  static open(port: number): Promise<NatsConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        const connection = new NatsConnection(socket)
        connection.add('CONNECT {"verbose":false,"pedantic":false,"echo":true}\r\n')
        connection.settled().then(() => resolve(connection), reject)
      })
    })
  }

  /** Resolves when the server has done all that was said before. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onPong = resolve
      this.add('PING\r\n')
      this.flush()
    })
  }

  add(octets: string | Buffer): void {
    this.#pieces.push(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets)
  }

  flush(): void {
    if (this.#pieces.length === 0) return
    this.socket.write(Buffer.concat(this.#pieces))
    this.#pieces = []
  }

  close(): void {
    this.onEnd = () => {}
    this.socket.destroy()
  }

  #read(chunk: Buffer): void {
    const octets = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    let at = 0
    while (at < octets.length) {
      const end = octets.indexOf(NEWLINE, at)
      if (end < 0) break
      const next = this.#line(octets, at, end)
      if (next === undefined) break
      at = next
    }
    if (at < octets.length) this.#rest = Buffer.from(octets.subarray(at))
    this.flush()
  }

  /** @returns where the next line begins, or undefined if not all of this message is there. */
  #line(octets: Buffer, at: number, end: number): number | undefined {
    if (octets[at] === 0x4d) return this.#message(octets, at, end)
    const line = octets.toString('latin1', at, end)
    if (line.startsWith('PING')) this.add('PONG\r\n')
    else if (line.startsWith('PONG')) this.#onPong?.()
    else if (line.startsWith('-ERR')) this.onEnd(line)
    return end + 1
  }

  /** `MSG subject sid [reply-to] length` */
  #message(octets: Buffer, at: number, end: number): number | undefined {
    const lengthAt = octets.lastIndexOf(SPACE, end) + 1
    let length = 0
    for (let i = lengthAt; i < end - 1; i++) length = length * 10 + (octets[i] as number) - 0x30
    const next = end + 1 + length + 2
    if (next > octets.length) return undefined
    this.onMessage(octets.toString('latin1', at + 'MSG '.length, lengthAt - 1))
    return next
  }
}
