import { connect, type Socket } from 'node:net'
import { Decoder } from 'cbor-x'
import { Unpackr } from 'msgpackr'
import type { SerializerName } from '../../src/serializers/serializer.js'
import { ERROR } from '../../src/uris.js'
import { formatOf } from '../serializers/six.js'
import { frame, OPCODE, readFrame, writeFrame } from './frames.js'
import { type Attack, HALF_OF_UPGRADE, pieces, render, Tally, upgradeRequest } from './inputs.js'
import { REALM, ROLES } from './messages.js'

/** What the router answered: how often each HTTP status, each message and each close code came. */
export type Answers = Map<string, number>

/** Milliseconds that the router has for an answer, or to let go of a connection that was ended. */
const PATIENCE = 10_000

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'bigint' })
const cborDecoder = new Decoder({ useRecords: false })

/** Reads what the router says; owes nothing to the router. */
const READ: Readonly<Record<SerializerName, (octets: Buffer) => unknown>> = {
  json: (octets) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets)),
  msgpack: (octets) => unpackr.unpack(octets),
  cbor: (octets) => cborDecoder.decode(octets),
}

const HEAD_ENDS = Buffer.from('\r\n\r\n')

/**
 * Comes to the state of `attack`, sends its inputs, and ends the connection. Resolves when it is gone.
 *
 * @throws Error if the router says what no router may say, or does not let go of the connection.
 */
export async function carryOut(attack: Attack, port: number, answers: Answers): Promise<void> {
  const attacker = new Attacker(port, attack.format, answers)
  try {
    await attacker.reach(attack.state)
    await attacker.send(attack)
    await attacker.leave(attack.ending)
  } finally {
    attacker.destroy()
  }
}

let attackers = 0

class Attacker {
  readonly #socket: Socket
  readonly #waiting = new Set<() => void>()
  #received = Buffer.alloc(0)
  #status = ''
  /** What the router speaks: what was asked for, unless that was changed on the way. */
  #spoken: SerializerName
  /** The codes of the messages that came. */
  readonly #heard: number[] = []
  #isClosed = false
  #complaint: Error | undefined
  readonly #tally = new Tally(++attackers)

  constructor(
    port: number,
    private readonly format: SerializerName,
    private readonly answers: Answers,
  ) {
    this.#spoken = format
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.#socket.on('data', (data) => this.#receive(data))
    // The router's end of it is all that it has left to say.
    this.#socket.on('end', () => this.#socket.end())
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
    this.#socket.on('connect', () => this.#wake())
  }

  async reach(state: Attack['state']): Promise<void> {
    await this.#until('a connection', () => !this.#socket.connecting)
    if (state === 'connected') return
    const request = upgradeRequest(this.format)
    if (state === 'half upgraded') return void this.#socket.write(request.slice(0, HALF_OF_UPGRADE))
    this.#socket.write(request)
    await this.#until('101', () => this.#status === '101')
    if (state === 'upgraded') return
    const challenged = state === 'challenged'
    const login = challenged ? { authmethods: ['ticket'], authid: 'fuzz' } : {}
    this.#say([1, REALM, { roles: ROLES, ...login }])
    await this.#hears(challenged ? 4 : 2)
    if (state !== 'left') return
    this.#say([6, {}, 'wamp.close.close_realm'])
    await this.#hears(6)
  }

  async send({ inputs, delivery }: Attack): Promise<void> {
    const rendered = inputs.map((input) => render(input, this.format, this.#tally))
    const parts =
      delivery === 'apart'
        ? rendered
        : pieces(Buffer.concat(rendered), delivery === 'together' ? [] : delivery)
    for (const part of parts) {
      if (!this.#socket.writable) return
      this.#socket.write(part)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async leave(ending: Attack['ending']): Promise<void> {
    if (ending === 'reset') this.#socket.resetAndDestroy()
    else {
      if (ending === 'close frame' && this.#socket.writable)
        this.#socket.write(writeFrame(frame(OPCODE.close, Buffer.from([3, 232]))))
      this.#socket.end()
    }
    await this.#until('the end of the connection', () => this.#isClosed)
    if (this.#complaint !== undefined) throw this.#complaint
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #say(message: unknown[]): void {
    const opcode = this.format === 'json' ? OPCODE.text : OPCODE.binary
    this.#socket.write(writeFrame(frame(opcode, formatOf(this.format).write(message))))
  }

  #hears(code: number): Promise<void> {
    return this.#until(`message ${code}`, () => this.#heard.includes(code))
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const deadline = setTimeout(() => {
      this.#complaint ??= new Error(`${what} did not come within ${PATIENCE} ms`)
      this.#wake()
    }, PATIENCE)
    try {
      while (!condition()) {
        if (this.#complaint !== undefined) throw this.#complaint
        if (this.#isClosed) throw new Error(`the connection was closed, and ${what} had not come`)
        await new Promise<void>((resolve) => this.#waiting.add(resolve))
      }
    } finally {
      clearTimeout(deadline)
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #receive(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data])
    try {
      while (this.#readOne());
    } catch (error) {
      this.#complaint ??= error as Error
      this.#socket.destroy()
    }
    this.#wake()
  }

  /** Reads what came first, if it is all there. */
  #readOne(): boolean {
    if (this.#status !== '101') return this.#readHttp()
    const read = readFrame(this.#received)
    if (read === undefined) return false
    this.#received = this.#received.subarray(read.size)
    const { opcode, payload } = read
    if (opcode === OPCODE.close)
      this.#count(`close ${payload.length === 0 ? 'without a code' : payload.readUInt16BE(0)}`)
    else if (opcode === OPCODE.pong) this.#count('pong')
    else if (opcode === (this.#spoken === 'json' ? OPCODE.text : OPCODE.binary)) this.#readMessage(payload)
    else throw new Error(`a frame of the router has opcode ${opcode}`)
    return true
  }

  #readHttp(): boolean {
    const end = this.#received.indexOf(HEAD_ENDS)
    if (end < 0) return false
    const head = this.#received.subarray(0, end).toString('latin1')
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? []
    if (status === undefined) throw new Error(`the router answered ${JSON.stringify(head.slice(0, 80))}`)
    this.#status = status
    this.#count(`HTTP ${status}`)
    const [, spoken = this.format] = /^sec-websocket-protocol: wamp\.2\.(\w+)/im.exec(head) ?? []
    this.#spoken = spoken as SerializerName
    const [, length = '0'] = /^content-length: *(\d+)/im.exec(head) ?? []
    this.#received = this.#received.subarray(status === '101' ? end + 4 : end + 4 + Number(length))
    // Bodies are not looked at.
    if (status !== '101') this.#received = Buffer.alloc(0)
    return status === '101'
  }

  #readMessage(payload: Buffer): void {
    const message = READ[this.#spoken](payload)
    if (!Array.isArray(message) || typeof message[0] !== 'number')
      throw new Error(`the router said ${JSON.stringify(message)}`)
    this.#heard.push(message[0])
    const [code, , second, , error] = message
    this.#count(
      code === 8 ? `ERROR ${known(error)}` : code === 3 ? `ABORT ${known(second)}` : `message ${code}`,
    )
  }

  #count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1)
  }
}

function known(uri: unknown): string {
  return Object.values<unknown>(ERROR).includes(uri) ? (uri as string) : 'with a URI of somebody else'
}
