import { describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../src/logger.js'
import { Payload } from '../../../src/messages/payload.js'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { type Call, Result } from '../../../src/messages/rpc.js'
import { Welcome } from '../../../src/messages/session-lifecycle.js'
import { Peer } from '../../../src/peers/peer.js'
import { RequestOrder } from '../../../src/sessions/request-order.js'
import { slowConsumerCounters, slowConsumers } from '../../../src/transports/output/slow-consumers.js'
import { ERROR } from '../../../src/uris.js'
import { turns } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { frame, MESSAGE, PING, PONG } from './raw-client.js'
import { reset } from './reset.js'
import { ask, connected, listen, opened } from './test-listener.js'
import { until } from './until.js'

const CALL = '[48,1,{},"com.example.f"]'
const KIB = 1024
const MIB = 1024 * KIB
/** It takes 512 octets. */
const SMALL = Buffer.of(0x7f, 0x01, 0, 0)

const result = (id: number, length: number) => new Result(id, {}, new Payload(['x'.repeat(length)]))

describe('a RawSocket transport receives (transport_rawsocket.md, "Framing")', () => {
  it('many frames in one segment', async () => {
    const { client, recorder } = await opened()
    client.socket.write(Buffer.concat(Array.from({ length: 1000 }, () => frame(MESSAGE, CALL))))
    await recorder.messagesUpTo(1000)
  })

  it('an octet at a time', async () => {
    const { client, recorder } = await opened()
    for (const octet of frame(MESSAGE, '[48,1,{},"com.example.f",["ä𝄞"]]'))
      client.socket.write(Buffer.of(octet))
    const [call] = (await recorder.messagesUpTo(1)) as [Call]
    expect(call.payload.args).toEqual(['ä𝄞'])
  })

  it.each([
    ['a reserved bit', frame(0x10, CALL), 'a frame came with reserved bits set'],
    ['the type 3', frame(3, CALL), 'a frame came of type 3, which is reserved'],
    ['the type 7', frame(7, CALL), 'a frame came of type 7, which is reserved'],
    ['the bit for 2^24 with a length', frame(8, CALL), 'a frame came with a length and with the bit'],
    ['a message of no bytes', frame(MESSAGE, ''), 'a message came that has no bytes'],
    ['a message that is too long', frame(MESSAGE, '', 4097), 'a message came that is longer than 4096 bytes'],
    ['a PING that is too long', frame(PING, '', 4097), 'longer than 4096 bytes'],
  ])('%s: the peer says why, then the connection is closed', async (_, octets, sentence) => {
    const { listener, client, transport, recorder } = await opened({ maxMessageSize: 4 * KIB })
    recorder.onRejection = () => transport.send(new Result(1, {}))
    client.socket.write(Buffer.concat([frame(MESSAGE, CALL), octets, frame(MESSAGE, CALL)]))
    const error = await recorder.closing()
    expect(recorder.order).toEqual(['message', 'rejection', 'closing'])
    expect(recorder.rejections[0]?.message).toContain(sentence)
    expect(error?.message).toBe(`the connection was closed because ${recorder.rejections[0]?.message}`)
    expect(error?.cause).toBe(recorder.rejections[0])
    await client.closed()
    expect(client.messages.length).toBe(1)
    await connected(listener)
  })

  it('what is no message, and rejects it', async () => {
    const { client, transport, recorder } = await opened()
    client.send(MESSAGE, '{}')
    client.send(MESSAGE, Buffer.of(0x5b, 0xff, 0x5d))
    client.send(MESSAGE, CALL)
    await recorder.messagesUpTo(1)
    expect(recorder.order).toEqual(['rejection', 'rejection', 'message'])
    transport.send(new Result(1, {}))
    transport.close()
    await client.closed()
    expect(client.messages.length).toBe(1)
  })

  it('short messages from strangers, and long ones from members', async () => {
    const { client, transport, recorder } = await opened({ maxMessageSizeBeforeLogin: KIB })
    client.send(MESSAGE, CALL.padEnd(KIB))
    await recorder.messagesUpTo(1)
    transport.admit?.(true)
    client.send(MESSAGE, CALL.padEnd(100 * KIB))
    await recorder.messagesUpTo(2)
    transport.admit?.(false)
    client.send(MESSAGE, CALL.padEnd(KIB + 1))
    expect((await recorder.rejection()).message).toBe('a message came that is longer than 1024 bytes')
  })

  it('nothing while it is paused, by however many', async () => {
    const { client, transport, recorder } = await opened()
    transport.pause?.()
    transport.pause?.()
    client.send(MESSAGE, CALL)
    await turns(5)
    transport.resume?.()
    await turns(5)
    expect(recorder.order).toEqual([])
    transport.resume?.()
    await recorder.messagesUpTo(1)
  })
})

describe('a router at the end of a RawSocket', () => {
  it.each([3, 7, 0x10])(
    'says ABORT to a frame that begins with %d, and ends the connection',
    async (first) => {
      const listener = await listen()
      const client = await ask(listener)
      const closed = vi.fn()
      const handler = { handleMessage: () => {}, handleClose: closed, handleFailure: () => {} }
      const { transport } = await listener.next()
      new Peer('router', transport, () => handler, new RequestOrder()).start()
      client.socket.write(Buffer.concat([frame(MESSAGE, '[1,"realm1",{}]'), frame(first, CALL)]))
      await client.closed()
      expect(client.frames.map(({ payload }) => JSON.parse(payload.toString()))).toEqual([
        [3, { message: expect.any(String) }, ERROR.protocolViolation],
      ])
      expect(closed).toHaveBeenCalledTimes(1)
      await until(() => listener.listener.connections.size === 0)
    },
  )
})

describe('a RawSocket transport ends', () => {
  it('in order, when the other end says no more, after what it has gathered', async () => {
    const { listener, client, transport, recorder } = await opened()
    recorder.onMessage = () => transport.send(new Result(1, {}))
    client.socket.end(frame(MESSAGE, CALL))
    expect(await recorder.closing()).toBeUndefined()
    await client.closed()
    expect(client.messages.length).toBe(1)
    expect(listener.listener.connections.size).toBe(0)
  })

  it.each([1, 3, 4, 10])('with an error when a frame is cut off after %d octets', async (octets) => {
    const { client, recorder } = await opened()
    client.socket.end(Buffer.concat([frame(MESSAGE, CALL), frame(MESSAGE, CALL).subarray(0, octets)]))
    expect((await recorder.closing())?.message).toBe('the connection was lost in the middle of a message')
    expect(recorder.order).toEqual(['message', 'closing'])
    await client.closed()
  })

  it('with an error when the connection is reset', async () => {
    const { client, recorder } = await opened()
    client.send(MESSAGE, CALL)
    await recorder.messagesUpTo(1)
    reset(client.socket)
    const error = await recorder.closing()
    expect(error?.message).toBe('the connection was lost (read ECONNRESET)')
    expect(error?.cause).toMatchObject({ code: 'ECONNRESET' })
  })

  it('in the end, when the other end does not close after it has', async () => {
    const clock = new TestClock()
    const listener = await listen({ clock, heartbeat: 0 })
    const { client, transport, recorder } = await connected(listener)
    client.socket.allowHalfOpen = true
    transport.close()
    await new Promise((resolve) => client.socket.once('end', resolve))
    client.send(MESSAGE, CALL)
    await turns(3)
    expect(recorder.order).toEqual([])
    expect(clock.alarms).toBe(1)
    clock.pass(5_000)
    expect(await recorder.closing()).toBeUndefined()
    expect(clock.alarms).toBe(0)
  })

  it('when the other end says no more, and does not read what waits for it', async () => {
    const clock = new TestClock()
    const { client, transport, recorder, socket } = await opened({ clock, heartbeat: 0 })
    client.socket.pause()
    while (socket.writableLength < MIB) {
      transport.send(result(1, 100 * KIB))
      await turns()
    }
    client.socket.end()
    await until(() => clock.alarms === 1)
    clock.pass(5_000)
    await recorder.closing()
    expect(socket.writableLength).toBe(0)
  })
})

describe('a RawSocket transport sends', () => {
  it('frames of every length', async () => {
    const { client, transport } = await opened()
    const empty = '[50,1,{},[""]]'.length
    const lengths = [20, 255, 256, 4000, 65_535, 65_536, 200_000, 2 ** 24 - 1, 2 ** 24]
    for (const length of lengths) transport.send(result(1, length - empty))
    await client.framesUpTo(lengths.length)
    expect(client.frames.map(({ payload }) => payload.length)).toEqual(lengths)
    expect(client.frames.map(({ first }) => first)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 8])
  })

  it('in one write what is sent in one turn, and an event for many once', async () => {
    const listener = await listen()
    const ends = [await connected(listener), await connected(listener)]
    const event = new EventMessage(7, 1, {}, new Payload([1]))
    for (let i = 1; i <= 50; i++)
      for (const { transport } of ends) transport.send(i % 2 === 0 ? event : new Result(i, {}))
    const writes = ends.map(({ socket }) => vi.spyOn(socket, '_write'))
    for (const { client } of ends) await client.framesUpTo(50)
    for (const write of writes) expect(write).toHaveBeenCalledTimes(1)
  })

  it('nothing longer than the client takes ("Handshake"): it throws, and loses nothing else', async () => {
    const { client, transport } = await opened({}, SMALL)
    const empty = '[50,1,{},[""]]'.length
    expect(() => transport.send(result(1, 513 - empty))).toThrow(
      'RESULT is 513 bytes long, and the other end takes 512 at most',
    )
    transport.send(result(2, 512 - empty))
    await client.framesUpTo(1)
    expect(client.frames[0]?.payload.length).toBe(512)
  })

  it('no message either that nobody could be told about: it ends the connection, and says why', async () => {
    const warn = vi.fn()
    const { client, transport, recorder } = await opened({ logger: { ...silentLogger, warn } }, SMALL)
    transport.send(new Result(1, {}))
    transport.send(new Welcome(1, { agent: 'x'.repeat(600) }))
    transport.send(new Result(2, {}))
    const error = await recorder.closing()
    expect(error?.message).toMatch(/^WELCOME is \d+ bytes long, and the other end takes 512 at most$/)
    expect(warn).toHaveBeenCalledTimes(1)
    await client.closed()
    expect(client.frames.map(({ payload }) => payload.toString())).toEqual(['[50,1,{}]'])
  })

  it('nothing longer than the client has said in its HELLO, where that is less', async () => {
    const { client, transport, recorder } = await opened()
    client.send(MESSAGE, '[1,"realm1",{"_max_message_size":100}]')
    await recorder.messagesUpTo(1)
    expect(() => transport.send(result(1, 100))).toThrow('the other end takes 100 at most')
  })
})

