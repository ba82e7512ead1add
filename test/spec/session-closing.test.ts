import { describe, expect, it } from 'vitest'
import { Client } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Goodbye } from '../../src/messages/session-lifecycle.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { turn, wire } from './fake-transport.js'
import {
  BASIC_ROLES,
  expectEmptyRealm,
  expectError,
  expectViolation,
  RawClient,
  routerWithRealm,
} from './raw-client.js'
import { joinedClient } from './raw-router.js'

describe('Session Closing (sessions.md)', () => {
  it('router answers GOODBYE with goodbye_and_out, and keeps the transport open', () => {
    const raw = RawClient.join(routerWithRealm())
    raw.say(new Goodbye({ message: 'thanks' }, 'com.example.done'))
    expect(wire(raw.hears(Code.GOODBYE))).toEqual([Code.GOODBYE, {}, CLOSE.goodbyeAndOut])
    raw.hearsNothing()
    expect(raw.transport.isClosed).toBe(false)
  })

  it('router takes any reason for a GOODBYE', () => {
    const raw = RawClient.join(routerWithRealm())
    raw.say(new Goodbye({}, 'wamp.close.normal'))
    expect(raw.hears(Code.GOODBYE).reason).toBe(CLOSE.goodbyeAndOut)
  })

  it('nothing of a session remains after GOODBYE', () => {
    const router = routerWithRealm()
    const raw = RawClient.join(router)
    const other = RawClient.join(router)
    raw.subscribe('com.example.topic')
    raw.register('com.example.p')
    raw.leave()
    other.publish('com.example.topic')
    const call = other.call('com.example.p')
    expectError(other, Code.CALL, call, ERROR.noSuchProcedure)
    raw.hearsNothing()
    other.leave()
    expectEmptyRealm(router)
  })

  it('a second HELLO on the open transport begins a new session, with ids from 1 and nothing of the old', () => {
    const router = routerWithRealm()
    const raw = RawClient.join(router)
    const other = RawClient.join(router)
    const first = raw.sessionId
    raw.register('com.example.old')
    raw.subscribe('com.example.old')
    other.call('com.example.old')
    expect(raw.invoked()).toBe(1)
    raw.leave()
    other.hears(Code.ERROR)

    raw.join({ roles: BASIC_ROLES })
    expect(raw.sessionId).not.toBe(first)
    other.publish('com.example.old')
    raw.hearsNothing()
    expect(raw.register('com.example.new')).toBeTypeOf('number')
    other.call('com.example.new')
    expect(raw.invoked()).toBe(1)
    // The features are those of the new HELLO: this callee cannot be interrupted any more.
    other.leave()
    raw.hearsNothing()
  })

  it('an invocation of the old session is unknown to the new one', () => {
    const router = routerWithRealm()
    const raw = RawClient.join(router)
    raw.register('com.example.p')
    RawClient.join(router).call('com.example.p')
    const invocation = raw.invoked()
    raw.leave()
    raw.join()
    raw.yield(invocation, ['late'])
    expectViolation(raw, /YIELD.Request/)
  })

  it('router refuses GOODBYE when there is no session any more', () => {
    const raw = RawClient.join(routerWithRealm())
    raw.leave()
    raw.say(new Goodbye({}, CLOSE.realm))
    expectViolation(raw, /GOODBYE/)
  })

  it('router frees all that a client had when its transport is lost', () => {
    const router = routerWithRealm({ logger: { ...console, warn() {} } })
    const raw = RawClient.join(router)
    raw.register('com.example.p')
    raw.subscribe('com.example.topic')
    raw.transport.lose()
    expectEmptyRealm(router)
  })
})

