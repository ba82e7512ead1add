import { connect, type Socket } from 'node:net'

export interface Frame {
  opcode: number
  payload: Buffer
}

export interface FrameBits {
  fin?: boolean
  mask?: boolean
  /** The three reserved bits. */
  rsv?: number
}

export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** A client that speaks octets: it can break every rule. */
export class RawClient {
  readonly frames: Frame[] = []
  /** The HTTP response. */
  response = ''
  isClosed = false
  /** Times that octets came, after the handshake. */
  reads = 0
  #buffer: Buffer = Buffer.alloc(0)
  #checks: (() => void)[] = []

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#check()
    })
  }

  /** Connects, and sends `first`. */
  static async connect(port: number, first: string | Buffer): Promise<RawClient> {
    const client = new RawClient(connect({ port, host: '127.0.0.1', noDelay: true }))
    client.socket.write(first)
    await client.until(() => client.response.includes('\r\n\r\n') || client.isClosed)
    return client
  }

  get status(): number {
    return Number(this.response.split(' ')[1])
  }

  send(opcode: number, payload: string | Buffer, bits: FrameBits = {}): void {
    this.socket.write(frame(opcode, payload, bits))
  }

  /** Waits until so many frames have come. */
  async framesUpTo(count: number): Promise<Frame[]> {
    await this.until(() => this.frames.length >= count)
    return this.frames
  }

  /** The code of the close frame. */
  async closeCode(): Promise<number> {
    await this.until(() => this.frames.some(({ opcode }) => opcode === CLOSE))
    return this.frames.find(({ opcode }) => opcode === CLOSE)?.payload.readUInt16BE(0) as number
  }

  closed(): Promise<void> {
    return this.until(() => this.isClosed)
  }

  until(isThere: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!isThere()) return
        this.#checks = this.#checks.filter((other) => other !== check)
        resolve()
      }
      this.#checks.push(check)
      check()
    })
  }

  #take(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    if (!this.response.startsWith('HTTP/1.1 101')) {
      const end = this.#buffer.indexOf('\r\n\r\n')
      if (end < 0) return
      const isUpgraded = this.#buffer.toString('latin1', 0, 12) === 'HTTP/1.1 101'
      this.response = this.#buffer.toString('latin1', 0, isUpgraded ? end + 4 : undefined)
      if (isUpgraded) this.#buffer = this.#buffer.subarray(end + 4)
    } else this.reads++
    if (this.response.startsWith('HTTP/1.1 101')) this.#parse()
    this.#check()
  }

  #parse(): void {
    for (;;) {
      const buffer = this.#buffer
      if (buffer.length < 2) return
      let length = (buffer[1] as number) & 0x7f
      let start = 2
      if (length === 126) {
        if (buffer.length < 4) return
        length = buffer.readUInt16BE(2)
        start = 4
      } else if (length === 127) {
        if (buffer.length < 10) return
        length = Number(buffer.readBigUInt64BE(2))
        start = 10
      }
      if (buffer.length < start + length) return
      this.frames.push({
        opcode: (buffer[0] as number) & 0x0f,
        payload: buffer.subarray(start, start + length),
      })
      this.#buffer = buffer.subarray(start + length)
    }
  }

  #check(): void {
    for (const check of this.#checks) check()
  }
}

export function upgradeRequest(protocols: string | undefined, path = '/'): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...(protocols === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocols}`]),
    '',
    '',
  ].join('\r\n')
}

export function frame(opcode: number, data: string | Buffer, bits: FrameBits = {}): Buffer {
  const { fin = true, mask = true, rsv = 0 } = bits
  const payload = Buffer.from(data)
  const header = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65536 ? 4 : 10)
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const length = payload.length < 126 ? payload.length : payload.length < 65536 ? 126 : 127
  header[1] = (mask ? 0x80 : 0) | length
  if (length === 126) header.writeUInt16BE(payload.length, 2)
  else if (length === 127) header.writeBigUInt64BE(BigInt(payload.length), 2)
  if (!mask) return Buffer.concat([header, payload])
  const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d])
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (key[i & 3] as number)
  return Buffer.concat([header, key, payload])
}
