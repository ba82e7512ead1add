import { beforeEach, describe, expect, it } from 'vitest'
import { ApplicationError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import type { Router } from '../../src/router.js'
import { announce } from '../../src/sessions/features.js'
import { ERROR } from '../../src/uris.js'
import { Pair } from '../peers/pair.js'
import { TestClock } from '../transports/test-clock.js'
import { expectError, expectResult, RawClient, ROLES, routerWithRealm } from './raw-client.js'

const PROCEDURE = 'com.example.p'
const features = ['call_reroute', 'call_canceling', 'progressive_call_results', 'shared_registration']
const REROUTING = { ...ROLES, ...announce({ callee: features }) }

let clock: TestClock
let router: Router
let caller: RawClient

beforeEach(() => {
  clock = new TestClock()
  router = routerWithRealm({ clock })
  caller = RawClient.join(router)
})

function join(count: number, invoke: string, roles = REROUTING): RawClient[] {
  return Array.from({ length: count }, () => {
    const callee = RawClient.join(router, { roles })
    callee.register(PROCEDURE, { invoke })
    return callee
  })
}

/** Which callee was asked, and has not answered yet. */
function asked(callees: readonly RawClient[]): number {
  const busy = callees.flatMap((callee, index) => (callee.transport.unread.length > 0 ? [index] : []))
  expect(busy).toHaveLength(1)
  return busy[0] ?? -1
}

/** Calls once, and tells in which order callees were asked, each of which was unavailable. */
function order(callees: readonly RawClient[]): number[] {
  const call = caller.call(PROCEDURE)
  const found = callees.map(() => {
    const index = asked(callees)
    const callee = callees[index] as RawClient
    callee.fail(callee.invoked(), ERROR.unavailable)
    return index
  })
  expectError(caller, Code.CALL, call, ERROR.noAvailableCallee)
  return found
}

describe('Call Re-Routing (rpc_call_rerouting.md)', () => {
  it('dealer answers no_available_callee for the policy single', () => {
    expect(order(join(1, 'single'))).toEqual([0])
  })

  it.each([
    ['first', [0, 1, 2], [0, 1, 2]],
    ['last', [2, 1, 0], [2, 1, 0]],
    ['roundrobin', [0, 1, 2], [0, 1, 2]],
  ])('dealer asks the next callee by the policy %s until there is none', (invoke, first, second) => {
    const callees = join(3, invoke)
    expect(order(callees)).toEqual(first)
    expect(order(callees)).toEqual(second)
  })

  it('dealer asks every callee once for the policy random', () => {
    expect(order(join(4, 'random')).sort()).toEqual([0, 1, 2, 3])
  })

  it('dealer goes on from the callee that served, for the policy roundrobin', () => {
    const callees = join(3, 'roundrobin')
    const [a, b, c] = callees as [RawClient, RawClient, RawClient]
    const call = caller.call(PROCEDURE, ['x'])
    a.fail(a.invoked(), ERROR.unavailable)
    b.yield(b.invoked(), ['served'])
    expectResult(caller, call, 'served')
    caller.call(PROCEDURE)
    expect(c.invoked()).toBe(1)
  })

  it('dealer sends the other callee the arguments as they came', () => {
    const [a, b] = join(2, 'first') as [RawClient, RawClient]
    caller.call(PROCEDURE, [1, 'two'], {}, { three: 3 })
    a.fail(a.invoked(), ERROR.unavailable)
    const { payload } = b.hears(Code.INVOCATION)
    expect([payload.args, payload.kwargs]).toEqual([[1, 'two'], { three: 3 }])
  })

  it('dealer passes the error on from a callee that has not announced the feature', () => {
    const [a, b] = join(2, 'first', ROLES) as [RawClient, RawClient]
    const call = caller.call(PROCEDURE)
    a.fail(a.invoked(), ERROR.unavailable)
    expectError(caller, Code.CALL, call, ERROR.unavailable)
    b.hearsNothing()
  })

  it('dealer passes the error on once the caller has had a progressive result', () => {
    const [a, b] = join(2, 'first') as [RawClient, RawClient]
    const call = caller.call(PROCEDURE, [], { receive_progress: true })
    const invocation = a.invoked()
    a.yield(invocation, ['a part'], { progress: true })
    a.fail(invocation, ERROR.unavailable)
    expectResult(caller, call, 'a part')
    expectError(caller, Code.CALL, call, ERROR.unavailable)
    b.hearsNothing()
  })

  it('dealer counts the timeout from the call, whoever serves it', () => {
    const [a, b] = join(2, 'first') as [RawClient, RawClient]
    const call = caller.call(PROCEDURE, [], { timeout: 100 })
    clock.pass(60)
    a.fail(a.invoked(), ERROR.unavailable)
    b.invoked()
    clock.pass(39)
    caller.hearsNothing()
    clock.pass(1)
    expectError(caller, Code.CALL, call, ERROR.timeout)
  })

  it('dealer does not ask a callee that has left in the meantime', () => {
    const [a, b] = join(2, 'first') as [RawClient, RawClient]
    const call = caller.call(PROCEDURE)
    const invocation = a.invoked()
    b.leave()
    a.fail(invocation, ERROR.unavailable)
    expectError(caller, Code.CALL, call, ERROR.noAvailableCallee)
  })

  it('dealer keeps only so many bytes of a caller for other callees: of a call beyond that the error is passed on', () => {
    router = routerWithRealm({ sessionLimits: { reroutedBytes: 45_000 } })
    caller = RawClient.join(router)
    const [a, b] = join(2, 'first') as [RawClient, RawClient]
    const calls = [1, 2, 3].map(() => caller.call(PROCEDURE, ['x'.repeat(15_000)]))
    const [first, second, third] = calls.map(() => a.invoked()) as [number, number, number]
    expect(router.counters.refusedByLimit).toBe(1)
    a.fail(third, ERROR.unavailable)
    expectError(caller, Code.CALL, calls[2] as number, ERROR.unavailable)
    for (const invocation of [first, second]) {
      a.fail(invocation, ERROR.unavailable)
      b.yield(b.invoked(), ['served'])
    }
    for (const call of calls.slice(0, 2)) expectResult(caller, call, 'served')
    // What has ended is not kept any more.
    for (let i = 0; i < 10; i++) {
      caller.call(PROCEDURE, ['x'.repeat(15_000)])
      a.fail(a.invoked(), ERROR.unavailable)
      b.yield(b.invoked(), ['served'])
      caller.hears(Code.RESULT)
    }
    expect(router.counters.refusedByLimit).toBe(1)
  })

  it('dealer keeps nothing of a call that can go to nobody else, nor counts what other callers have', () => {
    router = routerWithRealm({ sessionLimits: { reroutedBytes: 20_000 } })
    caller = RawClient.join(router)
    const other = RawClient.join(router)
    const [single] = join(1, 'single') as [RawClient]
    for (let i = 0; i < 3; i++) caller.call(PROCEDURE, ['x'.repeat(15_000)])
    for (let i = 0; i < 3; i++) single.invoked()
    single.leave()
    for (let i = 0; i < 3; i++) caller.hears(Code.ERROR)
    const [shared] = join(2, 'first') as [RawClient]
    for (const one of [caller, other]) one.call(PROCEDURE, ['x'.repeat(10_000)])
    shared.invoked()
    shared.invoked()
    expect(router.counters.refusedByLimit).toBe(0)
  })

  it('a procedure of our client passes a call on by throwing wamp.error.unavailable', async () => {
    await using pair = await Pair.join()
    const busy = () => {
      throw new ApplicationError(ERROR.unavailable)
    }
    await pair.callee.register(PROCEDURE, busy, { invoke: 'first' })
    await pair.caller.register(PROCEDURE, () => 'served', { invoke: 'first' })
    expect(await pair.caller.call(PROCEDURE)).toBe('served')
  })
})
