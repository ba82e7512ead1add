import { describe, expect, it } from 'vitest'
import { Client, type Serializer } from '../../src/index.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { ERROR } from '../../src/uris.js'
import { turn } from './fake-transport.js'
import { routerWithRealm } from './raw-client.js'

const FORMATS: [string, () => Serializer][] = [
  ['JSON', json],
  ['MessagePack', msgpack],
  ['CBOR', cbor],
]
const PAIRS = FORMATS.flatMap(([a, from]) => FORMATS.map(([b, to]) => [a, b, from, to] as const))

async function joined(...serializers: (() => Serializer)[]) {
  const router = routerWithRealm()
  const clients = await Promise.all(
    serializers.map((serializer) =>
      new Client({ router, realm: 'realm1', serializers: [serializer()] }).start(),
    ),
  )
  const close = async () => {
    await Promise.all(clients.map((client) => client.stop()))
    await router.close()
  }
  return { clients, [Symbol.asyncDispose]: close }
}

const VALUES = [null, true, 0, -1, 1.5, 2 ** 40, 'text', '', 'ä€𝄞', [], [1, [2]], { a: { b: [] } }]

describe('Serializers: sessions of different formats in one realm (building_blocks.md)', () => {
  it.each(PAIRS)('values cross from %s to %s, and back', async (_, __, from, to) => {
    await using world = await joined(from, to)
    const [a, b] = world.clients as [Client, Client]
    const heard: unknown[] = []
    await b.register('com.example.echo', (values, more) => ({ values, more }))
    await b.subscribe('com.example.topic', (...args) => heard.push(args))
    const binary = new Uint8Array([0, 255, 1])
    const echoed = await a.call<Record<string, unknown>>('com.example.echo', [VALUES], { binary })
    expect(echoed.values).toEqual(VALUES)
    expect(new Uint8Array((echoed.more as { binary: Uint8Array }).binary)).toEqual(binary)
    await a.publish('com.example.topic', VALUES, undefined, { acknowledge: true })
    await turn()
    expect(heard).toEqual([VALUES])
  })

  it('a call whose arguments its callee’s format cannot carry fails, and nobody else notices', async () => {
    await using world = await joined(msgpack, json)
    const [caller, callee] = world.clients as [Client, Client]
    await callee.register('com.example.echo', (value) => value)
    await expect(caller.call('com.example.echo', [Number.NaN])).rejects.toMatchObject({
      uri: ERROR.invalidArgument,
    })
    expect(await caller.call('com.example.echo', [1])).toBe(1)
  })

  it('a call whose result its caller’s format cannot carry fails, and nobody else notices', async () => {
    await using world = await joined(json, cbor)
    const [caller, callee] = world.clients as [Client, Client]
    await callee.register('com.example.infinity', async function* (later: boolean) {
      if (later) yield Number.POSITIVE_INFINITY
      return Number.POSITIVE_INFINITY
    })
    await callee.register('com.example.echo', (value) => value)
    const onProgress = () => {}
    for (const later of [true, false])
      await expect(caller.call('com.example.infinity', [later], {}, { onProgress })).rejects.toMatchObject({
        uri: ERROR.invalidArgument,
      })
    expect(await caller.call('com.example.echo', [1])).toBe(1)
  })

  it('an event that a subscriber’s format cannot carry reaches the others', async () => {
    await using world = await joined(msgpack, json, cbor)
    const [publisher, ...subscribers] = world.clients as [Client, Client, Client]
    const heard: unknown[] = []
    for (const subscriber of subscribers)
      await subscriber.subscribe('com.example.topic', (n) => heard.push(n))
    await publisher.publish('com.example.topic', [Number.NaN], undefined, { acknowledge: true })
    await publisher.publish('com.example.topic', [1], undefined, { acknowledge: true })
    await turn()
    expect(heard.length).toBe(3)
    expect(heard.filter((value) => value === 1)).toHaveLength(2)
  })
})
