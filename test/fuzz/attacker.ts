import { connect, type Socket } from 'node:net'
import { Decoder } from 'cbor-x'
import { Unpackr } from 'msgpackr'
import type { SerializerName } from '../../src/serializers/serializer.js'
import { ERROR } from '../../src/uris.js'
import { type Attack, type State, Tally } from './attack.js'
import { REALM, ROLES } from './messages.js'
import { type Knowledge, pieces, render } from './render.js'

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

let attackers = 0

/** A hostile client, on a socket. What comes back is read as no router may write it otherwise. */
export abstract class Attacker {
  protected readonly socket: Socket
  protected received = Buffer.alloc(0)
  protected readonly tally = new Tally(++attackers)
  /** The codes of the messages that came. */
  readonly #heard: number[] = []
  readonly #waiting = new Set<() => void>()
  #isClosed = false
  #complaint: Error | undefined

  constructor(
    protected readonly port: number,
    protected readonly format: SerializerName,
    private readonly answers: Answers,
  ) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.socket.on('data', (data) => this.#receive(data))
    // The router's end of it is all that it has left to say.
    this.socket.on('end', () => this.socket.end())
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.#isClosed = true
      this.wake()
    })
    this.socket.on('connect', () => this.wake())
  }

  /** Says half of what makes a transport of the connection. */
  protected abstract upgradeHalf(): void
  /** Has a transport made. */
  protected abstract upgrade(): Promise<void>
  protected abstract say(message: unknown[]): void
  /** Says that it goes, where there is a way to. */
  protected abstract sayGoodbye(): void
  /** Reads what came first, if it is all there. */
  protected abstract readOne(): boolean
  protected abstract readonly knowledge: Knowledge

  async reach(state: State): Promise<void> {
    await this.until('a connection', () => !this.socket.connecting)
    if (state === 'connected') return
    if (state === 'half upgraded') return this.upgradeHalf()
    await this.upgrade()
    if (state === 'upgraded') return
    const challenged = state === 'challenged'
    const login = challenged ? { authmethods: ['ticket'], authid: 'fuzz' } : {}
    this.say([1, REALM, { roles: ROLES, ...login }])
    await this.hears(challenged ? 4 : 2)
    if (state !== 'left') return
    this.say([6, {}, 'wamp.close.close_realm'])
    await this.hears(6)
  }

  async send(attack: Attack): Promise<void> {
    const { inputs, delivery } = attack
    const rendered = inputs.map((input) => render(input, attack, this.knowledge))
    const parts =
      delivery === 'apart'
        ? rendered
        : pieces(Buffer.concat(rendered), delivery === 'together' ? [] : delivery)
    for (const part of parts) {
      if (!this.socket.writable) return
      this.socket.write(part)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async leave(ending: Attack['ending']): Promise<void> {
    if (ending === 'reset') this.socket.resetAndDestroy()
    else {
      if (ending === 'close frame' && this.socket.writable) this.sayGoodbye()
      this.socket.end()
    }
    await this.until('the end of the connection', () => this.#isClosed)
    if (this.#complaint !== undefined) throw this.#complaint
  }

  destroy(): void {
    this.socket.destroy()
  }

  protected hears(code: number): Promise<void> {
    return this.until(`message ${code}`, () => this.#heard.includes(code))
  }

  protected async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = setTimeout(() => {
      this.complain(new Error(`${what} did not come within ${PATIENCE} ms`))
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

  protected wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  protected complain(error: Error): void {
    this.#complaint ??= error
    this.wake()
  }

  /** @throws Error if this is no message that a router may say. */
  protected readMessage(format: SerializerName, payload: Buffer): void {
    const message = READ[format](payload)
    if (!Array.isArray(message) || typeof message[0] !== 'number')
      throw new Error(`the router said ${JSON.stringify(message)}`)
    this.#heard.push(message[0])
    const [code, , second, , error] = message
    this.count(
      code === 8 ? `ERROR ${known(error)}` : code === 3 ? `ABORT ${known(second)}` : `message ${code}`,
    )
    this.wake()
  }

  protected count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1)
  }

  /** Takes octets off what came. */
  protected take(size: number): Buffer {
    const taken = this.received.subarray(0, size)
    this.received = this.received.subarray(size)
    return taken
  }

  #receive(data: Buffer): void {
    this.received = Buffer.concat([this.received, data])
    try {
      while (this.readOne());
    } catch (error) {
      this.complain(error as Error)
      this.socket.destroy()
    }
    this.wake()
  }
}

function known(uri: unknown): string {
  return Object.values<unknown>(ERROR).includes(uri) ? (uri as string) : 'with a URI of somebody else'
}
