import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Router } from '../../src/router.js'
import { announce } from '../../src/sessions/features.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { wire } from './fake-transport.js'
import { BASIC_ROLES, expectError, expectResult, RawClient, routerWithRealm } from './raw-client.js'

const PROCEDURE = 'com.myapp.compute_revenue'

let clock: TestClock
let router: Router
let caller: RawClient
let callee: RawClient

beforeEach(() => {
  clock = new TestClock()
  router = routerWithRealm({ clock })
  caller = RawClient.join(router)
  callee = RawClient.join(router)
})

function underWay(options = {}): { call: number; invocation: number } {
  callee.register(PROCEDURE)
  const call = caller.call(PROCEDURE, [], { receive_progress: true, ...options })
  return { call, invocation: callee.invoked() }
}

function expectProgress(call: number, ...args: unknown[]): void {
  const tail = args.length > 0 ? [args] : []
  expect(wire(caller.hears(Code.RESULT))).toEqual([Code.RESULT, call, { progress: true }, ...tail])
}

describe('Progressive Call Results (rpc_progressive_call_results.md)', () => {
  it('dealer passes on that the caller takes progressive results', () => {
    callee.register(PROCEDURE)
    caller.call(PROCEDURE, [2010], { receive_progress: true })
    expect(callee.hears(Code.INVOCATION).details).toEqual({ receive_progress: true })
  })

  it('dealer passes on each progressive YIELD at once, and the final one as the end', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, ['Y2010', 120], { progress: true })
    expectProgress(call, 'Y2010', 120)
    callee.yield(invocation, [], { progress: true })
    expectProgress(call)
    callee.yield(invocation, ['Total', 490])
    expect(wire(caller.hears(Code.RESULT))).toEqual([Code.RESULT, call, {}, ['Total', 490]])
  })

  it('dealer passes on an empty end', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, [1], { progress: true })
    expectProgress(call, 1)
    callee.yield(invocation)
    expectResult(caller, call)
  })

  it('dealer passes on keywords of progressive results', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, [], { progress: true }, { foo: 10 })
    expect(wire(caller.hears(Code.RESULT))).toEqual([Code.RESULT, call, { progress: true }, [], { foo: 10 }])
  })

  it('dealer ends a call with the ERROR that follows progressive results', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, [1], { progress: true })
    callee.fail(invocation, 'com.myapp.invalid_revenue_year', [1830])
    expectProgress(call, 1)
    expect(expectError(caller, Code.CALL, call, 'com.myapp.invalid_revenue_year')).toEqual([1830])
  })

  it('progress: false is an end', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, [1], { progress: false })
    expect(wire(caller.hears(Code.RESULT))).toEqual([Code.RESULT, call, {}, [1]])
  })

  it('dealer drops progressive results after the end', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, ['end'])
    expectResult(caller, call, 'end')
    callee.yield(invocation, ['late'], { progress: true })
    caller.hearsNothing()
    callee.hearsNothing()
  })

  it('a burst of progressive results arrives whole and in order', () => {
    const { call, invocation } = underWay()
    for (let i = 0; i < 200; i++) callee.yield(invocation, [i], { progress: true })
    for (let i = 0; i < 200; i++) expectProgress(call, i)
  })
})

describe('Ignoring Requests for Progressive Call Results (rpc_progressive_call_results.md)', () => {
  it.each([{}, { receive_progress: false }])(
    'dealer drops progressive results that a caller with %j did not ask for, and passes on the end',
    (options) => {
      callee.register(PROCEDURE)
      const call = caller.call(PROCEDURE, [], options)
      const invocation = callee.hears(Code.INVOCATION)
      expect(invocation.details).toEqual({})
      callee.yield(invocation.requestId, [1], { progress: true })
      caller.hearsNothing()
      callee.yield(invocation.requestId, [2])
      expectResult(caller, call, 2)
    },
  )

  it.each([
    ['without progressive_call_results', ['call_canceling']],
    ['without call_canceling, which could not be stopped', ['progressive_call_results']],
    ['without either', []],
  ])('dealer does not ask a callee %s for progressive results, and drops those it sends', (_, features) => {
    callee = RawClient.join(router, { roles: announce({ callee: features }) })
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE, [], { receive_progress: true })
    const invocation = callee.hears(Code.INVOCATION)
    expect(invocation.details).toEqual({})
    callee.yield(invocation.requestId, [1], { progress: true })
    caller.hearsNothing()
    callee.yield(invocation.requestId, ['end'])
    expectResult(caller, call, 'end')
  })

  it('a callee need not send any', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, ['all at once'])
    expectResult(caller, call, 'all at once')
  })
})

describe('Progressive Call Results: leaving and canceling (rpc_progressive_call_results.md)', () => {
  it('dealer interrupts the callee with killnowait when the caller leaves, and drops what follows', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, [1], { progress: true })
    expectProgress(call, 1)
    caller.transport.end()
    expect(wire(callee.hears(Code.INTERRUPT))).toEqual([Code.INTERRUPT, invocation, { mode: 'killnowait' }])
    callee.yield(invocation, [2], { progress: true })
    callee.yield(invocation, ['end'])
    callee.hearsNothing()
    expect(callee.transport.isClosed).toBe(false)
  })

  it('dealer answers canceled when the callee leaves', () => {
    const { call, invocation } = underWay()
    callee.yield(invocation, [1], { progress: true })
    callee.leave()
    expectProgress(call, 1)
    expectError(caller, Code.CALL, call, ERROR.canceled)
  })

  it('dealer sends none after the caller has canceled with killnowait', () => {
    const { call, invocation } = underWay()
    caller.cancel(call, 'killnowait')
    expectError(caller, Code.CALL, call, ERROR.canceled)
    callee.hears(Code.INTERRUPT)
    callee.yield(invocation, [1], { progress: true })
    caller.hearsNothing()
  })

  it('a callee that is killed may send some more before it ends', () => {
    const { call, invocation } = underWay()
    caller.cancel(call, 'kill')
    callee.hears(Code.INTERRUPT)
    callee.yield(invocation, [1], { progress: true })
    callee.fail(invocation, ERROR.canceled)
    expectProgress(call, 1)
    expectError(caller, Code.CALL, call, ERROR.canceled)
  })
})

describe('Progressive Call Results: Timeouts (rpc_progressive_call_results.md)', () => {
  it('the time counts from one result to the next', () => {
    const { call, invocation } = underWay({ timeout: 100 })
    for (let i = 0; i < 5; i++) {
      clock.pass(99)
      callee.yield(invocation, [i], { progress: true })
      expectProgress(call, i)
    }
    clock.pass(99)
    caller.hearsNothing()
    clock.pass(1)
    expectError(caller, Code.CALL, call, ERROR.timeout)
    expect(wire(callee.hears(Code.INTERRUPT))).toEqual([
      Code.INTERRUPT,
      invocation,
      { mode: 'killnowait', reason: ERROR.timeout },
    ])
    expect(clock.alarms).toBe(0)
  })

  it('progress that the caller does not get buys no time', () => {
    callee = RawClient.join(router, { roles: BASIC_ROLES })
    const { call, invocation } = underWay({ timeout: 100 })
    clock.pass(60)
    callee.yield(invocation, [1], { progress: true })
    clock.pass(40)
    expectError(caller, Code.CALL, call, ERROR.timeout)
  })
})
