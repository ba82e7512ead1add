import type { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { Payload } from '../../../src/messages/payload.js'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { type Call, Result } from '../../../src/messages/rpc.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpackRelay } from '../../../src/serializers/msgpack/relay.js'
import type { RelaySerializer } from '../../../src/serializers/serializer.js'
import { turns } from '../recorder.js'
import { BINARY, PING, PONG, type RawClient, TEXT } from './raw-client.js'
import { connected, listen, opened } from './test-listener.js'

const KIB = 1024

describe('a server transport sends', () => {
  it('frames of every length', async () => {
    const { client, transport } = await opened()
    const empty = '[50,1,{},[""]]'.length
    const lengths = [20, 125, 126, 127, 4000, 65_535, 65_536, 65_537, 200_000]
    for (const length of lengths) transport.send(new Result(1, {}, new Payload(['x'.repeat(length - empty)])))
    await client.framesUpTo(lengths.length)
    expect(client.frames.map(({ payload }) => payload.length)).toEqual(lengths)
    for (const { payload, opcode } of client.frames) {
      expect(opcode).toBe(TEXT)
      expect(JSON.parse(payload.toString())).toEqual([50, 1, {}, [expect.any(String)]])
    }
  })

  it('in one write what is sent in one turn', async () => {
    const { client, transport, socket } = await opened()
    const write = spyOnWrites(socket)
    for (let i = 1; i <= 100; i++) transport.send(new Result(i, {}))
    await Promise.resolve()
    expect(write).not.toHaveBeenCalled()
    await client.framesUpTo(100)
    expect(write).toHaveBeenCalledTimes(1)
    expect(idsOf(client)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
  })

  it('in one write each what is sent to several in turn', async () => {
    const listener = await listen()
    const ends = [await connected(listener), await connected(listener), await connected(listener)]
    const writes = ends.map(({ socket }) => spyOnWrites(socket))
    for (let i = 1; i <= 50; i++) for (const { transport } of ends) transport.send(new Result(i, {}))
    for (const { client } of ends) {
      await client.framesUpTo(50)
      expect(idsOf(client)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    }
    for (const write of writes) expect(write).toHaveBeenCalledTimes(1)
  })

  it('at once what is too much to gather', async () => {
    const { client, transport, socket } = await opened()
    const write = spyOnWrites(socket)
    const payload = new Payload(['x'.repeat(1000)])
    for (let i = 1; i <= 100; i++) transport.send(new Result(i, {}, payload))
    expect(write).toHaveBeenCalledTimes(1)
    await client.framesUpTo(100)
    expect(write).toHaveBeenCalledTimes(2)
  })

  it('an event to a hundred subscribers, encoded once for each serializer and turn', async () => {
    const serializers = [counting(jsonRelay()), counting(msgpackRelay())]
    const listener = await listen({ serializers })
    const subscribers: Awaited<ReturnType<typeof connected>>[] = []
    for (let i = 0; i < 100; i++)
      subscribers.push(await connected(listener, i % 4 === 0 ? 'wamp.2.msgpack' : 'wamp.2.json'))
    const writes = subscribers.map(({ socket }) => spyOnWrites(socket))
    for (let id = 1; id <= 5; id++) {
      const event = new EventMessage(7, id, {}, new Payload(['x'.repeat(id * 1500)]))
      for (const { transport } of subscribers) transport.send(event)
    }
    for (const { client } of subscribers) await client.framesUpTo(5)
    expect(serializers.map(({ calls }) => calls)).toEqual([5, 5])
    for (const write of writes) expect(write).toHaveBeenCalledTimes(1)
    const [first, second, third] = subscribers.map(({ client }) => client.frames)
    expect(first?.map(({ opcode }) => opcode)).toEqual(Array(5).fill(BINARY))
    expect(second?.map(({ payload }) => JSON.parse(payload.toString())[4][0].length)).toEqual([
      1500, 3000, 4500, 6000, 7500,
    ])
    expect(third).toEqual(second)
  })

  it('an event again in another turn', async () => {
    const serializer = counting(jsonRelay())
    const { client, transport } = await opened({ serializers: [serializer] })
    const event = new EventMessage(7, 1, {}, new Payload([1]))
    transport.send(event)
    await client.framesUpTo(1)
    transport.send(new Result(1, {}))
    transport.send(event)
    await client.framesUpTo(3)
    expect(client.frames[2]).toEqual(client.frames[0])
    expect(client.frames[1]).not.toEqual(client.frames[0])
  })

  it('long payload from where it lies, between short frames', async () => {
    const { client, transport, recorder } = await opened()
    const long = 'y'.repeat(20 * KIB)
    client.send(TEXT, `[48,1,{},"com.example.f",["${long}"]]`)
    const [call] = (await recorder.messagesUpTo(1)) as [Call]
    for (let i = 1; i <= 30; i++) transport.send(new Result(i, {}, i % 3 === 0 ? call.payload : Payload.none))
    await client.framesUpTo(30)
    expect(idsOf(client)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect(JSON.parse(client.frames[2]?.payload.toString() ?? '')).toEqual([50, 3, {}, [long]])
  })

  it('to a client whose writing waits, without mixing anything up', async () => {
    const { client, transport, socket } = await opened()
    client.socket.pause()
    let id = 0
    // The kernel takes no more; what follows waits, turn by turn, while others use the slab again.
    while (socket.writableLength === 0) {
      transport.send(new Result(++id, {}, new Payload(['z'.repeat(60 * KIB)])))
      await turns()
    }
    for (let turn = 0; turn < 50; turn++) {
      for (let i = 0; i < 20; i++) transport.send(new Result(++id, {}, new Payload([`${id}`])))
      await turns()
    }
    client.socket.resume()
    await client.framesUpTo(id)
    expect(idsOf(client)).toEqual(Array.from({ length: id }, (_, i) => i + 1))
    const texts = client.frames.slice(-1000).map(({ payload }) => JSON.parse(payload.toString())[3][0])
    expect(texts).toEqual(Array.from({ length: 1000 }, (_, i) => `${id - 999 + i}`))
  })

  it('pongs between its frames', async () => {
    const { client, transport } = await opened()
    for (let i = 1; i <= 10; i++) transport.send(new Result(i, {}))
    client.send(PING, 'here')
    await client.framesUpTo(11)
    expect(client.frames.filter(({ opcode }) => opcode === PONG).length).toBe(1)
    expect(idsOf(client)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })
})

/** The ids of the messages that came as text frames. */
function idsOf({ frames }: RawClient): number[] {
  return frames
    .filter(({ opcode }) => opcode === TEXT)
    .map(({ payload }) => JSON.parse(payload.toString())[1])
}

/** Counts what a socket writes: one piece, or several as one. */
function spyOnWrites(socket: Socket) {
  const write = vi.fn()
  const { _write, _writev } = socket
  socket._write = (...all) => {
    write()
    _write.apply(socket, all)
  }
  if (_writev !== undefined)
    socket._writev = (...all) => {
      write()
      _writev.apply(socket, all)
    }
  return write
}

function counting(serializer: RelaySerializer): RelaySerializer & { calls: number } {
  return {
    name: serializer.name,
    binary: serializer.binary,
    calls: 0,
    encode: (message) => serializer.encode(message),
    encodeParts(message) {
      this.calls++
      return serializer.encodeParts(message)
    },
    decode: (data) => serializer.decode(data),
    restore: (count, bytes) => serializer.restore(count, bytes),
  }
}
