import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws'
import { TransportError, UsageError } from '../../../src/errors.js'
import { Call } from '../../../src/messages/rpc.js'
import { json } from '../../../src/serializers/json/json.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import { dialWebSocket } from '../../../src/transports/websocket/dial-native.js'
import { formats } from '../formats.js'
import { Recorder } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { transportSuite } from '../transport-suite.js'
import { TestListener } from './test-listener.js'

/** `ws` has the interface of browsers too. */
const native = { WebSocket: NodeWebSocket as unknown as typeof WebSocket }

for (const format of formats)
  transportSuite(`WebSocket of the platform with ${format.name}`, async () => {
    const listener = await TestListener.open({ serializers: [format.router()] })
    const client = await dialWebSocket(listener.url, [format.client()], native)
    const { transport: router } = await listener.next()
    return { client, router, release: () => listener.close() }
  })

const servers: { close(): unknown }[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function listen(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function openBare(onSocket: (ws: NodeWebSocket) => void, protocol?: string): Promise<string> {
  const server = createServer()
  const url = await listen(server)
  new WebSocketServer({ server, handleProtocols: (asked) => protocol ?? [...asked][0] ?? false }).on(
    'connection',
    onSocket,
  )
  return url
}

async function failure(dialing: Promise<unknown>): Promise<Error> {
  return dialing.then(
    () => expect.fail('it was reached'),
    (error) => error,
  )
}

/** A WebSocket whose other end chose what was not offered; browsers let that pass if it is nothing. */
class Unchosen extends NodeWebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols)
    Object.defineProperty(this, 'protocol', { value: '' })
  }
}

describe("dialing with the platform's WebSocket", () => {
  it('tells where it has come to', async () => {
    const url = await openBare(() => {})
    const transport = await dialWebSocket(url, [json()], native)
    expect(transport.info).toEqual({ kind: 'websocket', address: url.slice(5), local: true })
    transport.close()
  })

  it('needs one, and a URL, and a serializer, and neither headers nor TLS options', async () => {
    const { WebSocket: platforms } = globalThis
    if (platforms === undefined)
      expect(await failure(dialWebSocket('ws://localhost', [json()]))).toBeInstanceOf(UsageError)
    for (const dialing of [
      dialWebSocket('http://localhost', [json()], native),
      dialWebSocket('ws://localhost', [], native),
      dialWebSocket('ws://localhost', [json()], { ...native, headers: { a: 'b' } }),
      dialWebSocket('ws://localhost', [json()], { ...native, tls: {} }),
    ])
      expect(await failure(dialing)).toBeInstanceOf(UsageError)
  })

  it('says what it offered when nothing was chosen', async () => {
    const url = await openBare(() => {})
    const WebSocket = Unchosen as unknown as typeof globalThis.WebSocket
    const { message } = await failure(dialWebSocket(url, [json(), msgpack()], { WebSocket }))
    expect(message).toBe(
      `cannot reach ${url}: of the subprotocols offered (wamp.2.json, wamp.2.msgpack) it chose none`,
    )
  })

  it('says that nobody answers', async () => {
    const server = createTcpServer()
    const url = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    const error = await failure(dialWebSocket(url, [json()], native))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.message).toContain(`cannot reach ${url}: `)
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('says that nobody answered in time', async () => {
    const clock = new TestClock()
    const url = await listen(createTcpServer(() => clock.pass(10_000)))
    const error = await failure(dialWebSocket(url, [json()], { ...native, clock }))
    expect(error.message).toBe(`cannot reach ${url}: no answer within 10000 ms`)
    expect(clock.alarms).toBe(0)
  })

  it('gives up when it is told to', async () => {
    const given = new AbortController()
    const url = await listen(createTcpServer(() => given.abort(new Error('stopped'))))
    const options = { ...native, signal: given.signal }
    const error = await failure(dialWebSocket(url, [json()], options))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.cause).toBe(given.signal.reason)
    expect(await failure(dialWebSocket(url, [json()], options))).toBeInstanceOf(TransportError)
  })
})

describe("a client over the platform's WebSocket", () => {
  it.each(['wamp.2.json', 'wamp.2.msgpack'])('rejects the wrong type of frame for %s', async (name) => {
    const url = await openBare((ws) => {
      if (name === 'wamp.2.json') ws.send(Buffer.from('[]'))
      else ws.send('[]')
    }, name)
    const transport = await dialWebSocket(url, [json(), msgpack()], native)
    const recorder = new Recorder()
    transport.start(recorder)
    expect((await recorder.rejection()).message).toContain(`where ${name} has`)
    transport.close()
  })

  it('is told that the connection was lost', async () => {
    const url = await openBare((ws) => ws.terminate())
    const transport = await dialWebSocket(url, [json()], native)
    const recorder = new Recorder()
    transport.start(recorder)
    expect((await recorder.closing())?.message).toBe('the connection was lost')
    transport.send(new Call(1, {}, 'com.example.f'))
    transport.close()
  })

  it('is told the code that the other end closed with', async () => {
    const url = await openBare((ws) => ws.close(1009))
    const transport = await dialWebSocket(url, [json()], native)
    const recorder = new Recorder()
    transport.start(recorder)
    expect((await recorder.closing())?.message).toBe(
      'the other end closed the connection with code 1009 (message too long)',
    )
  })
})
