import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TransportError, UsageError } from '../../../src/errors.js'
import { Payload } from '../../../src/messages/payload.js'
import { Call } from '../../../src/messages/rpc.js'
import { Hello } from '../../../src/messages/session-lifecycle.js'
import { cbor } from '../../../src/serializers/cbor/cbor.js'
import { cborRelay } from '../../../src/serializers/cbor/relay.js'
import { json } from '../../../src/serializers/json/json.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import { dialRawSocket } from '../../../src/transports/rawsocket/dial.js'
import type { DialOptions } from '../../../src/transports/websocket/dial.js'
import { formats } from '../formats.js'
import { Recorder, turns } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { transportSuite } from '../transport-suite.js'
import { certificate, key } from '../websocket/certificate.js'
import { frame, MESSAGE, PING, PONG } from './raw-client.js'
import { reset } from './reset.js'
import { type Ground, listen as listenRaw, TestListener } from './test-listener.js'
import { until } from './until.js'

const trusting: DialOptions = { tls: { ca: certificate, servername: 'localhost' } }
const ACCEPTED = Buffer.of(0x7f, 0xf1, 0, 0)
const call = new Call(1, {}, 'com.example.f')

for (const ground of ['tcp', 'tls', 'unix'] satisfies Ground[])
  for (const format of formats)
    transportSuite(`RawSocket over ${ground} with ${format.name}`, async () => {
      const listener = await TestListener.open({ serializers: [format.router()] }, ground)
      const client = await dialRawSocket(listener.url, [format.client()], ground === 'tls' ? trusting : {})
      const { transport: router } = await listener.next()
      return { client, router, release: () => listener.close() }
    })

const servers: { close(): unknown }[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) await server.close()
})

