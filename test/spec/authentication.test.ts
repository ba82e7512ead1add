import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Authenticate, Challenge } from '../../src/messages/session-lifecycle.js'
import {
  type AuthenticationStep,
  anonymous,
  checkTickets,
  Router,
  type RouterAuthentication,
} from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { turn } from './fake-transport.js'
import { expectAbort, expectEmptyRealm, expectViolation, RawClient } from './raw-client.js'

const routerWith = (...auth: RouterAuthentication[]) =>
  new Router({ realms: [{ name: 'realm1', auth }], logger: silentLogger })

const welcome: AuthenticationStep = {
  outcome: 'welcome',
  principal: { authid: 'ada', authrole: 'engineer', authprovider: 'dynamic', authextra: { badge: 7 } },
}
const refusal: AuthenticationStep = {
  outcome: 'refusal',
  reason: ERROR.authenticationDenied,
  message: 'no',
}

/** A method of a test, that needs no more than its first step. */
const custom = (begin: RouterAuthentication['begin']): RouterAuthentication => ({ method: 'custom', begin })

const asCustom = { details: { authmethods: ['custom'] } }

describe('Authentication Methods: anonymous (authentication.md)', () => {
  it('router lets anonymous clients of its machine in by default, and nobody from afar', () => {
    const router = new Router({ realms: [{ name: 'realm1' }] })
    expect(RawClient.join(router).welcome.authmethod).toBe('anonymous')
    const remote = new RawClient(router, { local: false })
    remote.hello()
    expectAbort(remote, ERROR.authenticationRequired)
    expect(router.realms.get('realm1')?.sessions.size).toBe(1)
  })

  it('router lets anonymous clients from afar in if its realm says so, and gives them the authrole', () => {
    const router = routerWith(anonymous({ authrole: 'guest' }))
    const { welcome } = RawClient.join(router, { local: false })
    expect(welcome).toMatchObject({ authrole: 'guest', authmethod: 'anonymous' })
  })

  it('router gives each anonymous client an authid of its own, whatever it asks for', () => {
    const router = routerWith(anonymous())
    const [a, b] = [0, 1].map(() => RawClient.join(router, { details: { authid: 'root' } }).welcome.authid)
    expect(a).not.toBe('root')
    expect(a).not.toBe(b)
  })

  it.each([[[]], [['anonymous']], [['wampcra', 'anonymous']]])(
    'router takes a client that offers %j for anonymous',
    (authmethods) => {
      RawClient.join(routerWith(anonymous()), { details: { authmethods } })
    },
  )
})

describe('Authentication Methods: the choice of a method (authentication.md)', () => {
  it.each([[undefined], [[]], [['wampcra', 'scram']]])(
    'router aborts with no_matching_auth_method when the client offers %j and the realm takes tickets',
    (authmethods) => {
      const raw = new RawClient(routerWith(checkTickets({})))
      raw.hello({ details: authmethods === undefined ? {} : { authmethods } })
      expectAbort(raw, ERROR.noMatchingAuthMethod)
    },
  )

  it('router lets nobody into a realm without any method', () => {
    const raw = new RawClient(routerWith())
    raw.hello()
    expectAbort(raw, ERROR.noMatchingAuthMethod)
  })

  it('router takes the first method of the client that the realm has', () => {
    const router = routerWith(
      anonymous(),
      custom(() => welcome),
    )
    const details = { authmethods: ['unheard_of', 'custom', 'anonymous'] }
    expect(RawClient.join(router, { details }).welcome.authmethod).toBe('custom')
  })

  it('router never falls back to anonymous after a method has refused', () => {
    const router = routerWith(
      custom(() => refusal),
      anonymous(),
    )
    const raw = new RawClient(router)
    raw.hello({ details: { authmethods: ['custom', 'anonymous'] } })
    expectAbort(raw, ERROR.authenticationDenied)
  })
})

