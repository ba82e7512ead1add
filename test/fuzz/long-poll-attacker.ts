import { connect } from 'node:net'
import type { SerializerName } from '../../src/serializers/serializer.js'
import { formatOf } from '../serializers/six.js'
import type { Attack } from './attack.js'
import { Attacker } from './attacker.js'
import { HALF_OF_OPEN, openRequest } from './long-poll-inputs.js'
import type { Knowledge } from './render.js'
import {
  ID,
  type PostedRequest,
  postOf,
  type ReceivedResponse,
  readResponse,
  writeRequest,
} from './requests.js'

/** Statuses that the router has a reason for; among them no 500. */
const STATUSES = new Set([
  ...[
    100, 101, 200, 202, 204, 400, 403, 404, 405, 408, 409, 410, 411, 413, 414, 417, 426, 431, 501, 503, 505,
  ],
])

const FORMATS: Readonly<Record<string, SerializerName>> = {
  'application/json': 'json',
  'application/x-msgpack': 'msgpack',
  'application/cbor': 'cbor',
}

/** Ids that went around: of transports that others have, and the last one that was closed. */
const rumours = { open: [] as string[], closed: 'none' }

/**
 * Attacks on a connection of its own, over which requests go one after the other; to come to its state, and to clear away
 * what it has opened, it makes other ones.
 */
export class LongPollAttacker extends Attacker {
  #own = 'none'
  /** All that it has opened. */
  readonly #opened: string[] = []
  #isOver = false
  /** What it says goes in one request after the other. */
  #saying: Promise<void> = Promise.resolve()

  protected get knowledge(): Knowledge {
    const other = rumours.open.find((id) => id !== this.#own) ?? 'none'
    return { tally: this.tally, own: this.#own, other, closed: rumours.closed }
  }

  protected upgradeHalf(): void {
    this.socket.write(this.#written(openRequest(`wamp.2.${this.format}`)).subarray(0, HALF_OF_OPEN))
  }

  protected async upgrade(): Promise<void> {
    const { body } = await this.#ask(openRequest(`wamp.2.${this.format}`))
    this.#note(body)
    this.#own = this.#opened[0] ?? 'none'
  }

  override async reach(state: Attack['state']): Promise<void> {
    await super.reach(state)
    if (this.#own !== 'none') rumours.open.push(this.#own)
  }

  override async send(attack: Attack): Promise<void> {
    await super.send(attack)
    // So that answers come, and not only the end of the connection.
    for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve))
  }

  override async leave(ending: Attack['ending']): Promise<void> {
    try {
      await super.leave(ending)
    } finally {
      rumours.open = rumours.open.filter((id) => id !== this.#own)
      for (const id of this.#opened) await this.#close(id)
    }
  }

  protected override async hears(code: number): Promise<void> {
    let isHeard = false
    void super.hears(code).then(
      () => {
        isHeard = true
      },
      () => {},
    )
    await this.#saying
    while (!isHeard) {
      const { status, body } = await this.#ask(postOf(`${ID.own}/receive`))
      if (status === 200) this.readMessage(this.format, body)
      else if (status !== 204)
        throw new Error(`message ${code} should have come, and HTTP status ${status} did`)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  protected say(message: unknown[]): void {
    const request = postOf(`${ID.own}/send`, formatOf(this.format).write(message))
    this.#saying = this.#saying.then(async () => {
      const { status } = await this.#ask(request)
      if (status !== 202) throw new Error(`a good message was answered with HTTP status ${status}`)
    })
  }

  protected sayGoodbye(): void {
    this.socket.write(this.#written(postOf(`${ID.own}/close`)))
  }

  protected readOne(): boolean {
    if (this.#isOver) return false
    const response = readResponse(this.received)
    if (response === undefined) return false
    this.take(response.size)
    const { status, headers, body } = response
    this.count(`long-poll ${status}`)
    if (!STATUSES.has(status)) throw new Error(`the router answered with HTTP status ${status}: ${body}`)
    if (status === 101) this.#isOver = true
    const format = FORMATS[headers.get('content-type') ?? '']
    if (status !== 200 || format === undefined || body.length === 0) return true
    if (body[0] === OPENS) this.#note(body)
    else this.readMessage(format, body)
    return true
  }

  #note(body: Buffer): void {
    const { protocol, transport } = JSON.parse(body.toString()) as { protocol: unknown; transport: unknown }
    if (typeof protocol !== 'string' || typeof transport !== 'string' || transport.length !== 32)
      throw new Error(`the router has opened ${body}`)
    this.#opened.push(transport)
  }

  async #close(id: string): Promise<void> {
    const { status } = await this.#ask(postOf(`${id}/close`))
    rumours.closed = id
    if (status !== 202 && status !== 404)
      throw new Error(`to close a transport was answered with HTTP status ${status}`)
  }

  #written(request: PostedRequest): Buffer {
    return writeRequest(request, this.knowledge)
  }

  /** Makes a request over a connection of its own. */
  #ask(request: PostedRequest): Promise<ReceivedResponse> {
    const asked = this.#written({ ...request, headers: [...request.headers, 'Connection: close'] })
    return new Promise((resolve, reject) => {
      let received = Buffer.alloc(0)
      const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true }, () => socket.write(asked))
      socket.on('data', (data) => {
        received = Buffer.concat([received, data])
        const response = readResponse(received)
        if (response === undefined) return
        resolve(response)
        socket.destroy()
      })
      socket.on('error', reject)
      socket.on('close', () => reject(new Error(`a request of ${request.path} was not answered`)))
    })
  }
}

/** A dictionary of JSON; messages are lists, in every format. */
const OPENS = '{'.charCodeAt(0)