async function listen(server: Server): Promise<string> {
  servers.push(server)
  server.on('connection', (socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `rs://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that says `answer` when the handshake has come, and then does `next`. */
function answering(answer: string | Buffer, next: (socket: Socket) => void = () => {}): Promise<string> {
  return listen(
    createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => {
        socket.write(answer)
        next(socket)
      })
    }),
  )
}

async function failure(dialing: Promise<unknown>): Promise<Error> {
  return dialing.then(
    () => expect.fail('it was reached'),
    (error) => error,
  )
}

/** A client of a server that does `next` after the handshake. */
async function open(next: (socket: Socket) => void, options: DialOptions = {}) {
  const transport = await dialRawSocket(await answering(ACCEPTED, next), [json()], options)
  const recorder = new Recorder()
  transport.start(recorder)
  return { transport, recorder }
}

/** All that a socket has said. */
function listening(socket: Socket): () => Buffer {
  let octets: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    octets = Buffer.concat([octets, chunk])
  })
  return () => octets
}

describe('dialing a RawSocket (transport_rawsocket.md, "Handshake")', () => {
  it('tells where it has come to', async () => {
    const listener = await listenRaw()
    const transport = await dialRawSocket(listener.url, [json()])
    expect(transport.info).toEqual({ kind: 'rawsocket', address: `127.0.0.1:${listener.port}`, local: true })
    const unix = await listenRaw({}, 'unix')
    expect((await dialRawSocket(`unix://${unix.path}`, [json()])).info).toEqual({
      kind: 'rawsocket',
      local: true,
    })
  })

  it('knows over TLS what binds the channel, as the other end does', async () => {
    const listener = await listenRaw({}, 'tls')
    const client = await dialRawSocket(listener.url, [json()], trusting)
    const { transport: router } = await listener.next()
    const [atClient, atRouter] = [client, router].map(({ info }) => info.channelBinding?.('tls-exporter'))
    expect(atClient?.length).toBe(32)
    expect(atRouter).toEqual(atClient)
  })

  it('offers its serializers in order, one for each connection', async () => {
    const listener = await listenRaw({ serializers: [cborRelay()] })
    const transport = await dialRawSocket(listener.url, [json(), msgpack(), cbor()])
    const recorder = new Recorder()
    ;(await listener.next()).transport.start(recorder)
    transport.send(call)
    await recorder.messagesUpTo(1)
    expect(listener.listener.connections.counters).toMatchObject({ accepted: 1, refused: 2 })
  })

  it('gives up when the router speaks none of them', async () => {
    const listener = await listenRaw({ serializers: [jsonRelay()] })
    const { message } = await failure(dialRawSocket(listener.url, [msgpack(), cbor()]))
    expect(message).toBe(
      `cannot reach ${listener.url}: it refused the connection: serializer unsupported (msgpack, cbor)`,
    )
  })

  it('announces its own limit, rounded down, and takes no more', async () => {
    let asked: Buffer | undefined
    const url = await listen(
      createServer((socket) =>
        socket.once('data', (octets) => {
          asked = octets
          socket.destroy()
        }),
      ),
    )
    await failure(dialRawSocket(url, [json()], { maxMessageSize: 1000 }))
    expect(asked).toEqual(Buffer.of(0x7f, 0x01, 0, 0))
    const listener = await listenRaw()
    const transport = await dialRawSocket(listener.url, [json()], { maxMessageSize: 1000 })
    const { transport: router } = await listener.next()
    transport.start(new Recorder())
    expect(() => router.send(new Call(1, {}, 'com.example.f', new Payload(['x'.repeat(500)])))).toThrow(
      'the other end takes 512 at most',
    )
  })

  it.each(['http://localhost:1', 'rs://localhost', 'localhost:8080', ''])(
    'refuses %j as a URL',
    async (url) => {
      expect(await failure(dialRawSocket(url, [json()]))).toBeInstanceOf(UsageError)
    },
  )

  it('refuses to speak nothing, and to send headers', async () => {
    expect(await failure(dialRawSocket('rs://localhost:1', []))).toBeInstanceOf(UsageError)
    const headers = { 'X-Token': 'abc' }
    expect(await failure(dialRawSocket('rs://localhost:1', [json()], { headers }))).toBeInstanceOf(UsageError)
  })

  it.each([
    [
      'an error of the specification',
      Buffer.of(0x7f, 0x40, 0, 0),
      'it refused the connection: maximum connection count reached',
    ],
    [
      'the error for lengths',
      Buffer.of(0x7f, 0x20, 0, 0),
      'it refused the connection: maximum message length unacceptable',
    ],
    ['the error for reserved bits', Buffer.of(0x7f, 0x30, 0, 0), 'use of reserved bits'],
    ['an unknown error', Buffer.of(0x7f, 0xa0, 0, 0), 'error 10, which the specification does not know'],
    ['the illegal error 0', Buffer.of(0x7f, 0, 0, 0), 'error 0, which the specification does not know'],
    [
      'another serializer',
      Buffer.of(0x7f, 0xf2, 0, 0),
      'it was asked to speak json, and answered with serializer 2',
    ],
    ['reserved bits', Buffer.of(0x7f, 0xf1, 0, 1), 'it answered with reserved bits set'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP server answers there'],
    [
      'a TLS alert',
      Buffer.of(0x15, 3, 3, 0, 2, 2, 70),
      'TLS is spoken there (the URL of such a port begins with rss:)',
    ],
    ['SSH', 'SSH-2.0-OpenSSH\r\n', 'what answers there does not speak RawSocket'],
  ])('says what is wrong when the answer is %s', async (_, answer, sentence) => {
    const url = await answering(answer)
    const error = await failure(dialRawSocket(url, [json()]))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.message).toContain(`cannot reach ${url}: `)
    expect(error.message).toContain(sentence)
  })

  it('says that a real HTTP server answers', async () => {
    const url = await listen(createHttpServer())
    expect((await failure(dialRawSocket(url, [json()]))).message).toContain('an HTTP server answers there')
  })

  it.each([
    ['nothing', ''],
    ['half of an answer', ACCEPTED.subarray(0, 2)],
  ])('says that the connection was closed after %s', async (_, answer) => {
    const url = await answering(answer, (socket) => socket.end())
    expect((await failure(dialRawSocket(url, [json()]))).message).toMatch(
      answer === '' ? /: it closed the connection without an answer$/ : /does not speak RawSocket$/,
    )
  })

  it('says that a connection was refused, or that there is no socket', async () => {
    const server = createServer()
    const url = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    const error = await failure(dialRawSocket(url, [json()]))
    expect(error.message).toBe(`cannot reach ${url}: connection refused`)
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
    expect((await failure(dialRawSocket('unix+rs:///nowhere/router.sock', [json()]))).message).toBe(
      'cannot reach unix+rs:///nowhere/router.sock: there is no such socket',
    )
  })

  it('says what is wrong with TLS', async () => {
    const secured = await listenRaw({}, 'tls')
    expect((await failure(dialRawSocket(secured.url, [json()]))).message).toMatch(
      /its certificate is of no authority that is trusted here .*tls\.ca says whom/,
    )
    expect(
      (await failure(dialRawSocket(secured.url, [json()], { tls: { ca: certificate } }))).message,
    ).toContain('its certificate is for another host')
    const plain = await listenRaw()
    expect(
      (await failure(dialRawSocket(plain.url.replace('rs:', 'rss:'), [json()], trusting))).message,
    ).toContain('or speak no TLS')
    const http = await listen(createHttpServer())
    expect((await failure(dialRawSocket(http.replace('rs:', 'rss:'), [json()], trusting))).message).toContain(
      'no TLS is spoken there (the URL of such a port begins with rs:)',
    )
  })

  it('says that nobody answered in time, and that TLS may be why', async () => {
    const clock = new TestClock()
    const url = await listen(createServer(() => clock.pass(5000)))
    const error = await failure(dialRawSocket(url, [json()], { clock, handshakeTimeout: 5000 }))
    expect(error.message).toBe(
      `cannot reach ${url}: no answer within 5000 ms (where TLS is spoken, a URL begins with rss:)`,
    )
    expect(clock.alarms).toBe(0)
  })

  it('has one time for all of its connections', async () => {
    const clock = new TestClock()
    let connections = 0
    const url = await answering(Buffer.of(0x7f, 0x10, 0, 0), () => {
      connections++
      clock.pass(2000)
    })
    const error = await failure(
      dialRawSocket(url, [json(), msgpack(), cbor()], { clock, handshakeTimeout: 5000 }),
    )
    expect([error.message, connections]).toEqual([expect.stringContaining('no answer within 5000 ms'), 3])
  })

  it('gives up when it is told to', async () => {
    const given = new AbortController()
    const url = await listen(createServer(() => given.abort(new Error('stopped'))))
    const error = await failure(dialRawSocket(url, [json()], { signal: given.signal }))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.cause).toBe(given.signal.reason)
    expect(await failure(dialRawSocket(url, [json()], { signal: given.signal }))).toBeInstanceOf(
      TransportError,
    )
  })

  it('gives up in the middle of TLS, too', async () => {
    const given = new AbortController()
    const url = await listen(createServer(() => given.abort(new Error('stopped'))))
    const error = await failure(
      dialRawSocket(url.replace('rs:', 'rss:'), [json()], { signal: given.signal, ...trusting }),
    )
    expect(error.cause).toBe(given.signal.reason)
  })

  it('survives a reset', async () => {
    const url = await listen(createServer((socket) => reset(socket)))
    expect((await failure(dialRawSocket(url, [json()]))).message).toContain('reset')
    const tls = await listen(createTlsServer({ cert: certificate, key }, (socket) => socket.destroy()))
    expect(await failure(dialRawSocket(tls.replace('rs:', 'rss:'), [json()], trusting))).toBeInstanceOf(
      TransportError,
    )
  })
})

