/** The router's end of a transport. Spec: rfc/text/advanced/transport_http_longpoll.md. */
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MessageTooLongError } from '../../../src/errors.js'
import { silentLogger } from '../../../src/logger.js'
import { Payload } from '../../../src/messages/payload.js'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { type Call, Result } from '../../../src/messages/rpc.js'
import { slowConsumerCounters, slowConsumers } from '../../../src/transports/output/slow-consumers.js'
import { turns } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { opened, type RawPoller } from './lp-router.js'

const KIB = 1024
const call = (id: number) => `[48,${id},{},"com.example.f"]`
const long = (id: number, length: number) => new Result(id, {}, new Payload(['x'.repeat(length)]))
const text = async (response: Promise<Response>) => (await response).text()
const numbers = ({ recorder }: RawPoller) => recorder.messages.map((message) => (message as Call).requestId)

const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** A receive by a client that reads when it is told to. */
function slowReceive({ router, id }: RawPoller): Socket {
  const { port } = router.server.address() as { port: number }
  const socket = connect({ port, host: '127.0.0.1' })
  sockets.push(socket)
  socket.pause()
  socket.on('error', () => {})
  socket.write(`POST /lp/${id}/receive HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)
  return socket
}

describe('receive', () => {
  it('without batches brings one message, the others with further requests', async () => {
    const poller = await opened()
    for (let i = 1; i <= 3; i++) poller.transport.send(new Result(i, {}))
    for (let i = 1; i <= 3; i++) {
      const response = await poller.receive()
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        200,
        'application/json',
        `[50,${i},{}]`,
      ])
    }
  })

  it('with batches brings all that waits', async () => {
    const poller = await opened({}, 'wamp.2.json.batched')
    for (let i = 1; i <= 3; i++) poller.transport.send(new Result(i, {}))
    expect(await text(poller.receive())).toBe('[50,1,{}]\x1e[50,2,{}]\x1e[50,3,{}]\x1e')
  })

  it('is held until something is said, and brings all that is said in that turn', async () => {
    const poller = await opened({}, 'wamp.2.json.batched')
    const heard = poller.heard()
    const response = text(poller.receive())
    await heard
    for (let i = 1; i <= 100; i++) poller.transport.send(new Result(i, {}))
    expect((await response).split('\x1e').length).toBe(101)
  })

  it('brings no more at once than the client takes', async () => {
    const poller = await opened({}, 'wamp.2.json.batched')
    await poller.send('[1,"realm1",{"roles":{},"_max_message_size":50}]\x1e')
    for (let i = 1; i <= 10; i++) poller.transport.send(new Result(i, {}))
    const batches = [await text(poller.receive()), await text(poller.receive()), await text(poller.receive())]
    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(50)
    expect(batches.join('')).toBe(Array.from({ length: 10 }, (_, i) => `[50,${i + 1},{}]\x1e`).join(''))
    expect(() => poller.transport.send(long(1, 50))).toThrow(MessageTooLongError)
  })

  it('is answered with 204 when it was held long enough, and the client may come again', async () => {
    const clock = new TestClock()
    const poller = await opened({ clock, pollTimeout: 1000, idleTimeout: 3000 })
    for (let i = 0; i < 10; i++) {
      const heard = poller.heard()
      const response = poller.receive()
      await heard
      clock.pass(1000)
      expect([(await response).status, await text(response)]).toEqual([204, ''])
    }
    expect(poller.recorder.closings).toEqual([])
  })

  it('takes the place of one that is held already, which is answered with 409', async () => {
    const poller = await opened()
    const heard = poller.heard(2)
    const first = poller.receive()
    await turns(2)
    const second = poller.receive()
    await heard
    const loser = await Promise.race([first, second])
    expect(loser.status).toBe(409)
    poller.transport.send(new Result(1, {}))
    const bodies = [await text(first), await text(second)]
    expect(bodies).toContain('[50,1,{}]')
    expect(bodies).toContain('Another receive has taken the place of this one; a client has one at a time.\n')
  })

  it('that is given up loses nothing', async () => {
    const poller = await opened()
    const given = new AbortController()
    const gone = new Promise((resolve) =>
      poller.router.server.once('request', (_, response) => {
        response.on('close', resolve)
        given.abort()
      }),
    )
    await expect(poller.receive({ signal: given.signal })).rejects.toThrow()
    await gone
    poller.transport.send(new Result(1, {}))
    expect(await text(poller.receive())).toBe('[50,1,{}]')
  })

  it('that breaks off in the middle loses nothing, and keeps the order', async () => {
    const poller = await opened({}, 'wamp.2.json.batched')
    for (let i = 1; i <= 3; i++) poller.transport.send(long(i, 4000 * KIB))
    const socket = slowReceive(poller)
    await poller.heard()
    poller.transport.send(new Result(4, {}))
    await turns(5)
    socket.destroy()
    const again = await text(poller.receive())
    const ids = again.matchAll(/\[50,(\d)/g)
    const rest = again.includes('[50,4') ? [] : (await text(poller.receive())).matchAll(/\[50,(\d)/g)
    expect([...ids, ...rest].map(([, id]) => id)).toEqual(['1', '2', '3', '4'])
  })

  it('waits for one that is still on its way, and brings the same when that is given up', async () => {
    const clock = new TestClock()
    const poller = await opened({ clock, pollTimeout: 1000 })
    poller.transport.send(long(1, 12_000 * KIB))
    slowReceive(poller)
    await poller.heard()
    const heard = poller.heard()
    const response = text(poller.receive())
    await heard
    await turns(5)
    clock.pass(1000)
    expect((await response).length).toBeGreaterThan(12_000 * KIB)
  })

  it('is no silence as long as some of it leaves', async () => {
    const clock = new TestClock()
    const poller = await opened({ clock, idleTimeout: 1000 })
    poller.transport.send(long(1, 15_000 * KIB))
    const asked = new Promise<Socket>((resolve) =>
      poller.router.server.once('request', ({ socket }) => resolve(socket)),
    )
    const socket = slowReceive(poller)
    const server = await asked
    for (let i = 0; i < 3; i++) {
      for (const before = server.bytesWritten; server.bytesWritten === before; ) {
        await turns()
        socket.read()
      }
      clock.pass(1000)
      expect(poller.recorder.closings).toEqual([])
    }
    expect(server.writableLength).toBeGreaterThan(0)
    while (poller.recorder.closings.length === 0) {
      await turns(10)
      clock.pass(1000)
    }
    expect((await poller.recorder.closing())?.message).toContain('the connection was lost')
  })
})

describe('a client that never polls', () => {
  it('is lost, and its id with it', async () => {
    const clock = new TestClock()
    const warn = vi.fn()
    const poller = await opened({ clock, idleTimeout: 5000, logger: { ...silentLogger, warn } })
    // To say something is not enough: what it is told has nowhere to go.
    await poller.send(call(1))
    clock.pass(4999)
    expect(poller.recorder.closings).toEqual([])
    clock.pass(1)
    expect((await poller.recorder.closing())?.message).toBe(
      'the connection was lost: no receive came for 5000 ms',
    )
    expect((await poller.receive()).status).toBe(404)
    expect(poller.router.listener.connections.counters.lost).toBe(1)
    expect(poller.router.listener.connections.size).toBe(0)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(clock.alarms).toBe(0)
    poller.transport.send(new Result(1, {}))
    poller.transport.close()
  })
})

describe('send', () => {
  it('is answered with 202, as the spec says, or with 204, as it says too', async () => {
    const poller = await opened()
    const response = await poller.send(call(1))
    expect([response.status, await response.text()]).toEqual([202, ''])
    const other = await opened({ doneStatus: 204 })
    expect([(await other.send(call(1))).status, (await other.close()).status]).toEqual([204, 204])
    expect(numbers(poller)).toEqual([1])
  })

  it('brings a batch where batches were agreed upon', async () => {
    const poller = await opened({}, 'wamp.2.json.batched')
    expect((await poller.send(`${call(1)}\x1e${call(2)}\x1e`)).status).toBe(202)
    expect(numbers(poller)).toEqual([1, 2])
  })

  it.each([
    ['no message', 'wamp.2.json', '{}'],
    ['nothing', 'wamp.2.json', ''],
    ['two messages', 'wamp.2.json', call(1) + call(2)],
    ['text where octets are due', 'wamp.2.msgpack', call(1)],
    ['an empty batch', 'wamp.2.json.batched', ''],
    ['an empty batch of octets', 'wamp.2.cbor.batched', ''],
    ['a message outside of a batch', 'wamp.2.json.batched', call(1)],
    ['a batch that is cut off', 'wamp.2.msgpack.batched', Uint8Array.of(0, 0, 0, 9, 1)],
  ])('refuses %s with 400, and rejects it', async (_, protocol, body) => {
    const poller = await opened({}, protocol)
    const response = await poller.send(body)
    expect([response.status, await response.text()]).toEqual([
      400,
      `What came is nothing that ${protocol} has.\n`,
    ])
    expect(poller.recorder.order).toEqual(['rejection'])
  })

  it('refuses what is too long with 413, said beforehand or not, and less before there is a session', async () => {
    const poller = await opened({ maxMessageSize: 10 * KIB, maxMessageSizeBeforeLogin: KIB })
    const { transport, recorder } = poller
    expect((await poller.send('x'.repeat(2 * KIB))).status).toBe(413)
    transport.admit?.(true)
    const padded = (length: number) => call(1).padEnd(length)
    expect((await poller.send(padded(10 * KIB))).status).toBe(202)
    expect((await poller.send(padded(10 * KIB + 1))).status).toBe(413)
    const chunked = new Blob([padded(20 * KIB)]).stream()
    expect((await poller.send('', { body: chunked, duplex: 'half' } as RequestInit)).status).toBe(413)
    transport.admit?.(false)
    expect((await poller.send(padded(2 * KIB))).status).toBe(413)
    expect(recorder.order).toEqual(['rejection', 'message', 'rejection', 'rejection', 'rejection'])
    expect(recorder.rejections[0]?.message).toBe('a message came that is longer than 1024 bytes')
  })

  it('does not read for ever what is too long', async () => {
    const { router, id } = await opened({ maxMessageSize: KIB })
    const endless = httpRequest(`${router.url}/${id}/send`, { method: 'POST' })
    const ended = new Promise((resolve) => endless.on('close', resolve))
    endless.on('error', () => {})
    let written = 0
    const write = () => {
      while (!endless.destroyed && endless.write('x'.repeat(64 * KIB))) written += 64
      endless.once('drain', write)
    }
    write()
    await ended
    expect(written).toBeLessThan(64 * KIB)
  })

  it('keeps the order in which requests came, over whatever connections', async () => {
    const poller = await opened()
    const { router, id } = poller
    const slow = httpRequest(`${router.url}/${id}/send`, {
      method: 'POST',
      headers: { 'content-length': call(1).length },
    })
    const heard = poller.heard()
    slow.flushHeaders()
    await heard
    const others: Promise<Response>[] = []
    for (let i = 2; i <= 10; i++) {
      const heardToo = poller.heard()
      others.push(poller.send(call(i)))
      await heardToo
    }
    await turns(10)
    expect(numbers(poller)).toEqual([])
    const answered = new Promise((resolve) => slow.on('response', ({ statusCode }) => resolve(statusCode)))
    slow.end(call(1))
    expect(await answered).toBe(202)
    for (const response of others) expect((await response).status).toBe(202)
    expect(numbers(poller)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('that breaks off does not hold up the next one', async () => {
    const poller = await opened()
    const { router, id } = poller
    const broken = httpRequest(`${router.url}/${id}/send`, {
      method: 'POST',
      headers: { 'content-length': '100' },
    })
    broken.on('error', () => {})
    const heard = poller.heard()
    broken.flushHeaders()
    await heard
    const next = poller.send(call(2))
    broken.destroy()
    expect((await next).status).toBe(202)
    expect(poller.recorder.order).toEqual(['message'])
  })

  it('waits while the router does not read', async () => {
    const poller = await opened()
    const { transport } = poller
    transport.pause?.()
    transport.pause?.()
    const heard = poller.heard(2)
    const responses = [poller.send(call(1)), poller.send(call(2))]
    await heard
    transport.resume?.()
    await turns(10)
    expect(numbers(poller)).toEqual([])
    transport.resume?.()
    for (const response of responses) expect((await response).status).toBe(202)
    expect(numbers(poller).sort()).toEqual([1, 2])
  })
})

describe('close', () => {
  it('by the client is answered with 202, ends its receive, and comes after what it said before', async () => {
    const poller = await opened()
    const asking = async <T>(asked: () => T) => {
      const heard = poller.heard()
      const response = asked()
      await heard
      return { response }
    }
    const { response: receive } = await asking(() => poller.receive())
    poller.transport.pause?.()
    const { response: sent } = await asking(() => poller.send(call(1)))
    const { response: closed } = await asking(() => poller.close())
    expect(poller.recorder.order).toEqual([])
    poller.transport.resume?.()
    expect((await sent).status).toBe(202)
    expect((await closed).status).toBe(202)
    expect((await receive).status).toBe(204)
    expect(await poller.recorder.closing()).toBeUndefined()
    expect(poller.recorder.order).toEqual(['message', 'closing'])
    for (const response of [poller.receive(), poller.send(call(2)), poller.close()])
      expect((await response).status).toBe(404)
  })

  it('by the router lets the client fetch the rest, and then is told with 410', async () => {
    const clock = new TestClock()
    const poller = await opened({ clock })
    for (let i = 1; i <= 2; i++) poller.transport.send(new Result(i, {}))
    poller.transport.close()
    expect((await poller.send(call(1))).status).toBe(410)
    expect(await text(poller.receive())).toBe('[50,1,{}]')
    expect(await text(poller.receive())).toBe('[50,2,{}]')
    expect(poller.recorder.closings).toEqual([])
    expect((await poller.receive()).status).toBe(410)
    expect(await poller.recorder.closing()).toBeUndefined()
    expect((await poller.receive()).status).toBe(404)
    expect(clock.alarms).toBe(0)
  })

  it('by the router ends a receive that is held', async () => {
    const poller = await opened()
    const heard = poller.heard()
    const receive = poller.receive()
    await heard
    poller.transport.close()
    expect((await receive).status).toBe(410)
    expect(await poller.recorder.closing()).toBeUndefined()
  })

  it('by the router does not wait for ever for a client that is gone', async () => {
    const clock = new TestClock()
    const poller = await opened({ clock })
    poller.transport.send(new Result(1, {}))
    const closed = poller.router.listener.close()
    clock.pass(5000)
    await closed
    expect(await poller.recorder.closing()).toBeUndefined()
    expect(poller.router.listener.connections.counters.lost).toBe(0)
  })

  it('by both, with sends that nobody reads any more', async () => {
    const poller = await opened()
    poller.transport.pause?.()
    const heard = poller.heard()
    const sent = poller.send(call(1))
    await heard
    poller.transport.close()
    expect((await sent).status).toBe(410)
    expect((await poller.close()).status).toBe(202)
    expect(await poller.recorder.closing()).toBeUndefined()
    expect(poller.recorder.order).toEqual(['closing'])
  })
})

describe('what waits for a client is bounded', () => {
  const event = (id: number) => new EventMessage(1, id, {}, new Payload(['x'.repeat(10 * KIB)]))

  it('by the limit of octets: beyond it the client is dropped', async () => {
    const poller = await opened({ sendBufferLimit: 256 * KIB })
    let sent = 0
    while (poller.recorder.closings.length === 0) {
      poller.transport.send(event(++sent))
      await turns()
    }
    expect(sent).toBeLessThan(30)
    expect((await poller.recorder.closing())?.message).toMatch(
      /^slow consumer: \d+ bytes wait to be sent, and the limit is 262144$/,
    )
    expect(poller.router.listener.connections.counters.slowConsumersDropped).toBe(1)
    expect((await poller.receive()).status).toBe(404)
  })

  it('but one message is taken, however long', async () => {
    const poller = await opened({ sendBufferLimit: 10 })
    poller.transport.send(new Result(1, {}))
    expect(await text(poller.receive())).toBe('[50,1,{}]')
  })

  it('by the policy drop-oldest: events go, and no other message', async () => {
    const counters = slowConsumerCounters()
    const policy = slowConsumers('drop-oldest', counters, silentLogger)
    const poller = await opened({ sendBufferLimit: 256 * KIB, slowConsumers: policy }, 'wamp.2.json.batched')
    poller.transport.send(new Result(1, {}))
    for (let i = 1; i <= 100; i++) {
      poller.transport.send(event(i))
      if (i === 50) poller.transport.send(new Result(2, {}))
    }
    const batch = await text(poller.receive())
    const ids = [...batch.matchAll(/\[36,1,(\d+)/g)].map(([, id]) => Number(id))
    expect(batch).toContain('[50,1,{}]\x1e')
    expect(batch).toContain('[50,2,{}]\x1e')
    expect(ids.at(-1)).toBe(100)
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => 101 - ids.length + i))
    expect(counters.eventsDropped).toBe(100 - ids.length)
  })

  it('by the policy pause-publisher: who sends waits until the client has fetched it', async () => {
    const counters = slowConsumerCounters()
    const policy = slowConsumers('pause-publisher', counters, silentLogger)
    const poller = await opened(
      { sendBufferLimit: 256 * KIB, ...(policy === undefined ? {} : { slowConsumers: policy }) },
      'wamp.2.json.batched',
    )
    const publisher = { pause: vi.fn(), resume: vi.fn(), info: { kind: 'x', local: true } }
    const transport = { ...publisher, start() {}, send() {}, close() {} }
    for (let i = 1; publisher.pause.mock.calls.length === 0; i++)
      policy?.handle(transport, event(i), (message) => poller.transport.send(message))
    expect(publisher.resume).not.toHaveBeenCalled()
    await text(poller.receive())
    expect(publisher.resume).toHaveBeenCalledTimes(1)
  })
})
