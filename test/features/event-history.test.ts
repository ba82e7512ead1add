import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Client, HistoricEvent, type HistoryFilters, type PublishOptions } from '../../src/index.js'
import { Router } from '../../src/router.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { ERROR } from '../../src/uris.js'
import { type OpenPlace, overEach } from './over-each.js'
import { failure, firsts, hear } from './waiting.js'

const TOPIC = 'com.example.log'
const START = Date.parse('2026-01-31T12:00:00Z')

function kept(client: Client, n: unknown, options: PublishOptions = {}, topic = TOPIC) {
  return client.publish(topic, [n], {}, { ...options, acknowledge: true }) as Promise<number>
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})

afterEach(() => {
  vi.useRealTimers()
})

/** A place with the history of five events, a second apart, 1 to 5. */
async function fiveEvents(open: OpenPlace) {
  const place = await open({ history: [{ topic: TOPIC }] })
  const [client, publisher] = await place.joinAll('', '')
  const publications: number[] = []
  for (let n = 1; n <= 5; n++) {
    publications.push(await kept(publisher, n))
    vi.setSystemTime(START + n * 1_000)
  }
  const found = async (filters: HistoryFilters) => firsts(await client.history(TOPIC, filters))
  return { place, client, publications, found }
}

overEach('Event History (pubsub_event_history.md)', (open) => {
  it('gives the events in the order in which they came, with all that they had', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [client, publisher] = await place.joinAll('', 'ada:engineer')
    const options = { acknowledge: true, discloseMe: true }
    const publication = await publisher.publish(TOPIC, [1, ['two']], { three: 3 }, options)
    vi.setSystemTime(START + 1)
    await kept(publisher, 2)
    const [first, second, ...more] = await client.history(TOPIC)
    expect(first).toBeInstanceOf(HistoricEvent)
    expect(first).toMatchObject({
      topic: TOPIC,
      publicationId: publication,
      timestamp: new Date(START),
      args: [1, ['two']],
      kwargs: { three: 3 },
      publisher: { authid: 'ada' },
      retained: false,
    })
    expect(second).toMatchObject({ timestamp: new Date(START + 1), args: [2], kwargs: {}, details: {} })
    expect(more).toEqual([])
  })

  it.each<[HistoryFilters, number[]]>([
    [{}, [1, 2, 3, 4, 5]],
    [{ reverse: false }, [1, 2, 3, 4, 5]],
    [{ reverse: true }, [5, 4, 3, 2, 1]],
    [{ limit: 2 }, [1, 2]],
    [{ limit: 2, reverse: true }, [5, 4]],
    [{ limit: 100 }, [1, 2, 3, 4, 5]],
    [{ fromTime: START + 2_000 }, [3, 4, 5]],
    [{ afterTime: START + 2_000 }, [4, 5]],
    [{ beforeTime: START + 2_000 }, [1, 2]],
    [{ untilTime: START + 2_000 }, [1, 2, 3]],
    [{ fromTime: new Date(START + 1_000), beforeTime: new Date(START + 3_000) }, [2, 3]],
    [{ fromTime: '2026-01-31T13:00:03+01:00' }, [4, 5]],
    [{ untilTime: '2026-01-31T12:00:00.999Z' }, [1]],
    [{ afterTime: START + 1_000, untilTime: START + 3_000, reverse: true, limit: 1 }, [4]],
    [{ afterTime: START + 3_000, beforeTime: START + 1_000 }, []],
    [{ topic: TOPIC }, [1, 2, 3, 4, 5]],
    [{ topic: 'com.example.other' }, []],
  ])('%j finds %j', async (filters, expected) => {
    const { place, found } = await fiveEvents(open)
    await using _ = place
    expect(await found(filters)).toEqual(expected)
  })

  it('finds events from, after, before and until a publication, by when it came and not by its id', async () => {
    const { place, found, publications } = await fiveEvents(open)
    await using _ = place
    const [, second = 0, third = 0, fourth = 0] = publications
    expect(await found({ fromPublication: third })).toEqual([3, 4, 5])
    expect(await found({ afterPublication: third })).toEqual([4, 5])
    expect(await found({ beforePublication: third })).toEqual([1, 2])
    expect(await found({ untilPublication: third })).toEqual([1, 2, 3])
    expect(await found({ fromPublication: second, untilPublication: fourth })).toEqual([2, 3, 4])
    expect(await found({ afterPublication: second, beforePublication: fourth })).toEqual([3])
    expect(await found({ beforePublication: fourth, reverse: true, limit: 2 })).toEqual([3, 2])
    expect(await found({ afterPublication: fourth, beforePublication: second })).toEqual([])
    expect(await found({ fromPublication: third, afterTime: START + 3_000 })).toEqual([5])
    expect(await found({ fromPublication: 4711 })).toEqual([])
    expect(await found({ beforePublication: 4711 })).toEqual([])
  })

  it('each subscription has a history of its own: the example of the section', async () => {
    const [auth, basket, checkout] = ['auth', 'basket', 'checkout'].map((name) => `com.mycompany.log.${name}`)
    await using place = await open({
      history: [
        { topic: auth ?? '' },
        { topic: basket ?? '' },
        { topic: 'com.mycompany.log', match: 'prefix' },
        { topic: '..log.', match: 'wildcard' },
      ],
    })
    const client = await place.join()
    for (const [n, topic] of [auth, basket, basket, basket, checkout].entries())
      await kept(client, n + 1, {}, topic)
    expect(firsts(await client.history(auth ?? ''))).toEqual([1])
    expect(firsts(await client.history(basket ?? ''))).toEqual([2, 3, 4])
    const pattern = await client.history('com.mycompany.log', { match: 'prefix' })
    expect(pattern.map(({ topic, args }) => [topic, args[0]])).toEqual([
      [auth, 1],
      [basket, 2],
      [basket, 3],
      [basket, 4],
      [checkout, 5],
    ])
    const basketOnly = { match: 'prefix', topic: basket ?? '', limit: 2 } as const
    expect(firsts(await client.history('com.mycompany.log', basketOnly))).toEqual([2, 3])
    expect(firsts(await client.history('..log.', { match: 'wildcard' }))).toEqual([1, 2, 3, 4, 5])
  })

  it('is kept before anybody has subscribed, and after the last subscriber has left', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [subscriber, publisher] = await place.joinAll('', '')
    await kept(publisher, 1)
    const heard = await hear(subscriber, TOPIC)
    await kept(publisher, 2)
    expect(firsts(await heard.first(1))).toEqual([2])
    await subscriber.subscriptions[0]?.unsubscribe()
    await kept(publisher, 3)
    await subscriber.stop()
    await kept(publisher, 4)
    expect(firsts(await publisher.history(TOPIC))).toEqual([1, 2, 3, 4])
    await subscriber.start()
    expect(firsts(await subscriber.history(TOPIC))).toEqual([1, 2, 3, 4])
  })

  it('has the id of the subscription, as SUBSCRIBED tells it', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const client = await place.join()
    await kept(client, 1)
    const { id } = await client.subscribe(TOPIC, () => {})
    const events = await client.call('wamp.subscription.get_events', [id], {}, { details: true })
    expect(events.args).toMatchObject([
      { subscription: id, timestamp: '2026-01-31T12:00:00.000Z', args: [1] },
    ])
  })

  it('what the publisher excluded by session id is not kept at all', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [client, publisher] = await place.joinAll('', '')
    const session = client.session?.id ?? 0
    await kept(publisher, 1, { exclude: { sessions: [4711] } })
    await kept(publisher, 2, { eligible: { sessions: [session] } })
    await kept(publisher, 3, { eligible: { sessions: [] } })
    await kept(publisher, 4)
    expect(firsts(await client.history(TOPIC))).toEqual([4])
  })

  it('the lists of authids and authroles hold for whoever asks', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [ada, bob, publisher] = await place.joinAll('ada:admin', 'bob:user', 'pub:publisher')
    await kept(publisher, 'all')
    await kept(publisher, 'admins', { eligible: { authroles: ['admin'] } })
    await kept(publisher, 'not ada', { exclude: { authids: ['ada'] } })
    await kept(publisher, 'not users', { exclude: { authroles: ['user'] } })
    await kept(publisher, 'bob', { eligible: { authids: ['bob'] } })
    await kept(publisher, 'nobody', { eligible: { authids: [] } })
    expect(firsts(await ada.history(TOPIC))).toEqual(['all', 'admins', 'not users'])
    expect(firsts(await bob.history(TOPIC))).toEqual(['all', 'not ada', 'bob'])
    expect(firsts(await bob.history(TOPIC, { limit: 2 }))).toEqual(['all', 'not ada'])
    expect(firsts(await bob.history(TOPIC, { reverse: true, limit: 2 }))).toEqual(['bob', 'not ada'])
    expect(firsts(await publisher.history(TOPIC))).toEqual(['all', 'not ada', 'not users'])
  })

  it('a publisher finds its own events, though it was not sent them', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const publisher = await place.join()
    await kept(publisher, 1)
    expect(firsts(await publisher.history(TOPIC))).toEqual([1])
  })

  it.each([false, true])(
    'comes in pages of 4 MiB, which the client puts together; reverse: %s',
    async (reverse) => {
      await using place = await open({ history: [{ topic: TOPIC, maxBytes: 64 * 1024 * 1024 }] })
      const client = await place.join()
      const megabyte = 'x'.repeat(1_000_000)
      const numbers = [1, 2, 3, 4, 5, 6]
      for (const n of numbers) await client.publish(TOPIC, [n, megabyte], {}, { acknowledge: true })
      const id = await client.meta.subscription.lookup(TOPIC)
      const page = await client.call('wamp.subscription.get_events', [id], { reverse }, { details: true })
      expect([page.args.length, page.kwargs]).toEqual([4, { is_limit_reached: true }])
      const expected = reverse ? numbers.toReversed() : numbers
      const events = await client.history(TOPIC, { reverse })
      expect(firsts(events)).toEqual(expected)
      expect(events.every(({ args }) => args[1] === megabyte)).toBe(true)
      const second = events[1]?.publicationId ?? 0
      const onward = reverse ? { untilPublication: second } : { fromPublication: second }
      const some = await client.history(TOPIC, { reverse, limit: 5, ...onward })
      expect(firsts(some)).toEqual(expected.slice(1))
    },
  )

  it('an event that is larger than a page has one to itself', async () => {
    await using place = await open({ history: [{ topic: TOPIC, maxBytes: 64 * 1024 * 1024 }] })
    const client = await place.join()
    const large = 'x'.repeat(4_500_000)
    for (const text of ['small', large, 'small']) await kept(client, text)
    expect(firsts(await client.history(TOPIC)).map((text) => (text as string).length)).toEqual([
      5, 4_500_000, 5,
    ])
  })

  it('is bounded by number, by size and by age: the oldest go first', async () => {
    await using place = await open({
      history: [
        { topic: 'com.example.number', maxEvents: 3 },
        { topic: 'com.example.size', maxBytes: 2_500 },
        { topic: 'com.example.age', maxAge: 1_500 },
      ],
    })
    const client = await place.join()
    for (let n = 1; n <= 5; n++) {
      await kept(client, n, {}, 'com.example.number')
      await kept(client, n, {}, 'com.example.age')
      await client.publish('com.example.size', [n, 'x'.repeat(100)], {}, { acknowledge: true })
      vi.setSystemTime(START + n * 1_000)
    }
    expect(firsts(await client.history('com.example.number'))).toEqual([3, 4, 5])
    expect(firsts(await client.history('com.example.size'))).toEqual([4, 5])
    expect(firsts(await client.history('com.example.age'))).toEqual([5])
    vi.setSystemTime(START + 10_000)
    expect(firsts(await client.history('com.example.age'))).toEqual([])
  })

  it('gives events in the format of whoever asks, whatever they were published in', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [client, publisher] = [await place.join(), await place.join({ serializers: [msgpack()] })]
    const args = [new Uint8Array([0, 1, 255]), 'é', 1.5, null, { a: [2 ** 53 - 1] }]
    await publisher.publish(TOPIC, args, { b: true }, { acknowledge: true })
    await client.publish(TOPIC, args, { b: true }, { acknowledge: true })
    for (const asking of [client, publisher]) {
      const events = await asking.history(TOPIC)
      expect(events.map((event) => [event.args, event.kwargs])).toEqual([
        [args, { b: true }],
        [args, { b: true }],
      ])
    }
  })

  it.each([
    ['JSON', json, [cbor, msgpack], [Number.NaN, Number.POSITIVE_INFINITY]],
    ['JSON', json, [cbor], ['\0x']],
    ['MessagePack', msgpack, [json, cbor], [2n ** 70n]],
  ])('in %s has no arguments where it cannot say them, and says so', async (_, unable, able, args) => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [first = cbor] = able
    const publisher = await place.join({ serializers: [first()] })
    const at = { acknowledge: true }
    await publisher.publish(TOPIC, ['before'], {}, at)
    await publisher.publish(TOPIC, args, { args }, at)
    await publisher.publish(TOPIC, ['after'], {}, at)
    const asking = await place.join({ serializers: [unable()] })
    const events = await asking.history(TOPIC)
    expect(events.map((event) => [event.args, event.kwargs, event.details])).toEqual([
      [['before'], {}, {}],
      [[], {}, { _payload_left_out: true }],
      [['after'], {}, {}],
    ])
    for (const serializer of able) {
      const other = await place.join({ serializers: [serializer()] })
      const [, event] = await other.history(TOPIC)
      expect([event?.args, event?.kwargs, event?.details]).toEqual([args, { args }, {}])
    }
  })

  it.each<[string, Record<string, unknown>]>([
    ['a limit of 0', { limit: 0 }],
    ['a negative limit', { limit: -1 }],
    ['a limit that is text', { limit: '5' }],
    ['reverse that is a number', { reverse: 1 }],
    ['a time that is no RFC 3339', { from_time: 'yesterday' }],
    ['a time without a zone', { after_time: '2026-01-31T12:00:00' }],
    ['a time that is a number', { before_time: START }],
    ['a time that does not exist', { until_time: '2026-13-31T12:00:00Z' }],
    ['a publication that is text', { from_publication: 'first' }],
    ['a publication of 0', { after_publication: 0 }],
    ['a publication that is no integer', { before_publication: 1.5 }],
    ['a publication above 2^53', { until_publication: 2 ** 54 }],
    ['a topic that is no URI', { topic: 'com..a' }],
    ['a topic that is a list', { topic: ['com.a'] }],
  ])('%s is wamp.error.invalid_argument, naming it', async (_, filters) => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const client = await place.join()
    const id = await client.meta.subscription.lookup(TOPIC)
    const error = await failure(client.call('wamp.subscription.get_events', [id], filters))
    expect(error).toMatchObject({ uri: ERROR.invalidArgument })
    expect((error as Error).message).toContain(Object.keys(filters)[0])
  })

  it('filters that are null are not there', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const client = await place.join()
    await kept(client, 1)
    const id = await client.meta.subscription.lookup(TOPIC)
    const filters = { reverse: null, limit: null, from_time: null, topic: null, after_publication: null }
    expect(await client.call('wamp.subscription.get_events', [id], filters)).toMatchObject({
      args: [{ args: [1] }],
      kwargs: { is_limit_reached: false },
    })
  })

  it.each<[string, unknown[]]>([
    ['no subscription', []],
    ['a topic in place of its id', [TOPIC]],
    ['null', [null]],
  ])('%s is wamp.error.invalid_argument', async (_, args) => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const client = await place.join()
    const error = await failure(client.call('wamp.subscription.get_events', args))
    expect(error).toMatchObject({ uri: ERROR.invalidArgument })
  })

  it('where there is no subscription it is wamp.error.no_such_subscription', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const client = await place.join()
    const expected = { name: 'ApplicationError', uri: ERROR.noSuchSubscription }
    expect(await failure(client.history('com.example.other'))).toMatchObject(expected)
    expect(await failure(client.history(TOPIC, { match: 'prefix' }))).toMatchObject(expected)
    expect(await failure(client.call('wamp.subscription.get_events', [4711]))).toMatchObject(expected)
  })

  it('where there is one whose history is not kept, it is wamp.error.history_unavailable', async () => {
    await using place = await open()
    const client = await place.join()
    await client.subscribe(TOPIC, () => {})
    await kept(client, 1)
    expect(await failure(client.history(TOPIC))).toMatchObject({ uri: ERROR.historyUnavailable })
  })

  it('each realm, and each history, keeps its own', async () => {
    await using place = await open({ history: [{ topic: TOPIC }, { topic: 'com.example.other' }] })
    const client = await place.join()
    await kept(client, 1)
    await kept(client, 2, {}, 'com.example.other')
    expect(firsts(await client.history(TOPIC))).toEqual([1])
    expect(firsts(await client.history('com.example.other'))).toEqual([2])
  })

  it.each([
    { topic: 'com..a' },
    { topic: '' },
    { topic: 'wamp.session.on_join' },
    { topic: TOPIC, match: 'glob' as never },
    { topic: TOPIC, maxEvents: 0 },
    { topic: TOPIC, maxBytes: -1 },
    { topic: TOPIC, maxAge: Number.NaN },
  ])('a router does not start with the history %j', (history) => {
    expect(() => new Router({ realms: [{ name: 'realm1', history: [history] }] })).toThrow(/history 1/)
  })
})
