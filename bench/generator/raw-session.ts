import { ErrorMessage } from '../../src/messages/error-message.js'
import type { Message } from '../../src/messages/message.js'
import { Subscribe, Subscribed } from '../../src/messages/pubsub.js'
import { Call, Register, Registered, Result } from '../../src/messages/rpc.js'
import { Abort, Goodbye, Hello, Welcome } from '../../src/messages/session-lifecycle.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { CLOSE, type MatchPolicy } from '../../src/uris.js'
import { type Address, Connection } from './connection.js'

export const serializers = { json: json(), msgpack: msgpack(), cbor: cbor() } as const

export type WampFormat = keyof typeof serializers

export const REALM = 'realm1'

/** How many requests of a series are on their way at once. */
const SERIES = 500

type Waiting = (message: Message) => void

/**
 * A session that speaks WAMP only as long as it is set up: it joins, registers, subscribes. Then a load takes over its
 * connection, and goes on counting from `requestId`.
 */
export class RawSession {
  requestId = 0
  #waiting = new Map<number, Waiting>()
  #onGreeting: Waiting | undefined
  #onGoodbye: (() => void) | undefined

  private constructor(
    readonly connection: Connection,
    private readonly format: WampFormat,
  ) {
    this.listen()
  }

  /** @throws Error if there is no WELCOME. */
  static async join(address: Address & { readonly format: WampFormat }): Promise<RawSession> {
    const session = new RawSession(await Connection.open(address), address.format)
    const roles = { caller: {}, callee: {}, publisher: {}, subscriber: {} }
    const greeting = await new Promise<Message>((resolve, reject) => {
      session.#onGreeting = resolve
      session.connection.onEnd = (reason) => reject(new Error(`no session: ${reason}`))
      session.#send(new Hello(REALM, { roles, authmethods: ['anonymous'] }))
    })
    if (!(greeting instanceof Welcome)) throw new Error(`no session: ${describe(greeting)}`)
    session.connection.onEnd = () => {}
    return session
  }

  /** Takes the connection back from a load. */
  listen(): void {
    this.connection.receiver = { frame: (octets, at, length) => this.#frame(octets, at, length) }
  }

  async register(procedure: string, match: MatchPolicy = 'exact'): Promise<void> {
    await this.#request((id) => new Register(id, match === 'exact' ? {} : { match }, procedure))
  }

  async subscribe(topic: string, match: MatchPolicy = 'exact'): Promise<void> {
    await this.#request((id) => new Subscribe(id, match === 'exact' ? {} : { match }, topic))
  }

  /** Does the same for each of so many, with several requests on their way at once. */
  async each(count: number, request: (index: number) => Promise<void>): Promise<void> {
    let next = 0
    const work = async () => {
      while (next < count) await request(next++)
    }
    await Promise.all(Array.from({ length: Math.min(SERIES, count) }, work))
  }

  /** @returns the only value of the result. */
  async call(procedure: string): Promise<unknown> {
    const result = await this.#request((id) => new Call(id, {}, procedure))
    return result instanceof Result ? result.payload.args[0] : undefined
  }

  /** Says GOODBYE, and resolves when it is answered. */
  async leave(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onGoodbye = resolve
      this.#send(new Goodbye({}, CLOSE.realm))
    })
    this.connection.close()
  }

  #request(make: (id: number) => Message): Promise<Message> {
    const id = ++this.requestId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (reply) => {
        if (reply instanceof ErrorMessage) reject(new Error(describe(reply)))
        else resolve(reply)
      })
      this.#send(make(id))
    })
  }

  #send(message: Message): void {
    this.connection.send(serializers[this.format].encode(message))
  }

  #frame(octets: Buffer, at: number, length: number): void {
    const message = serializers[this.format].decode(Buffer.from(octets.subarray(at, at + length)))
    if (message instanceof Welcome || message instanceof Abort) this.#onGreeting?.(message)
    else if (message instanceof Goodbye) this.#onGoodbye?.()
    else if (
      message instanceof Registered ||
      message instanceof Subscribed ||
      message instanceof Result ||
      message instanceof ErrorMessage
    ) {
      const reply = this.#waiting.get(message.requestId)
      this.#waiting.delete(message.requestId)
      reply?.(message)
    }
  }
}

function describe(message: Message): string {
  return JSON.stringify(message.head())
}
