import { expect, it } from 'vitest'
import type { Client } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure, Heard, hear } from './waiting.js'

const TOPIC = 'com.example.topic'
const nothing = () => {}

function sessionOf({ session }: Client): number {
  return session?.id ?? 0
}

overEach('Subscription Meta API (meta_api_subscriptions.md)', (open) => {
  it('list: ids by how they match', async () => {
    await using place = await open()
    const [subscriber, asking] = await place.joinAll('', '')
    const { list } = asking.meta.subscription
    expect(await list()).toEqual({ exact: [], prefix: [], wildcard: [] })
    const exact = await subscriber.subscribe(TOPIC, nothing)
    const prefix = await subscriber.subscribe('com.', nothing, { match: 'prefix' })
    const wildcard = await subscriber.subscribe('com..topic', nothing, { match: 'wildcard' })
    const { id } = exact
    expect(await list()).toEqual({ exact: [id], prefix: [prefix.id], wildcard: [wildcard.id] })
    await exact.unsubscribe()
    expect(await list()).toEqual({ exact: [], prefix: [prefix.id], wildcard: [wildcard.id] })
  })

  it('lookup: exactly this topic or pattern; null if there is none', async () => {
    await using place = await open()
    const [subscriber, asking] = await place.joinAll('', '')
    const { lookup } = asking.meta.subscription
    const { id } = await subscriber.subscribe('com.example', nothing, { match: 'prefix' })
    expect(await lookup('com.example', { match: 'prefix' })).toBe(id)
    expect(await lookup('com.example')).toBe(null)
    expect(await lookup('com.example.topic', { match: 'prefix' })).toBe(null)
  })

  it('match: all that an event reaches, as a list; null if there are none', async () => {
    await using place = await open()
    const [subscriber, asking] = await place.joinAll('', '')
    const { match } = asking.meta.subscription
    expect(await match(TOPIC)).toBe(null)
    const ids = []
    for (const [topic, policy] of [
      [TOPIC, 'exact'],
      ['com.', 'prefix'],
      ['com..topic', 'wildcard'],
    ] as const)
      ids.push((await subscriber.subscribe(topic, nothing, { match: policy })).id)
    await subscriber.subscribe('org.', nothing, { match: 'prefix' })
    expect(new Set(await match(TOPIC))).toEqual(new Set(ids))
    expect(await match('com.other')).toEqual([ids[1]])
    expect(await match('net.example')).toBe(null)
  })

  it('get, listSubscribers and countSubscribers tell of one subscription', async () => {
    await using place = await open()
    const [one, other, asking] = await place.joinAll('', '', '')
    const { id = 0 } = await one.subscribe('com.', nothing, { match: 'prefix' })
    await other.subscribe('com.', nothing, { match: 'prefix' })
    const { get, listSubscribers, countSubscribers } = asking.meta.subscription
    const info = await get(id)
    expect(info).toEqual({ id, created: info.created, uri: 'com.', match: 'prefix' })
    expect(info.created).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(await listSubscribers(id)).toEqual([sessionOf(one), sessionOf(other)])
    expect(await countSubscribers(id)).toBe(2)
    await one.stop()
    await other.stop()
    for (const call of [get(id), listSubscribers(id), countSubscribers(id)])
      expect(await failure(call)).toMatchObject({ uri: ERROR.noSuchSubscription })
  })

  it('on_create comes before on_subscribe, and on_unsubscribe before on_delete', async () => {
    await using place = await open()
    const [one, other, observer] = await place.joinAll('', '', '')
    const heard = await hear(observer, 'wamp.subscription.', { match: 'prefix' })
    // Of its own subscription the observer hears, or not, as the router has it; here it is of others.
    const about = () => heard.values.filter(({ args }) => args[0] !== sessionOf(observer))
    const first = await one.subscribe(TOPIC, nothing)
    const { id = 0 } = first
    const info = await observer.meta.subscription.get(id)
    await one.subscribe(TOPIC, nothing)
    await other.subscribe(TOPIC, nothing)
    const session = sessionOf(other)
    await other.stop()
    await first.unsubscribe()
    await one.subscriptions[0]?.unsubscribe()
    await observer.meta.session.count()
    expect(about().map(({ topic, args }) => [topic, ...args])).toEqual([
      ['wamp.subscription.on_create', sessionOf(one), info],
      ['wamp.subscription.on_subscribe', sessionOf(one), id],
      ['wamp.subscription.on_subscribe', session, id],
      ['wamp.subscription.on_unsubscribe', session, id],
      ['wamp.subscription.on_unsubscribe', sessionOf(one), id],
      ['wamp.subscription.on_delete', sessionOf(one), id],
    ])
  })

  it('each event has a function of its own', async () => {
    await using place = await open()
    const [subscriber, observer] = await place.joinAll('', '')
    const heard = new Heard<unknown[]>()
    const { onCreate, onSubscribe, onUnsubscribe, onDelete } = observer.meta.subscription
    const session = sessionOf(subscriber)
    const note = (name: string, from: number, what: unknown) => {
      if (from === session) heard.add([name, what])
    }
    await onCreate((from, { uri }) => note('create', from, uri))
    await onSubscribe((from, id) => note('subscribe', from, id))
    await onUnsubscribe((from, id) => note('unsubscribe', from, id))
    await onDelete((from, id) => note('delete', from, id))
    const subscription = await subscriber.subscribe(TOPIC, nothing)
    const { id } = subscription
    await subscription.unsubscribe()
    expect(await heard.first(4)).toEqual([
      ['create', TOPIC],
      ['subscribe', id],
      ['unsubscribe', id],
      ['delete', id],
    ])
  })

  it('a subscription whose history is kept is there without subscribers, and is not deleted', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [subscriber, observer] = await place.joinAll('', '')
    const heard = await hear(observer, 'wamp.subscription.', { match: 'prefix' })
    const { lookup, match, countSubscribers } = observer.meta.subscription
    const id = (await lookup(TOPIC)) ?? 0
    expect(await match(TOPIC)).toEqual([id])
    expect(await countSubscribers(id)).toBe(0)
    const subscription = await subscriber.subscribe(TOPIC, nothing)
    expect(subscription.id).toBe(id)
    await subscription.unsubscribe()
    await observer.meta.session.count()
    const about = heard.values.filter(({ args }) => args[0] === sessionOf(subscriber))
    expect(about.map(({ topic }) => topic.split('.').at(-1))).toEqual(['on_subscribe', 'on_unsubscribe'])
    expect(await lookup(TOPIC)).toBe(id)
  })

  it('countSubscribers calls a nexus router as that spells it', async () => {
    await using place = await open()
    const client = await place.join({ compatibility: 'nexus' })
    const { id = 0 } = await client.subscribe(TOPIC, nothing)
    const error = await failure(client.meta.subscription.countSubscribers(id))
    expect(error).toMatchObject({ uri: ERROR.noSuchProcedure })
    expect((error as Error).message).toContain('count_suscribers')
  })

  it.each<[string, unknown[]]>([
    ['lookup', []],
    ['lookup', [TOPIC, { match: 'glob' }]],
    ['match', [7]],
    ['get', ['7']],
    ['get', [0]],
    ['list_subscribers', []],
    ['count_subscribers', [null]],
    ['remove_subscriber', [{}]],
  ])('%s of %j is wamp.error.invalid_argument', async (name, args) => {
    await using place = await open()
    const client = await place.join()
    const error = await failure(client.call(`wamp.subscription.${name}`, args))
    expect(error).toMatchObject({ uri: ERROR.invalidArgument })
  })
})
