/** What becomes of clients that read too slowly, over sockets. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Client } from '../../src/index.js'
import { silentLogger } from '../../src/logger.js'
import type { Message } from '../../src/messages/message.js'
import { Payload } from '../../src/messages/payload.js'
import { Publish, Subscribe } from '../../src/messages/pubsub.js'
import { Register } from '../../src/messages/rpc.js'
import { Hello } from '../../src/messages/session-lifecycle.js'
import { anonymous, Router, type RouterOptions } from '../../src/router.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import type { Serializer } from '../../src/serializers/serializer.js'
import { turns } from '../transports/recorder.js'
import { TestClock } from '../transports/test-clock.js'
import {
  BINARY,
  PING,
  PONG,
  RawClient as RawSocketClient,
  TEXT,
  upgradeRequest,
} from '../transports/websocket/raw-client.js'
import { RawClient, ROLES } from './raw-client.js'

const KIB = 1024
const MIB = 1024 * KIB
const TOPIC = 'com.example.t'
const PROCEDURE = 'com.example.p'

const open: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function listening(options: Partial<RouterOptions>) {
  const warn = vi.fn()
  const info = vi.fn()
  const logger = { ...silentLogger, warn, info }
  // Without heartbeats, but where a test is about them: the tests count frames.
  const realms = [{ name: 'realm1' }]
  const router = new Router({ realms, logger, closeTimeout: 50, heartbeat: 0, ...options })
  await router.listen({ port: 0 })
  open.push(router)
  return { router, url: router.urls[0] as string, warn, info }
}

async function joined(url: string, serializer: Serializer): Promise<Client> {
  const client = new Client({ url, realm: 'realm1', serializers: [serializer] })
  await client.start()
  open.push({ close: () => client.stop() })
  return client
}

/** A client that reads when it is told to. */
class Reader {
  readonly raw: RawSocketClient
  readonly #serializer: Serializer
  #requests = 0

  private constructor(raw: RawSocketClient, serializer: Serializer) {
    this.raw = raw
    this.#serializer = serializer
  }

  static async join(url: string, serializer: Serializer = json()): Promise<Reader> {
    const raw = await RawSocketClient.connect(
      Number(new URL(url).port),
      upgradeRequest(`wamp.2.${serializer.name}`),
    )
    open.push({ close: () => raw.socket.destroy() })
    const reader = new Reader(raw, serializer)
    await reader.asks(new Hello('realm1', { roles: ROLES }))
    return reader
  }

