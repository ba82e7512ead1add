import { expect, it } from 'vitest'
import { overEach } from './over-each.js'
import { hear } from './waiting.js'

const TOPIC = 'com.example.topic'

overEach('Publisher Identification (pubsub_publisher_identification.md)', (open) => {
  it('subscribers are told who published, if the publisher asks for that', async () => {
    await using place = await open()
    const subscriber = await place.join()
    const publisher = await place.joinAs('ada:engineer')
    const heard = await hear(subscriber, TOPIC)
    await publisher.publish(TOPIC, [], {}, { discloseMe: true })
    const [event] = await heard.first(1)
    const session = publisher.session?.id
    expect(event?.publisher).toEqual({ session, authid: 'ada', authrole: 'engineer' })
    expect(event?.details).toEqual({
      publisher: session,
      publisher_authid: 'ada',
      publisher_authrole: 'engineer',
    })
  })

  it.each([undefined, false])('they are not told with discloseMe %s', async (discloseMe) => {
    await using place = await open()
    const subscriber = await place.join()
    const publisher = await place.joinAs('ada:engineer')
    const heard = await hear(subscriber, TOPIC)
    await publisher.publish(TOPIC, [], {}, discloseMe === undefined ? {} : { discloseMe })
    const [event] = await heard.first(1)
    expect([event?.publisher, event?.details]).toEqual([undefined, {}])
  })

  it('of each publication its own publisher is told, through patterns too', async () => {
    await using place = await open()
    const [subscriber, ada, bob] = await place.joinAll('', 'ada:engineer', 'bob:guest')
    const heard = await hear(subscriber, 'com.', { match: 'prefix' })
    for (const publisher of [ada, bob, ada])
      await publisher.publish(TOPIC, [], {}, { discloseMe: true, acknowledge: true })
    const events = await heard.first(3)
    expect(events.map(({ publisher, topic }) => [publisher?.authid, topic])).toEqual([
      ['ada', TOPIC],
      ['bob', TOPIC],
      ['ada', TOPIC],
    ])
  })

  it('a publisher cannot say that it is somebody else', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', 'ada:engineer')
    const heard = await hear(subscriber, TOPIC)
    const extra = { publisher: 1, publisher_authid: 'root', topic: 'com.example.other', retained: true }
    await publisher.publish(TOPIC, [], {}, { extra })
    expect((await heard.first(1))[0]).toMatchObject({ topic: TOPIC, details: {} })
  })
})
