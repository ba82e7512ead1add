import { expect, it } from 'vitest'
import { type MatchPolicy, UsageError } from '../../src/index.js'
import { overEach } from './over-each.js'
import { failure, firsts, hear, settled } from './waiting.js'

overEach('Pattern-based Subscription (pubsub_pattern_based_subscription.md)', (open) => {
  it.each<[MatchPolicy, string, string[], string[]]>([
    [
      'prefix',
      'com.myapp.topic.emergency',
      [
        'com.myapp.topic.emergency.11',
        'com.myapp.topic.emergency-low',
        'com.myapp.topic.emergency.category.severe',
        'com.myapp.topic.emergency',
      ],
      ['com.myapp.topic.emerge', 'com.myapp.topic', 'de.com.myapp.topic.emergency'],
    ],
    ['prefix', 'com.myapp.', ['com.myapp.a', 'com.myapp.a.b'], ['com.myapp', 'com.myapp2']],
    ['prefix', '', ['a', 'com.myapp.a'], []],
    [
      'wildcard',
      'com.myapp..userevent',
      ['com.myapp.foo.userevent', 'com.myapp.bar.userevent', 'com.myapp.a12.userevent'],
      [
        'com.myapp.foo.userevent.bar',
        'com.myapp.foo.user',
        'com.myapp2.foo.userevent',
        'com.myapp.userevent',
      ],
    ],
    ['wildcard', '..c', ['a.b.c', 'x.y.c'], ['a.b', 'a.b.c.d', 'a.b.d']],
    ['wildcard', '..', ['a.b.c'], ['a', 'a.b', 'a.b.c.d']],
    ['exact', 'com.myapp.a', ['com.myapp.a'], ['com.myapp.a.b', 'com.myapp']],
  ])('%s %j: hears %j and not %j', async (match, pattern, inside, outside) => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const heard = await hear(subscriber, pattern, { match })
    for (const topic of [...outside, ...inside]) await publisher.publish(topic, [topic])
    await settled(publisher, subscriber)
    expect(heard.values.map(({ topic }) => topic)).toEqual(inside)
    const told = heard.values.map(({ details }) => details.topic)
    expect(told).toEqual(match === 'exact' ? [undefined] : inside)
  })

  it('every subscription that matches has the event, with one publication id', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const heard = await Promise.all([
      hear(subscriber, 'com.example.a'),
      hear(subscriber, 'com.', { match: 'prefix' }),
      hear(subscriber, 'com.example.a', { match: 'prefix' }),
      hear(subscriber, 'com..a', { match: 'wildcard' }),
    ])
    const publication = await publisher.publish('com.example.a', [1], {}, { acknowledge: true })
    for (const each of heard) {
      const [event] = await each.first(1)
      expect(event).toMatchObject({ publicationId: publication, topic: 'com.example.a', args: [1] })
    }
    await settled(subscriber)
    expect(heard.map(({ values }) => values.length)).toEqual([1, 1, 1, 1])
  })

  it('one URI under three policies is three subscriptions, and each goes by itself', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const heard: string[] = []
    const subscriptions = []
    for (const match of ['exact', 'prefix', 'wildcard'] as const)
      subscriptions.push(await subscriber.subscribe('com.example.a', () => heard.push(match), { match }))
    expect(new Set(subscriptions.map(({ id }) => id)).size).toBe(3)
    const gone: string[][] = []
    for (const subscription of subscriptions) {
      await publisher.publish('com.example.a', [], {}, { acknowledge: true })
      await settled(subscriber)
      gone.push(heard.splice(0).sort())
      await subscription.unsubscribe()
    }
    expect(gone).toEqual([['exact', 'prefix', 'wildcard'], ['prefix', 'wildcard'], ['wildcard']])
  })

  it('subscribers of one pattern share its id; handlers of one client share its events', async () => {
    await using place = await open()
    const [one, other, publisher] = await place.joinAll('', '', '')
    const options = { match: 'prefix' } as const
    const heard = [await hear(one, 'com.', options), await hear(one, 'com.', options)]
    heard.push(await hear(other, 'com.', options))
    const ids = [...one.subscriptions, ...other.subscriptions].map(({ id }) => id)
    expect([ids.length, new Set(ids).size]).toEqual([3, 1])
    await publisher.publish('com.a', [1], {}, { acknowledge: true })
    await settled(one, other)
    expect(heard.map(({ values }) => firsts(values))).toEqual([[1], [1], [1]])
  })

  it('what the router tells of itself reaches patterns that begin with wamp. only', async () => {
    await using place = await open()
    const subscriber = await place.join()
    const everything = await hear(subscriber, '', { match: 'prefix' })
    const three = await hear(subscriber, '..', { match: 'wildcard' })
    const meta = await hear(subscriber, 'wamp.session.', { match: 'prefix' })
    await place.join()
    await meta.first(1)
    await settled(subscriber)
    expect([everything.values.length, three.values.length]).toEqual([0, 0])
  })

  it('a pattern comes back with the next session', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const heard = await hear(subscriber, 'com..a', { match: 'wildcard' })
    await subscriber.stop()
    await subscriber.start()
    await publisher.publish('com.example.a', [1])
    expect((await heard.first(1))[0]).toMatchObject({ topic: 'com.example.a', args: [1] })
  })

  it('a pattern cannot be published to, and is no exact topic', async () => {
    await using place = await open()
    const client = await place.join()
    expect(await failure(client.publish('com..a'))).toBeInstanceOf(UsageError)
    expect(await failure(client.subscribe('com..a', () => {}))).toBeInstanceOf(UsageError)
    const asPrefix = client.subscribe('com..a', () => {}, { match: 'prefix' })
    expect(await failure(asPrefix)).toBeInstanceOf(UsageError)
  })
})
