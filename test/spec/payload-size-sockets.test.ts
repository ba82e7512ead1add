/** Messages that are longer than the other end takes, over WebSockets. */
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { Client, type ClientOptions } from '../../src/index.js'
import { Router, type RouterOptions } from '../../src/router.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { dialWebSocket as dialNative } from '../../src/transports/websocket/dial-native.js'
import { ERROR } from '../../src/uris.js'
import { RawClient, TEXT, upgradeRequest } from '../transports/websocket/raw-client.js'

const KIB = 1024
const LIMIT = 32 * KIB
const PROCEDURE = 'com.example.echo'
const TOPIC = 'com.example.t'
const LONG = 'x'.repeat(40 * KIB)
const REFUSAL = { name: 'ApplicationError', uri: ERROR.payloadSizeExceeded }

const open: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function listening(options: Partial<RouterOptions> = {}) {
  const router = await new Router({ realms: [{ name: 'realm1' }], ...options }).listen({ port: 0 })
  open.push(router)
  return { router, url: router.urls[0] as string }
}

/** A client, and the sessions that it had: one, if nothing happened to its connection. */
async function joined(url: string, options: Partial<ClientOptions> = {}) {
  const client = new Client({ url, realm: 'realm1', ...options })
  let sessions = 0
  client.on('join', () => sessions++)
  await client.start()
  open.push({ close: () => client.stop() })
  return { client, sessions: () => sessions }
}

const small = { connection: { maxMessageSize: LIMIT } }

for (const [name, serializers] of [
  ['json', [json()]],
  ['msgpack', [msgpack()]],
] as const)
  describe(`a message over a WebSocket (${name})`, () => {
    it('that is too long for the router fails alone: CALL, PUBLISH, YIELD', async () => {
      const { url } = await listening({ maxMessageSize: LIMIT })
      const callee = await joined(url, { serializers })
      const caller = await joined(url, { serializers })
      await callee.client.register(PROCEDURE, (value: unknown) => (value === 'long' ? LONG : value))
      await expect(caller.client.call(PROCEDURE, [LONG])).rejects.toMatchObject(REFUSAL)
      await expect(caller.client.publish(TOPIC, [LONG])).rejects.toMatchObject(REFUSAL)
      await expect(
        caller.client.publish(TOPIC, [LONG], undefined, { acknowledge: true }),
      ).rejects.toMatchObject(REFUSAL)
      await expect(caller.client.call(PROCEDURE, ['long'])).rejects.toMatchObject(REFUSAL)
      const longest = 'x'.repeat(LIMIT - 200)
      expect(await caller.client.call(PROCEDURE, [longest])).toBe(longest)
      expect([callee.sessions(), caller.sessions()]).toEqual([1, 1])
    })

    it('that is too long for the callee, or for the caller, fails the call alone', async () => {
      const { url } = await listening()
      const normal = await joined(url, { serializers })
      const limited = await joined(url, { serializers, ...small })
      await limited.client.register(PROCEDURE, (value: unknown) => value)
      await normal.client.register(`${PROCEDURE}.long`, () => LONG)
      await expect(normal.client.call(PROCEDURE, [LONG])).rejects.toMatchObject(REFUSAL)
      await expect(limited.client.call(`${PROCEDURE}.long`)).rejects.toMatchObject(REFUSAL)
      expect(await normal.client.call(PROCEDURE, ['alive'])).toBe('alive')
      expect(await normal.client.call(`${PROCEDURE}.long`)).toBe(LONG)
      expect([normal.sessions(), limited.sessions()]).toEqual([1, 1])
    })

    it('that is an EVENT reaches those who take it', async () => {
      const { url, router } = await listening()
      const publisher = await joined(url, { serializers })
      const normal = await joined(url, { serializers })
      const limited = await joined(url, { serializers, ...small })
      const events: string[] = []
      const streams = Object.entries({ normal, limited }).map(async ([who, { client }]) => {
        const stream = await client.subscribe(TOPIC)
        return async () => {
          for await (const { args } of stream) {
            events.push(`${who} ${String(args[0]).length}`)
            if (args[0] === 'end') return
          }
        }
      })
      const reading = (await Promise.all(streams)).map((read) => read())
      await publisher.client.publish(TOPIC, [LONG])
      await publisher.client.publish(TOPIC, ['end'])
      await Promise.all(reading)
      expect(events.sort()).toEqual(['limited 3', `normal ${LONG.length}`, 'normal 3'].sort())
      expect(router.realms.get('realm1')?.broker.counters.eventsTooLong).toBe(1)
      expect(limited.sessions()).toBe(1)
    })
  })

