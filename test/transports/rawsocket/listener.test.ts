import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { silentLogger } from '../../../src/logger.js'
import { Result } from '../../../src/messages/rpc.js'
import { cborRelay } from '../../../src/serializers/cbor/relay.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpackRelay } from '../../../src/serializers/msgpack/relay.js'
import { RawSocketListener } from '../../../src/transports/rawsocket/listener.js'
import { Recorder, turns } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { frame, HELLO, MESSAGE, RawClient } from './raw-client.js'
import { reset } from './reset.js'
import { ask, connected, listen, opened } from './test-listener.js'
import { until } from './until.js'

const CALL = '[48,1,{},"com.example.f"]'
const KIB = 1024
const MIB = 1024 * KIB
const serializers = [jsonRelay(), msgpackRelay(), cborRelay()]

describe('a RawSocketListener answers a handshake (transport_rawsocket.md, "Handshake")', () => {
  it('whatever its second octet is: with the same serializer, or with error 1', async () => {
    const listener = await listen({ serializers })
    for (let second = 0; second < 256; second++) {
      const client = await ask(listener, Buffer.of(0x7f, second, 0, 0))
      const serializer = second & 0x0f
      const isSpoken = serializer >= 1 && serializer <= 3
      expect([...client.answer], `${second}`).toEqual([0x7f, isSpoken ? 0xf0 | serializer : 0x10, 0, 0])
      if (isSpoken) client.socket.destroy()
      else await client.closed()
    }
    expect(listener.listener.connections.counters).toMatchObject({ accepted: 48, refused: 208 })
  })

  it('with error 1 where it does not speak that serializer', async () => {
    const listener = await listen({ serializers: [cborRelay()] })
    expect([...(await ask(listener, HELLO)).answer]).toEqual([0x7f, 0x10, 0, 0])
    expect([...(await ask(listener, Buffer.of(0x7f, 0xf3, 0, 0))).answer]).toEqual([0x7f, 0xf3, 0, 0])
  })

  it.each([
    [1, 0],
    [0, 1],
    [0x80, 0x80],
    [255, 255],
  ])('with error 3 where the reserved octets are %d and %d', async (third, fourth) => {
    const listener = await listen()
    const client = await ask(listener, Buffer.of(0x7f, 0xf1, third, fourth))
    expect([...client.answer]).toEqual([0x7f, 0x30, 0, 0])
    await client.closed()
    expect(listener.listener.connections.counters).toMatchObject({ accepted: 0, refused: 1 })
  })

  it('with error 4 where somebody says that there are too many connections', async () => {
    const debug = vi.fn()
    let isFull = true
    const listener = await listen({
      refuse: () => (isFull ? 'ten are enough' : undefined),
      logger: { ...silentLogger, debug },
    })
    const client = await ask(listener)
    expect([...client.answer]).toEqual([0x7f, 0x40, 0, 0])
    await client.closed()
    expect(debug).toHaveBeenCalledWith(
      'refused a RawSocket: maximum connection count reached (ten are enough)',
    )
    isFull = false
    await connected(listener)
    expect(listener.listener.connections.counters).toMatchObject({ accepted: 1, refused: 1 })
  })

  it.each(['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x02\x00', '\x00', '\xff', '\x7e\xf1\x00\x00'])(
    'by closing where %j comes, at its first octet',
    async (text) => {
      const listener = await listen()
      const client = await ask(listener, Buffer.from(text, 'latin1').subarray(0, 1))
      await client.closed()
      const whole = await ask(listener, Buffer.from(text, 'latin1'))
      await whole.closed()
      expect([client.answer.length, whole.answer.length]).toEqual([0, 0])
      expect(listener.listener.connections.counters.refused).toBe(2)
    },
  )

  it.each([
    [500, 0],
    [512, 0],
    [1000 * KIB, 10],
    [16 * MIB, 15],
    [64 * MIB, 15],
  ])('and announces its own limit of %d, rounded down, as %d', async (maxMessageSize, code) => {
    const listener = await listen({ maxMessageSize, maxMessageSizeBeforeLogin: 100 })
    expect((await ask(listener)).answer[1]).toBe((code << 4) | 1)
  })

  it('that comes an octet at a time, with the first message', async () => {
    const listener = await listen()
    const client = await ask(listener, Buffer.alloc(0))
    for (const octet of Buffer.concat([HELLO, frame(MESSAGE, CALL)])) {
      client.socket.write(Buffer.of(octet))
      await turns(2)
    }
    await client.answered()
    const recorder = new Recorder()
    ;(await listener.next()).transport.start(recorder)
    await recorder.messagesUpTo(1)
  })

  it('that comes with messages behind it, which wait for a start', async () => {
    const listener = await listen()
    await ask(listener, Buffer.concat([HELLO, frame(MESSAGE, CALL), frame(MESSAGE, CALL)]))
    const { transport } = await listener.next()
    await turns(3)
    const recorder = new Recorder()
    transport.start(recorder)
    expect(recorder.order).toEqual([])
    await recorder.messagesUpTo(2)
  })

  it.each([1, 3, 4, 10])('of which %d octets have been read before', async (count) => {
    const listener = await listen()
    const octets = Buffer.concat([HELLO, frame(MESSAGE, CALL)])
    listener.server.removeAllListeners('connection')
    listener.server.on('connection', (socket) => {
      listener.sockets.push(socket)
      // As who looks whether it is HTTP: it reads, and stops reading.
      const look = (): void => {
        const head = socket.read(count)
        if (head === null) return
        socket.off('readable', look)
        listener.listener.accept(socket, head)
      }
      socket.on('readable', look)
    })
    await ask(listener, octets)
    const recorder = new Recorder()
    ;(await listener.next()).transport.start(recorder)
    await recorder.messagesUpTo(1)
  })

  it('not at all where it is cut off, and lives', async () => {
    const listener = await listen()
    for (let octets = 0; octets < 4; octets++) {
      const client = await ask(listener, HELLO.subarray(0, octets))
      client.socket.end()
      await client.closed()
      const other = await ask(listener, HELLO.subarray(0, octets))
      await until(() => listener.sockets.length === 2 * (octets + 1))
      reset(other.socket)
    }
    await until(() => listener.sockets.every((socket) => socket.destroyed))
    // Who says nothing has only looked.
    expect(listener.listener.connections.counters).toMatchObject({ accepted: 0, refused: 6 })
    await connected(listener)
  })

  it('once, however much comes behind a refused one, and not for ever', async () => {
    const clock = new TestClock()
    const listener = await listen({ clock, heartbeat: 0 })
    const client = await ask(listener, Buffer.concat([Buffer.of(0x7f, 0, 0, 0), Buffer.alloc(MIB)]))
    expect([...client.answer]).toEqual([0x7f, 0x10, 0, 0])
    await client.closed()
    await until(() => clock.alarms === 0)
    const stubborn = connect({ port: listener.port, allowHalfOpen: true })
    stubborn.on('error', () => {})
    stubborn.write(Buffer.of(0x7f, 0, 0, 0))
    await new Promise((resolve) => stubborn.on('end', resolve).resume())
    expect(clock.alarms).toBe(1)
    clock.pass(5_000)
    expect(listener.sockets.every((socket) => socket.destroyed)).toBe(true)
    stubborn.destroy()
  })
})

