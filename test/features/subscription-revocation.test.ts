import { expect, it } from 'vitest'
import type { Client } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'
import { overEach } from './over-each.js'
import { failure, firsts, hear, readAll, settled } from './waiting.js'

const TOPIC = 'com.example.topic'

function idOf({ id }: { id: number | undefined }): number {
  return id ?? 0
}

function sessionOf({ session }: Client): number {
  return session?.id ?? 0
}

overEach('Subscription Revocation (pubsub_subscription_revocation.md)', (open) => {
  it('the realm takes a subscription back: the subscriber is told, and hears nothing more', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const heard: unknown[] = []
    const subscription = await subscriber.subscribe(TOPIC, (n) => heard.push(n))
    await publisher.publish(TOPIC, [1], {}, { acknowledge: true })
    const revoked = subscriber.once('revoke')
    expect(place.realm.revokeSubscription(idOf(subscription), { reason: 'no longer authorized' })).toBe(1)
    expect(await revoked).toEqual({ role: 'subscriber', uri: TOPIC, reason: 'no longer authorized' })
    expect(subscription.id).toBeUndefined()
    await publisher.publish(TOPIC, [2])
    await settled(publisher, subscriber)
    expect(heard).toEqual([1])
  })

  it('a stream of events gives those that had come, then an error', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const stream = await subscriber.subscribe(TOPIC)
    await publisher.publish(TOPIC, [1], {}, { acknowledge: true })
    place.realm.revokeSubscription(idOf(stream.subscription), { reason: 'enough' })
    const { seen, error } = await readAll(stream)
    expect(firsts(seen)).toEqual([1])
    expect(error).toMatchObject({ name: 'ApplicationError', uri: ERROR.noSuchSubscription })
    expect((error as Error).message).toContain('enough')
    expect(subscriber.subscriptions).toEqual([])
  })

  it('a client takes it back by removeSubscriber, from all or from one, and hears from how many', async () => {
    await using place = await open()
    const [a, b, c, admin] = await place.joinAll('', '', '', '')
    const subscriptions = []
    for (const client of [a, b, c]) subscriptions.push(await client.subscribe(TOPIC, () => {}))
    const id = idOf(subscriptions[0] as never)
    const told: unknown[] = []
    for (const client of [a, b, c])
      client.on('revoke', ({ reason }) => told.push([sessionOf(client), reason]))
    const { removeSubscriber, listSubscribers } = admin.meta.subscription
    expect(await removeSubscriber(id, sessionOf(a), { reason: 'moved' })).toBe(1)
    expect(await listSubscribers(id)).toEqual([sessionOf(b), sessionOf(c)])
    expect(await removeSubscriber(id)).toBe(2)
    await settled(a, b, c)
    expect(told).toEqual([
      [sessionOf(a), 'moved'],
      [sessionOf(b), undefined],
      [sessionOf(c), undefined],
    ])
    expect(await failure(removeSubscriber(id))).toMatchObject({ uri: ERROR.noSuchSubscription })
  })

  it('others keep theirs, and so does the subscriber its other topics', async () => {
    await using place = await open()
    const [one, other, publisher] = await place.joinAll('', '', '')
    const subscription = await one.subscribe(TOPIC, () => {})
    const pattern = await hear(one, 'com.', { match: 'prefix' })
    const others = await hear(other, TOPIC)
    const revoked = one.once('revoke')
    place.realm.revokeSubscription(idOf(subscription), { session: sessionOf(one) })
    await revoked
    await publisher.publish(TOPIC, [1])
    expect(firsts(await pattern.first(1))).toEqual([1])
    expect(firsts(await others.first(1))).toEqual([1])
  })

  it('it is told of as of any other end: on_unsubscribe, then on_delete', async () => {
    await using place = await open()
    const [subscriber, observer] = await place.joinAll('', '')
    const { id } = await subscriber.subscribe(TOPIC, () => {})
    const heard = await hear(observer, 'wamp.subscription.', { match: 'prefix' })
    await settled(observer)
    heard.values.length = 0
    place.realm.revokeSubscription(id ?? 0)
    expect((await heard.first(2)).map(({ topic, args }) => [topic, ...args])).toEqual([
      ['wamp.subscription.on_unsubscribe', sessionOf(subscriber), id],
      ['wamp.subscription.on_delete', sessionOf(subscriber), id],
    ])
  })

  it('the next session subscribes again, under the same handle', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const heard = await hear(subscriber, TOPIC)
    const [subscription] = subscriber.subscriptions
    const revoked = subscriber.once('revoke')
    place.realm.revokeSubscription(subscription?.id ?? 0)
    await revoked
    expect(subscriber.subscriptions).toEqual([subscription])
    await subscriber.stop()
    await subscriber.start()
    await publisher.publish(TOPIC, [1])
    expect(firsts(await heard.first(1))).toEqual([1])
  })

  it('who subscribes again after a revocation hears again, and so do the handlers of before', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const before = await hear(subscriber, TOPIC)
    const revoked = subscriber.once('revoke')
    place.realm.revokeSubscription(subscriber.subscriptions[0]?.id ?? 0)
    await revoked
    const after = await hear(subscriber, TOPIC)
    await publisher.publish(TOPIC, [1])
    expect(firsts(await after.first(1))).toEqual([1])
    expect(firsts(await before.first(1))).toEqual([1])
    await subscriber.stop()
    await subscriber.start()
    await publisher.publish(TOPIC, [2])
    expect(firsts(await after.first(2))).toEqual([1, 2])
  })

  it('an unsubscribe() that crosses the revocation has its way', async () => {
    await using place = await open()
    const [subscriber, publisher] = await place.joinAll('', '')
    const subscription = await subscriber.subscribe(TOPIC, () => {})
    const id = idOf(subscription)
    const unsubscribed = subscription.unsubscribe()
    place.realm.revokeSubscription(id)
    await unsubscribed
    expect(subscriber.subscriptions).toEqual([])
    const heard = await hear(subscriber, TOPIC)
    await publisher.publish(TOPIC, [1])
    expect(firsts(await heard.first(1))).toEqual([1])
  })

  it('the history of a topic outlives it', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [subscriber, publisher] = await place.joinAll('', '')
    const subscription = await subscriber.subscribe(TOPIC, () => {})
    const revoked = subscriber.once('revoke')
    place.realm.revokeSubscription(idOf(subscription))
    await revoked
    await publisher.publish(TOPIC, [1], {}, { acknowledge: true })
    expect(firsts(await publisher.history(TOPIC))).toEqual([1])
  })
})
