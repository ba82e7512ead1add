import { describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Subscribe } from '../../src/messages/pubsub.js'
import { Register } from '../../src/messages/rpc.js'
import { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { expectError, RawClient, routerWithRealm } from './raw-client.js'

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
