import { describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Subscribe } from '../../src/messages/pubsub.js'
import { Register } from '../../src/messages/rpc.js'
import { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { asTold, joinAs } from './as-told.js'
import { expectAbort, expectError, RawClient, routerWithRealm } from './raw-client.js'

const BAD = [
  '',
  '.',
  'com..p',
  '.com.p',
  'com.p.',
  'com.ex ample',
  'com.\tp',
  'com.p#1',
  '#',
  'a'.repeat(1025),
]
const LOOSE_ONLY = ['Com.Example.P', 'com.example-p', 'com.exämple.p', 'com.example.p!', 'com/example']
const GOOD = ['p', 'com.example.p', 'com.example.p_1', '1.2.3', 'a'.repeat(1024)]

const ALL = ['call', 'register', 'publish', 'subscribe'] as const

const strict = () => new Router({ realms: [{ name: 'realm1', uris: 'strict' }] })

describe('URIs (building_blocks.md)', () => {
  it.each(BAD)('dealer refuses REGISTER of %j with invalid_uri', (uri) => {
    const raw = RawClient.join(routerWithRealm())
    const id = raw.request((requestId) => new Register(requestId, {}, uri))
    expectError(raw, Code.REGISTER, id, ERROR.invalidUri)
    raw.hearsNothing()
  })

  it.each(BAD)('dealer refuses CALL of %j with invalid_uri', (uri) => {
    const raw = RawClient.join(routerWithRealm())
    expectError(raw, Code.CALL, raw.call(uri), ERROR.invalidUri)
  })

  it.each(BAD)('broker refuses SUBSCRIBE to %j with invalid_uri', (uri) => {
    const raw = RawClient.join(routerWithRealm())
    const id = raw.request((requestId) => new Subscribe(requestId, {}, uri))
    expectError(raw, Code.SUBSCRIBE, id, ERROR.invalidUri)
  })

  it.each(BAD)('broker refuses PUBLISH to %j with invalid_uri, if it is acknowledged', (uri) => {
    const raw = RawClient.join(routerWithRealm())
    raw.publish(uri)
    raw.hearsNothing()
    expectError(raw, Code.PUBLISH, raw.publish(uri, [], { acknowledge: true }), ERROR.invalidUri)
  })

  it.each([...GOOD, ...LOOSE_ONLY])('a realm with loose URIs takes %j', (uri) => {
    const router = routerWithRealm()
    const [raw, other] = [RawClient.join(router), RawClient.join(router)]
    raw.register(uri)
    raw.subscribe(uri)
    other.call(uri)
    raw.hears(Code.INVOCATION)
    other.publish(uri)
    raw.hears(Code.EVENT)
  })

  it.each(LOOSE_ONLY)('a realm with strict URIs refuses %j in every request', (uri) => {
    const raw = RawClient.join(strict())
    const register = raw.request((id) => new Register(id, {}, uri))
    expectError(raw, Code.REGISTER, register, ERROR.invalidUri)
    const subscribe = raw.request((id) => new Subscribe(id, {}, uri))
    expectError(raw, Code.SUBSCRIBE, subscribe, ERROR.invalidUri)
    expectError(raw, Code.CALL, raw.call(uri), ERROR.invalidUri)
    expectError(raw, Code.PUBLISH, raw.publish(uri, [], { acknowledge: true }), ERROR.invalidUri)
  })

  it.each(GOOD)('a realm with strict URIs takes %j', (uri) => {
    const raw = RawClient.join(strict())
    raw.register(uri)
    raw.subscribe(uri)
  })
})

describe('URIs: patterns (building_blocks.md)', () => {
  it.each([
    ['wildcard', 'com..p'],
    ['wildcard', '.com.'],
    ['wildcard', '..'],
    ['wildcard', 'com.example.p'],
    ['prefix', 'com.example.'],
    ['prefix', 'com.exam'],
    ['prefix', ''],
  ])('a pattern with the match policy %s may be %j', (match, uri) => {
    const raw = RawClient.join(routerWithRealm())
    raw.register(uri, { match })
    raw.subscribe(uri, { match })
  })

  it.each([
    ['wildcard', 'com. .p'],
    ['wildcard', 'com.#.p'],
    ['prefix', 'com..p'],
    ['prefix', '.com'],
    ['prefix', 'com p'],
    ['exact', 'com..p'],
    ['exact', 'com.example.'],
  ])('a pattern with the match policy %s must not be %j', (match, uri) => {
    const raw = RawClient.join(routerWithRealm())
    const register = raw.request((id) => new Register(id, { match } as Register['options'], uri))
    expectError(raw, Code.REGISTER, register, ERROR.invalidUri)
    const subscribe = raw.request((id) => new Subscribe(id, { match } as Subscribe['options'], uri))
    expectError(raw, Code.SUBSCRIBE, subscribe, ERROR.invalidUri)
  })

  it('a call and a publication must name a complete URI, also where patterns are registered', () => {
    const router = routerWithRealm()
    const [raw, other] = [RawClient.join(router), RawClient.join(router)]
    other.register('com..p', { match: 'wildcard' })
    other.subscribe('', { match: 'prefix' })
    expectError(raw, Code.CALL, raw.call('com..p'), ERROR.invalidUri)
    raw.publish('com..p')
    other.hearsNothing()
  })
})

describe('URIs: how long they may be (building_blocks.md)', () => {
  const long = 'x'.repeat(101)

  it('a router may take shorter ones than by default, and says how long; each is counted', () => {
    const router = routerWithRealm({ limits: { uriLength: 100 } })
    const raw = RawClient.join(router)
    raw.register('x'.repeat(100))
    const register = raw.request((id) => new Register(id, {}, long))
    const subscribe = raw.request((id) => new Subscribe(id, { match: 'prefix' }, long))
    const sentence = ['a URI has 100 characters at most, and this one has 101']
    expect(expectError(raw, Code.REGISTER, register, ERROR.invalidUri)).toEqual(sentence)
    expect(expectError(raw, Code.SUBSCRIBE, subscribe, ERROR.invalidUri)).toEqual(sentence)
    expect(expectError(raw, Code.CALL, raw.call(long), ERROR.invalidUri)).toEqual(sentence)
    expectError(raw, Code.PUBLISH, raw.publish(long, [], { acknowledge: true }), ERROR.invalidUri)
    const stranger = new RawClient(router)
    stranger.hello({ realm: long })
    expect(expectAbort(stranger, ERROR.invalidUri)).toContain('100 characters')
    expect(router.counters.urisTooLong).toBe(5)
  })

  it('a router may take longer ones than by default, and they are judged as all others are', () => {
    const uri = `com.${'x'.repeat(2_000)}`
    const roles = { user: [{ uri: 'com.allowed', allow: ['register'] }] } as const
    const realms = [
      {
        name: 'realm1',
        auth: [asTold],
        roles: { admin: [{ uri: '', match: 'prefix', allow: ALL }], ...roles },
      },
    ] as const
    const router = routerWithRealm({ realms, limits: { uriLength: 4_096 } })
    const [admin, user] = [joinAs(router, 'root:admin'), joinAs(router, 'ada:user')]
    admin.register(uri)
    expectError(user, Code.CALL, user.call(uri), ERROR.notAuthorized)
    admin.call(uri)
    admin.hears(Code.INVOCATION)
  })
})

describe('URIs: wildcard patterns that cost too much (pattern-based registration and subscription)', () => {
  it.each([
    ['REGISTER', Code.REGISTER, (id: number, uri: string) => new Register(id, { match: 'wildcard' }, uri)],
    ['SUBSCRIBE', Code.SUBSCRIBE, (id: number, uri: string) => new Subscribe(id, { match: 'wildcard' }, uri)],
  ])('%s of one with more than 64 components is refused with invalid_uri, and says why', (_, code, make) => {
    const raw = RawClient.join(routerWithRealm())
    const refused = raw.request((id) => make(id, '.'.repeat(64)))
    expect(expectError(raw, code, refused, ERROR.invalidUri)).toEqual([
      'a wildcard pattern has 64 components at most, and this one has 65',
    ])
    raw.request((id) => make(id, '.'.repeat(63)))
    raw.hears(code === Code.REGISTER ? Code.REGISTERED : Code.SUBSCRIBED)
  })

  it.each([
    ['REGISTER', Code.REGISTER, (id: number, uri: string) => new Register(id, { match: 'wildcard' }, uri)],
    ['SUBSCRIBE', Code.SUBSCRIBE, (id: number, uri: string) => new Subscribe(id, { match: 'wildcard' }, uri)],
  ])('%s of one too many that look alike is refused with limit_exceeded, and counted', (_, code, make) => {
    const router = routerWithRealm()
    const raw = RawClient.join(router)
    const alike = (choices: number) =>
      Array.from({ length: 16 }, (_, i) => ((choices >> i) & 1 ? 'a' : '')).join('.')
    for (let choices = 0; choices < 128; choices++) {
      raw.request((id) => make(id, alike(choices)))
      raw.hears(code === Code.REGISTER ? Code.REGISTERED : Code.SUBSCRIBED)
    }
    const refused = raw.request((id) => make(id, alike(128)))
    expectError(raw, code, refused, ERROR.limitExceeded)
    expect(router.counters.refusedByLimit).toBe(1)
    // One more of those that there are costs nothing.
    raw.request((id) => make(id, alike(1).replace('a', 'b')))
    raw.hears(code === Code.REGISTER ? Code.REGISTERED : Code.SUBSCRIBED)
  })
})

describe('Reserved URIs (building_blocks.md)', () => {
  it.each(['wamp', 'wamp.session.count', 'wamp.example'])('dealer refuses REGISTER of %s', (uri) => {
    const raw = RawClient.join(routerWithRealm())
    const id = raw.request((requestId) => new Register(requestId, {}, uri))
    expectError(raw, Code.REGISTER, id, ERROR.invalidUri)
  })

  it.each([
    ['prefix', 'wamp.'],
    ['prefix', 'wamp'],
    ['wildcard', 'wamp..count'],
  ])('dealer refuses REGISTER of a pattern (%s) within wamp.*: %s', (match, uri) => {
    const raw = RawClient.join(routerWithRealm())
    const id = raw.request((requestId) => new Register(requestId, { match } as Register['options'], uri))
    expectError(raw, Code.REGISTER, id, ERROR.invalidUri)
  })

  it.each([
    ['prefix', ''],
    ['prefix', 'wam'],
    ['wildcard', '.session.other'],
    ['wildcard', '..'],
  ])('dealer routes no call of wamp.* to a pattern (%s) that is wider than that: %j', (match, uri) => {
    const router = routerWithRealm()
    const [raw, other] = [RawClient.join(router), RawClient.join(router)]
    other.register(uri, { match })
    expectError(raw, Code.CALL, raw.call('wamp.session.other'), ERROR.noSuchProcedure)
    other.hearsNothing()
  })

  it('broker refuses PUBLISH to wamp.*, and lets everybody subscribe to it', () => {
    const router = routerWithRealm()
    const [raw, other] = [RawClient.join(router), RawClient.join(router)]
    other.subscribe('wamp.session.on_join')
    other.subscribe('wamp.session.', { match: 'prefix' })
    const id = raw.publish('wamp.session.on_join', ['forged'], { acknowledge: true })
    expectError(raw, Code.PUBLISH, id, ERROR.invalidUri)
    raw.publish('wamp.session.on_join', ['forged'])
    other.hearsNothing()
  })

  it('wampum.* is nobody’s but the application’s', () => {
    const raw = RawClient.join(routerWithRealm())
    expect(raw.register('wampum.p')).toBeTypeOf('number')
  })
})
