import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { Call } from '../../../src/messages/rpc.js'
import { json } from '../../../src/serializers/json/json.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import { createMemoryTransports } from '../../../src/transports/memory/memory-transport.js'
import { formats } from '../formats.js'
import { Recorder, turns } from '../recorder.js'
import { transportSuite } from '../transport-suite.js'

for (const { name, client, router } of formats)
  transportSuite(`memory transport with ${name}`, async () => {
    const [near, far] = createMemoryTransports(client(), router())
    return { client: near, router: far }
  })

describe('memory transport', () => {
  it('is local', () => {
    const [client] = createMemoryTransports(json(), json())
    expect(client.info).toEqual({ kind: 'memory', local: true })
  })

  it('refuses two formats', () => {
    expect(() => createMemoryTransports(json(), msgpack())).toThrow(UsageError)
  })

  it('delivers before the event loop turns', async () => {
    const [client, router] = createMemoryTransports(json(), jsonRelay())
    const recorder = new Recorder()
    router.start(recorder)
    await Promise.resolve()
    client.send(new Call(1, {}, 'com.example.f'))
    client.send(new Call(2, {}, 'com.example.f'))
    await Promise.resolve()
    expect(recorder.messages.length).toBe(2)
  })

  it('lets the event loop turn, however long two peers answer each other', async () => {
    const [client, router] = createMemoryTransports(json(), jsonRelay())
    let calls = 0
    client.start({ receive: (message) => client.send(message), reject: () => {}, closed: () => {} })
    router.start({
      receive(message) {
        calls++
        router.send(message)
      },
      reject: () => {},
      closed: () => {},
    })
    client.send(new Call(1, {}, 'com.example.f'))
    await turns(3)
    const after3 = calls
    await turns(3)
    expect(after3).toBeGreaterThan(100)
    expect(calls).toBeGreaterThan(after3)
    client.close()
  })

  describe('that is paused', () => {
    const call = (id: number) => new Call(id, {}, 'com.example.f')
    const idsOf = ({ messages }: Recorder) => messages.map((message) => (message as Call).requestId)

    async function started() {
      const [client, router] = createMemoryTransports(json(), jsonRelay())
      const recorder = new Recorder()
      router.start(recorder)
      await turns()
      return { client, router, recorder }
    }

    it('delivers nothing until all who asked for it have had enough, and then in order', async () => {
      const { client, router, recorder } = await started()
      router.pause?.()
      router.pause?.()
      client.send(call(1))
      await turns(2)
      client.send(call(2))
      router.resume?.()
      await turns(2)
      expect(recorder.order).toEqual([])
      router.resume?.()
      expect(recorder.order).toEqual([])
      client.send(call(3))
      await turns()
      expect(idsOf(recorder)).toEqual([1, 2, 3])
    })

    it('stops behind the message that made somebody ask for it', async () => {
      const { client, router, recorder } = await started()
      recorder.onMessage = (message) => {
        if ((message as Call).requestId === 2) router.pause?.()
      }
      for (const id of [1, 2, 3]) client.send(call(id))
      await turns(2)
      client.send(call(4))
      await turns(2)
      expect(idsOf(recorder)).toEqual([1, 2])
      router.resume?.()
      await turns()
      expect(idsOf(recorder)).toEqual([1, 2, 3, 4])
    })

    it('tells the sender how much waits', async () => {
      const { client, router } = await started()
      expect(client.backlog).toBe(0)
      router.pause?.()
      for (const id of [1, 2]) client.send(call(id))
      expect(client.backlog).toBe(2 * '[48,1,{},"com.example.f"]'.length)
      router.resume?.()
      await turns()
      expect(client.backlog).toBe(0)
    })

    it('delivers what waits before it says that the other end has closed', async () => {
      const { client, router, recorder } = await started()
      router.pause?.()
      client.send(call(1))
      client.close()
      await turns(2)
      expect(recorder.order).toEqual([])
      router.resume?.()
      await turns()
      expect(recorder.order).toEqual(['message', 'closing'])
    })

    it('is resumed in the turn in which the other end closes, and loses nothing either', async () => {
      const { client, router, recorder } = await started()
      router.pause?.()
      client.send(call(1))
      await turns()
      client.close()
      router.resume?.()
      await turns()
      expect(recorder.order).toEqual(['message', 'closing'])
    })

    it('is closed at once by its own end, or where nothing waits', async () => {
      const { client, router, recorder } = await started()
      router.pause?.()
      client.send(call(1))
      router.close()
      await turns()
      expect(recorder.order).toEqual(['closing'])
      const other = await started()
      other.router.pause?.()
      other.client.close()
      await turns()
      expect(other.recorder.order).toEqual(['closing'])
    })
  })

  it('rejects what the other end wrote wrongly', async () => {
    const broken = { ...json(), name: 'json' as const, binary: false, encode: () => '[99]' }
    const [client, router] = createMemoryTransports(broken, jsonRelay())
    const recorder = new Recorder()
    router.start(recorder)
    client.send(new Call(1, {}, 'com.example.f'))
    expect((await recorder.rejection()).message).toContain('99')
  })
})
