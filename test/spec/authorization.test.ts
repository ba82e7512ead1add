import { describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Subscribe } from '../../src/messages/pubsub.js'
import { Register } from '../../src/messages/rpc.js'
import {
  type AuthorizationRequest,
  type Authorizer,
  byProcedure,
  CachedAuthorizer,
  type Decision,
  type RealmOptions,
  type Roles,
  Router,
} from '../../src/router.js'
import { ERROR, META } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { asTold, joinAs } from './as-told.js'
import { turn } from './fake-transport.js'
import { expectError, expectResult, expectViolation, type RawClient } from './raw-client.js'

interface Log {
  readonly router: Router
  readonly warned: string[]
  readonly failed: unknown[][]
}

function open(options: Partial<RealmOptions>): Log {
  const warned: string[] = []
  const failed: unknown[][] = []
  const logger = {
    debug() {},
    info() {},
    warn: (line: string) => warned.push(line),
    error: (...line: unknown[]) => failed.push(line),
  }
  const router = new Router({ realms: [{ name: 'realm1', auth: [asTold], ...options }], logger })
  return { router, warned, failed }
}

const FREE = { uri: '', match: 'prefix', allow: ['call', 'register', 'publish', 'subscribe'] } as const
const ROLES: Roles = {
  admin: [FREE],
  user: [
    { uri: 'com.example.', match: 'prefix', allow: ['call', 'subscribe', 'publish'] },
    { uri: 'com.example.admin.', match: 'prefix', allow: [] },
  ],
}

const URI = 'com.example.thing'

