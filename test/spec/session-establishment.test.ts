import { describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Authenticate, Hello } from '../../src/messages/session-lifecycle.js'
import { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { VERSION } from '../../src/version.js'
import {
  BASIC_ROLES,
  expectAbort,
  expectEmptyRealm,
  expectViolation,
  RawClient,
  routerWithRealm,
} from './raw-client.js'

describe('Session Establishment (sessions.md)', () => {
  it('router answers HELLO with WELCOME and a session id from 1 to 2^53', () => {
    const raw = RawClient.join(routerWithRealm())
    expect(Number.isInteger(raw.sessionId)).toBe(true)
    expect(raw.sessionId).toBeGreaterThanOrEqual(1)
    expect(raw.sessionId).toBeLessThanOrEqual(2 ** 53)
    raw.hearsNothing()
  })

  it('router gives every session an id of its own', () => {
    const router = routerWithRealm()
    const ids = Array.from({ length: 50 }, () => RawClient.join(router).sessionId)
    expect(new Set(ids).size).toBe(50)
  })

  it('router tells in WELCOME the realm, the identity and its agent', () => {
    const { welcome } = RawClient.join(routerWithRealm())
    expect(welcome).toMatchObject({
      realm: 'realm1',
      authid: expect.stringMatching(/^anonymous-/),
      authrole: 'anonymous',
      authmethod: 'anonymous',
      agent: `wampkit-${VERSION}`,
    })
  })

  it('router names itself as its options say', () => {
    const { welcome } = RawClient.join(routerWithRealm({ agent: 'Exchange-1.0' }))
    expect(welcome.agent).toBe('Exchange-1.0')
  })

  it('router announces both of its roles, and the features of each', () => {
    const { broker, dealer, ...others } = RawClient.join(routerWithRealm()).welcome.roles as Dict
    expect(others).toEqual({})
    expect(broker).toMatchObject({ features: { pattern_based_subscription: true } })
    expect(dealer).toMatchObject({ features: { shared_registration: true } })
  })

  it.each(['publisher', 'subscriber', 'caller', 'callee'])(
    'router lets in a client that plays the role of %s alone',
    (role) => {
      RawClient.join(routerWithRealm(), { roles: { [role]: {} } }).hearsNothing()
    },
  )

  it.each([
    ['an empty dictionary of roles', { roles: {} }],
    ['no roles at all', {}],
    ['only the roles of a router', { roles: { broker: {}, dealer: {} } }],
  ])('router aborts when HELLO has %s', (_, details) => {
    const raw = new RawClient(routerWithRealm())
    raw.say(new Hello('realm1', details))
    expectViolation(raw, /HELLO.Details.roles/)
  })

  it('router aborts with no_such_realm when there is no such realm', () => {
    const raw = new RawClient(routerWithRealm())
    raw.hello({ realm: 'realm2' })
    expect(expectAbort(raw, ERROR.noSuchRealm)).toContain('realm2')
  })

  it.each(['', 'realm..1', 'realm 1', 'realm#1'])(
    'router aborts with invalid_uri when the realm is %j',
    (realm) => {
      const raw = new RawClient(routerWithRealm())
      raw.hello({ realm })
      expectAbort(raw, ERROR.invalidUri)
    },
  )

  it('router ignores attributes of HELLO.Details that it does not know', () => {
    const details = { _custom_key: [1, 2], something_new: { deep: true } }
    RawClient.join(routerWithRealm(), { details, roles: { caller: { features: { no_such_feature: true } } } })
  })

  it('router keeps realms apart', () => {
    const router = new Router({ realms: [{ name: 'realm1' }, { name: 'realm2' }] })
    const here = RawClient.join(router)
    const there = RawClient.join(router, { realm: 'realm2' })
    expect(here.register('com.example.p')).toBeTypeOf('number')
    expect(there.register('com.example.p')).toBeTypeOf('number')
    here.subscribe('com.example.topic')
    there.publish('com.example.topic')
    there.call('com.example.p')
    here.hearsNothing()
    expect(there.invoked()).toBe(1)
  })
})

describe('HELLO must be the first message (sessions.md)', () => {
  const ahead: [string, unknown[]][] = [
    ['CALL', [Code.CALL, 1, {}, 'com.example.p']],
    ['SUBSCRIBE', [Code.SUBSCRIBE, 1, {}, 'com.example.topic']],
    ['PUBLISH', [Code.PUBLISH, 1, {}, 'com.example.topic']],
    ['REGISTER', [Code.REGISTER, 1, {}, 'com.example.p']],
    ['YIELD', [Code.YIELD, 1, {}]],
    ['ERROR', [Code.ERROR, Code.INVOCATION, 1, {}, 'com.example.error']],
    ['CANCEL', [Code.CANCEL, 1, {}]],
    ['GOODBYE', [Code.GOODBYE, {}, 'wamp.close.close_realm']],
    ['AUTHENTICATE', [Code.AUTHENTICATE, 'secret', {}]],
    ['WELCOME', [Code.WELCOME, 1, { roles: {} }]],
    ['CHALLENGE', [Code.CHALLENGE, 'ticket', {}]],
    ['EVENT', [Code.EVENT, 1, 1, {}]],
    ['INVOCATION', [Code.INVOCATION, 1, 1, {}]],
    ['RESULT', [Code.RESULT, 1, {}]],
  ]

  it.each(ahead)('router aborts when %s comes first', (_, message) => {
    const raw = new RawClient(routerWithRealm())
    raw.transport.sayWire(message)
    expectViolation(raw, /./)
  })

  it('router says nothing when ABORT comes first, and closes the transport', () => {
    const raw = new RawClient(routerWithRealm())
    raw.transport.sayWire([Code.ABORT, {}, 'com.example.changed_my_mind'])
    raw.hearsNothing()
    expect(raw.transport.isClosed).toBe(true)
  })

  it('router hears nothing more of a client that it has aborted', () => {
    const router = routerWithRealm()
    const raw = new RawClient(router)
    raw.say(new Authenticate('secret', {}))
    expectAbort(raw, ERROR.protocolViolation)
    raw.transport.isClosed = false
    raw.hello()
    raw.hearsNothing()
    expectEmptyRealm(router)
  })
})

describe('ABORT (sessions.md)', () => {
  it('router removes all that a client had when it says ABORT, and does not answer', () => {
    const router = routerWithRealm()
    const raw = RawClient.join(router)
    const caller = RawClient.join(router, { roles: BASIC_ROLES })
    raw.register('com.example.p')
    raw.subscribe('com.example.topic')
    const pending = caller.call('com.example.p')
    raw.invoked()
    raw.transport.sayWire([Code.ABORT, {}, 'com.example.panic', ['because']])
    raw.hearsNothing()
    expect(raw.transport.isClosed).toBe(true)
    expect(caller.hears(Code.ERROR)).toMatchObject({ requestId: pending, error: ERROR.canceled })
    const again = caller.call('com.example.p')
    expect(caller.hears(Code.ERROR)).toMatchObject({ requestId: again, error: ERROR.noSuchProcedure })
    caller.leave()
    expectEmptyRealm(router)
  })
})
