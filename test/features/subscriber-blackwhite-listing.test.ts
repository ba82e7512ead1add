import { expect, it } from 'vitest'
import type { Client, PublishOptions } from '../../src/index.js'
import { overEach, type Place } from './over-each.js'
import { hear, settled } from './waiting.js'

const TOPIC = 'com.example.topic'
const NAMES = ['ada', 'ann', 'bob', 'cleo'] as const
type Name = (typeof NAMES)[number]

function sessionOf({ session }: Client): number {
  return session?.id ?? 0
}

/** Four subscribers: ada and ann are engineers, bob is a guest, cleo an admin. */
async function gather(place: Place) {
  const [ada, ann, bob, cleo, publisher] = await place.joinAll(
    'ada:engineer',
    'ann:engineer',
    'bob:guest',
    'cleo:admin',
    'pub:engineer',
  )
  const clients = { ada, ann, bob, cleo }
  const heard = await Promise.all(NAMES.map((name) => hear(clients[name], TOPIC)))
  /** Who hears what is published with these options. */
  const hearers = async (options: PublishOptions) => {
    await publisher.publish(TOPIC, [], {}, { ...options, acknowledge: true })
    await settled(...Object.values(clients))
    const hearing = NAMES.filter((_, i) => (heard[i]?.values.splice(0).length ?? 0) > 0)
    return hearing
  }
  return { clients, hearers }
}

overEach('Subscriber Black- and Whitelisting (pubsub_subscriber_blackwhite_listing.md)', (open) => {
  it.each<[string, Omit<PublishOptions, 'acknowledge'>, Name[]]>([
    ['no list', {}, ['ada', 'ann', 'bob', 'cleo']],
    ['eligible authids', { eligible: { authids: ['ada', 'bob', 'nobody'] } }, ['ada', 'bob']],
    ['eligible authroles', { eligible: { authroles: ['engineer'] } }, ['ada', 'ann']],
    ['excluded authids', { exclude: { authids: ['ada'] } }, ['ann', 'bob', 'cleo']],
    ['excluded authroles', { exclude: { authroles: ['engineer', 'guest'] } }, ['cleo']],
    ['an empty whitelist of sessions', { eligible: { sessions: [] } }, []],
    ['an empty whitelist of authids', { eligible: { authids: [] } }, []],
    ['an empty whitelist of authroles', { eligible: { authroles: [] } }, []],
    ['an empty blacklist', { exclude: { sessions: [], authids: [], authroles: [] } }, [...NAMES]],
    [
      'two whitelists, which must both name a subscriber',
      { eligible: { authids: ['ada', 'bob'], authroles: ['engineer'] } },
      ['ada'],
    ],
    [
      'a whitelist that is empty next to one that is not',
      { eligible: { authids: ['ada'], authroles: [] } },
      [],
    ],
    [
      'a whitelist and a blacklist, which wins',
      { eligible: { authroles: ['engineer'] }, exclude: { authids: ['ada'] } },
      ['ann'],
    ],
    [
      'two blacklists, of which either excludes',
      { exclude: { authids: ['bob'], authroles: ['engineer'] } },
      ['cleo'],
    ],
  ])('%s', async (_, options, expected) => {
    await using place = await open()
    const { hearers } = await gather(place)
    expect(await hearers(options)).toEqual(expected)
  })

  it('sessions by their ids', async () => {
    await using place = await open()
    const { clients, hearers } = await gather(place)
    const sessions = [sessionOf(clients.ada), sessionOf(clients.bob)]
    expect(await hearers({ eligible: { sessions } })).toEqual(['ada', 'bob'])
    expect(await hearers({ exclude: { sessions } })).toEqual(['ann', 'cleo'])
    expect(await hearers({ eligible: { sessions, authroles: ['guest'] } })).toEqual(['bob'])
  })

  it('who is eligible and not subscribed hears nothing; the publisher is left out all the same', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('ada:engineer', 'ada:engineer')
    const heard = await hear(subscriber, TOPIC)
    const own = await hear(publisher, TOPIC)
    await publisher.publish(TOPIC, [1], {}, { eligible: { authids: ['ada'] }, acknowledge: true })
    await settled(publisher, subscriber)
    expect([heard.values.length, own.values.length]).toEqual([1, 0])
    const options = { eligible: { authids: ['ada'] }, excludeMe: false, acknowledge: true }
    await publisher.publish(TOPIC, [2], {}, options)
    await settled(publisher, subscriber)
    expect([heard.values.length, own.values.length]).toEqual([2, 1])
  })

  it('the lists hold for patterns too, and are not told', async () => {
    await using place = await open()
    const [ada, bob, publisher] = await place.joinAll('ada:engineer', 'bob:guest', 'pub:engineer')
    const heard = await Promise.all([ada, bob].map((client) => hear(client, 'com.', { match: 'prefix' })))
    const options = { eligible: { authroles: ['guest'] }, exclude: { authids: ['ada'] }, acknowledge: true }
    await publisher.publish(TOPIC, [1], {}, options)
    await settled(ada, bob)
    expect(heard.map(({ values }) => values.map(({ details }) => details))).toEqual([[], [{ topic: TOPIC }]])
  })
})
