import { createHash } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { TransportError, UsageError } from '../../../src/errors.js'
import { Call } from '../../../src/messages/rpc.js'
import { json } from '../../../src/serializers/json/json.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import { dialWebSocket } from '../../../src/transports/websocket/dial-node.js'
import { formats } from '../formats.js'
import { Recorder, turns } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { transportSuite } from '../transport-suite.js'
import { certificate, key } from './certificate.js'
import { TestListener } from './test-listener.js'

for (const format of formats)
  transportSuite(`WebSocket over ws with ${format.name}`, async () => {
    const listener = await TestListener.open({ serializers: [format.router()] })
    const client = await dialWebSocket(listener.url, [format.client()])
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

async function open(options = {}): Promise<TestListener> {
  const listener = await TestListener.open(options)
  servers.push(listener)
  return listener
}

/** A WebSocket server that takes every subprotocol and does what `onSocket` does. */
async function openBare(onSocket: (ws: import('ws').WebSocket) => void): Promise<string> {
  const server = createHttpServer()
  const url = await listen(server)
  new WebSocketServer({ server }).on('connection', onSocket)
  return url
}

async function failure(dialing: Promise<unknown>): Promise<Error> {
  return dialing.then(
    () => expect.fail('it was reached'),
    (error) => error,
  )
}

describe('dialing with ws', () => {
  it('tells where it has come to', async () => {
    const listener = await open()
    const transport = await dialWebSocket(listener.url, [json()])
    expect(transport.info).toEqual({
      kind: 'websocket',
      address: `127.0.0.1:${listener.port}`,
      local: true,
    })
    transport.close()
  })

  it('offers its subprotocols in order, and speaks the one that is chosen', async () => {
    const listener = await open()
    const transport = await dialWebSocket(listener.url, [msgpack(), json()])
    const { transport: router, request } = await listener.next()
    expect(request.headers['sec-websocket-protocol']).toBe('wamp.2.msgpack,wamp.2.json')
    const recorder = new Recorder()
    router.start(recorder)
    transport.send(new Call(1, {}, 'com.example.f'))
    expect((await recorder.messagesUpTo(1))[0]).toBeInstanceOf(Call)
    transport.close()
  })

  it('sends headers', async () => {
    const listener = await open()
    const transport = await dialWebSocket(listener.url, [json()], { headers: { 'X-Token': 'abc' } })
    expect((await listener.next()).request.headers['x-token']).toBe('abc')
    transport.close()
  })

  it('takes TLS options', async () => {
    const listener = await open()
    const server = createHttpsServer({ cert: certificate, key })
    server.on('upgrade', (request, socket, head) => listener.listener.handleUpgrade(request, socket, head))
    const url = (await listen(server)).replace('ws:', 'wss:')
    const error = await failure(dialWebSocket(url, [json()]))
    expect(error.message).toContain('self-signed certificate')
    const client = await dialWebSocket(url, [json()], { tls: { ca: certificate, servername: 'localhost' } })
    const { transport: router } = await listener.next()
    const [atClient, atRouter] = [new Recorder(), new Recorder()]
    client.start(atClient)
    router.start(atRouter)
    for (let i = 1; i <= 500; i++) {
      client.send(new Call(i, {}, 'com.example.f'))
      router.send(new Call(i, {}, 'com.example.f'))
    }
    await Promise.all([atClient.messagesUpTo(500), atRouter.messagesUpTo(500)])
    client.close()
    expect(await atRouter.closing()).toBeUndefined()
  })

  it('writes once what is sent in one turn', async () => {
    const listener = await open()
    const client = await dialWebSocket(listener.url, [json()])
    const { transport: router, socket } = await listener.next()
    const recorder = new Recorder()
    router.start(recorder)
    const chunks = vi.fn()
    socket.on('data', chunks)
    for (let i = 1; i <= 100; i++) client.send(new Call(i, {}, 'com.example.f'))
    await Promise.resolve()
    await recorder.messagesUpTo(100)
    expect(chunks).toHaveBeenCalledTimes(1)
    client.close()
  })

  it.each(['http://localhost', 'localhost:8080', 'ws://', 'ws://localhost/#part', ''])(
    'refuses %j as a URL',
    async (url) => {
      expect(await failure(dialWebSocket(url, [json()]))).toBeInstanceOf(UsageError)
    },
  )

  it('refuses to speak nothing', async () => {
    expect(await failure(dialWebSocket('ws://localhost', []))).toBeInstanceOf(UsageError)
  })

  it('says that a connection was refused, without credentials', async () => {
    const server = createServer()
    const url = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    const error = await failure(dialWebSocket(`${url.replace('//', '//me:secret@')}/ws?token=1`, [json()]))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.message).toBe(`cannot reach ${url}/ws: connection refused`)
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('says that there is no such host', async () => {
    const error = await failure(dialWebSocket('ws://host.invalid', [json()]))
    expect(error.message).toMatch(/^cannot reach ws:\/\/host\.invalid: (there is no such host|the name of)/)
  })

  it('says that nobody answered in time', async () => {
    const clock = new TestClock()
    const url = await listen(createServer(() => clock.pass(5000)))
    const error = await failure(dialWebSocket(url, [json()], { clock, handshakeTimeout: 5000 }))
    expect(error.message).toBe(`cannot reach ${url}: no answer within 5000 ms`)
    expect(clock.alarms).toBe(0)
  })

  it('gives up when it is told to', async () => {
    const given = new AbortController()
    const url = await listen(createServer(() => given.abort(new Error('stopped'))))
    const error = await failure(dialWebSocket(url, [json()], { signal: given.signal }))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.cause).toBe(given.signal.reason)
    expect(await failure(dialWebSocket(url, [json()], { signal: given.signal }))).toBeInstanceOf(
      TransportError,
    )
  })

  it('quotes what an HTTP server answers', async () => {
    const listener = await open()
    const error = await failure(
      dialWebSocket(listener.url, [msgpack()]).then((transport) => transport.close()),
    )
    expect(error.message).toBe(
      `cannot reach ${listener.url}: the server answered with HTTP status 400 Bad Request: ` +
        'None of the subprotocols asked for is spoken here, only: wamp.2.json, wamp.2.json.batched.',
    )
    const url = await listen(
      createHttpServer((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
      }),
    )
    expect((await failure(dialWebSocket(url, [json()]))).message).toBe(
      `cannot reach ${url}: the server answered with HTTP status 200 OK`,
    )
  })

  it('does not read an endless answer', async () => {
    const url = await listen(
      createHttpServer((_, response) => {
        response.writeHead(404, { 'content-type': 'text/plain' })
        response.write('x'.repeat(10_000))
      }),
    )
    const { message } = await failure(dialWebSocket(url, [json()]))
    expect(message).toContain('404 Not Found: xxx')
    expect(message.length).toBeLessThan(700)
  })

  it.each([
    ['none', ''],
    ['another', 'Sec-WebSocket-Protocol: wamp.2.cbor\r\n'],
  ])('says what it offered when the server chose %s', async (_, header) => {
    const url = await listen(
      createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', (request) => {
          const key = /sec-websocket-key: (.*)\r\n/i.exec(request.toString())?.[1]
          answerUpgrade(socket, key as string, header)
        })
      }),
    )
    const { message } = await failure(dialWebSocket(url, [json(), msgpack()]))
    expect(message).toContain('of the subprotocols offered (wamp.2.json, wamp.2.msgpack) it chose')
  })

  it('survives garbage in place of an answer', async () => {
    const url = await listen(createServer((socket) => socket.end('garbage\r\n\r\n')))
    expect(await failure(dialWebSocket(url, [json()]))).toBeInstanceOf(TransportError)
    const other = await listen(createServer((socket) => socket.resetAndDestroy()))
    expect((await failure(dialWebSocket(other, [json()]))).message).toContain('reset')
  })
})

