import { Connection } from '../generator/connection.js'
import { payloadOf, type Wired, type Wiring } from './wiring.js'

/** The transport of socket.io 4 is version 4 of engine.io's protocol. */
const PATH = '/socket.io/?EIO=4&transport=websocket'

/** A client of socket.io, as far as it has to be one. */
class SocketIoSession {
  #next: ((message: string) => void) | undefined

  private constructor(readonly connection: Connection) {
    connection.receiver = {
      frame: (octets, at, length) => this.#next?.(octets.subarray(at, at + length).toString()),
    }
  }

  static async open(port: number): Promise<SocketIoSession> {
    const connection = await Connection.open({ port, framing: 'websocket', format: 'socket.io', path: PATH })
    const session = new SocketIoSession(connection)
    await session.#reply('0')
    await session.say('40', '40')
    return session
  }

  /** Says something, and waits for what begins so. */
  async say(message: string, reply: string): Promise<void> {
    const replied = this.#reply(reply)
    this.connection.send(message)
    await replied
  }

  #reply(beginning: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.connection.onEnd = (reason) => reject(new Error(reason))
      this.#next = (message) => {
        if (message.startsWith(beginning)) resolve()
      }
    })
  }
}

/** An event is `42`, the number of its acknowledgement, if there is to be one, and a list; `43` acknowledges. */
export class SocketIoWiring implements Wiring {
  constructor(private readonly port: number) {}

  async callee(size: number): Promise<Wired> {
    const { connection } = await this.#ready('register')
    return { connection, format: 'socket.io', message: `431["${payloadOf(size)}"]`, requestId: 1 }
  }

  async caller(size: number): Promise<Wired> {
    return this.#sending(`421["call","${payloadOf(size)}"]`)
  }

  async subscriber(): Promise<Connection> {
    const { connection } = await this.#ready('subscribe')
    return connection
  }

  publisher(size: number): Promise<Wired> {
    return this.#sending(`421["publish","${payloadOf(size)}"]`)
  }

  async #ready(event: string): Promise<SocketIoSession> {
    const session = await SocketIoSession.open(this.port)
    await session.say(`421["${event}"]`, '431')
    return session
  }

  async #sending(message: string): Promise<Wired> {
    const { connection } = await SocketIoSession.open(this.port)
    return { connection, format: 'socket.io', message, requestId: 1 }
  }
}
