import { currentEvent, type ReceivedEvent } from '../../src/index.js'
import { firsts, Heard, hear, settled } from '../features/waiting.js'
import { deepEqual, equal, like, ok } from './assertions.js'
import type { Case } from './case.js'

const MANY = 100

export const eventCases: readonly Case[] = [
  {
    name: 'events have arguments and keywords, and arrive in order (basic/ordering_guarantees.md)',
    async play(stage) {
      const [subscriber, publisher] = stage.pair
      const topic = stage.uri()
      const heard = new Heard<unknown>()
      await subscriber.subscribe(topic, (n: number, { by }: { by: string }) => heard.add([n, by]))
      for (let n = 0; n < MANY; n++) await publisher.publish(topic, [n], { by: `${n}` })
      deepEqual(
        await heard.first(MANY),
        Array.from({ length: MANY }, (_, n) => [n, `${n}`]),
      )
    },
  },
  {
    name: 'a stream of events is read in a loop, until the loop is left',
    async play(stage) {
      const [subscriber, publisher] = stage.pair
      const topic = stage.uri()
      const events = await subscriber.subscribe(topic)
      for (let n = 0; n < 5; n++) await publisher.publish(topic, [n])
      const seen: unknown[] = []
      for await (const { args } of events) {
        seen.push(args[0])
        if (seen.length === 5) break
      }
      deepEqual(seen, [0, 1, 2, 3, 4])
      deepEqual(await publisher.meta.subscription.match(topic), null)
    },
  },
  {
    name: 'an acknowledged publication has the id that its event has (basic/publish_subscribe.md)',
    async play(stage) {
      const [subscriber, publisher] = stage.pair
      const topic = stage.uri()
      const heard = await hear(subscriber, topic)
      const id = await publisher.publish(topic, ['a'], undefined, { acknowledge: true })
      const [event] = await heard.first(1)
      equal(event?.publicationId, id)
      ok(Number.isSafeInteger(id))
    },
  },
  {
    name: 'who publishes does not hear it, unless it wants to (advanced/pubsub_publisher_exclusion.md)',
    async play(stage) {
      const [one, two] = stage.pair
      const topic = stage.uri()
      const [atOne, atTwo] = [await hear(one, topic), await hear(two, topic)]
      await one.publish(topic, ['for others'])
      await one.publish(topic, ['for all'], undefined, { excludeMe: false })
      deepEqual(firsts(await atTwo.first(2)), ['for others', 'for all'])
      deepEqual(firsts(await atOne.first(1)), ['for all'])
    },
  },
  {
    name: 'a prefix and a wildcard match topics (advanced/pubsub_pattern_based_subscription.md)',
    async play(stage) {
      const [subscriber, publisher] = stage.pair
      const topic = stage.uri()
      const byPrefix = new Heard<ReceivedEvent>()
      const byWildcard = new Heard<ReceivedEvent>()
      await subscriber.subscribe(topic, () => byPrefix.add(currentEvent()), { match: 'prefix' })
      await subscriber.subscribe(`${topic}..end`, () => byWildcard.add(currentEvent()), { match: 'wildcard' })
      for (const rest of ['a', 'a.end', 'b.end', 'b.end.more'])
        await publisher.publish(`${topic}.${rest}`, [rest])
      deepEqual(firsts(await byPrefix.first(4)), ['a', 'a.end', 'b.end', 'b.end.more'])
      const matched = await byWildcard.first(2)
      deepEqual(firsts(matched), ['a.end', 'b.end'])
      deepEqual(
        matched.map((event) => event.topic),
        [`${topic}.a.end`, `${topic}.b.end`],
      )
      await settled(publisher, subscriber)
      equal(byWildcard.values.length, 2)
    },
  },
  {
    name: 'subscribers are chosen and left out by session (advanced/pubsub_subscriber_blackwhite_listing.md)',
    async play(stage) {
      const [one, two] = stage.pair
      const publisher = await stage.join()
      const topic = stage.uri()
      const [atOne, atTwo] = [await hear(one, topic), await hear(two, topic)]
      const sessions = [one.session?.id ?? 0]
      await publisher.publish(topic, ['not for one'], undefined, { exclude: { sessions } })
      await publisher.publish(topic, ['for one'], undefined, { eligible: { sessions } })
      await publisher.publish(topic, ['for both'])
      deepEqual(firsts(await atOne.first(2)), ['for one', 'for both'])
      deepEqual(firsts(await atTwo.first(2)), ['not for one', 'for both'])
    },
  },
  {
    name: 'a retained event is there for who subscribes later (advanced/pubsub_event_retention.md)',
    async play(stage) {
      const [subscriber, publisher] = stage.pair
      const topic = stage.uri()
      await publisher.publish(topic, ['old'], undefined, { retain: true })
      await publisher.publish(topic, ['new'], undefined, { retain: true, acknowledge: true })
      const heard = await hear(subscriber, topic, { getRetained: true })
      const [event] = await heard.first(1)
      like(event, { args: ['new'], retained: true })
    },
  },
  {
    name: 'who has unsubscribed hears nothing more (basic/publish_subscribe.md)',
    async play(stage) {
      const [subscriber, publisher] = stage.pair
      const topic = stage.uri()
      const heard = new Heard<unknown>()
      const subscription = await subscriber.subscribe(topic, heard.add)
      await publisher.publish(topic, ['first'])
      await heard.first(1)
      await subscription.unsubscribe()
      await publisher.publish(topic, ['second'], undefined, { acknowledge: true })
      await settled(publisher, subscriber)
      deepEqual(heard.values, ['first'])
    },
  },
]
