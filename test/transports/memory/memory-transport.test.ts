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

  it('rejects what the other end wrote wrongly', async () => {
    const broken = { ...json(), name: 'json' as const, binary: false, encode: () => '[99]' }
    const [client, router] = createMemoryTransports(broken, jsonRelay())
    const recorder = new Recorder()
    router.start(recorder)
    client.send(new Call(1, {}, 'com.example.f'))
    expect((await recorder.rejection()).message).toContain('99')
  })
})
