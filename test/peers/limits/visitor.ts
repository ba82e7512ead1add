import { afterEach } from 'vitest'
import { Router, type RouterOptions } from '../../../src/router.js'
import { TestClock } from '../../transports/test-clock.js'
import { frame, RawClient, TEXT, upgradeRequest } from '../../transports/websocket/raw-client.js'

export const HELLO = [1, 'realm1', { roles: { caller: {}, callee: {}, publisher: {}, subscriber: {} } }]
export const WELCOME = 2
export const ABORT = 3
export const GOODBYE = 6

const routers: Router[] = []
const visitors: Visitor[] = []

afterEach(async () => {
  for (const { client } of visitors.splice(0)) client.socket.destroy()
  for (const router of routers.splice(0)) await router.close()
})

/** Closes a router after the test, when its visitors have gone. */
export function closeAfter(router: Router): void {
  routers.push(router)
}

/** A router on a port, with a clock that the test turns. */
export async function openRouter(options: Partial<RouterOptions> = {}) {
  const clock = new TestClock()
  const router = new Router({ realms: [{ name: 'realm1' }], clock, ...options })
  routers.push(router)
  await router.listen({ port: 0 })
  return { router, clock, port: portOf(router) }
}

export function portOf({ urls }: Router): number {
  return Number(new URL(urls.at(-1) as string).port)
}

/** A client that says what it likes, over a socket. */
export class Visitor {
  #read = 0

  private constructor(readonly client: RawClient) {
    visitors.push(this)
  }

  /** Connects, with a WebSocket; `headers` are those that a proxy adds. */
  static async come(port: number, headers: readonly string[] = []): Promise<Visitor> {
    const request = upgradeRequest('wamp.2.json').replace(
      '\r\n\r\n',
      `\r\n${[...headers, ''].join('\r\n')}\r\n`,
    )
    return new Visitor(await RawClient.connect(port, request))
  }

  /** Connects, and joins the realm. */
  static async join(port: number): Promise<Visitor> {
    const visitor = await Visitor.come(port)
    visitor.say(HELLO)
    const [code] = await visitor.hears()
    if (code !== WELCOME) throw new Error(`the router said ${code} where WELCOME was hoped for`)
    return visitor
  }

  say(message: unknown): void {
    this.client.send(TEXT, JSON.stringify(message))
  }

  /** Many messages in one write. */
  sayAtOnce(messages: readonly unknown[]): void {
    this.client.socket.write(Buffer.concat(messages.map((message) => frame(TEXT, JSON.stringify(message)))))
  }

  /** The next message. */
  async hears(): Promise<unknown[]> {
    const texts = () => this.client.frames.filter(({ opcode }) => opcode === TEXT)
    await this.client.until(() => texts().length > this.#read || this.client.isClosed)
    const next = texts()[this.#read++]
    if (next === undefined) throw new Error('the router said nothing more')
    return JSON.parse(next.payload.toString())
  }

  /** The reason of the ABORT that comes next, and its sentence. */
  async aborted(): Promise<{ reason: unknown; message: unknown }> {
    const [code, details, reason] = await this.hears()
    if (code !== ABORT) throw new Error(`the router said ${code} where ABORT was due`)
    return { reason, message: (details as { message?: unknown }).message }
  }
}