describe('the limits of two ends of a WebSocket', () => {
  it('are announced in HELLO and WELCOME', async () => {
    const { url } = await listening({ maxMessageSize: 100_000 })
    const { client } = await joined(url)
    expect(client.session?.details._max_message_size).toBe(100_000)
    const byDefault = await joined((await listening()).url)
    expect(byDefault.client.session?.details._max_message_size).toBe(16 * KIB * KIB)
    const hello = await helloOf((url) => new Client({ url, realm: 'realm1' }))
    expect(hello._max_message_size).toBe(16 * KIB * KIB)
    const limited = await helloOf((url) => new Client({ url, realm: 'realm1', ...small }))
    expect(limited._max_message_size).toBe(LIMIT)
  })

  it('are those of each session: the next one on a connection may announce another', async () => {
    const { url } = await listening()
    const { client: publisher } = await joined(url)
    const raw = await RawClient.connect(Number(new URL(url).port), upgradeRequest('wamp.2.json'))
    open.push({ close: () => void raw.socket.destroy() })
    const say = (message: unknown) => raw.send(TEXT, JSON.stringify(message))
    const hears = async (count: number) =>
      (await raw.framesUpTo(count)).map(({ payload }) => JSON.parse(payload.toString())[0])
    const details = { roles: { subscriber: {} } }
    say([1, 'realm1', { ...details, _max_message_size: 1000 }])
    say([32, 1, {}, TOPIC])
    await hears(2)
    await publisher.publish(TOPIC, [LONG], undefined, { acknowledge: true })
    say([6, {}, 'wamp.close.close_realm'])
    say([1, 'realm1', details])
    say([32, 1, {}, TOPIC])
    expect(await hears(5)).toEqual([2, 33, 6, 2, 33])
    await publisher.publish(TOPIC, [LONG])
    expect(await hears(6)).toEqual([2, 33, 6, 2, 33, 36])
  })

  it('are not there for one that announces nothing', async () => {
    const { url } = await listening()
    const { client: publisher } = await joined(url)
    const raw = await RawClient.connect(Number(new URL(url).port), upgradeRequest('wamp.2.json'))
    open.push({ close: () => void raw.socket.destroy() })
    raw.send(TEXT, JSON.stringify([1, 'realm1', { roles: { subscriber: {} } }]))
    raw.send(TEXT, JSON.stringify([32, 1, {}, TOPIC]))
    await raw.framesUpTo(2)
    await publisher.publish(TOPIC, ['x'.repeat(1024 * KIB)])
    await raw.framesUpTo(3)
    expect(raw.frames[2]?.payload.length).toBeGreaterThan(1024 * KIB)
  })

  it('are obeyed by a client on the WebSocket of the platform, which announces none', async () => {
    const { WebSocket } = await import('ws')
    const { url } = await listening({ maxMessageSize: LIMIT })
    const transport = () => dialNative(url, [json()], { WebSocket: WebSocket as never })
    const { client, sessions } = await joined('', { transport, url: undefined } as never)
    await client.register(PROCEDURE, (value: unknown) => value)
    await expect(client.call(PROCEDURE, [LONG])).rejects.toMatchObject(REFUSAL)
    expect(await client.call(PROCEDURE, ['alive'])).toBe('alive')
    expect(sessions()).toBe(1)
    const hello = await helloOf(
      (url) =>
        new Client({
          realm: 'realm1',
          transport: () => dialNative(url, [json()], { WebSocket: WebSocket as never }),
        }),
    )
    expect(hello).not.toHaveProperty('_max_message_size')
  })
})

/** The details of the HELLO that a client says, to a server that only listens. */
async function helloOf(make: (url: string) => Client): Promise<Record<string, unknown>> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const hello = new Promise<string>((resolve) => {
    server.once('connection', (ws) => ws.once('message', (data) => resolve(String(data))))
  })
  const client = make(`ws://127.0.0.1:${port}`)
  const started = client.start().catch(() => {})
  const [, , details] = JSON.parse(await hello)
  for (const ws of server.clients) ws.terminate()
  server.close()
  await client.stop()
  await started
  return details
}