describe('Authorization by permissions (authorization.md)', () => {
  it('each of the four requests is refused with not_authorized where it is not allowed', () => {
    const { router, warned } = open({ roles: ROLES })
    const user = joinAs(router, 'ada:user')
    const secret = 'com.example.admin.secret'
    expectError(user, Code.CALL, user.call(secret), ERROR.notAuthorized)
    expectError(user, Code.PUBLISH, user.publish(secret, [], { acknowledge: true }), ERROR.notAuthorized)
    const subscribe = user.request((id) => new Subscribe(id, {}, secret))
    expectError(user, Code.SUBSCRIBE, subscribe, ERROR.notAuthorized)
    const register = user.request((id) => new Register(id, {}, URI))
    expectError(user, Code.REGISTER, register, ERROR.notAuthorized)
    expect(warned).toHaveLength(4)
    expect(warned[0]).toMatch(/call of com.example.admin.secret by ada \(user\)/)
  })

  it('an unacknowledged publication that is not allowed is dropped in silence', () => {
    const { router } = open({ roles: ROLES })
    const [admin, user] = [joinAs(router, 'root:admin'), joinAs(router, 'ada:user')]
    admin.subscribe('com.example.admin.x')
    user.publish('com.example.admin.x')
    user.hearsNothing()
    admin.hearsNothing()
  })

  it('what is allowed works, and the request ids stay in step', () => {
    const { router } = open({ roles: ROLES })
    const [admin, user] = [joinAs(router, 'root:admin'), joinAs(router, 'ada:user')]
    admin.register(URI)
    expectError(user, Code.CALL, user.call('com.other'), ERROR.notAuthorized)
    const call = user.call(URI)
    admin.yield(admin.invoked(), ['done'])
    expectResult(user, call, 'done')
  })

  it('a subscription cannot get around a permission by a pattern', () => {
    const { router } = open({ roles: ROLES })
    const user = joinAs(router, 'ada:user')
    for (const [topic, match] of [
      ['com.example', 'prefix'],
      ['com.example.', 'prefix'],
      ['com.', 'prefix'],
      ['', 'prefix'],
      ['com.example..x', 'wildcard'],
      ['...', 'wildcard'],
    ] as const) {
      const subscribe = user.request((id) => new Subscribe(id, { match }, topic))
      expectError(user, Code.SUBSCRIBE, subscribe, ERROR.notAuthorized)
    }
    user.subscribe('com.example.weather', { match: 'prefix' })
  })

  it('meta procedures and topics are allowed like any other', async () => {
    const { router } = open({ roles: ROLES })
    const [admin, user] = [joinAs(router, 'root:admin'), joinAs(router, 'ada:user')]
    for (const procedure of [META.session.list, META.session.killAll, META.subscription.getEvents])
      expectError(user, Code.CALL, user.call(procedure), ERROR.notAuthorized)
    const subscribe = user.request((id) => new Subscribe(id, {}, META.session.onJoin))
    expectError(user, Code.SUBSCRIBE, subscribe, ERROR.notAuthorized)
    const call = admin.call(META.session.count)
    await Promise.resolve()
    expectResult(admin, call, 2)
  })

  it('what a session may not do itself, no meta procedure does for it', async () => {
    const jailed = {
      user: [
        { uri: 'wamp.', match: 'prefix', allow: ['call'] },
        { uri: 'com.example.open', allow: ['publish', 'subscribe'] },
      ],
    } as const
    const history = [
      { topic: 'com.example.secret' },
      { topic: 'com.example.open' },
      { topic: 'com.', match: 'prefix' },
    ] as const
    const { router } = open({ roles: { admin: [FREE], ...jailed }, history })
    const [admin, user] = [joinAs(router, 'root:admin'), joinAs(router, 'ada:user')]
    for (const topic of ['com.example.secret', 'com.example.open']) admin.publish(topic, [topic])
    const ask = async (procedure: string, args: unknown[]) => {
      user.call(procedure, args)
      await turn()
      const answer = user.transport.unread.shift()
      return answer?.code === Code.ERROR ? answer.error : 'fine'
    }
    const idOf = (topic: string, match: 'exact' | 'prefix' = 'exact') =>
      router.realms.get('realm1')?.broker.topics.find(match, topic)?.id
    expect(await ask(META.subscription.getEvents, [idOf('com.example.secret')])).toBe(ERROR.notAuthorized)
    expect(await ask(META.subscription.getEvents, [idOf('com.', 'prefix')])).toBe(ERROR.notAuthorized)
    expect(await ask(META.subscription.getEvents, [idOf('com.example.open')])).toBe('fine')
    expect(await ask(META.session.addTestament, ['com.example.secret'])).toBe(ERROR.notAuthorized)
    expect(await ask(META.session.addTestament, ['com.example.open'])).toBe('fine')
    admin.subscribe('com.example', { match: 'prefix' })
    user.leave()
    expect(admin.hears(Code.EVENT).details.topic).toBe('com.example.open')
    admin.hearsNothing()
  })

  it('nobody, whatever his permissions, registers or publishes what the protocol keeps for itself', () => {
    const { router } = open({ roles: ROLES })
    const admin = joinAs(router, 'root:admin')
    const register = admin.request((id) => new Register(id, {}, 'wamp.session.count'))
    expectError(admin, Code.REGISTER, register, ERROR.invalidUri)
    const publish = admin.publish('wamp.session.on_join', [], { acknowledge: true })
    expectError(admin, Code.PUBLISH, publish, ERROR.invalidUri)
  })

  it('a role without permissions may do nothing, and may still leave in order', () => {
    const { router } = open({ roles: ROLES })
    const nobody = joinAs(router, 'eve:stranger')
    expectError(nobody, Code.CALL, nobody.call(URI), ERROR.notAuthorized)
    nobody.leave()
  })

  it('disclosure: always makes known who calls or publishes, whether anybody asked or not', () => {
    const always = { ...FREE, disclose: 'always' } as const
    const { router } = open({ roles: { admin: [FREE], user: [always] } })
    const [admin, user] = [joinAs(router, 'root:admin'), joinAs(router, 'ada:user')]
    admin.register(URI)
    admin.subscribe(URI)
    user.call(URI, [], { disclose_me: false })
    expect(admin.hears(Code.INVOCATION).details).toMatchObject({
      caller: user.sessionId,
      caller_authid: 'ada',
    })
    user.publish(URI)
    expect(admin.hears(Code.EVENT).details).toMatchObject({ publisher_authid: 'ada' })
  })

  it('disclosure: never refuses who asks for it, and tells no callee that asks', () => {
    const never = { ...FREE, disclose: 'never' } as const
    const { router } = open({ roles: { admin: [FREE], user: [never] } })
    const [admin, user] = [joinAs(router, 'root:admin'), joinAs(router, 'ada:user')]
    admin.register(URI, { disclose_caller: true })
    admin.subscribe(URI)
    const call = user.call(URI, [], { disclose_me: true })
    expectError(user, Code.CALL, call, ERROR.discloseMeDisallowed)
    const publish = user.publish(URI, [], { disclose_me: true, acknowledge: true })
    expectError(user, Code.PUBLISH, publish, ERROR.discloseMeDisallowed)
    user.call(URI)
    expect(admin.hears(Code.INVOCATION).details).toEqual({})
    user.publish(URI)
    expect(admin.hears(Code.EVENT).details).toEqual({})
  })
})

