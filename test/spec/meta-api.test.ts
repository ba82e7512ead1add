import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { anonymous, Router } from '../../src/router.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { asTold, joinAs } from './as-told.js'
import { RawClient } from './raw-client.js'

let clock: TestClock
let router: Router
let watcher: RawClient

const join = (who: string) => joinAs(router, who)

/** The meta API answers in a turn of its own. */
async function ask(procedure: string, args: unknown[] = [], kwargs: Record<string, unknown> = {}) {
  watcher.call(procedure, args, {}, kwargs)
  await Promise.resolve()
  return watcher.hears(Code.RESULT).payload.args[0]
}

async function refused(procedure: string, args: unknown[] = [], kwargs: Record<string, unknown> = {}) {
  watcher.call(procedure, args, {}, kwargs)
  await Promise.resolve()
  return watcher.hears(Code.ERROR).error
}

/** The meta events that came: the last component of each topic, and its arguments. */
function told(): unknown[][] {
  const events: unknown[][] = []
  while (watcher.transport.unread.length > 0) {
    const { details, payload } = watcher.hears(Code.EVENT)
    events.push([details.topic?.split('.').at(-1), ...payload.args])
  }
  return events
}

beforeEach(() => {
  clock = new TestClock()
  router = new Router({ realms: [{ name: 'realm1', auth: [asTold] }], clock, closeTimeout: 50 })
  watcher = join('watcher:admin')
})

describe('Session Meta API (meta_api_sessions.md)', () => {
  it('counts and lists sessions, by authrole if asked', async () => {
    const [ada, bob] = [join('ada:staff'), join('bob:guest')]
    expect(await ask('wamp.session.count')).toBe(3)
    expect(await ask('wamp.session.count', [['staff', 'guest']])).toBe(2)
    expect(await ask('wamp.session.list')).toEqual([watcher.sessionId, ada.sessionId, bob.sessionId])
    expect(await ask('wamp.session.list', [['guest']])).toEqual([bob.sessionId])
    expect(await refused('wamp.session.list', ['guest'])).toBe(ERROR.invalidArgument)
  })

  it('tells of one session', async () => {
    const ada = join('ada:staff')
    expect(await ask('wamp.session.get', [ada.sessionId])).toEqual({
      session: ada.sessionId,
      authid: 'ada',
      authrole: 'staff',
      authmethod: 'told',
      authprovider: 'static',
    })
    expect(await refused('wamp.session.get', [4711])).toBe(ERROR.noSuchSession)
    expect(await refused('wamp.session.get', ['ada'])).toBe(ERROR.invalidArgument)
  })

  it('fires on_join with one dictionary, and on_leave with three values', () => {
    watcher.subscribe('wamp.session.', { match: 'prefix' })
    const ada = join('ada:staff')
    ada.leave()
    const details = {
      session: ada.sessionId,
      authid: 'ada',
      authrole: 'staff',
      authmethod: 'told',
      authprovider: 'static',
    }
    expect(told()).toEqual([
      ['on_join', details],
      ['on_leave', ada.sessionId, 'ada', 'staff'],
    ])
  })

  it('kills a session with GOODBYE, and closes the transport when it is answered', async () => {
    const ada = join('ada:staff')
    const kwargs = { reason: 'com.example.why', message: 'because' }
    expect(await ask('wamp.session.kill', [ada.sessionId], kwargs)).toBeUndefined()
    const goodbye = ada.hears(Code.GOODBYE)
    expect([goodbye.reason, goodbye.details.message]).toEqual(['com.example.why', 'because'])
    expect(await ask('wamp.session.count')).toBe(1)
    expect(ada.transport.isClosed).toBe(false)
    clock.pass(50)
    expect(ada.transport.isClosed).toBe(true)
  })

  it('kills with wamp.close.killed unless told otherwise, and never the caller', async () => {
    const ada = join('ada:staff')
    await ask('wamp.session.kill', [ada.sessionId])
    expect(ada.hears(Code.GOODBYE).reason).toBe(CLOSE.killed)
    expect(await refused('wamp.session.kill', [watcher.sessionId])).toBe(ERROR.noSuchSession)
    expect(await refused('wamp.session.kill', [ada.sessionId])).toBe(ERROR.noSuchSession)
    expect(await refused('wamp.session.kill', [4711], { reason: 'no uri' })).toBe(ERROR.invalidUri)
  })

  it('kills by authid (a list of who was killed), and by authrole (their number)', async () => {
    const [a, b, c] = [join('ada:staff'), join('ada:guest'), join('bob:staff')]
    expect(await ask('wamp.session.kill_by_authid', ['ada'])).toEqual([a?.sessionId, b?.sessionId])
    expect(await ask('wamp.session.kill_by_authrole', ['staff'])).toBe(1)
    expect(c?.hears(Code.GOODBYE).reason).toBe(CLOSE.killed)
    expect(await ask('wamp.session.kill_by_authid', ['watcher'])).toEqual([])
  })

  it('kills all others, and tells nobody who left', async () => {
    const others = [join('ada:staff'), join('bob:staff')]
    watcher.subscribe('wamp.session.on_leave')
    expect(await ask('wamp.session.kill_all')).toBe(2)
    for (const other of others) other.hears(Code.GOODBYE)
    watcher.hearsNothing()
    join('eve:guest').leave()
    watcher.hears(Code.EVENT)
  })

  it('lets no stranger end sessions: an anonymous client from another machine', async () => {
    router = new Router({ realms: [{ name: 'realm1', auth: [anonymous(), asTold] }] })
    const ada = join('ada:staff')
    watcher = RawClient.join(router, { local: false })
    expect(await ask('wamp.session.count')).toBe(2)
    for (const [procedure, ...args] of [
      ['kill', ada.sessionId],
      ['kill_by_authid', 'ada'],
      ['kill_by_authrole', 'staff'],
      ['kill_all'],
    ])
      expect(await refused(`wamp.session.${procedure}`, args)).toBe(ERROR.notAuthorized)
    ada.hearsNothing()
    watcher = RawClient.join(router, { local: true })
    expect(await ask('wamp.session.kill_by_authid', ['ada'])).toEqual([ada.sessionId])
  })

  it('knows its caller even if that does not want to be disclosed', async () => {
    watcher.call('wamp.session.kill_all', [], { disclose_me: false })
    await Promise.resolve()
    expect(watcher.hears(Code.RESULT).payload.args).toEqual([0])
  })
})

