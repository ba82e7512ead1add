import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Subscribe } from '../../src/messages/pubsub.js'
import type { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { expectError, RawClient, routerWithRealm } from './raw-client.js'

const TOPIC = 'com.example.sensor.sn1.temperature'
const KEYS = Array.from({ length: 100 }, (_, n) => `sn${n}`)

let router: Router
let publisher: RawClient

beforeEach(() => {
  router = routerWithRealm()
  publisher = RawClient.join(router)
})

function node(nkey?: string): RawClient {
  const subscriber = RawClient.join(router)
  subscriber.subscribe(TOPIC, nkey === undefined ? {} : { nkey })
  return subscriber
}

/** Who hears an event of each key. */
function hearers(
  subscribers: readonly RawClient[],
  keys: readonly (string | undefined)[] = KEYS,
): number[][] {
  return keys.map((rkey) => {
    publisher.publish(TOPIC, [], rkey === undefined ? {} : { rkey })
    return subscribers.flatMap((subscriber, index) => {
      if (subscriber.transport.unread.length === 0) return []
      subscriber.hears(Code.EVENT)
      return [index]
    })
  })
}

describe('Sharded Subscription (pubsub_sharded_subscription.md)', () => {
  it('an event with an rkey goes to one node, the same one for the same key', () => {
    const nodes = [node('node1'), node('node2'), node('node3')]
    const first = hearers(nodes)
    expect(new Set(first.map((heard) => heard.join()))).toEqual(new Set(['0', '1', '2']))
    expect(hearers(nodes)).toEqual(first)
  })

  it('subscribers without an nkey get every event, and an event without an rkey goes to all', () => {
    const subscribers = [node('node1'), node('node2'), node()]
    for (const heard of hearers(subscribers)) {
      expect(heard).toHaveLength(2)
      expect(heard).toContain(2)
    }
    expect(hearers(subscribers, [undefined])).toEqual([[0, 1, 2]])
  })

  it('all sessions of one node get what belongs to it', () => {
    const subscribers = [node('node1'), node('node1'), node('node2')]
    for (const heard of hearers(subscribers)) expect([[0, 1], [2]]).toContainEqual(heard)
  })

  it('only the keys of a node that leaves find another', () => {
    const nodes = [node('node1'), node('node2'), node('node3')]
    const before = hearers(nodes)
    nodes[1]?.leave()
    const after = hearers(nodes)
    before.forEach(([had], i) => {
      if (had === 1) expect(after[i]?.[0]).not.toBe(1)
      else expect(after[i]).toEqual([had])
    })
  })

  it('an nkey of more than 1,024 characters is refused, and one of as many is taken', () => {
    const subscriber = RawClient.join(router)
    const ask = (nkey: string) => subscriber.request((id) => new Subscribe(id, { nkey }, TOPIC))
    const [sentence] = expectError(subscriber, Code.SUBSCRIBE, ask('x'.repeat(1_025)), ERROR.invalidArgument)
    expect(sentence).toMatch(/nkey/)
    publisher.publish(TOPIC)
    subscriber.hearsNothing()
    ask('x'.repeat(1_024))
    subscriber.hears(Code.SUBSCRIBED)
    publisher.publish(TOPIC)
    subscriber.hears(Code.EVENT)
  })

  it('an rkey of more than 1,024 characters is refused, and one of as many is taken', () => {
    const subscriber = node('node1')
    const publish = (length: number) =>
      publisher.publish(TOPIC, [], { rkey: 'x'.repeat(length), acknowledge: true })
    const [sentence] = expectError(publisher, Code.PUBLISH, publish(1_025), ERROR.invalidArgument)
    expect(sentence).toMatch(/rkey/)
    subscriber.hearsNothing()
    publish(1_024)
    publisher.hears(Code.PUBLISHED)
    subscriber.hears(Code.EVENT)
  })

  it('the nkey that was given last counts', () => {
    const subscribers = [node('node1'), node('node2')]
    subscribers[0]?.request((id) => new Subscribe(id, {}, TOPIC))
    subscribers[0]?.hears(Code.SUBSCRIBED)
    for (const heard of hearers(subscribers)) expect(heard).toEqual([0, 1])
  })
})