describe('Authorization by an authorizer', () => {
  /** An authorizer whose answers a test gives. */
  class Asked implements Authorizer {
    readonly requests: AuthorizationRequest[] = []
    readonly answers: { resolve(decision: Decision): void; reject(error: Error): void }[] = []

    authorize(request: AuthorizationRequest): Promise<Decision> {
      this.requests.push(request)
      return new Promise((resolve, reject) => this.answers.push({ resolve, reject }))
    }

    async answer(allow: boolean): Promise<void> {
      this.answers.shift()?.resolve({ allow })
      await turn()
    }
  }

  function waiting(): { asked: Asked; client: RawClient } & Log {
    const asked = new Asked()
    const log = open({ authorizer: asked })
    return { asked, client: joinAs(log.router, 'ada:user'), ...log }
  }

  it('is told who asks for what', async () => {
    const { asked, client } = waiting()
    client.request((id) => new Subscribe(id, { match: 'prefix' }, 'com.example'))
    expect(asked.requests).toEqual([
      {
        action: 'subscribe',
        uri: 'com.example',
        match: 'prefix',
        realm: 'realm1',
        session: client.sessionId,
        authid: 'ada',
        authrole: 'user',
        authmethod: 'told',
        authprovider: 'static',
      },
    ])
  })

  it('requests wait for it, and all that the session says later waits behind them, in order', async () => {
    const { asked, client } = waiting()
    const subscribe = client.request((id) => new Subscribe(id, {}, 'com.example.a'))
    const call = client.call('com.example.nobody')
    client.publish('com.example.a', ['event'], { exclude_me: false })
    client.hearsNothing()
    expect(asked.requests).toHaveLength(1)
    await asked.answer(true)
    expect(client.hears(Code.SUBSCRIBED).requestId).toBe(subscribe)
    client.hearsNothing()
    await asked.answer(false)
    expectError(client, Code.CALL, call, ERROR.notAuthorized)
    await asked.answer(true)
    expect(client.hears(Code.EVENT).payload.args).toEqual(['event'])
  })

  it('what nobody has to allow waits as well: a GOODBYE does not overtake the requests before it', async () => {
    const { asked, client } = waiting()
    client.request((id) => new Subscribe(id, {}, 'com.example.a'))
    client.transport.sayWire([Code.GOODBYE, {}, 'wamp.close.close_realm'])
    client.hearsNothing()
    await asked.answer(true)
    // Who has said GOODBYE wants no other answers.
    client.hears(Code.GOODBYE)
    client.hearsNothing()
  })

  it('other sessions do not wait', () => {
    const asked = new Asked()
    const { router } = open({ roles: { admin: [FREE] }, authorizer: asked })
    joinAs(router, 'ada:user').call('com.example.a')
    const admin = joinAs(router, 'root:admin')
    admin.subscribe('com.example.a')
  })

  it('a session that is gone by the time of the answer does nothing any more', async () => {
    const { asked, client, router } = waiting()
    client.request((id) => new Register(id, {}, URI))
    client.transport.lose()
    await asked.answer(true)
    expect(router.realms.get('realm1')?.dealer.registrations()).toEqual([])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('the database is away')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the database is away'))],
  ])('one that %s refuses the request, tells the log why, and the session lives', async (_, authorize) => {
    const { router, failed } = open({ authorizer: { authorize } })
    const client = joinAs(router, 'ada:user')
    const call = client.call(URI)
    await turn()
    const [sentence] = expectError(client, Code.CALL, call, ERROR.authorizationFailed)
    expect(sentence).not.toMatch(/database/)
    expect(String(failed[0])).toMatch(/database is away/)
    client.leave()
  })

  it('a session that was sent away while it waited does nothing any more, and leaves nothing behind', async () => {
    const asked = new Asked()
    const { router } = open({ roles: { admin: [FREE] }, authorizer: asked })
    const [admin, client] = [joinAs(router, 'root:admin'), joinAs(router, 'ada:user')]
    admin.subscribe('com.example.a')
    client.request((id) => new Register(id, {}, URI))
    client.publish('com.example.a')
    admin.call(META.session.kill, [client.sessionId])
    await turn()
    admin.hears(Code.RESULT)
    await asked.answer(true)
    await asked.answer(true)
    client.transport.lose()
    admin.hearsNothing()
    admin.register(URI)
  })

  it('nobody has to remember, nor to log, what is too long to be a URI or would break a line', () => {
    const { router, warned } = open({ roles: { user: [] } })
    const client = joinAs(router, 'ada:user')
    expectError(client, Code.CALL, client.call(`com.${'x'.repeat(2_000)}`), ERROR.invalidUri)
    expectError(client, Code.CALL, client.call('com\n\u001b[31mroot'), ERROR.notAuthorized)
    expect(warned).toEqual([expect.stringMatching(/^refused call of com {2}\[31mroot by ada \(user\)/)])
  })

  it('a violation that waited is a violation when its turn comes', async () => {
    const { asked, client } = waiting()
    client.request((id) => new Subscribe(id, {}, 'com.example.a'))
    client.yield(4711)
    await asked.answer(true)
    client.hears(Code.SUBSCRIBED)
    expectViolation(client, /YIELD.Request/)
  })

  it('no more than a thousand messages wait', () => {
    const { client } = waiting()
    for (let n = 0; n < 1_001; n++) client.publish('com.example.a')
    client.publish('com.example.a')
    expectViolation(client, /wait for a decision/)
  })

  it('by procedure: is called with identity, URI, action and match', async () => {
    const called: unknown[] = []
    const authorizer = byProcedure(async (procedure, args) => {
      called.push(procedure, ...args)
      return { allow: true, disclose: 'always' }
    }, 'com.example.authorize')
    const { router } = open({ roles: { admin: [FREE] }, authorizer })
    const admin = joinAs(router, 'root:admin')
    admin.register(URI)
    const client = joinAs(router, 'ada:user')
    client.call(URI)
    await turn()
    expect(admin.hears(Code.INVOCATION).details.caller_authid).toBe('ada')
    expect(called.slice(2)).toEqual([URI, 'call', { match: 'exact' }])
    expect(called[0]).toBe('com.example.authorize')
    expect(called[1]).toMatchObject({ session: client.sessionId, authid: 'ada', authrole: 'user' } as Dict)
  })

  it.each([
    [true, undefined],
    [false, ERROR.notAuthorized],
    [{ allow: true }, undefined],
    [{ allow: true, disclose: false }, undefined],
    [{ allow: false, disclose: true }, ERROR.notAuthorized],
    [null, ERROR.authorizationFailed],
    ['yes', ERROR.authorizationFailed],
    [{}, ERROR.authorizationFailed],
    [{ allow: 1 }, ERROR.authorizationFailed],
    [{ allow: true, disclose: 'maybe' }, ERROR.authorizationFailed],
  ])('by procedure: the answer %j gives %s', async (answer, expected) => {
    const { router } = open({ authorizer: byProcedure(async () => answer, 'com.example.authorize') })
    const client = joinAs(router, 'ada:user')
    const subscribe = client.request((id) => new Subscribe(id, {}, URI))
    await turn()
    if (expected === undefined) client.hears(Code.SUBSCRIBED)
    else expectError(client, Code.SUBSCRIBE, subscribe, expected)
  })
})

describe('a cache of decisions', () => {
  const request: AuthorizationRequest = {
    action: 'call',
    uri: URI,
    match: 'exact',
    realm: 'realm1',
    session: 1,
    authid: 'ada',
    authrole: 'user',
    authmethod: 'told',
    authprovider: 'static',
  }

  function cached(lifetime: number, most?: number) {
    const clock = new TestClock()
    const state = { asked: 0, decide: async (): Promise<Decision> => ({ allow: true }) }
    const authorizer = {
      authorize() {
        state.asked++
        return state.decide()
      },
    }
    const options = most === undefined ? { lifetime } : { lifetime, most }
    return { clock, state, cache: new CachedAuthorizer(authorizer, options, clock) }
  }

  it('asks once in a lifetime, whichever session it is for', async () => {
    const { cache, clock, state } = cached(1_000)
    await cache.authorize(request)
    expect(cache.authorize({ ...request, session: 2 })).toEqual({ allow: true })
    clock.pass(999)
    await cache.authorize(request)
    expect(state.asked).toBe(1)
    clock.pass(1)
    await cache.authorize(request)
    expect(state.asked).toBe(2)
  })

  it.each(['authid', 'authrole', 'action', 'match', 'uri'] as const)(
    'asks again for another %s',
    async (key) => {
      const { cache, state } = cached(1_000)
      await cache.authorize(request)
      await cache.authorize({ ...request, [key]: 'other' } as AuthorizationRequest)
      expect(state.asked).toBe(2)
    },
  )

  it('asks once for what is asked twice at the same time', async () => {
    const { cache, state } = cached(1_000)
    await Promise.all([cache.authorize(request), cache.authorize(request)])
    expect(state.asked).toBe(1)
  })

  it('does not remember a failure, and nothing at all with a lifetime of 0', async () => {
    const { cache, state } = cached(1_000)
    state.decide = () => Promise.reject(new Error('away'))
    await expect(cache.authorize(request)).rejects.toThrow('away')
    state.decide = async () => ({ allow: false })
    expect(await cache.authorize(request)).toEqual({ allow: false })
    const none = cached(0)
    await none.cache.authorize(request)
    await none.cache.authorize(request)
    expect(none.state.asked).toBe(2)
  })

  it('forgets on request: everything, or what concerns an authid or an authrole', async () => {
    const { cache, state } = cached(1_000)
    const others = [request, { ...request, authid: 'bob' }, { ...request, authrole: 'admin' }]
    const ask = async () => {
      const before = state.asked
      for (const other of others) await cache.authorize(other)
      return state.asked - before
    }
    await ask()
    cache.purge({ authid: 'ada' })
    expect(await ask()).toBe(2)
    cache.purge({ authrole: 'admin' })
    expect(await ask()).toBe(1)
    cache.purge()
    expect(await ask()).toBe(3)
    expect(await ask()).toBe(0)
  })

  it('remembers no more than it may', async () => {
    const { cache, state } = cached(1_000, 2)
    for (const uri of ['a', 'b', 'c', 'a']) await cache.authorize({ ...request, uri })
    expect(state.asked).toBe(4)
    await cache.authorize({ ...request, uri: 'c' })
    expect(state.asked).toBe(4)
  })
})