describe('Registration Meta API (meta_api_registrations.md)', () => {
  it('lists, looks up and matches; null where there is nothing', async () => {
    const callee = join('callee:staff')
    const exact = callee.register('com.example.p')
    const prefix = callee.register('com.example', { match: 'prefix' })
    expect(await ask('wamp.registration.list')).toEqual({ exact: [exact], prefix: [prefix], wildcard: [] })
    expect(await ask('wamp.registration.lookup', ['com.example.p'])).toBe(exact)
    expect(await ask('wamp.registration.lookup', ['com.example', { match: 'prefix' }])).toBe(prefix)
    expect(await ask('wamp.registration.lookup', ['com.example'])).toBeNull()
    expect(await ask('wamp.registration.match', ['com.example.other'])).toBe(prefix)
    expect(await ask('wamp.registration.match', ['org.nobody'])).toBeNull()
    expect(await ask('wamp.registration.match', ['wamp.session.count'])).toBeNull()
    expect(await refused('wamp.registration.lookup', ['a', { match: 'some' }])).toBe(ERROR.invalidArgument)
  })

  it('tells of one registration and its callees', async () => {
    const [a, b] = [join('a:staff'), join('b:staff')] as [RawClient, RawClient]
    const id = a.register('com.example.p', { invoke: 'random' })
    b.register('com.example.p', { invoke: 'random' })
    const created = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    const details = { id, created, uri: 'com.example.p', match: 'exact', invoke: 'random' }
    expect(await ask('wamp.registration.get', [id])).toEqual(details)
    expect(await ask('wamp.registration.list_callees', [id])).toEqual([a.sessionId, b.sessionId])
    expect(await ask('wamp.registration.count_callees', [id])).toBe(2)
    for (const procedure of ['get', 'list_callees', 'count_callees'])
      expect(await refused(`wamp.registration.${procedure}`, [4711])).toBe(ERROR.noSuchRegistration)
  })

  it('fires on_create before on_register, and on_unregister before on_delete', () => {
    watcher.subscribe('wamp.registration.', { match: 'prefix' })
    const [a, b] = [join('a:staff'), join('b:staff')] as [RawClient, RawClient]
    const id = a.register('com.example.p', { invoke: 'first' })
    b.register('com.example.p', { invoke: 'first' })
    a.unregister(id)
    b.leave()
    expect(
      told().map(([event, session, what]) => [event, session, event === 'on_create' ? undefined : what]),
    ).toEqual([
      ['on_create', a.sessionId, undefined],
      ['on_register', a.sessionId, id],
      ['on_register', b.sessionId, id],
      ['on_unregister', a.sessionId, id],
      ['on_unregister', b.sessionId, id],
      ['on_delete', b.sessionId, id],
    ])
  })
})

