import { expect, it } from 'vitest'
import type { TrustRule } from '../../src/router.js'
import { overEach } from './over-each.js'
import { hear } from './waiting.js'

const TOPIC = 'com.example.rates.eur'

overEach('Publication Trust Levels (pubsub_publication_trustlevels.md)', (open) => {
  it.each<[string, TrustRule[], unknown]>([
    ['none without rules', [], undefined],
    ['that of a rule for everything', [{ level: 3 }], 3],
    ['0, which is a level', [{ level: 0 }], 0],
    ['that of the first rule that fits', [{ level: 1, uri: 'com.other' }, { level: 2 }, { level: 3 }], 2],
    [
      'that of a rule for the authrole',
      [
        { level: 1, authrole: 'guest' },
        { level: 2, authrole: 'bank' },
      ],
      2,
    ],
    [
      'that of a rule for the authid',
      [
        { level: 1, authid: 'bob' },
        { level: 2, authid: 'ada' },
      ],
      2,
    ],
    ['that of a rule for a prefix', [{ level: 2, uri: 'com.example.', match: 'prefix' }], 2],
    ['that of a rule for a wildcard', [{ level: 2, uri: 'com..rates.', match: 'wildcard' }], 2],
    [
      'that of a rule for publications',
      [
        { level: 1, action: 'call' },
        { level: 2, action: 'publish' },
      ],
      2,
    ],
    ['none where no rule fits', [{ level: 1, authid: 'ada', authrole: 'guest' }], undefined],
  ])('the level of an event is %s', async (_, trustLevels, expected) => {
    await using place = await open({ trustLevels })
    const [subscriber, publisher] = await place.joinAll('', 'ada:bank')
    const heard = await hear(subscriber, TOPIC)
    await publisher.publish(TOPIC)
    expect((await heard.first(1))[0]?.details).toEqual(expected === undefined ? {} : { trustlevel: expected })
  })

  it('it is that of the publisher and its topic, whatever the subscription', async () => {
    await using place = await open({
      trustLevels: [
        { level: 9, uri: TOPIC, authrole: 'bank' },
        { level: 1, uri: 'com.', match: 'prefix' },
      ],
    })
    const [subscriber, ada, bob] = await place.joinAll('', 'ada:bank', 'bob:guest')
    const heard = await hear(subscriber, 'com.', { match: 'prefix' })
    await ada.publish(TOPIC, [], {}, { acknowledge: true })
    await bob.publish(TOPIC, [], {}, { acknowledge: true })
    await ada.publish('com.example.other', [], {}, { acknowledge: true })
    const events = await heard.first(3)
    expect(events.map(({ details }) => details)).toEqual([
      { topic: TOPIC, trustlevel: 9 },
      { topic: TOPIC, trustlevel: 1 },
      { topic: 'com.example.other', trustlevel: 1 },
    ])
  })

  it('a publisher cannot choose its level', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const heard = await hear(subscriber, TOPIC)
    await publisher.publish(TOPIC, [], {}, { extra: { trustlevel: 9 } })
    expect((await heard.first(1))[0]?.details).toEqual({})
  })

  it('it goes with the identity of the publisher, with retained events and into the history', async () => {
    await using place = await open({ trustLevels: [{ level: 5 }], history: [{ topic: TOPIC }] })
    const [subscriber, publisher] = await place.joinAll('', 'ada:bank')
    const options = { discloseMe: true, retain: true, acknowledge: true }
    await publisher.publish(TOPIC, [1], {}, options)
    const heard = await hear(subscriber, TOPIC, { getRetained: true })
    const expected = { trustlevel: 5, publisher_authid: 'ada' }
    expect((await heard.first(1))[0]?.details).toMatchObject({ ...expected, retained: true })
    expect((await subscriber.history(TOPIC))[0]?.details).toMatchObject(expected)
  })
})
