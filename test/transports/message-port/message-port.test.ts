import { describe, expect, it } from 'vitest'
import { ProtocolError, TransportError, UsageError } from '../../../src/errors.js'
import { Call } from '../../../src/messages/rpc.js'
import { json } from '../../../src/serializers/json/json.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import type { RelaySerializer, Serializer } from '../../../src/serializers/serializer.js'
import { acceptPort } from '../../../src/transports/message-port/accept-port.js'
import { messagePort } from '../../../src/transports/message-port/message-port.js'
import type { Transport } from '../../../src/transports/transport.js'
import { formats } from '../formats.js'
import { Recorder } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { transportSuite } from '../transport-suite.js'

async function joined(client: Serializer, router: RelaySerializer, maxMessageSize?: number) {
  const { port1, port2 } = new MessageChannel()
  const accepted = new Promise<Transport>((onTransport) => {
    const limit = maxMessageSize === undefined ? {} : { maxMessageSize }
    acceptPort(port1, { serializers: [router], onTransport, ...limit })
  })
  const transport = await messagePort(port2)([client])
  return { client: transport, router: await accepted, port1, port2 }
}

for (const { name, client, router } of formats)
  transportSuite(`message port with ${name}`, () => joined(client(), router()))

describe('a message port', () => {
  it('is local, and needs nobody to look if the other end is there', async () => {
    const { client, router } = await joined(json(), jsonRelay())
    expect([client.info, client.hasHeartbeat]).toEqual([{ kind: 'message-port', local: true }, true])
    client.close()
    router.close()
  })

  it('carries one session, unless a function gets a new port each time', async () => {
    const { port1, port2 } = new MessageChannel()
    acceptPort(port1, { serializers: [jsonRelay()], onTransport: () => {} })
    const connect = messagePort(port2)
    const transport = await connect([json()])
    await expect(connect([json()])).rejects.toThrow(UsageError)
    transport.close()
    const again = messagePort(() => {
      const { port1, port2 } = new MessageChannel()
      acceptPort(port1, { serializers: [jsonRelay()], onTransport: () => {} })
      return port2
    })
    for (const transport of [await again([json()]), await again([json()])]) transport.close()
  })

  it('cannot be opened where nothing is spoken that was offered', async () => {
    const { port1, port2 } = new MessageChannel()
    acceptPort(port1, { serializers: [jsonRelay()], onTransport: () => {} })
    await expect(messagePort(port2)([msgpack()])).rejects.toThrow(/speaks none of the formats/)
  })

  it('is waited at no longer when the other end is gone, or speaks nothing in common', async () => {
    const gone = () => {
      const { port1, port2 } = new MessageChannel()
      const onGone = new Promise<void>((resolve) => {
        const onTransport = () => {}
        acceptPort(port1, { serializers: [jsonRelay()], onTransport, onGone: resolve })
      })
      return { port2, onGone }
    }
    const leaving = gone()
    leaving.port2.close()
    await leaving.onGone
    const foreign = gone()
    await expect(messagePort(foreign.port2)([msgpack()])).rejects.toThrow(/none of the formats/)
    await foreign.onGone
  })

  it('cannot be opened where nobody answers', async () => {
    const clock = new TestClock()
    const { port1, port2 } = new MessageChannel()
    const opening = messagePort(port2)([json()], { clock, handshakeTimeout: 500 })
    await Promise.resolve()
    clock.pass(500)
    await expect(opening).rejects.toThrow(/no answer within 500 ms/)
    port1.close()
    const signal = AbortSignal.abort()
    const { port2: other } = new MessageChannel()
    await expect(messagePort(other)([json()], { signal })).rejects.toThrow(TransportError)
  })

  it('is lost when the thread at the other end is gone', async () => {
    const { router, port2 } = await joined(json(), jsonRelay())
    const atRouter = new Recorder()
    router.start(atRouter)
    port2.close()
    expect(await atRouter.closing()).toBeInstanceOf(TransportError)
  })

  it.each<[string, unknown, RegExp]>([
    ['no list', { a: 1 }, /no message/],
    ['a list of something else', [42], /text or octets/],
    ['a message that is too long', ['x'.repeat(101)], /longer than 100 bytes/],
    ['a message that cannot be read', ['[48'], /./],
  ])('refuses %s', async (_, posted, sentence) => {
    const { router, client, port2 } = await joined(json(), jsonRelay(), 100)
    const atRouter = new Recorder()
    router.start(atRouter)
    port2.postMessage(posted)
    const error = await atRouter.rejection()
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error.message).toMatch(sentence)
    client.close()
    router.close()
  })

  it('says all that was said before it is closed', async () => {
    const { router, client } = await joined(json(), jsonRelay())
    const atRouter = new Recorder()
    router.start(atRouter)
    for (const id of [1, 2]) client.send(new Call(id, {}, 'com.example.f'))
    client.close()
    expect(await atRouter.closing()).toBeUndefined()
    expect(atRouter.messages.length).toBe(2)
  })
})