describe('Authentication Methods: CHALLENGE and AUTHENTICATE (authentication.md)', () => {
  const password = (expected: string, next: AuthenticationStep): AuthenticationStep => ({
    outcome: 'challenge',
    challenge: new Challenge('custom', { round: expected }),
    check: ({ signature }) => (signature === expected ? next : refusal),
  })

  it('router tells in WELCOME who the method found the client to be', () => {
    const { welcome: details } = RawClient.join(routerWith(custom(() => welcome)), asCustom)
    expect(details).toMatchObject({
      authid: 'ada',
      authrole: 'engineer',
      authmethod: 'custom',
      authprovider: 'dynamic',
      authextra: { badge: 7 },
    })
  })

  it('router tells the method what it knows: realm, HELLO, the id of the session to be, and from where', () => {
    const attempts: unknown[] = []
    const router = routerWith(
      custom((attempt) => {
        attempts.push(attempt)
        return welcome
      }),
    )
    const raw = RawClient.join(router, {
      local: false,
      details: { ...asCustom.details, authextra: { n: 1 } },
    })
    expect(attempts).toEqual([
      {
        realm: 'realm1',
        sessionId: raw.sessionId,
        local: false,
        connection: raw.transport.info,
        hello: expect.objectContaining({ details: expect.objectContaining({ authextra: { n: 1 } }) }),
      },
    ])
  })

  it('router challenges as often as the method likes', () => {
    const router = routerWith(custom(() => password('one', password('two', welcome))))
    const raw = new RawClient(router)
    raw.hello(asCustom)
    for (const round of ['one', 'two']) {
      expect(raw.hears(Code.CHALLENGE)).toMatchObject({ authmethod: 'custom', extra: { round } })
      raw.say(new Authenticate(round))
    }
    expect(raw.hears(Code.WELCOME).details.authid).toBe('ada')
  })

  it('router aborts when the answer of a later round is wrong', () => {
    const router = routerWith(custom(() => password('one', password('two', welcome))))
    const raw = new RawClient(router)
    raw.hello(asCustom)
    raw.hears(Code.CHALLENGE)
    raw.say(new Authenticate('one'))
    raw.hears(Code.CHALLENGE)
    raw.say(new Authenticate('one'))
    expectAbort(raw, ERROR.authenticationDenied)
    expectEmptyRealm(router)
  })

  it.each([
    ['CALL', [Code.CALL, 1, {}, 'com.example.p']],
    ['HELLO', [Code.HELLO, 'realm1', { roles: { caller: {} } }]],
    ['GOODBYE', [Code.GOODBYE, {}, 'wamp.close.close_realm']],
  ])('router aborts when %s comes in answer to CHALLENGE', (_, message) => {
    const raw = new RawClient(routerWith(custom(() => password('one', welcome))))
    raw.hello(asCustom)
    raw.hears(Code.CHALLENGE)
    raw.transport.sayWire(message)
    expectViolation(raw, /before the session was established/)
  })

  it('router aborts when AUTHENTICATE comes without a CHALLENGE, or twice', async () => {
    const check = () => new Promise<never>(() => {})
    const step = { outcome: 'challenge' as const, challenge: new Challenge('custom'), check }
    const raw = new RawClient(routerWith(custom(() => step)))
    raw.hello(asCustom)
    raw.hears(Code.CHALLENGE)
    raw.say(new Authenticate('one'))
    await turn()
    raw.hearsNothing()
    raw.say(new Authenticate('one'))
    expectViolation(raw, /AUTHENTICATE/)
  })

  it('a new HELLO after GOODBYE has to authenticate anew', () => {
    const router = routerWith(custom(() => password('one', welcome)))
    const raw = new RawClient(router)
    raw.hello(asCustom)
    raw.hears(Code.CHALLENGE)
    raw.say(new Authenticate('one'))
    raw.hears(Code.WELCOME)
    raw.leave()
    raw.hello(asCustom)
    raw.hears(Code.CHALLENGE)
    raw.say(new Authenticate('two'))
    expectAbort(raw, ERROR.authenticationDenied)
  })
})

describe('Authentication Methods: methods that fail (authentication.md)', () => {
  const boom = () => {
    throw new Error('the database is down')
  }
  const challenge = (check: () => AuthenticationStep | Promise<AuthenticationStep>) =>
    custom(() => ({ outcome: 'challenge', challenge: new Challenge('custom'), check }))
  const unsendable = { ...welcome, principal: { authid: 'a', authrole: 'b', authextra: { f() {} } } }

  it.each<[string, RouterAuthentication]>([
    ['throws', custom(boom)],
    ['rejects', custom(async () => boom())],
    ['returns nothing', custom((() => undefined) as unknown as RouterAuthentication['begin'])],
    ['resolves to nothing', custom((async () => undefined) as unknown as RouterAuthentication['begin'])],
    ['tells what cannot be sent', custom(() => unsendable)],
    ['tells what cannot be sent, later', custom(async () => unsendable)],
  ])('router aborts with authentication_failed when a method %s', async (_, method) => {
    const router = routerWith(method)
    const raw = new RawClient(router)
    raw.hello(asCustom)
    await turn()
    const sentence = expectAbort(raw, ERROR.authenticationFailed)
    expect(sentence).not.toContain('database')
    expectEmptyRealm(router)
  })

  it.each<[string, RouterAuthentication]>([
    ['throws', challenge(boom)],
    ['rejects', challenge(async () => boom())],
  ])('router aborts with authentication_failed when checking an answer %s', async (_, method) => {
    const raw = new RawClient(routerWith(method))
    raw.hello(asCustom)
    raw.hears(Code.CHALLENGE)
    raw.say(new Authenticate('secret'))
    await turn()
    expectAbort(raw, ERROR.authenticationFailed)
  })

  it.each(['ABORT', 'the end of the transport'])(
    'router forgets a client that leaves by %s while a slow method thinks about it',
    async (way) => {
      let decide = (_: AuthenticationStep) => {}
      const decision = new Promise<AuthenticationStep>((resolve) => {
        decide = resolve
      })
      const router = routerWith(custom(() => decision))
      const raw = new RawClient(router)
      raw.hello(asCustom)
      if (way === 'ABORT') raw.transport.sayWire([Code.ABORT, {}, 'com.example.impatient'])
      else raw.transport.end()
      decide(welcome)
      await turn()
      raw.hearsNothing()
      expectEmptyRealm(router)
    },
  )
})