describe('a RawSocket transport answers PINGs ("Framing")', () => {
  it('each with one PONG of the same payload, before HELLO too, and ignores PONGs that it did not ask for', async () => {
    const { client, recorder } = await opened()
    const payloads = ['', 'a', 'x'.repeat(300), 'y'.repeat(70_000)]
    client.send(PONG, 'for nothing')
    for (const payload of payloads) client.send(PING, payload)
    await client.framesUpTo(payloads.length)
    expect(client.pongs).toEqual(payloads)
    expect(recorder.order).toEqual([])
  })

  it('between its messages, whole', async () => {
    const { client, transport, recorder } = await opened()
    recorder.onMessage = () => transport.send(result(1, 100 * KIB))
    const turn = [frame(PING, 'a'), frame(MESSAGE, CALL), frame(PING, 'b')]
    for (let i = 0; i < 20; i++) client.socket.write(Buffer.concat(turn))
    await client.framesUpTo(60)
    expect(client.messages.length).toBe(20)
    expect(client.pongs).toEqual(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 'a' : 'b')))
  })

  it('many in one write', async () => {
    const { client, socket } = await opened()
    const write = vi.spyOn(socket, '_writev')
    client.socket.write(Buffer.concat(Array.from({ length: 500 }, (_, i) => frame(PING, `${i}`))))
    await client.framesUpTo(500)
    expect(write.mock.calls.length).toBeLessThan(10)
  })

  it('up to a limit, where nobody reads the PONGs', async () => {
    const { listener, client, recorder, socket } = await opened()
    client.socket.pause()
    const flood = Buffer.concat(Array.from({ length: 1000 }, () => frame(PING, 'x'.repeat(1000))))
    let most = 0
    while (recorder.closings.length === 0) {
      if (client.socket.writableLength < MIB) client.socket.write(flood)
      most = Math.max(most, socket.writableLength)
      await turns()
    }
    expect((await recorder.closing())?.message).toContain('it sends PINGs, and does not read the PONGs')
    expect(most).toBeLessThan(2 * MIB)
    expect(listener.listener.connections.counters.slowConsumersDropped).toBe(1)
  })

  it('without end, where the PONGs are read', async () => {
    const { client } = await opened()
    for (let i = 0; i < 60; i++) client.send(PING, 'x'.repeat(50 * KIB))
    await client.framesUpTo(60)
  })

  it('unless the PONG would be longer than the client takes', async () => {
    const { client, recorder } = await opened({}, SMALL)
    client.send(PING, 'x'.repeat(512))
    await client.framesUpTo(1)
    client.send(PING, 'x'.repeat(513))
    expect((await recorder.rejection()).message).toBe(
      'a PING came that is longer than a PONG may be, 512 bytes',
    )
    await client.closed()
  })
})

