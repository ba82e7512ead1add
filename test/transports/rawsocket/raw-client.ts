import { connect, type NetConnectOpts, type Socket } from 'node:net'

export interface Frame {
  /** The first octet: reserved bits, the bit for 2^24, type. */
  first: number
  payload: Buffer
}

export const MESSAGE = 0
export const PING = 1
export const PONG = 2

/** Four octets that ask for JSON, and take 16 MiB. */
export const HELLO = Buffer.of(0x7f, 0xf1, 0, 0)

/** A client that speaks octets: it can break every rule. */
export class RawClient {
  readonly frames: Frame[] = []
  /** The answer to the handshake. */
  answer: Buffer = Buffer.alloc(0)
  isClosed = false
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

  /** Connects, sends `first`, and waits for the answer where it is a whole handshake. */
  static async connect(where: NetConnectOpts, first: Buffer = HELLO): Promise<RawClient> {
    const client = new RawClient(connect({ ...where, noDelay: true } as NetConnectOpts))
    await new Promise<void>((resolve) => client.socket.once('connect', resolve))
    if (first.length > 0) client.socket.write(first)
    if (first.length >= 4) await client.answered()
    return client
  }

  answered(): Promise<void> {
    return this.until(() => this.answer.length === 4 || this.isClosed)
  }

  send(type: number, payload: string | Buffer): void {
    this.socket.write(frame(type, payload))
  }

  get messages(): Frame[] {
    return this.frames.filter(({ first }) => first === MESSAGE)
  }

  get pongs(): string[] {
    return this.frames.filter(({ first }) => first === PONG).map(({ payload }) => payload.toString())
  }

  /** Waits until so many frames have come. */
  async framesUpTo(count: number): Promise<Frame[]> {
    await this.until(() => this.frames.length >= count)
    return this.frames
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
    if (this.answer.length < 4) {
      const missing = 4 - this.answer.length
      this.answer = Buffer.concat([this.answer, this.#buffer.subarray(0, missing)])
      this.#buffer = this.#buffer.subarray(missing)
    }
    for (;;) {
      const buffer = this.#buffer
      if (buffer.length < 4) break
      const first = buffer[0] as number
      const length = (first & 8) === 0 ? buffer.readUIntBE(1, 3) : 2 ** 24
      if (buffer.length < 4 + length) break
      this.frames.push({ first, payload: buffer.subarray(4, 4 + length) })
      this.#buffer = buffer.subarray(4 + length)
    }
    this.#check()
  }

  #check(): void {
    for (const check of this.#checks) check()
  }
}

/** A frame; `length` is that of the payload, unless the header is to lie. */
export function frame(first: number, data: string | Buffer, length?: number): Buffer {
  const payload = Buffer.from(data)
  const header = Buffer.alloc(4)
  header[0] = first
  header.writeUIntBE(length ?? payload.length, 1, 3)
  return Buffer.concat([header, payload])
}
