import { describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../src/logger.js'
import { Payload } from '../../../src/messages/payload.js'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { Result } from '../../../src/messages/rpc.js'
import { turns } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { frame, PING, PONG, TEXT } from './raw-client.js'
import { connected, listen, opened } from './test-listener.js'

const CALL = '[48,1,{},"com.example.f"]'
const KIB = 1024

describe('a server transport bounds what waits for a slow consumer', () => {
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
    const error = await recorder.closing()
    expect(error?.message).toMatch(/^slow consumer: \d+ bytes wait to be sent, and the limit is 262144$/)
    expect(most).toBeLessThanOrEqual(256 * KIB)
    expect(socket.destroyed).toBe(true)
    expect(socket.writableLength).toBe(0)
    expect(listener.listener.connections.counters.slowConsumersDropped).toBe(1)
    expect(listener.listener.connections.size).toBe(1)
    expect(warn).toHaveBeenCalledTimes(1)
    transport.send(event)
    other.transport.send(event)
    await other.client.framesUpTo(1)
  })

  it('drops it in the middle of a turn too, and says closed afterwards', async () => {
    const { client, transport, recorder } = await opened({ sendBufferLimit: 256 * KIB })
    client.socket.pause()
    const event = new EventMessage(1, 1, {}, new Payload(['x'.repeat(100 * KIB)]))
    for (let i = 0; i < 500; i++) transport.send(event)
    expect(recorder.closings).toEqual([])
    expect((await recorder.closing())?.message).toContain('slow consumer')
  })

  it('takes a message that is longer than the limit when nothing waits', async () => {
    const { client, transport } = await opened({ sendBufferLimit: 64 * KIB })
    transport.send(new Result(1, {}, new Payload(['x'.repeat(1024 * KIB)])))
    await client.framesUpTo(1)
    transport.send(new Result(2, {}))
    await client.framesUpTo(2)
  })

  it('survives a client that goes while much waits for it', async () => {
    const { listener, client, transport, socket, recorder } = await opened()
    client.socket.pause()
    while (socket.writableLength < 1024 * KIB) {
      transport.send(new Result(1, {}, new Payload(['x'.repeat(100 * KIB)])))
      await turns()
    }
    transport.send(new Result(2, {}))
    client.socket.resetAndDestroy()
    transport.send(new Result(3, {}))
    expect((await recorder.closing())?.message).toBe('the connection was lost')
    expect(socket.writableLength).toBe(0)
    transport.send(new Result(4, {}))
    await turns(3)
    expect(listener.listener.connections.size).toBe(0)
    expect(recorder.order).toEqual(['closing'])
  })

  it('survives a client that goes in the turn in which something was gathered for it', async () => {
    const { client, transport, socket, recorder } = await opened()
    transport.send(new Result(1, {}))
    socket.destroy()
    await turns(3)
    expect((await recorder.closing())?.message).toBe('the connection was lost')
    await client.closed()
    expect(client.frames).toEqual([])
  })
})

describe('a server transport keeps its heart beating', () => {
  const heartbeat = 16_000

  it('pings each, and drops those on which nothing comes for two heartbeats', async () => {
    const clock = new TestClock()
    const warn = vi.fn()
    const logger = { ...silentLogger, warn }
    const { listener, client, recorder } = await opened({ clock, heartbeat, logger })
    const alive = await connected(listener)
    for (let i = 1; i <= 4; i++) {
      // The silent one was heard with its request, before the first of them.
      clock.pass(heartbeat)
      if (i < 3) await client.framesUpTo(i)
      await alive.client.framesUpTo(i)
      expect(alive.client.frames.at(-1)?.opcode).toBe(PING)
      alive.client.send(PONG, '')
      await turns(3)
    }
    expect((await recorder.closing())?.message).toBe('the connection was lost: nothing came for 32000 ms')
    expect(listener.listener.connections.counters).toMatchObject({ accepted: 2, lost: 1 })
    expect(warn).toHaveBeenCalledTimes(1)
    expect(alive.recorder.order).toEqual([])
  })

  it('takes part of a long message for a sign of life', async () => {
    const clock = new TestClock()
    const { client, recorder } = await opened({ clock, heartbeat })
    const octets = frame(TEXT, CALL)
    for (let i = 0; i < octets.length; i += 6) {
      client.socket.write(octets.subarray(i, i + 6))
      await turns(3)
      clock.pass(heartbeat)
    }
    await recorder.messagesUpTo(1)
    expect(recorder.order).toEqual(['message'])
  })

  it('takes no silence ill of those that it does not read from', async () => {
    const clock = new TestClock()
    const { client, transport, recorder } = await opened({ clock, heartbeat })
    transport.pause?.()
    client.send(TEXT, CALL)
    await turns(3)
    for (let i = 0; i < 5; i++) clock.pass(heartbeat)
    expect(recorder.order).toEqual([])
    transport.resume?.()
    await recorder.messagesUpTo(1)
  })

  it('has one timer for all, and none for nobody', async () => {
    const clock = new TestClock()
    const listener = await listen({ clock, heartbeat })
    expect(clock.alarms).toBe(0)
    const ends = [await connected(listener), await connected(listener)]
    expect(clock.alarms).toBe(1)
    for (const { client } of ends) client.socket.destroy()
    for (const { recorder } of ends) await recorder.closing()
    expect(clock.alarms).toBe(0)
  })

  it('does not beat where it is asked not to', async () => {
    const clock = new TestClock()
    await opened({ clock, heartbeat: 0 })
    expect(clock.alarms).toBe(0)
  })
})