describe('a RawSocket transport keeps its heart beating', () => {
  const heartbeat = 16_000

  it('pings each that answers, and drops those on which nothing comes for two heartbeats', async () => {
    const clock = new TestClock()
    const listener = await listen({ clock, heartbeat })
    const [alive, silent] = [await connected(listener), await connected(listener)]
    for (const { client } of [alive, silent]) {
      client.send(PING, 'here')
      await client.framesUpTo(1)
    }
    for (let i = 1; i <= 4; i++) {
      clock.pass(heartbeat)
      if (i < 3) await silent.client.framesUpTo(i + 1)
      await alive.client.framesUpTo(i + 1)
      const { first, payload } = alive.client.frames.at(-1) ?? {}
      expect(first).toBe(PING)
      // autobahn for JavaScript answers an empty one only later.
      expect(payload?.length).toBeGreaterThan(0)
      alive.client.send(PONG, payload ?? '')
      await turns(3)
    }
    expect((await silent.recorder.closing())?.message).toBe(
      'the connection was lost: nothing came for 32000 ms',
    )
    expect(listener.listener.connections.counters).toMatchObject({ accepted: 2, lost: 1 })
    expect(alive.recorder.order).toEqual([])
  })

  it('pings an end of our own kind from its HELLO on', async () => {
    const clock = new TestClock()
    const { client, recorder } = await opened({ clock, heartbeat })
    client.send(MESSAGE, '[1,"realm1",{"_max_message_size":1024}]')
    await recorder.messagesUpTo(1)
    clock.pass(heartbeat)
    await client.framesUpTo(1)
    expect(client.frames[0]?.first).toBe(PING)
  })

  it('leaves those to the kernel that may know no PING: autobahn for Python ends at one', async () => {
    const clock = new TestClock()
    const { client, transport, recorder } = await opened({ clock, heartbeat })
    client.send(MESSAGE, '[1,"realm1",{"roles":{"caller":{}}}]')
    await recorder.messagesUpTo(1)
    for (let i = 0; i < 5; i++) clock.pass(heartbeat)
    transport.send(new Result(1, {}))
    await client.framesUpTo(1)
    expect(client.frames.map(({ first }) => first)).toEqual([MESSAGE])
    expect(recorder.order).toEqual(['message'])
  })

  it('takes what the kernel tells of a lost connection for one', async () => {
    const { listener, recorder, socket } = await opened()
    socket.destroy(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' }))
    expect((await recorder.closing())?.message).toBe('the connection was lost (read ETIMEDOUT)')
    expect(listener.listener.connections.counters.lost).toBe(1)
  })

  it('takes no silence ill of those that it does not read from', async () => {
    const clock = new TestClock()
    const { client, transport, recorder } = await opened({ clock, heartbeat })
    client.send(PING, '')
    await client.framesUpTo(1)
    transport.pause?.()
    for (let i = 0; i < 5; i++) {
      client.send(MESSAGE, CALL)
      await turns(3)
      clock.pass(heartbeat)
      await turns(3)
    }
    expect(recorder.closings).toEqual([])
    transport.resume?.()
    await recorder.messagesUpTo(5)
  })

  it('has one timer for all, and does not beat where it is asked not to', async () => {
    const clock = new TestClock()
    const listener = await listen({ clock, heartbeat })
    const ends = [await connected(listener), await connected(listener)]
    expect(clock.alarms).toBe(1)
    for (const { client } of ends) client.socket.destroy()
    for (const { recorder } of ends) await recorder.closing()
    await opened({ clock, heartbeat: 0 })
    expect(clock.alarms).toBe(0)
  })
})

describe('a RawSocket transport bounds what waits for a slow consumer', () => {
  it('drops a client that never reads, says so, and goes on', async () => {
    const warn = vi.fn()
    const { listener, client, transport, socket, recorder } = await opened({
      sendBufferLimit: 256 * KIB,
      logger: { ...silentLogger, warn },
    })
    const other = await connected(listener)
    client.socket.pause()
    const event = new EventMessage(1, 1, {}, new Payload(['x'.repeat(50 * KIB)]))
    let most = 0
    while (recorder.closings.length === 0) {
      transport.send(event)
      most = Math.max(most, socket.writableLength)
      await turns()
    }
    expect((await recorder.closing())?.message).toMatch(
      /^slow consumer: \d+ bytes wait to be sent, and the limit is 262144$/,
    )
    expect(most).toBeLessThanOrEqual(256 * KIB)
    expect(socket.writableLength).toBe(0)
    expect(listener.listener.connections.counters.slowConsumersDropped).toBe(1)
    expect(warn).toHaveBeenCalledTimes(1)
    transport.send(event)
    other.transport.send(event)
    await other.client.framesUpTo(1)
  })

  it('or drops its oldest events, where that is the policy', async () => {
    const counters = slowConsumerCounters()
    const { client, transport } = await opened({
      sendBufferLimit: 256 * KIB,
      slowConsumers: slowConsumers('drop-oldest', counters, silentLogger),
    })
    client.socket.pause()
    const payload = new Payload(['x'.repeat(50 * KIB)])
    let id = 0
    while (counters.eventsDropped < 10) {
      transport.send(new EventMessage(1, ++id, {}, payload))
      await turns()
    }
    client.socket.resume()
    await client.framesUpTo(id - counters.eventsDropped)
    const ids = client.frames.map(({ payload }) => JSON.parse(payload.toString())[2])
    expect(ids.at(-1)).toBe(id)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })

  it('survives a client that goes while much waits for it', async () => {
    const { listener, client, transport, socket, recorder } = await opened()
    client.socket.pause()
    while (socket.writableLength < MIB) {
      transport.send(result(1, 100 * KIB))
      await turns()
    }
    transport.send(new Result(2, {}))
    reset(client.socket)
    expect((await recorder.closing())?.message).toMatch(/^the connection was lost/)
    expect(socket.writableLength).toBe(0)
    transport.send(new Result(3, {}))
    await turns(3)
    expect(listener.listener.connections.size).toBe(0)
    expect(recorder.order).toEqual(['closing'])
  })
})
