import { expect, it } from 'vitest'
import type { Client, TestamentOptions } from '../../src/index.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { ERROR } from '../../src/uris.js'
import { overEach, type Place } from './over-each.js'
import { failure, firsts, hear, settled } from './waiting.js'

const TOPIC = 'com.example.farewell'

function sessionOf({ session }: Client): number {
  return session?.id ?? 0
}

/** Somebody who may be gone soon, and somebody who hears of it. */
async function gather(place: Place, who = '') {
  const [leaver, observer] = await place.joinAll(who, '')
  const heard = await hear(observer, TOPIC)
  const leave = (n: unknown, options?: TestamentOptions) =>
    leaver.meta.session.addTestament(TOPIC, [n], {}, options)
  return { leaver, observer, heard, leave }
}

overEach('Session Testament (pubsub_testament.md)', (open) => {
  it('is published when the session is over, and not before', async () => {
    await using place = await open()
    const { leaver, observer, heard } = await gather(place)
    await leaver.meta.session.addTestament(TOPIC, ['Seeya!', [1]], { my_name: 'app1' })
    await settled(observer)
    expect(heard.values).toEqual([])
    await leaver.stop()
    const [event] = await heard.first(1)
    expect([event?.args, event?.kwargs]).toEqual([['Seeya!', [1]], { my_name: 'app1' }])
  })

  it('needs no arguments', async () => {
    await using place = await open()
    const { leaver, heard } = await gather(place)
    await leaver.meta.session.addTestament(TOPIC)
    await leaver.stop()
    expect(await heard.first(1)).toMatchObject([{ args: [], kwargs: {} }])
  })

  it('is published when the connection is lost', async () => {
    await using place = await open()
    const observer = await place.join()
    const { client, lose } = await place.joinLosable()
    const heard = await hear(observer, TOPIC)
    await client.meta.session.addTestament(TOPIC, ['lost'])
    lose()
    expect(firsts(await heard.first(1))).toEqual(['lost'])
  })

  it('is published when the session is killed', async () => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    await leave('killed')
    await observer.meta.session.kill(sessionOf(leaver))
    expect(firsts(await heard.first(1))).toEqual(['killed'])
  })

  it('killAll publishes none, then or later', async () => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    await leave('killed')
    const left = leaver.once('leave')
    expect(await observer.meta.session.killAll()).toBe(1)
    await left
    await settled(observer)
    expect(heard.values).toEqual([])
  })

  it('several are published in the order in which they were added, detached before destroyed', async () => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    await leave('destroyed 1')
    await leave('detached 1', { scope: 'detached' })
    await leave('destroyed 2', { scope: 'destroyed' })
    await leave('detached 2', { scope: 'detached' })
    await leaver.stop()
    await settled(observer)
    expect(firsts(heard.values)).toEqual(['detached 1', 'detached 2', 'destroyed 1', 'destroyed 2'])
  })

  it.each<[TestamentOptions['scope'] | undefined, string[]]>([
    [undefined, ['detached']],
    ['destroyed', ['detached']],
    ['detached', ['destroyed']],
  ])('flush of the scope %s leaves %j', async (scope, expected) => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    await leave('destroyed')
    await leave('detached', { scope: 'detached' })
    await leaver.meta.session.flushTestaments(scope)
    await leaver.stop()
    await settled(observer)
    expect(firsts(heard.values)).toEqual(expected)
  })

  it('flush without any, and what is added after it', async () => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    await leaver.meta.session.flushTestaments()
    await leave(1)
    await leaver.meta.session.flushTestaments()
    await leave(2)
    await leaver.stop()
    await settled(observer)
    expect(firsts(heard.values)).toEqual([2])
  })

  it('is that of one session: neither of another nor of the next', async () => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    await leave('first')
    const other = await place.join()
    await other.meta.session.flushTestaments()
    await other.stop()
    await leaver.stop()
    await heard.first(1)
    await leaver.start()
    await leaver.stop()
    await settled(observer)
    expect(firsts(heard.values)).toEqual(['first'])
  })

  it('is published in the name of who left, by the options that it gave', async () => {
    await using place = await open()
    const [ada, bob] = await place.joinAll('ada:engineer', 'bob:guest')
    const { leaver, heard } = await gather(place, 'leo:engineer')
    const session = sessionOf(leaver)
    const [atAda, atBob] = [await hear(ada, TOPIC), await hear(bob, TOPIC)]
    const publishOptions = { disclose_me: true, eligible_authrole: ['engineer'], acknowledge: true }
    await leaver.meta.session.addTestament(TOPIC, [1], {}, { publishOptions })
    await leaver.stop()
    const [event] = await atAda.first(1)
    expect(event?.publisher).toEqual({ session, authid: 'leo', authrole: 'engineer' })
    await settled(bob)
    expect([atBob.values, heard.values]).toEqual([[], []])
  })

  it('may be retained, and kept in a history', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const { leaver, observer, heard, leave } = await gather(place)
    await leave('last words', { publishOptions: { retain: true } })
    await leaver.stop()
    await heard.first(1)
    const late = await hear(await place.join(), TOPIC, { getRetained: true })
    expect(firsts(await late.first(1))).toEqual(['last words'])
    expect(firsts(await observer.history(TOPIC))).toEqual(['last words'])
  })

  it('reaches patterns', async () => {
    await using place = await open()
    const { leaver, observer, leave } = await gather(place)
    const heard = await hear(observer, 'com.', { match: 'prefix' })
    await leave(1)
    await leaver.stop()
    expect((await heard.first(1))[0]).toMatchObject({ topic: TOPIC, args: [1] })
  })

  it('comes before on_leave', async () => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    const order: string[] = []
    await observer.subscribe(TOPIC, () => order.push('testament'))
    await observer.meta.session.onLeave(() => order.push('on_leave'))
    await leave(1)
    await leaver.stop()
    await heard.first(1)
    await settled(observer)
    expect(order).toEqual(['testament', 'on_leave'])
  })

  it.each<[string, unknown[], Record<string, unknown>, string]>([
    ['without a topic', [], {}, ERROR.invalidArgument],
    ['with a topic that is a number', [1], {}, ERROR.invalidArgument],
    ['with a topic that is no URI', ['com..a', [], {}], {}, ERROR.invalidUri],
    ['with a topic of WAMP itself', ['wamp.session.on_join', [], {}], {}, ERROR.invalidUri],
    ['with args that are no list', [TOPIC, 'args', {}], {}, ERROR.invalidArgument],
    ['with kwargs that are no dictionary', [TOPIC, [], []], {}, ERROR.invalidArgument],
    ['with an unknown scope', [TOPIC, [], {}], { scope: 'never' }, ERROR.invalidArgument],
    ['with options that are no dictionary', [TOPIC, [], {}], { publish_options: 1 }, ERROR.invalidArgument],
    [
      'with options of the wrong type',
      [TOPIC, [], {}],
      { publish_options: { eligible: 'ada' } },
      ERROR.invalidArgument,
    ],
  ])('%s it is refused, and the session goes on', async (_, args, kwargs, uri) => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    const error = await failure(leaver.call('wamp.session.add_testament', args, kwargs))
    expect(error).toMatchObject({ uri })
    await leave('valid')
    await leaver.stop()
    await settled(observer)
    expect(firsts(heard.values)).toEqual(['valid'])
  })

  it('there is a limit to how many a session may leave', async () => {
    await using place = await open()
    const { leaver, observer, heard, leave } = await gather(place)
    const added = await Promise.allSettled(Array.from({ length: 150 }, (_, n) => leave(n)))
    const refused = added.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(50)
    expect(refused[0]).toMatchObject({ reason: { uri: ERROR.limitExceeded } })
    await leaver.stop()
    await settled(observer)
    expect(firsts(heard.values)).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  it('there is a limit to how much a session may leave', async () => {
    await using place = await open({ router: { sessionLimits: { testamentBytes: 100_000 } } })
    const { leaver, observer, heard, leave } = await gather(place)
    const large = 'x'.repeat(60_000)
    await leave(large)
    expect(await failure(leave(large))).toMatchObject({ uri: ERROR.limitExceeded })
    await leave('small')
    expect(place.router.counters.refusedByLimit).toBe(1)
    await leaver.stop()
    await settled(observer)
    expect(firsts(heard.values)).toEqual([large, 'small'])
  })

  it.each([
    ['json', json],
    ['msgpack', msgpack],
    ['cbor', cbor],
  ])('reaches subscribers of every format as it was left in %s', async (_, serializer) => {
    await using place = await open()
    const leaver = await place.join({ serializers: [serializer()] })
    const observers = await Promise.all(
      [json(), msgpack(), cbor()].map((own) => place.join({ serializers: [own] })),
    )
    const heard = await Promise.all(observers.map((observer) => hear(observer, TOPIC)))
    const args = [new Uint8Array([0, 1, 255]), 'é', 1.5, null, { a: [2 ** 53 - 1] }]
    await leaver.meta.session.addTestament(TOPIC, args, { b: args })
    await leaver.stop()
    for (const one of heard) {
      const [event] = await one.first(1)
      expect([event?.args, event?.kwargs]).toEqual([args, { b: args }])
    }
  })

  it('null in place of what may be left out was not given', async () => {
    await using place = await open()
    const { leaver, heard } = await gather(place)
    await leaver.call('wamp.session.add_testament', [TOPIC, null, null], {
      scope: null,
      publish_options: null,
    })
    await leaver.stop()
    expect(await heard.first(1)).toMatchObject([{ args: [], kwargs: {} }])
  })
})