describe('a client over ws', () => {
  it('is told that the connection was lost', async () => {
    const url = await openBare((ws) => ws.terminate())
    const transport = await dialWebSocket(url, [json()])
    const recorder = new Recorder()
    transport.start(recorder)
    expect((await recorder.closing())?.message).toBe('the connection was lost')
    transport.send(new Call(1, {}, 'com.example.f'))
    transport.close()
    await turns(3)
    expect(recorder.order).toEqual(['closing'])
  })

  it('is told why, where the platform knows', async () => {
    const listener = await open()
    const transport = await dialWebSocket(listener.url, [json()])
    const recorder = new Recorder()
    transport.start(recorder)
    const { socket } = await listener.next()
    socket.resetAndDestroy()
    const error = await recorder.closing()
    expect(error?.message).toContain('the connection was lost (read ECONNRESET)')
    expect(error?.cause).toMatchObject({ code: 'ECONNRESET' })
  })

  it('is told the code that the other end closed with', async () => {
    const url = await openBare((ws) => ws.close(1011, 'out of memory'))
    const transport = await dialWebSocket(url, [json()])
    const recorder = new Recorder()
    transport.start(recorder)
    expect((await recorder.closing())?.message).toBe(
      'the other end closed the connection with code 1011 (internal error: out of memory)',
    )
  })

  it('rejects the wrong type of frame, and stays open', async () => {
    const url = await openBare((ws) => {
      ws.send(Buffer.from('[48]'))
      ws.send('[1, 2')
      ws.send(JSON.stringify(['x']))
      ws.send(JSON.stringify(new Call(1, {}, 'com.example.f').head()))
    })
    const transport = await dialWebSocket(url, [json()])
    const recorder = new Recorder()
    transport.start(recorder)
    await recorder.messagesUpTo(1)
    expect(recorder.order).toEqual(['rejection', 'rejection', 'rejection', 'message'])
    expect(recorder.rejections[0]?.message).toBe('a binary frame came where wamp.2.json has text frames')
    transport.close()
  })

  it('rejects a message that is too long, and is closed', async () => {
    let closed = (_code: number) => {}
    const code = new Promise<number>((resolve) => {
      closed = resolve
    })
    const url = await openBare((ws) => {
      ws.on('close', closed)
      ws.send('x'.repeat(2000))
    })
    const transport = await dialWebSocket(url, [json()], { maxMessageSize: 1000 })
    const recorder = new Recorder()
    transport.start(recorder)
    expect((await recorder.rejection()).message).toBe('a message came that is longer than 1000 bytes')
    expect((await recorder.closing())?.message).toContain('longer than 1000 bytes')
    expect(recorder.order).toEqual(['rejection', 'closing'])
    expect(await code).toBe(1009)
  })

  it('pings, and gives a silent connection up after two heartbeats', async () => {
    const clock = new TestClock()
    const pings = vi.fn()
    let pinged = () => {}
    const url = await openBare((ws) => {
      ws.on('ping', () => {
        pings()
        pinged()
      })
    })
    const transport = await dialWebSocket(url, [json()], { clock, heartbeat: 1000 })
    const recorder = new Recorder()
    transport.start(recorder)
    const ping = () =>
      new Promise<void>((resolve) => {
        pinged = resolve
        clock.pass(1000)
      })
    for (let i = 0; i < 5; i++) {
      await ping()
      // The answer is on its way.
      await turns(3)
    }
    expect(recorder.order).toEqual([])
    clock.pass(1000)
    clock.pass(1000)
    clock.pass(1000)
    expect((await recorder.closing())?.message).toBe('the connection was lost: nothing came for 2000 ms')
    expect(clock.alarms).toBe(0)
  })

  it('does not ping where it is asked not to', async () => {
    const clock = new TestClock()
    const listener = await open()
    const transport = await dialWebSocket(listener.url, [json()], { clock, heartbeat: 0 })
    expect(clock.alarms).toBe(0)
    transport.close()
  })
})

function answerUpgrade(socket: Socket, key: string, header: string): void {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n${header}\r\n`,
  )
}