describe('a RawSocketListener', () => {
  it('needs a serializer', () => {
    expect(() => new RawSocketListener({ serializers: [], onTransport: () => {} })).toThrow(UsageError)
  })

  it('closes its connections in order, ends those that are still arriving, and takes no more', async () => {
    const { listener, client, transport, recorder } = await opened()
    const arriving = await ask(listener, Buffer.of(0x7f))
    await until(() => listener.sockets.length === 2)
    transport.send(new Result(1, {}))
    await listener.listener.close()
    expect(await recorder.closing()).toBeUndefined()
    await client.closed()
    expect(client.messages.length).toBe(1)
    await arriving.closed()
    const late = await RawClient.connect(listener.where, HELLO)
    await late.closed()
    expect(late.answer.length).toBe(0)
  })

  it('tells where a connection comes from', async () => {
    const { client, transport } = await opened()
    expect(transport.info).toEqual({
      kind: 'rawsocket',
      address: `127.0.0.1:${client.socket.localPort}`,
      local: true,
    })
    const unix = await listen({}, 'unix')
    expect((await connected(unix)).transport.info).toEqual({ kind: 'rawsocket', local: true })
  })

  it('lives through any stream, mutated or made up, and holds nothing of it', async () => {
    const listener = await listen({ maxMessageSize: 64 * KIB, maxMessageSizeBeforeLogin: 4 * KIB })
    const good = Buffer.concat([
      HELLO,
      frame(MESSAGE, CALL),
      frame(1, 'ping'),
      frame(2, 'pong'),
      frame(MESSAGE, '[1,"realm1",{}]'),
    ])
    const mutation = fc.tuple(fc.nat(good.length - 1), fc.nat(255))
    const hostile = fc.oneof(
      fc.array(mutation, { maxLength: 4 }).map((changes) => {
        const octets = Buffer.from(good)
        for (const [at, octet] of changes) octets[at] = octet
        return octets
      }),
      fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.concat([HELLO, octets])),
      fc.nat(good.length).map((length) => good.subarray(0, length)),
    )
    await fc.assert(
      fc.asyncProperty(hostile, fc.nat(60), fc.boolean(), async (octets, cut, isReset) => {
        const client = await RawClient.connect(listener.where, Buffer.alloc(0))
        client.socket.write(octets.subarray(0, cut))
        await turns(1)
        client.socket.write(octets.subarray(cut))
        if (isReset) client.socket.resetAndDestroy()
        else client.socket.end()
        await turns(2)
        for (const { transport } of listener.accepted.splice(0)) {
          const recorder = new Recorder()
          recorder.onRejection = () => transport.close()
          transport.start(recorder)
          await recorder.closing()
        }
        await client.closed()
      }),
      { numRuns: 200 },
    )
    await until(() => listener.listener.connections.size === 0)
    const alive = await connected(listener)
    alive.client.send(MESSAGE, CALL)
    await alive.recorder.messagesUpTo(1)
  })
})
