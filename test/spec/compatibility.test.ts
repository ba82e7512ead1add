import { describe, expect, it } from 'vitest'
import { Client, currentInvocation, UsageError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import type { Router, RouterOptions } from '../../src/router.js'
import { announce } from '../../src/sessions/features.js'
import { CLOSE_NORMAL, ERROR, NEXUS_COUNT_SUBSCRIBERS } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { expectError, expectResult, RawClient, ROLES, routerWithRealm } from './raw-client.js'
import { joinedClient } from './raw-router.js'

const PROCEDURE = 'com.example.p'

type RealmCompatibility = RouterOptions['realms'][number]['compatibility']

function routerFor(compatibility: RealmCompatibility, clock = new TestClock()): Router {
  return routerWithRealm({
    clock,
    realms: [{ name: 'realm1', ...(compatibility === undefined ? {} : { compatibility }) }],
  })
}

describe('a client that knows its router', () => {
  const routerRoles = announce({ broker: [], dealer: ['call_timeout', 'call_canceling'] })

  it('crossbar: says timeouts in whole seconds, rounded up, and keeps the time itself', async () => {
    const clock = new TestClock()
    const { client, router } = await joinedClient({ compatibility: 'crossbar', routerRoles, clock })
    const called = client.call(PROCEDURE, [], undefined, { timeout: 1_200 }).catch((error: unknown) => error)
    expect((await router.hears(Code.CALL)).options.timeout).toBe(2)
    clock.pass(1_200)
    expect(await called).toMatchObject({ uri: ERROR.timeout })
  })

  it('crossbar: takes a forwarded timeout for seconds', async () => {
    const clock = new TestClock()
    const { client, router } = await joinedClient({ compatibility: 'crossbar', routerRoles, clock })
    const registering = client.register(PROCEDURE, () => {
      void currentInvocation().signal
      return new Promise(() => {})
    })
    await router.registers(1)
    await registering
    router.invoke(1, [], { timeout: 2 })
    clock.pass(1_999)
    await router.hearsNothing()
    clock.pass(1)
    expect((await router.hears(Code.ERROR)).error).toBe(ERROR.timeout)
  })

  it('crossbar: leaves with the reason that autobahn gives', async () => {
    const { client, router } = await joinedClient({ compatibility: 'crossbar' })
    const stopped = client.stop()
    expect((await router.hears(Code.GOODBYE)).reason).toBe(CLOSE_NORMAL)
    router.transport.end()
    await stopped
  })

  it('nexus: counts subscribers by the procedure that it has', async () => {
    const { client, router } = await joinedClient({ compatibility: 'nexus' })
    const counted = client.meta.subscription.countSubscribers(7)
    const call = await router.hears(Code.CALL)
    expect([call.procedure, call.payload.args]).toEqual([NEXUS_COUNT_SUBSCRIBERS, [7]])
    router.result(call.requestId, [3])
    expect(await counted).toBe(3)
  })

  it('by default does as the spec says', async () => {
    const { client, router } = await joinedClient({ routerRoles })
    void client.call(PROCEDURE, [], undefined, { timeout: 1_200 }).catch(() => {})
    expect((await router.hears(Code.CALL)).options.timeout).toBe(1_200)
    void client.meta.subscription.countSubscribers(7).catch(() => {})
    expect((await router.hears(Code.CALL)).procedure).toBe('wamp.subscription.count_subscribers')
  })

  it('a profile that there is not is refused, and those that there are are named', () => {
    const options = { realm: 'realm1', url: 'ws://localhost', compatibility: 'crosbar' as never }
    expect(() => new Client(options)).toThrow(UsageError)
    expect(() => new Client(options)).toThrow(/crosbar.*autobahn, crossbar, nexus, wampy.js/)
    expect(() => routerFor('constructor' as never)).toThrow(UsageError)
  })
})

describe('a realm that knows its clients', () => {
  const STREAMING = announce({ callee: ['progressive_call_results'] })

  it('autobahn: counts the timeout of a call in seconds', () => {
    const clock = new TestClock()
    const router = routerFor('autobahn', clock)
    const [callee, caller] = [RawClient.join(router), RawClient.join(router)]
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE, [], { timeout: 2 })
    clock.pass(1_999)
    caller.hearsNothing()
    clock.pass(1)
    expectError(caller, Code.CALL, call, ERROR.timeout)
  })

  it('autobahn: forwards timeouts to each callee as it counts them', () => {
    const router = routerFor(({ agent }) => (agent === 'other' ? undefined : 'autobahn'))
    const roles = { ...ROLES, ...announce({ callee: ['call_timeout', 'call_canceling'] }) }
    const seconds = RawClient.join(router, { roles })
    const milliseconds = RawClient.join(router, { roles, details: { agent: 'other' } })
    seconds.register('com.example.seconds', { forward_timeout: true })
    milliseconds.register('com.example.milliseconds', { forward_timeout: true })
    seconds.call('com.example.milliseconds', [], { timeout: 2 })
    expect(milliseconds.hears(Code.INVOCATION).details.timeout).toBe(2_000)
    milliseconds.call('com.example.seconds', [], { timeout: 1_500 })
    expect(seconds.hears(Code.INVOCATION).details.timeout).toBe(2)
  })

  it.each(['skip', 'killnowait', undefined] as const)('autobahn: answers no CANCEL in mode %s', (mode) => {
    const router = routerFor('autobahn')
    const callee = RawClient.join(router)
    const caller = RawClient.join(router, { roles: { ...ROLES, callee: {} } })
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE)
    const invocation = callee.invoked()
    caller.cancel(call, mode)
    callee.yield(invocation)
    caller.hearsNothing()
  })

  it('autobahn: answers the CANCEL of a client that can be interrupted itself: that is the Python one', () => {
    const router = routerFor('autobahn')
    const [callee, caller] = [RawClient.join(router), RawClient.join(router)]
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE)
    callee.invoked()
    caller.cancel(call, 'killnowait')
    expectError(caller, Code.CALL, call, ERROR.canceled)
  })

  it('autobahn: tells no subscriber of a revocation', () => {
    const router = routerFor('autobahn')
    const subscriber = RawClient.join(router)
    const subscription = subscriber.subscribe('com.example.topic')
    expect(router.realms.get('realm1')?.revokeSubscription(subscription)).toBe(1)
    subscriber.hearsNothing()
  })

  it('autobahn: answers a CANCEL in mode kill', () => {
    const router = routerFor('autobahn')
    const [callee, caller] = [RawClient.join(router), RawClient.join(router)]
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE)
    const invocation = callee.invoked()
    caller.cancel(call, 'kill')
    callee.hears(Code.INTERRUPT)
    callee.fail(invocation, ERROR.canceled)
    expectError(caller, Code.CALL, call, ERROR.canceled)
  })

  it.each([
    ['autobahn', { ...ROLES, ...STREAMING }],
    ['wampy.js', { ...ROLES, callee: {} }],
  ] as const)(
    '%s: takes progressive results of a callee that cannot be interrupted, and never interrupts it',
    (profile, roles) => {
      const router = routerFor(profile)
      const callee = RawClient.join(router, { roles })
      const caller = RawClient.join(router)
      callee.register(PROCEDURE)
      const call = caller.call(PROCEDURE, [], { receive_progress: true })
      const { requestId, details } = callee.hears(Code.INVOCATION)
      expect(details.receive_progress).toBe(true)
      callee.yield(requestId, [1], { progress: true })
      expectResult(caller, call, 1)
      caller.transport.lose()
      callee.hearsNothing()
    },
  )

  it('holds for no client that calls itself wampkit', () => {
    const clock = new TestClock()
    const router = routerFor('autobahn', clock)
    const callee = RawClient.join(router)
    const ours = RawClient.join(router, { details: { agent: 'wampkit-0.1.0' } })
    callee.register(PROCEDURE)
    const call = ours.call(PROCEDURE, [], { timeout: 2 })
    clock.pass(2)
    expectError(ours, Code.CALL, call, ERROR.timeout)
  })

  it('is chosen by what a client says of itself', () => {
    const seen: unknown[] = []
    const router = routerFor((client) => {
      seen.push(client)
      return undefined
    })
    RawClient.join(router, { roles: { caller: {} }, details: { agent: 'x', authid: 'ada' } })
    RawClient.join(router, { roles: { callee: {} } })
    expect(seen).toEqual([
      { agent: 'x', authid: 'ada', roles: { caller: {} } },
      { agent: undefined, authid: undefined, roles: { callee: {} } },
    ])
  })
})