describe('Subscription Meta API (meta_api_subscriptions.md)', () => {
  it('lists, looks up and matches, all that match; null where there is nothing', async () => {
    const subscriber = join('s:staff')
    const exact = subscriber.subscribe('com.example.t')
    const wildcard = subscriber.subscribe('com..t', { match: 'wildcard' })
    expect(await ask('wamp.subscription.list')).toEqual({ exact: [exact], prefix: [], wildcard: [wildcard] })
    expect(await ask('wamp.subscription.lookup', ['com..t', { match: 'wildcard' }])).toBe(wildcard)
    expect(await ask('wamp.subscription.lookup', ['com.example'])).toBeNull()
    expect(await ask('wamp.subscription.match', ['com.example.t'])).toEqual([exact, wildcard])
    expect(await ask('wamp.subscription.match', ['org.nobody'])).toBeNull()
  })

  it('tells of one subscription and its subscribers', async () => {
    const [a, b] = [join('a:staff'), join('b:staff')] as [RawClient, RawClient]
    const id = a.subscribe('com.example.t')
    b.subscribe('com.example.t')
    const details = { id, created: expect.any(String), uri: 'com.example.t', match: 'exact' }
    expect(await ask('wamp.subscription.get', [id])).toEqual(details)
    expect(await ask('wamp.subscription.list_subscribers', [id])).toEqual([a.sessionId, b.sessionId])
    expect(await ask('wamp.subscription.count_subscribers', [id])).toBe(2)
    expect(await refused('wamp.subscription.get', [4711])).toBe(ERROR.noSuchSubscription)
  })

  it('fires on_create before on_subscribe, and on_unsubscribe before on_delete; once for a second SUBSCRIBE', () => {
    const id = watcher.subscribe('wamp.subscription.', { match: 'prefix' })
    expect(told().map(([event, session]) => [event, session])).toEqual([
      ['on_create', watcher.sessionId],
      ['on_subscribe', watcher.sessionId],
    ])
    const subscriber = join('s:staff')
    const topic = subscriber.subscribe('com.example.t')
    subscriber.subscribe('com.example.t')
    subscriber.leave()
    expect(told().map(([event, , what]) => [event, event === 'on_create' ? undefined : what])).toEqual([
      ['on_create', undefined],
      ['on_subscribe', topic],
      ['on_unsubscribe', topic],
      ['on_delete', topic],
    ])
    expect(id).not.toBe(topic)
  })
})

describe('the space of the protocol', () => {
  it.each([
    ['prefix', ''],
    ['prefix', 'wam'],
    ['wildcard', '..'],
  ])(
    'is told of to nobody who subscribed to a pattern (%s) that is merely wide enough: %j',
    (match, topic) => {
      watcher.subscribe(topic, { match })
      join('ada:staff')
      watcher.hearsNothing()
    },
  )

  it('cannot be registered, published to, or taken from the router', async () => {
    const procedure = 'wamp.session.count'
    const raw = join('eve:guest')
    raw.publish('wamp.session.on_join', [{ session: 1 }], { acknowledge: true })
    expect(raw.hears(Code.ERROR).error).toBe(ERROR.invalidUri)
    expect(await ask(procedure)).toBe(2)
  })
})
