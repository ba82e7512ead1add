import { Payload } from '../../src/messages/payload.js'
import { Publish } from '../../src/messages/pubsub.js'
import { Call, Yield } from '../../src/messages/rpc.js'
import type { MatchPolicy } from '../../src/uris.js'
import { type Address, Connection } from '../generator/connection.js'
import type { Framing } from '../generator/framing.js'
import { RawSession, serializers, type WampFormat } from '../generator/raw-session.js'
import { PROCEDURE, payloadOf, TOPIC, type Wired, type Wiring } from './wiring.js'

/** What a procedure or a topic is offered or wanted as. */
export interface Pattern {
  readonly uri: string
  readonly match: MatchPolicy
}

export interface WampWiringOptions {
  readonly port: number
  readonly framing: Framing
  /** What callers and publishers write, and what callees and subscribers do. */
  readonly format: WampFormat
  readonly farFormat?: WampFormat | undefined
  /** What is called and published to. */
  readonly procedure?: string
  readonly topic?: string
  /** What callee and subscriber ask for; the very same by default. */
  readonly served?: Pattern | undefined
}

const payload = (size: number) => new Payload([payloadOf(size)])

/** Sessions of a WAMP router. */
export class WampWiring implements Wiring {
  constructor(private readonly options: WampWiringOptions) {}

  async callee(size: number): Promise<Wired> {
    const { format, farFormat = format, procedure = PROCEDURE, served } = this.options
    const session = await this.#join(farFormat)
    await session.register(served?.uri ?? procedure, served?.match)
    return wired(session, farFormat, new Yield(1, {}, payload(size)))
  }

  async caller(size: number): Promise<Wired> {
    const { format, procedure = PROCEDURE } = this.options
    return wired(await this.#join(format), format, new Call(1, {}, procedure, payload(size)))
  }

  async subscriber(): Promise<Connection> {
    const { format, farFormat = format, topic = TOPIC, served } = this.options
    const session = await this.#join(farFormat)
    await session.subscribe(served?.uri ?? topic, served?.match)
    return session.connection
  }

  async publisher(size: number): Promise<Wired> {
    const { format, topic = TOPIC } = this.options
    return wired(await this.#join(format), format, new Publish(1, {}, topic, payload(size)))
  }

  #join(format: WampFormat): Promise<RawSession> {
    const { port, framing } = this.options
    return RawSession.join({ port, framing, format, path: '/' })
  }
}

function wired(session: RawSession, format: WampFormat, message: Call | Yield | Publish): Wired {
  return {
    connection: session.connection,
    format,
    message: serializers[format].encode(message),
    requestId: session.requestId,
  }
}

/** The same messages over a relay, where there are no sessions: the path says who a connection is. */
export class RelayWiring implements Wiring {
  constructor(private readonly options: Pick<WampWiringOptions, 'port' | 'framing' | 'format'>) {}

  callee(size: number): Promise<Wired> {
    return this.#wired('/callee', new Yield(1, {}, payload(size)))
  }

  caller(size: number): Promise<Wired> {
    return this.#wired('/caller', new Call(1, {}, PROCEDURE, payload(size)))
  }

  subscriber(): Promise<Connection> {
    return Connection.open(this.#address('/subscriber'))
  }

  publisher(size: number): Promise<Wired> {
    return this.#wired('/publisher', new Publish(1, {}, TOPIC, payload(size)))
  }

  async #wired(path: string, message: Call | Yield | Publish): Promise<Wired> {
    const { format } = this.options
    const connection = await Connection.open(this.#address(path))
    return { connection, format, message: serializers[format].encode(message), requestId: 0 }
  }

  #address(path: string): Address {
    return { ...this.options, path }
  }
}
