/** WebSocket with batches. Spec: rfc/text/advanced/transport_batched_websocket.md. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket as NodeWebSocket } from 'ws'
import { MessageTooLongError } from '../../../src/errors.js'
import { silentLogger } from '../../../src/logger.js'
import type { Message } from '../../../src/messages/message.js'
import { Payload } from '../../../src/messages/payload.js'
import { EventMessage } from '../../../src/messages/pubsub.js'
import { Call, Result } from '../../../src/messages/rpc.js'
import { Hello, Welcome } from '../../../src/messages/session-lifecycle.js'
import { json } from '../../../src/serializers/json/json.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpackRelay } from '../../../src/serializers/msgpack/relay.js'
import { batched } from '../../../src/transports/batching/batched.js'
import { slowConsumerCounters, slowConsumers } from '../../../src/transports/output/slow-consumers.js'
import type { Transport } from '../../../src/transports/transport.js'
import type { DialWebSocket } from '../../../src/transports/websocket/dial.js'
import { dialWebSocket as dialPlatform } from '../../../src/transports/websocket/dial-native.js'
import { dialWebSocket as dialNode } from '../../../src/transports/websocket/dial-node.js'
import { formats } from '../formats.js'
import { Recorder, turns } from '../recorder.js'
import { transportSuite } from '../transport-suite.js'
import { BINARY, TEXT } from '../websocket/raw-client.js'
import { connected, listen, TestListener } from '../websocket/test-listener.js'

const KIB = 1024
/** `ws` has the interface of browsers too. */
const native = { WebSocket: NodeWebSocket as unknown as typeof WebSocket }
const dialNative: DialWebSocket = (url, serializers, options) =>
  dialPlatform(url, serializers, { ...options, ...native })

const dialers = [
  ['ws', dialNode],
  ['the WebSocket of the platform', dialNative],
] as const

for (const format of formats)
  for (const [platform, dial] of dialers)
    transportSuite(`batched WebSocket over ${platform} with ${format.name}`, async () => {
      const listener = await TestListener.open({ serializers: [format.router()] })
      const client = await dial(listener.url, [batched(format.client())])
      const { transport: router } = await listener.next()
      return { client, router, release: () => listener.close() }
    })

const transports: Transport[] = []

afterEach(() => {
  for (const transport of transports.splice(0)) transport.close()
})

async function dialed(listener: TestListener, dial: DialWebSocket = dialNode, options = {}) {
  const client = await dial(listener.url, [batched(json())], options)
  transports.push(client)
  const { transport: router } = await listener.next()
  const recorder = new Recorder()
  router.start(recorder)
  const atClient = new Recorder()
  client.start(atClient)
  return { client, router, recorder, atClient }
}

/** A raw client of a subprotocol, which has said HELLO: `limit` is what it takes. */
async function raw(protocol: string, options = {}, limit?: number) {
  const listener = await listen({ serializers: formats.map(({ router }) => router()), ...options })
  const ends = await connected(listener, protocol)
  if (limit !== undefined) {
    ends.client.send(TEXT, `[1,"realm1",{"roles":{},"_max_message_size":${limit}}]\x1e`)
    await ends.recorder.messagesUpTo(1)
  }
  return { listener, ...ends }
}

const call = (id: number) => `[48,${id},{},"com.example.f"]`

describe('a listener', () => {
  const json2 = { serializers: [jsonRelay(), msgpackRelay()] }

  it.each([
    ['wamp.2.json.batched, wamp.2.json', 'wamp.2.json.batched'],
    ['wamp.2.json, wamp.2.json.batched', 'wamp.2.json'],
    ['wamp.2.cbor.batched, wamp.2.msgpack.batched', 'wamp.2.msgpack.batched'],
  ])('of %s takes %s: the order is the client’s', async (asked, chosen) => {
    const { client } = await connected(await listen(json2), asked)
    expect(client.response).toContain(`Sec-WebSocket-Protocol: ${chosen}\r\n`)
  })
})