  say(message: Message): void {
    this.raw.send(this.#serializer.binary ? BINARY : TEXT, Buffer.from(this.#serializer.encode(message)))
  }

  /** Says something, and waits for the answer. */
  async asks(message: Message): Promise<void> {
    const { length } = this.raw.frames
    this.say(message)
    await this.raw.framesUpTo(length + 1)
  }

  subscribe(): Promise<void> {
    return this.asks(new Subscribe(++this.#requests, {}, TOPIC))
  }

  register(): Promise<void> {
    return this.asks(new Register(++this.#requests, {}, PROCEDURE))
  }

  publish(number: number, length: number, options = {}): void {
    this.say(new Publish(++this.#requests, options, TOPIC, new Payload([number, 'x'.repeat(length)])))
  }

  /** Reads no more. */
  stall(): void {
    this.raw.socket.pause()
  }

  read(): void {
    this.raw.socket.resume()
  }

  messages(): unknown[][] {
    return this.raw.frames
      .filter(({ opcode }) => opcode === TEXT || opcode === BINARY)
      .map(({ payload }) => JSON.parse(payload.toString()))
  }

  /** The numbers of the events and invocations that have come, in order. */
  numbers(): number[] {
    return this.messages().flatMap(([code, , , , args]) =>
      code === 36 || code === 68 ? [(args as number[])[0] as number] : [],
    )
  }
}

/** Lets everything go on until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turns()
}

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('a router that drops the oldest events', () => {
  it('keeps to its memory while 256 MB go to one who never reads, and nobody else loses anything', async () => {
    const { url, router } = await listening({ slowConsumers: 'drop-oldest', sendBufferLimit: 8 * MIB })
    const slow = await Reader.join(url, msgpack())
    await slow.subscribe()
    slow.stall()
    const [publisher, subscriber] = [await joined(url, msgpack()), await joined(url, msgpack())]
    let octets = 0
    const numbers: number[] = []
    await subscriber.subscribe(TOPIC, (number: number, data: Uint8Array) => {
      numbers.push(number)
      octets += data.length
    })
    const data = new Uint8Array(256 * KIB)
    const chunks = 64
    const chunk = 16
    const { rss } = process.memoryUsage()
    let most = 0
    for (let i = 0; i < chunks; i++) {
      const last = await Promise.all(
        count(1, chunk).map((n) =>
          publisher.publish(TOPIC, [i * chunk + n, data], {}, { acknowledge: true }),
        ),
      )
      expect(last.length).toBe(chunk)
      await until(() => numbers.length === (i + 1) * chunk)
      most = Math.max(most, process.memoryUsage().rss)
    }
    expect(octets).toBe(256 * MIB)
    expect(numbers).toEqual(count(1, chunks * chunk))
    expect(most - rss).toBeLessThan(200 * MIB)
    expect(router.counters.eventsDropped).toBeGreaterThan(chunks * chunk * 0.9)
    expect(router.counters.slowConsumersDropped).toBe(0)
    expect(slow.raw.isClosed).toBe(false)
  })

  it('keeps the order, the newest events and all other messages, and says so twice', async () => {
    const { url, router, warn, info } = await listening({
      slowConsumers: 'drop-oldest',
      sendBufferLimit: 4 * MIB,
    })
    const slow = await Reader.join(url)
    await slow.subscribe()
    await slow.register()
    slow.stall()
    const client = await joined(url, json())
    const text = 'x'.repeat(32 * KIB)
    const calls: Promise<unknown>[] = []
    let number = 0
    // The kernel takes some millions before anything waits here.
    while (router.counters.eventsDropped < 200) {
      number++
      if (number % 50 === 0) calls.push(client.call(PROCEDURE, [number]).catch(() => {}))
      else await client.publish(TOPIC, [number, text], undefined, { acknowledge: number % 10 === 0 })
    }
    slow.read()
    await until(() => slow.numbers().at(-1) === number)
    const numbers = slow.numbers()
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(numbers.filter((one) => one % 50 === 0)).toEqual(count(1, calls.length).map((one) => one * 50))
    expect(numbers.length).toBe(number - router.counters.eventsDropped)
    // What is missing lies in one piece, before the newest.
    const missing = count(1, number).filter((one) => !numbers.includes(one))
    const between = count(missing[0] as number, missing.at(-1) as number)
    expect(missing).toEqual(between.filter((one) => one % 50 !== 0))
    await until(() => info.mock.calls.length > 0)
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^127\.0\.0\.1:\d+ reads too slowly: the oldest events that wait for it are dropped$/,
        ),
      ],
    ])
    const dropped = `has caught up: ${router.counters.eventsDropped} events were dropped`
    expect(info.mock.calls).toEqual([[expect.stringContaining(dropped)]])
  })

  it('ends the connection for which other messages wait, too many of them', async () => {
    const { url, router } = await listening({ slowConsumers: 'drop-oldest', sendBufferLimit: MIB })
    const slow = await Reader.join(url)
    await slow.register()
    slow.stall()
    const client = await joined(url, json())
    const text = 'x'.repeat(64 * KIB)
    const calls: Promise<unknown>[] = []
    while (router.counters.slowConsumersDropped === 0) {
      calls.push(client.call(PROCEDURE, [1, text]).catch(({ uri }) => uri))
      await turns()
    }
    slow.read()
    await slow.raw.closed()
    // The last one may have come when the procedure was gone.
    expect((await Promise.all(calls)).slice(0, -1).every((uri) => uri === 'wamp.error.canceled')).toBe(true)
    expect(router.counters.eventsDropped).toBe(0)
  })

  it('says GOODBYE after all that waits', async () => {
    const { url, router } = await listening({ slowConsumers: 'drop-oldest', sendBufferLimit: 8 * MIB })
    const slow = await Reader.join(url)
    await slow.subscribe()
    slow.stall()
    const client = await joined(url, json())
    const text = 'x'.repeat(64 * KIB)
    for (let i = 1; i <= 200; i++) await client.publish(TOPIC, [i, text], {}, { acknowledge: true })
    await client.stop()
    const closed = router.close()
    slow.read()
    expect(await slow.raw.closeCode()).toBe(1000)
    slow.raw.socket.destroy()
    await closed
    const numbers = slow.numbers()
    expect(numbers.length).toBe(200 - router.counters.eventsDropped)
    expect(numbers.at(-1)).toBe(200)
    expect(slow.messages().at(-1)?.[0]).toBe(6)
  })

  it('notices that one who reads slowly is alive, though it says nothing', async () => {
    const clock = new TestClock()
    const heartbeat = 16_000
    const options = { slowConsumers: 'drop-oldest' as const, sendBufferLimit: 64 * MIB, clock, heartbeat }
    const { url, router } = await listening(options)
    const slow = await Reader.join(url)
    await slow.subscribe()
    slow.stall()
    const client = await joined(url, json())
    const text = 'x'.repeat(512 * KIB)
    for (let i = 1; i <= 64; i++) await client.publish(TOPIC, [i, text], {}, { acknowledge: true })
    for (let beat = 1; beat <= 5; beat++) {
      const read = slow.raw.frames.length
      slow.read()
      await until(() => slow.raw.frames.length >= read + 10)
      slow.stall()
      clock.pass(heartbeat)
      await turns(3)
      expect(slow.raw.isClosed).toBe(false)
    }
    for (let beat = 1; beat <= 4; beat++) {
      clock.pass(heartbeat)
      await turns(3)
    }
    expect(router.counters.lost).toBe(1)
  })
})

describe('a router that pauses publishers', () => {
  const policy = { slowConsumers: 'pause-publisher', sendBufferLimit: 4 * MIB } as const

  /** A subscriber that reads nothing, and a publisher that has been paused because of that. */
  async function paused(options: Partial<RouterOptions> = {}) {
    const all = await listening({ ...policy, ...options })
    const { router, url } = all
    const slow = await Reader.join(url)
    await slow.subscribe()
    slow.stall()
    const publisher = await Reader.join(url)
    let last = 0
    const publish = () => publisher.publish(++last, 32 * KIB)
    while (router.counters.publishersPaused === 0) {
      publish()
      await turns()
    }
    return { ...all, slow, publisher, publish, published: () => last }
  }

  it('reads no more from the publisher until the subscriber has read, and loses nothing', async () => {
    const { router, slow, publisher, publish, published, warn, info } = await paused()
    // 64 MB more than the router takes: they stay where they are.
    const before = process.memoryUsage().rss
    for (let i = 0; i < 2000; i++) publish()
    await turns(200)
    const waiting = publisher.raw.socket.writableLength
    expect(waiting).toBeGreaterThan(40 * MIB)
    await turns(200)
    expect(publisher.raw.socket.writableLength).toBe(waiting)
    expect(router.counters.publishersPaused).toBe(1)
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * MIB)
    slow.read()
    await until(() => slow.raw.frames.length === published() + 2)
    expect(slow.numbers()).toEqual(count(1, published()))
    await until(() => info.mock.calls.length > 0)
    expect(warn.mock.calls[0]).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+ reads too slowly: those who send to it are paused$/),
    ])
    expect(info.mock.calls[0]).toEqual([expect.stringMatching(/has caught up: nobody waits for it$/)])
    expect(router.counters).toMatchObject({ slowConsumersDropped: 0, eventsDropped: 0 })
  })

  it('serves everybody else in the meantime', async () => {
    const { url, publisher, publish } = await paused()
    // More than the kernel takes for the two ends of a connection.
    for (let i = 0; i < 1000; i++) publish()
    const [one, other] = [await joined(url, json()), await joined(url, json())]
    await one.register(PROCEDURE, (value: unknown) => value)
    expect(await other.call(PROCEDURE, ['alive'])).toBe('alive')
    expect(publisher.raw.socket.writableLength).toBeGreaterThan(0)
  })

  it('reads again when the subscriber is gone', async () => {
    const { router, publisher, publish, slow } = await paused()
    for (let i = 0; i < 500; i++) publish()
    await turns(50)
    expect(publisher.raw.socket.writableLength).toBeGreaterThan(0)
    slow.raw.socket.resetAndDestroy()
    await until(() => publisher.raw.socket.writableLength === 0)
    await publisher.register()
    expect(router.counters.publishersPaused).toBe(1)
  })

  it('forgets a publisher that goes', async () => {
    const { slow, publisher, published } = await paused()
    publisher.raw.socket.destroy()
    slow.read()
    await until(() => slow.raw.frames.length === published() + 2)
  })

  it('ends the connection beyond the limit all the same: of what nobody says who can be paused', async () => {
    const { router, url } = await listening(policy)
    const slow = await Reader.join(url)
    await slow.subscribe()
    slow.stall()
    const unpausable = RawClient.join(router)
    const text = 'x'.repeat(64 * KIB)
    while (router.counters.slowConsumersDropped === 0) {
      unpausable.publish(TOPIC, [1, text])
      await turns()
    }
    expect(router.counters.publishersPaused).toBe(0)
    slow.read()
    await slow.raw.closed()
  })

  it('pauses a client of its own process as well', async () => {
    const { router, url } = await listening(policy)
    const slow = await Reader.join(url)
    await slow.subscribe()
    slow.stall()
    const inside = new Client({ router, realm: 'realm1' })
    await inside.start()
    open.push({ close: () => inside.stop() })
    const text = 'x'.repeat(64 * KIB)
    let [last, acknowledged] = [0, 0]
    const publish = async () => {
      await inside.publish(TOPIC, [++last, text], {}, { acknowledge: true })
      acknowledged++
    }
    const published: Promise<void>[] = []
    while (router.counters.publishersPaused === 0) {
      published.push(publish())
      await turns()
    }
    // Much more than its subscriber may have waiting.
    for (let i = 0; i < 200; i++) published.push(publish())
    await turns(20)
    expect(acknowledged).toBeLessThan(last - 190)
    slow.read()
    await Promise.all(published)
    await until(() => slow.raw.frames.length === last + 2)
    expect(slow.numbers()).toEqual(count(1, last))
    expect(router.counters.slowConsumersDropped).toBe(0)
  })

  it('pauses one whose publications had to wait for an authorizer', async () => {
    const authorizer = { authorize: async () => ({ allow: true }) }
    const realms = [{ name: 'realm1', auth: [anonymous()], authorizer }]
    const { router, slow, publisher, publish, published } = await paused({ realms })
    for (let i = 0; i < 1000; i++) publish()
    await turns(200)
    expect(publisher.raw.socket.writableLength).toBeGreaterThan(8 * MIB)
    slow.read()
    await until(() => slow.raw.frames.length === published() + 2)
    expect(slow.numbers()).toEqual(count(1, published()))
    expect(router.counters).toMatchObject({ slowConsumersDropped: 0, eventsDropped: 0 })
  })

  it('does not keep one from reading who publishes to itself', async () => {
    const { router, url } = await listening(policy)
    const self = await Reader.join(url)
    await self.subscribe()
    self.stall()
    let last = 0
    while (router.counters.publishersPaused === 0) {
      self.publish(++last, 32 * KIB, { exclude_me: false })
      await turns()
    }
    for (let i = 0; i < 1000; i++) self.publish(++last, 32 * KIB, { exclude_me: false })
    await turns(100)
    expect(self.raw.socket.writableLength).toBeGreaterThan(0)
    self.read()
    await until(() => self.raw.frames.length === last + 2)
    expect(self.numbers()).toEqual(count(1, last))
  })

  it('does not keep two from reading who publish to each other', async () => {
    const { router, url } = await listening(policy)
    const both = [await Reader.join(url), await Reader.join(url)]
    for (const one of both) {
      await one.subscribe()
      one.stall()
    }
    let last = 0
    const publish = () => {
      last++
      for (const one of both) one.publish(last, 32 * KIB, { acknowledge: true })
    }
    while (router.counters.publishersPaused < 2) {
      publish()
      await turns()
    }
    for (let i = 0; i < 500; i++) publish()
    await turns(100)
    for (const one of both) {
      expect(one.raw.socket.writableLength).toBeGreaterThan(0)
      one.read()
    }
    // Each has its acknowledgments, and the other's events.
    await until(() => both.every(({ raw }) => raw.frames.length === 2 * last + 2))
    for (const one of both) expect(one.numbers()).toEqual(count(1, last))
  })

  const heartbeat = 16_000

  it('keeps the heart of the paused beating, while it answers', async () => {
    const clock = new TestClock()
    const { slow, publisher, publish, router } = await paused({ clock, heartbeat })
    for (let i = 0; i < 300; i++) publish()
    await turns(50)
    for (let beat = 1; beat <= 6; beat++) {
      // The subscriber reads nothing, but says something.
      slow.raw.send(PONG, '')
      await turns(5)
      const { length } = publisher.raw.frames
      clock.pass(heartbeat)
      await publisher.raw.framesUpTo(length + 1)
      expect(publisher.raw.frames.at(-1)?.opcode).toBe(PING)
      await turns(5)
    }
    expect(publisher.raw.socket.writableLength).toBeGreaterThan(0)
    expect(router.counters.lost).toBe(0)
    // Little of what it says is read for that: less than the subscriber's limit allows.
    expect(router.counters.slowConsumersDropped).toBe(0)
  })

  it('finds a paused one dead that says nothing any more', async () => {
    const clock = new TestClock()
    const { slow, publisher, router } = await paused({ clock, heartbeat })
    await turns(50)
    for (let beat = 1; !publisher.raw.isClosed && beat <= 10; beat++) {
      slow.raw.send(PONG, '')
      await turns(5)
      clock.pass(heartbeat)
      await turns(5)
    }
    await publisher.raw.closed()
    expect(router.counters.lost).toBe(1)
    expect(slow.raw.isClosed).toBe(false)
  })
})

describe('a router that disconnects slow consumers', () => {
  it('is the default', async () => {
    const { router, url } = await listening({ sendBufferLimit: MIB })
    const slow = await Reader.join(url)
    await slow.subscribe()
    slow.stall()
    const client = await joined(url, json())
    const text = 'x'.repeat(64 * KIB)
    while (router.counters.slowConsumersDropped === 0)
      await client.publish(TOPIC, [1, text], {}, { acknowledge: true })
    expect(router.counters).toMatchObject({ eventsDropped: 0, publishersPaused: 0 })
    slow.read()
    await slow.raw.closed()
  })

  it('is told when there is no such policy', () => {
    expect(() => new Router({ realms: [{ name: 'realm1' }], slowConsumers: 'drop' as never })).toThrow(
      'slowConsumers must be disconnect, drop-oldest or pause-publisher, not "drop"',
    )
  })
})
