import { expect } from 'vitest'
import type { Payload, Peer } from '../peer.js'
import { BOB } from '../router.js'
import { type Checks, failure, freshUri, serve } from './check.js'
import { BOTH } from './payloads.js'

export interface Meta {
  /** A session of the library. */
  readonly peer: Peer
  /** Our client. */
  readonly observer: Peer
  /** A further session of the library. */
  readonly join: () => Promise<Peer>
  /** A further session of our client. */
  readonly joinOurs: (ticket?: typeof BOB) => Promise<Peer>
}

/** What a library learns from the router about the realm, and has it do, by plain calls and subscriptions. */
export const meta: Checks<Meta> = {
  async 'counts and lists the sessions'({ peer, observer, joinOurs }) {
    const poet = await joinOurs(BOB)
    const all = [peer, observer, poet].map(({ session }) => session)
    expect(await ask(peer, 'wamp.session.count')).toBe(3)
    expect(new Set((await ask(peer, 'wamp.session.list')) as number[])).toEqual(new Set(all))
    expect(await ask(peer, 'wamp.session.count', ['poet'])).toBe(1)
    expect(await ask(peer, 'wamp.session.list', ['poet'])).toEqual([poet.session])
    await poet.leave()
  },
  async 'is told of a session'({ peer, observer }) {
    const { session, authid, authrole } = observer
    const told = { session, authid, authrole, authmethod: 'anonymous' }
    expect(await ask(peer, 'wamp.session.get', session)).toMatchObject(told)
    const error = await failure(ask(peer, 'wamp.session.get', 1))
    expect(error.uri).toBe('wamp.error.no_such_session')
  },
  async 'ends a session'({ peer, joinOurs }) {
    const doomed = await joinOurs()
    const kwargs = { reason: 'com.example.enough', message: 'enough' }
    await peer.call('wamp.session.kill', { args: [doomed.session], kwargs })
    expect(await doomed.ended).toBe('com.example.enough')
    const error = await failure(ask(peer, 'wamp.session.kill', peer.session))
    expect(error.uri).toBe('wamp.error.no_such_session')
  },
  async 'ends the sessions of an authid, and of an authrole'({ peer, joinOurs }) {
    const [first, second] = [await joinOurs(BOB), await joinOurs(BOB)]
    const killed = (await ask(peer, 'wamp.session.kill_by_authid', 'bob')) as number[]
    expect(new Set(killed)).toEqual(new Set([first.session, second.session]))
    expect(await Promise.all([first.ended, second.ended])).toEqual(['wamp.close.killed', 'wamp.close.killed'])
    const third = await joinOurs(BOB)
    expect(await ask(peer, 'wamp.session.kill_by_authrole', 'poet')).toBe(1)
    expect(await third.ended).toBe('wamp.close.killed')
  },
  async 'is ended by another session'({ observer, join }) {
    const doomed = await join()
    await observer.call('wamp.session.kill', {
      args: [doomed.session],
      kwargs: { reason: 'com.example.enough' },
    })
    expect(['com.example.enough', undefined]).toContain(await doomed.ended)
  },
  async 'hears who joins and who leaves'({ peer, joinOurs }) {
    const [joined, left] = [
      await peer.subscribe('wamp.session.on_join'),
      await peer.subscribe('wamp.session.on_leave'),
    ]
    const { session, authid, authrole, leave } = await joinOurs(BOB)
    expect(told(await joined.next())).toMatchObject([{ session, authid, authrole, authmethod: 'ticket' }])
    await leave()
    expect(told(await left.next())).toEqual([session, authid, authrole])
  },
  async 'finds registrations'({ peer, observer }) {
    const uri = await serve(observer, 'echo', { match: 'prefix', invoke: 'roundrobin' })
    const id = await ask(peer, 'wamp.registration.lookup', uri, { match: 'prefix' })
    expect(id).toBeGreaterThan(0)
    expect(await ask(peer, 'wamp.registration.match', `${uri}.more`)).toBe(id)
    expect((await ask(peer, 'wamp.registration.lookup', uri)) ?? null).toBeNull()
    expect((await ask(peer, 'wamp.registration.match', 'com.nowhere')) ?? null).toBeNull()
    expect(await ask(peer, 'wamp.registration.get', id)).toMatchObject({
      id,
      uri,
      match: 'prefix',
      invoke: 'roundrobin',
    })
    expect(await ask(peer, 'wamp.registration.list_callees', id)).toEqual([observer.session])
    expect(await ask(peer, 'wamp.registration.count_callees', id)).toBe(1)
    const { prefix } = (await ask(peer, 'wamp.registration.list')) as { prefix: number[] }
    expect(prefix).toContain(id)
  },
  async 'hears of registrations'({ peer, observer }) {
    const inboxes = []
    for (const what of ['create', 'register', 'unregister', 'delete'])
      inboxes.push(await peer.subscribe(`wamp.registration.on_${what}`))
    const uri = freshUri()
    const unregister = await observer.serve(uri, 'echo')
    await unregister()
    const [created = [], ...others] = await Promise.all(
      inboxes.map(async (inbox) => told(await inbox.next())),
    )
    expect(created).toMatchObject([observer.session, { uri, match: 'exact', invoke: 'single' }])
    const { id } = created[1] as { id: number }
    expect(others).toEqual(others.map(() => [observer.session, id]))
  },
  async 'finds subscriptions'({ peer, observer }) {
    const topic = freshUri()
    await observer.subscribe(topic)
    await observer.subscribe(topic, { match: 'prefix' })
    const id = await ask(peer, 'wamp.subscription.lookup', topic)
    const prefixed = await ask(peer, 'wamp.subscription.lookup', topic, { match: 'prefix' })
    expect(new Set((await ask(peer, 'wamp.subscription.match', topic)) as number[])).toEqual(
      new Set([id, prefixed]),
    )
    expect((await ask(peer, 'wamp.subscription.lookup', 'com.nowhere')) ?? null).toBeNull()
    expect((await ask(peer, 'wamp.subscription.match', 'com.nowhere')) ?? null).toBeNull()
    expect(await ask(peer, 'wamp.subscription.get', id)).toMatchObject({ id, uri: topic, match: 'exact' })
    expect(await ask(peer, 'wamp.subscription.list_subscribers', id)).toEqual([observer.session])
    expect(await ask(peer, 'wamp.subscription.count_subscribers', prefixed)).toBe(1)
    const { exact } = (await ask(peer, 'wamp.subscription.list')) as { exact: number[] }
    expect(exact).toContain(id)
  },
  async 'hears of subscriptions'({ peer, observer }) {
    const inboxes = []
    for (const what of ['create', 'subscribe', 'unsubscribe', 'delete'])
      inboxes.push(await peer.subscribe(`wamp.subscription.on_${what}`))
    const topic = freshUri()
    await (await observer.subscribe(topic)).unsubscribe()
    const seen = inboxes.map(async (inbox) => {
      // It hears of its own subscriptions to these topics too, where others have none.
      for (;;) {
        const event = told(await inbox.next())
        if (event[0] === observer.session) return event
      }
    })
    const [created = [], ...others] = await Promise.all(seen)
    expect(created).toMatchObject([observer.session, { uri: topic, match: 'exact' }])
    const { id } = created[1] as { id: number }
    expect(others).toEqual(others.map(() => [observer.session, id]))
  },
  async 'leaves testaments'({ observer, join }) {
    const topic = freshUri()
    const inbox = await observer.subscribe(topic)
    const leaving = await join()
    const leave = (args: unknown[], kwargs = {}) =>
      leaving.call('wamp.session.add_testament', { args: [topic, args, BOTH.kwargs], kwargs })
    await leave(['first of the destroyed'])
    await leave(['second of the destroyed'], { scope: 'destroyed' })
    await leave(['detached'], { scope: 'detached', publish_options: { disclose_me: true } })
    await leaving.leave()
    const events = [await inbox.next(), await inbox.next(), await inbox.next()]
    expect(events.map(({ args }) => args[0])).toEqual([
      'detached',
      'first of the destroyed',
      'second of the destroyed',
    ])
    for (const { kwargs } of events) expect(kwargs).toEqual(BOTH.kwargs)
    expect(events[0]?.publisher?.session).toBe(leaving.session)
  },
  async 'takes back a testament'({ observer, join }) {
    const topic = freshUri()
    const inbox = await observer.subscribe(topic)
    const leaving = await join()
    await leaving.call('wamp.session.add_testament', { args: [topic, ['taken back'], {}] })
    await leaving.call('wamp.session.flush_testaments')
    await leaving.call('wamp.session.add_testament', { args: [topic, ['left'], {}] })
    await leaving.leave()
    expect((await inbox.next()).args).toEqual(['left'])
  },
  async 'reads the history of a topic'({ peer, observer }) {
    const topic = `com.example.history.${freshUri().split('.').at(-1)}`
    const publications: unknown[] = []
    for (const i of [1, 2, 3])
      publications.push(
        await observer.publish(topic, { args: [i, BOTH.args], kwargs: BOTH.kwargs }, { acknowledge: true }),
      )
    const id = await ask(peer, 'wamp.subscription.lookup', 'com.example.history', { match: 'prefix' })
    const kwargs = { topic, reverse: true, limit: 2, until_time: '2999-12-31T23:59:59Z' }
    const answer = await peer.call('wamp.subscription.get_events', { args: [id], kwargs })
    expect(told(answer)).toMatchObject(
      [3, 2].map((i) => ({
        publication: publications[i - 1],
        args: [i, BOTH.args],
        kwargs: BOTH.kwargs,
        details: { topic },
      })),
    )
    const after = { topic, after_publication: publications[0] }
    const later = await peer.call('wamp.subscription.get_events', { args: [id], kwargs: after })
    expect(told(later).map((event) => (event as Payload).args[0])).toEqual([2, 3])
  },
  async 'loses a registration that is taken from it, and goes on'({ peer, observer }) {
    const uri = await serve(peer, 'echo')
    const id = await ask(observer, 'wamp.registration.lookup', uri)
    await observer.call('wamp.registration.remove_callee', {
      args: [id],
      kwargs: { reason: 'com.example.enough' },
    })
    expect((await failure(observer.call(uri))).uri).toBe('wamp.error.no_such_procedure')
    expect((await observer.call(await serve(peer, 'echo'), BOTH)).args).toEqual(BOTH.args)
  },
  async 'loses a subscription that is taken from it, and goes on'({ observer, join }) {
    const peer = await join()
    const [topic, kept] = [freshUri(), freshUri()]
    const [lost, inbox] = [await peer.subscribe(topic), await peer.subscribe(kept)]
    const id = await ask(observer, 'wamp.subscription.lookup', topic)
    await observer.call('wamp.subscription.remove_subscriber', { args: [id] })
    await observer.publish(topic)
    await observer.publish(kept)
    await inbox.next()
    expect(lost.size).toBe(0)
    await peer.leave()
  },
}

/** The only value of what the router answers. */
async function ask(peer: Peer, procedure: string, ...args: unknown[]): Promise<unknown> {
  return told(await peer.call(procedure, { args }))[0]
}

/** Positional values, with ids as numbers: some have them as BigInt. */
function told({ args }: Pick<Payload, 'args'>): readonly unknown[] {
  return inNumbers(args) as readonly unknown[]
}

function inNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(inNumbers)
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inNumbers(item)]))
}