describe('the router, with batches,', () => {
  it('says all of a turn to a connection in one WebSocket message', async () => {
    const { client, transport } = await raw('wamp.2.json.batched')
    for (let i = 1; i <= 100; i++) transport.send(new Result(i, {}))
    await client.framesUpTo(1)
    transport.send(new Result(101, {}))
    const [first, second] = await client.framesUpTo(2)
    expect(first?.opcode).toBe(TEXT)
    const all = Array.from({ length: 100 }, (_, i) => `[50,${i + 1},{}]\x1e`).join('')
    expect(first?.payload.toString()).toBe(all)
    expect(second?.payload.toString()).toBe('[50,101,{}]\x1e')
    expect(client.reads).toBeLessThanOrEqual(2)
  })

  it.each(['msgpack', 'cbor'])('puts the length in front of each message of %s', async (name) => {
    const format = formats.find((one) => one.name === name)
    const { client, transport } = await raw(`wamp.2.${name}.batched`)
    const messages = [new Result(1, {}), new Result(2, {}, new Payload(['x'.repeat(300)]))]
    for (const message of messages) transport.send(message)
    const [frame] = await client.framesUpTo(1)
    expect(frame?.opcode).toBe(BINARY)
    const parts = messages.flatMap((message) => {
      const encoded = Buffer.from(format?.client().encode(message) as Uint8Array)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(encoded.length)
      return [length, encoded]
    })
    expect(frame?.payload).toEqual(Buffer.concat(parts))
  })

  it('ends a long payload, which it does not copy, like any other', async () => {
    const { client, transport, recorder } = await raw('wamp.2.json.batched')
    const args = `["${'x'.repeat(20 * KIB)}"]`
    client.send(TEXT, `[70,1,{},${args}]\x1e${call(2)}\x1e`)
    const [yielded] = (await recorder.messagesUpTo(2)) as [Message & { payload: Payload }]
    for (const id of [1, 2]) transport.send(new Result(id, {}, yielded.payload))
    transport.send(new Result(3, {}))
    const [frame] = await client.framesUpTo(1)
    expect(frame?.payload.toString()).toBe(`[50,1,{},${args}]\x1e[50,2,{},${args}]\x1e[50,3,{}]\x1e`)
  })

  it('shares the octets of an event among subscribers, whatever else each is told', async () => {
    const listener = await listen()
    const ends = [
      await connected(listener, 'wamp.2.json.batched'),
      await connected(listener, 'wamp.2.json.batched'),
      await connected(listener, 'wamp.2.json'),
    ]
    ends[0]?.transport.send(new Result(1, {}))
    const event = new EventMessage(7, 8, {})
    for (const { transport } of ends) transport.send(event)
    const texts = await Promise.all(
      ends.map(async ({ client }) => (await client.framesUpTo(1)).map(({ payload }) => payload.toString())),
    )
    expect(texts).toEqual([['[50,1,{}]\x1e[36,7,8,{}]\x1e'], ['[36,7,8,{}]\x1e'], ['[36,7,8,{}]']])
  })

  it('says no more at once than the client takes', async () => {
    const { client, transport } = await raw('wamp.2.json.batched', {}, 200)
    for (let i = 1; i <= 100; i++) transport.send(new Result(i, {}))
    await client.until(() =>
      client.frames
        .map(({ payload }) => payload)
        .join('')
        .includes('[50,100,{}]'),
    )
    const lengths = client.frames.map(({ payload }) => payload.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(200)
    expect(client.frames.length).toBeLessThan(12)
    expect(client.frames.map(({ payload }) => payload).join('')).toBe(
      Array.from({ length: 100 }, (_, i) => `[50,${i + 1},{}]\x1e`).join(''),
    )
  })

  it('counts what a batch adds to a message', async () => {
    const { client, transport } = await raw('wamp.2.json.batched', {}, 200)
    const message = (length: number) =>
      new Result(1, {}, new Payload(['x'.repeat(length - '[50,1,{},[""]]'.length)]))
    expect(() => transport.send(message(200))).toThrow(MessageTooLongError)
    transport.send(message(199))
    expect((await client.framesUpTo(1))[0]?.payload.length).toBe(200)
  })

  it('reads all messages of a batch, in order', async () => {
    const { client, recorder } = await raw('wamp.2.json.batched')
    client.send(TEXT, [1, 2, 3].map((id) => `${call(id)}\x1e`).join(''))
    const messages = (await recorder.messagesUpTo(3)) as Call[]
    expect(messages.map(({ requestId }) => requestId)).toEqual([1, 2, 3])
  })

  it.each([
    ['an empty batch', ''],
    ['a message without its separator', call(1)],
    ['a separator too many', `\x1e${call(1)}\x1e`],
    ['something that is no message', '{}\x1e'],
  ])('refuses %s', async (_, batch) => {
    const { client, recorder } = await raw('wamp.2.json.batched')
    client.send(TEXT, batch)
    await recorder.rejection()
    expect(recorder.order).toEqual(['rejection'])
  })

  it('takes what stands before something malformed, and nothing once it has been closed for that', async () => {
    const { client, recorder, transport } = await raw('wamp.2.json.batched')
    recorder.onRejection = () => transport.close()
    client.send(TEXT, `${call(1)}\x1enonsense\x1e${call(2)}\x1e`)
    await client.closeCode()
    client.socket.destroy()
    await recorder.closing()
    expect(recorder.order).toEqual(['message', 'rejection', 'closing'])
  })

  it('refuses the wrong type of frame', async () => {
    const { client, recorder } = await raw('wamp.2.msgpack.batched')
    client.send(TEXT, '\0\0\0\x01A')
    expect((await recorder.rejection()).message).toContain('wamp.2.msgpack has binary frames')
  })

  it('takes no batch that is longer than a message may be', async () => {
    const { client, recorder } = await raw('wamp.2.json.batched', { maxMessageSize: 1000 })
    client.send(TEXT, `${call(1)}\x1e`.repeat(100))
    expect((await recorder.rejection()).message).toBe('a message came that is longer than 1000 bytes')
    expect(await client.closeCode()).toBe(1009)
  })

  it('survives batches of any octets', async () => {
    const { client, recorder } = await raw('wamp.2.cbor.batched')
    const batches = fc.sample(fc.uint8Array({ maxLength: 100 }), { numRuns: 200, seed: 7 })
    for (const batch of batches) client.send(BINARY, Buffer.from(batch))
    const good = Buffer.from(formats[2]?.client().encode(new Call(1, {}, 'com.example.f')) as Uint8Array)
    client.send(BINARY, Buffer.concat([Buffer.of(0, 0, 0, good.length), good]))
    await recorder.messagesUpTo(1)
    expect(recorder.closings).toEqual([])
    expect(recorder.rejections.length).toBeGreaterThanOrEqual(batches.length)
  })

  it('sends each message that waited for a slow consumer as a batch of one', async () => {
    const counters = slowConsumerCounters()
    const policy = slowConsumers('drop-oldest', counters, silentLogger)
    const { client, transport, socket } = await raw('wamp.2.json.batched', {
      sendBufferLimit: 512 * KIB,
      slowConsumers: policy,
    })
    client.socket.pause()
    const text = 'x'.repeat(10 * KIB)
    for (let i = 1; counters.eventsDropped < 50; i++) {
      transport.send(new EventMessage(1, i, {}, new Payload([text])))
      if (i % 20 === 0) await turns()
    }
    expect(socket.writableLength).toBeGreaterThan(0)
    transport.send(new Result(1, {}))
    client.socket.resume()
    await client.until(() => client.frames.at(-1)?.payload.toString() === '[50,1,{}]\x1e')
    for (const { payload } of client.frames) expect(payload.at(-1)).toBe(0x1e)
    const ids = client.frames.flatMap(({ payload }) =>
      [...payload.toString().matchAll(/\[36,1,(\d+)/g)].map(([, id]) => Number(id)),
    )
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })
})

describe.each(dialers)('a client over %s, with batches,', (_, dial) => {
  it('says all of a turn in one WebSocket message', async () => {
    const listener = await listen()
    const { client, recorder, router } = await dialed(listener, dial)
    let batches = 0
    const socket = router as unknown as { ws: { on(event: string, heard: () => void): void } }
    socket.ws.on('message', () => batches++)
    for (let i = 1; i <= 100; i++) client.send(new Call(i, {}, 'com.example.f'))
    expect(client.backlog).toBeGreaterThan(2000)
    await recorder.messagesUpTo(100)
    expect(batches).toBe(1)
  })

  it('says no more at once than the router takes, which it learns from WELCOME', async () => {
    const listener = await listen({ maxMessageSize: 300 })
    const { client, recorder, router, atClient } = await dialed(listener, dial)
    client.send(new Hello('realm1', { roles: {} }))
    await recorder.messagesUpTo(1)
    router.send(new Welcome(1, { roles: {} }))
    await atClient.messagesUpTo(1)
    for (let i = 1; i <= 100; i++) client.send(new Call(i, {}, 'com.example.f'))
    await recorder.messagesUpTo(101)
    expect(recorder.order).not.toContain('rejection')
    expect(() => client.send(new Call(101, {}, 'com.example.f', new Payload(['x'.repeat(300)])))).toThrow(
      MessageTooLongError,
    )
  })

  it('rejects a batch that is malformed, and stays open', async () => {
    const { client, atClient, router } = await dialed(await listen(), dial)
    const { ws } = router as unknown as { ws: { send(text: string): void } }
    for (const batch of ['', '[50,1,{}]', '\x1e']) ws.send(batch)
    router.send(new Result(1, {}))
    await atClient.messagesUpTo(1)
    expect(atClient.order).toEqual(['rejection', 'rejection', 'rejection', 'message'])
    client.close()
  })

  it('drops what it has gathered when the connection goes in the same turn', async () => {
    const { client, atClient, router } = await dialed(await listen(), dial)
    router.close()
    await atClient.closing()
    client.send(new Call(1, {}, 'com.example.f'))
    await turns(3)
    expect(atClient.order).toEqual(['closing'])
  })
})