describe('a client over RawSocket', () => {
  it('gets what came right behind the answer', async () => {
    const url = await answering(Buffer.concat([ACCEPTED, frame(MESSAGE, '[50,1,{}]')]))
    const transport = await dialRawSocket(url, [json()])
    await turns(3)
    const recorder = new Recorder()
    transport.start(recorder)
    await recorder.messagesUpTo(1)
  })

  it('is told that the connection was lost, and why', async () => {
    const { transport, recorder } = await open((socket) => socket.once('data', () => reset(socket)))
    transport.send(call)
    const error = await recorder.closing()
    expect(error?.message).toBe('the connection was lost (read ECONNRESET)')
    expect(error?.cause).toMatchObject({ code: 'ECONNRESET' })
    transport.send(call)
    transport.close()
    await turns(3)
    expect(recorder.order).toEqual(['closing'])
  })

  it('is told when a message was cut off', async () => {
    const { recorder } = await open((socket) => socket.end(frame(MESSAGE, '[50,1,{}]').subarray(0, 6)))
    expect((await recorder.closing())?.message).toBe('the connection was lost in the middle of a message')
  })

  it('rejects a frame of a reserved type, and is closed', async () => {
    const { recorder } = await open((socket) => socket.write(frame(5, '[50,1,{}]')))
    expect((await recorder.rejection()).message).toBe('a frame came of type 5, which is reserved')
    expect((await recorder.closing())?.message).toContain('which is reserved')
  })

  it('rejects a message that is longer than it has announced', async () => {
    const { recorder } = await open((socket) => socket.write(frame(MESSAGE, 'x'.repeat(513))), {
      maxMessageSize: 1000,
    })
    expect((await recorder.rejection()).message).toBe('a message came that is longer than 512 bytes')
  })

  it('sends nothing longer than the router takes', async () => {
    const url = await answering(Buffer.of(0x7f, 0x01, 0, 0))
    const transport = await dialRawSocket(url, [json()])
    const recorder = new Recorder()
    transport.start(recorder)
    expect(() => transport.send(new Call(1, {}, 'com.example.f', new Payload(['x'.repeat(500)])))).toThrow(
      /^CALL is \d+ bytes long, and the other end takes 512 at most$/,
    )
    transport.send(new Hello('realm1', { authextra: { x: 'x'.repeat(500) } }))
    expect((await recorder.closing())?.message).toMatch(/^HELLO is \d+ bytes long/)
  })

  it('writes once what is sent in one turn, and knows what waits', async () => {
    const listener = await listenRaw()
    const client = await dialRawSocket(listener.url, [json()])
    const { transport: router, socket } = await listener.next()
    const recorder = new Recorder()
    router.start(recorder)
    const chunks = vi.fn()
    socket.on('data', chunks)
    for (let i = 1; i <= 100; i++) client.send(new Call(i, {}, 'com.example.f'))
    expect(client.backlog).toBeGreaterThan(100)
    await recorder.messagesUpTo(100)
    expect(chunks).toHaveBeenCalledTimes(1)
    expect(client.backlog).toBe(0)
  })

  it('answers PINGs, and drops a router that does not read the PONGs', async () => {
    let said: () => Buffer = () => Buffer.alloc(0)
    const { recorder } = await open((socket) => {
      said = listening(socket)
      socket.write(frame(PING, 'here'))
    })
    await until(() => said().length >= 8)
    expect(said()).toEqual(frame(PONG, 'here'))
    expect(recorder.order).toEqual([])
    const flooded = await open((socket) => {
      socket.pause()
      const flood = frame(PING, 'x'.repeat(60_000))
      const more = () => {
        while (socket.writable && socket.write(flood));
      }
      socket.on('drain', more)
      more()
    })
    expect((await flooded.recorder.closing())?.message).toContain(
      'it sends PINGs, and does not read the PONGs',
    )
  })

  it('pings a router that answers, and gives a silent one up after two heartbeats', async () => {
    const clock = new TestClock()
    let said: () => Buffer = () => Buffer.alloc(0)
    let router: Socket | undefined
    const { transport, recorder } = await open(
      (socket) => {
        router = socket
        said = listening(socket)
      },
      { clock, heartbeat: 1000 },
    )
    expect(transport.hasHeartbeat).toBe(true)
    clock.pass(3000)
    await turns(3)
    // It may be one that knows no PING.
    expect(said().length).toBe(0)
    router?.write(frame(MESSAGE, '[2,1,{"_max_message_size":1024}]'))
    await recorder.messagesUpTo(1)
    for (let i = 1; i <= 5; i++) {
      clock.pass(1000)
      await until(() => said().length >= 8 * i)
      router?.write(frame(PONG, 'wamp'))
      await turns(3)
    }
    expect(said().subarray(0, 8)).toEqual(frame(PING, 'wamp'))
    expect(recorder.order).toEqual(['message'])
    clock.pass(3000)
    expect((await recorder.closing())?.message).toBe('the connection was lost: nothing came for 2000 ms')
    expect(clock.alarms).toBe(0)
  })

  it('does not ping where it is asked not to', async () => {
    const clock = new TestClock()
    const { transport } = await open(() => {}, { clock, heartbeat: 0 })
    expect([clock.alarms, transport.hasHeartbeat]).toEqual([0, false])
  })

  it('is closed even if the router does not close', async () => {
    const clock = new TestClock()
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.write(ACCEPTED))
    })
    const transport = await dialRawSocket(await listen(server), [json()], { clock, heartbeat: 0 })
    const recorder = new Recorder()
    transport.start(recorder)
    transport.close()
    await turns(5)
    expect(recorder.order).toEqual([])
    clock.pass(5_000)
    expect(await recorder.closing()).toBeUndefined()
  })
})