describe('Session Closing by the router (sessions.md)', () => {
  it('router says GOODBYE to every session when it closes, and closes each transport when it is answered', async () => {
    const router = routerWithRealm()
    const [a, b] = [RawClient.join(router), RawClient.join(router)]
    const closed = router.close()
    for (const raw of [a, b]) {
      expect(raw.hears(Code.GOODBYE).reason).toBe(CLOSE.systemShutdown)
      expect(raw.transport.isClosed).toBe(false)
      raw.say(new Goodbye({}, CLOSE.goodbyeAndOut))
      expect(raw.transport.isClosed).toBe(true)
      raw.hearsNothing()
    }
    await closed
    expectEmptyRealm(router)
  })

  it('router ignores whatever comes after its GOODBYE, but the answer', async () => {
    const router = routerWithRealm()
    const raw = RawClient.join(router)
    const closed = router.close()
    raw.hears(Code.GOODBYE)
    raw.call('com.example.p')
    raw.transport.sayWire([Code.REGISTER, 99, {}, 'com.example.p'])
    raw.hello()
    raw.hearsNothing()
    expect(raw.transport.isClosed).toBe(false)
    raw.say(new Goodbye({}, CLOSE.goodbyeAndOut))
    await closed
    raw.hearsNothing()
  })

  it('a GOODBYE of both sides at once ends the session at both', async () => {
    const router = routerWithRealm()
    const raw = RawClient.join(router)
    const closed = router.close()
    raw.say(new Goodbye({}, CLOSE.realm))
    expect(raw.hears(Code.GOODBYE).reason).toBe(CLOSE.systemShutdown)
    await closed
    raw.hearsNothing()
    expectEmptyRealm(router)
  })

  it('router does not wait for ever for the answer to its GOODBYE', async () => {
    const clock = new TestClock()
    const router = routerWithRealm({ clock, closeTimeout: 500 })
    const raw = RawClient.join(router)
    const closed = router.close()
    clock.pass(499)
    expect(raw.transport.isClosed).toBe(false)
    clock.pass(1)
    expect(raw.transport.isClosed).toBe(true)
    await closed
    expectEmptyRealm(router)
    expect(clock.alarms).toBe(0)
  })

  it('router closes the transport of a client that has not joined, or has left, when it closes', async () => {
    const router = routerWithRealm()
    const fresh = new RawClient(router)
    const left = RawClient.join(router)
    left.leave()
    await router.close()
    for (const raw of [fresh, left]) expect(raw.transport.isClosed).toBe(true)
  })

  it('router takes nobody in once it is closed', async () => {
    const router = routerWithRealm()
    await router.close()
    await router.close()
    expect(() => new RawClient(router)).toThrow('the router is closed')
  })
})

describe('Session Closing at the client (sessions.md)', () => {
  it('client says GOODBYE when it stops, and ignores what comes before the answer', async () => {
    const { client, router } = await joinedClient()
    const heard: unknown[] = []
    const subscribed = client.subscribe('com.example.topic', (value) => heard.push(value))
    await router.subscribes(7)
    await subscribed
    const stopped = client.stop()
    expect((await router.hears(Code.GOODBYE)).reason).toBe(CLOSE.realm)
    router.event(7, ['late'])
    router.invoke(99)
    await router.hearsNothing()
    router.say(new Goodbye({}, CLOSE.goodbyeAndOut))
    await stopped
    expect(heard).toEqual([])
    expect(router.transport.isClosed).toBe(true)
    expect(client.session).toBeUndefined()
  })

  it('client answers the GOODBYE of a router, and leaves', async () => {
    const { client, router } = await joinedClient()
    const left = client.once('leave')
    router.say(new Goodbye({ message: 'the host goes down' }, CLOSE.systemShutdown))
    expect(await left).toMatchObject({
      reason: CLOSE.systemShutdown,
      error: { message: `${CLOSE.systemShutdown}: the host goes down` },
    })
    expect(wire(await router.hears(Code.GOODBYE))).toEqual([Code.GOODBYE, {}, CLOSE.goodbyeAndOut])
    expect(router.transport.isClosed).toBe(true)
  })

  it('client takes the GOODBYE of a router that crossed its own for the answer', async () => {
    const { client, router } = await joinedClient()
    const stopped = client.stop()
    await router.hears(Code.GOODBYE)
    router.say(new Goodbye({}, CLOSE.systemShutdown))
    await stopped
    await router.hearsNothing()
  })

  it.each(['wamp.error.goodbye_and_out', 'wamp.close.normal'])(
    'client takes a GOODBYE with the reason %s for an answer too',
    async (reason) => {
      const { client, router } = await joinedClient()
      const stopped = client.stop()
      await router.hears(Code.GOODBYE)
      router.say(new Goodbye({}, reason))
      await stopped
    },
  )

  it('client does not wait for ever for the answer to its GOODBYE', async () => {
    const clock = new TestClock()
    const { client, router } = await joinedClient({ clock, handshakeTimeout: 300 })
    const stopped = client.stop()
    await router.hears(Code.GOODBYE)
    clock.pass(300)
    await stopped
    expect(router.transport.isClosed).toBe(true)
    expect(clock.alarms).toBe(0)
  })

  it('router and client part in either order', async () => {
    const router = routerWithRealm()
    const a = await new Client({ router, realm: 'realm1' }).start()
    const b = await new Client({ router, realm: 'realm1' }).start()
    const left = b.once('leave')
    await a.stop()
    await router.close()
    expect((await left).reason).toBe(CLOSE.systemShutdown)
    await turn()
    expectEmptyRealm(router)
  })
})
