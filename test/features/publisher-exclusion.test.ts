import { expect, it } from 'vitest'
import { overEach } from './over-each.js'
import { firsts, hear, settled } from './waiting.js'

const TOPIC = 'com.example.topic'

overEach('Publisher Exclusion (pubsub_publisher_exclusion.md)', (open) => {
  it.each([
    ['not told', undefined, []],
    ['told true', true, []],
    ['told false', false, [1]],
  ])('with excludeMe %s the publisher has, of its own event, %s %j', async (_, excludeMe, expected) => {
    await using place = await open()
    const [publisher, other] = await place.joinAll('', '')
    const own = await hear(publisher, TOPIC)
    const pattern = await hear(publisher, 'com.', { match: 'prefix' })
    const others = await hear(other, TOPIC)
    await publisher.publish(TOPIC, [1], {}, excludeMe === undefined ? {} : { excludeMe })
    await settled(publisher, other)
    expect(firsts(own.values)).toEqual(expected)
    expect(firsts(pattern.values)).toEqual(expected)
    expect(firsts(others.values)).toEqual([1])
  })

  it('another session of the same authid is not the publisher', async () => {
    await using place = await open()
    const [publisher, twin] = await place.joinAll('ada:engineer', 'ada:engineer')
    const heard = await hear(twin, TOPIC)
    await publisher.publish(TOPIC, [1])
    await settled(publisher, twin)
    expect(firsts(heard.values)).toEqual([1])
  })

  it('excludeMe: false sends nothing to a publisher that has not subscribed', async () => {
    await using place = await open()
    const publisher = await place.join()
    const heard = await hear(publisher, 'com.example.other')
    await publisher.publish(TOPIC, [1], {}, { excludeMe: false, acknowledge: true })
    await settled(publisher)
    expect(heard.values).toEqual([])
  })
})
