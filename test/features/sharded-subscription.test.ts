import { expect, it } from 'vitest'
import type { Client, SubscribeOptions } from '../../src/index.js'
import { overEach } from './over-each.js'
import { hear, settled } from './waiting.js'

const TOPIC = 'com.example.sensor'
const KEYS = Array.from({ length: 40 }, (_, n) => `sensor-${n}`)

/** Subscribes each client, and says who hears each key. */
async function share(
  publisher: Client,
  subscribers: readonly Client[],
  options: (i: number) => SubscribeOptions,
  topic = TOPIC,
) {
  const heard = await Promise.all(subscribers.map((subscriber, i) => hear(subscriber, topic, options(i))))
  return async (to = TOPIC): Promise<Record<string, number[]>> => {
    for (const { values } of heard) values.length = 0
    for (const rkey of KEYS) await publisher.publish(to, [rkey], {}, { rkey })
    await settled(publisher, ...subscribers.filter(({ session }) => session !== undefined))
    const hearers = (key: string) =>
      heard.flatMap(({ values }, i) => (values.some(({ args }) => args[0] === key) ? [i] : []))
    return Object.fromEntries(KEYS.map((key) => [key, hearers(key)]))
  }
}

const node = (i: number) => ({ nkey: `node-${i}` })

overEach('Sharded Subscription (pubsub_sharded_subscription.md)', (open) => {
  it('each key has its node, always the same; all nodes have some', async () => {
    await using place = await open()
    const [a, b, c, publisher] = await place.joinAll('', '', '', '')
    const hearers = await share(publisher, [a, b, c], node)
    const first = await hearers()
    expect(Object.values(first).every((hearing) => hearing.length === 1)).toBe(true)
    expect(new Set(Object.values(first).flat())).toEqual(new Set([0, 1, 2]))
    expect(await hearers()).toEqual(first)
  })

  it('when a node leaves, only its own keys move; when it comes back, they do', async () => {
    await using place = await open()
    const [a, b, c, publisher] = await place.joinAll('', '', '', '')
    const hearers = await share(publisher, [a, b, c], node)
    const before = await hearers()
    await b.stop()
    const without = await hearers()
    for (const key of KEYS) {
      if (before[key]?.[0] === 1) expect([[0], [2]]).toContainEqual(without[key])
      else expect(without[key]).toEqual(before[key])
    }
    await b.start()
    expect(await hearers()).toEqual(before)
  })

  it('subscribers without a node hear every key, and do not take part', async () => {
    await using place = await open()
    const [a, b, c, publisher] = await place.joinAll('', '', '', '')
    const hearers = await share(publisher, [a, b, c], (i) => (i === 2 ? {} : node(i)))
    for (const hearing of Object.values(await hearers())) {
      expect(hearing).toContain(2)
      expect(hearing).toHaveLength(2)
    }
  })

  it('subscribers of one node hear the same keys', async () => {
    await using place = await open()
    const [a, twin, b, publisher] = await place.joinAll('', '', '', '')
    const hearers = await share(publisher, [a, twin, b], (i) => node(i === 1 ? 0 : i))
    for (const hearing of Object.values(await hearers())) expect([[0, 1], [2]]).toContainEqual(hearing)
  })

  it('an event without a key reaches all nodes', async () => {
    await using place = await open()
    const [a, b, publisher] = await place.joinAll('', '', '')
    const heard = await Promise.all([a, b].map((client, i) => hear(client, TOPIC, node(i))))
    await publisher.publish(TOPIC, [1])
    await settled(publisher, a, b)
    expect(heard.map(({ values }) => values.length)).toEqual([1, 1])
  })

  it('with a key and no nodes everybody hears', async () => {
    await using place = await open()
    const [a, b, publisher] = await place.joinAll('', '', '')
    const hearers = await share(publisher, [a, b], () => ({}))
    expect(new Set(Object.values(await hearers()).map(String))).toEqual(new Set(['0,1']))
  })

  it('each pattern has nodes of its own', async () => {
    await using place = await open()
    const [a, b, c, publisher] = await place.joinAll('', '', '', '')
    const options = (i: number) => ({ ...node(i), match: 'prefix' as const })
    const hearers = await share(publisher, [a, b], options, 'com.')
    const exact = await hear(c, TOPIC, node(2))
    expect(Object.values(await hearers()).every((hearing) => hearing.length === 1)).toBe(true)
    await settled(c)
    expect(exact.values).toHaveLength(KEYS.length)
  })

  it('the node that a key belongs to does without it if it may not have it', async () => {
    await using place = await open()
    const [ada, bob, publisher] = await place.joinAll('ada:engineer', 'bob:guest', '')
    const heard = await Promise.all([ada, bob].map((client, i) => hear(client, TOPIC, node(i))))
    for (const rkey of KEYS)
      await publisher.publish(TOPIC, [rkey], {}, { rkey, exclude: { authids: ['ada'] } })
    await settled(publisher, ada, bob)
    expect(heard[0]?.values).toEqual([])
    expect(heard[1]?.values.length).toBeGreaterThan(0)
    expect(heard[1]?.values.length).toBeLessThan(KEYS.length)
  })
})
