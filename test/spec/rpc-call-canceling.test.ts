import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Router } from '../../src/router.js'
import { announce } from '../../src/sessions/features.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { wire } from './fake-transport.js'
import {
  BASIC_ROLES,
  bystanders,
  expectError,
  expectResult,
  RawClient,
  routerWithRealm,
} from './raw-client.js'

const PROCEDURE = 'com.example.p'

let clock: TestClock
let router: Router
let caller: RawClient
let callee: RawClient
let othersGoOn: () => void

beforeEach(() => {
  clock = new TestClock()
  router = routerWithRealm({ clock })
  caller = RawClient.join(router)
  callee = RawClient.join(router)
  othersGoOn = bystanders(router)
})

/** A call under way, at a callee with these roles. */
function underWay(roles?: ReturnType<typeof announce>, options = {}): { call: number; invocation: number } {
  if (roles !== undefined) callee = RawClient.join(router, { roles })
  callee.register(PROCEDURE)
  const call = caller.call(PROCEDURE, [], options)
  return { call, invocation: callee.invoked() }
}

function expectInterrupt(invocation: number, mode: string, reason?: string): void {
  const options = reason === undefined ? { mode } : { mode, reason }
  expect(wire(callee.hears(Code.INTERRUPT))).toEqual([Code.INTERRUPT, invocation, options])
  callee.hearsNothing()
}

/** Whatever the callee says now comes too late for the caller, and is nobody's fault. */
function expectLateAnswersDropped(invocation: number): void {
  callee.yield(invocation, ['late'], { progress: true })
  callee.fail(invocation, ERROR.canceled)
  callee.yield(invocation, ['late'])
  caller.hearsNothing()
  callee.hearsNothing()
  expect(callee.transport.isClosed).toBe(false)
  othersGoOn()
}

describe('Call Canceling (rpc_call_canceling.md)', () => {
  it('skip: dealer answers the caller with canceled at once, and leaves the callee alone', () => {
    const { call, invocation } = underWay()
    caller.cancel(call, 'skip')
    expectError(caller, Code.CALL, call, ERROR.canceled)
    callee.hearsNothing()
    expectLateAnswersDropped(invocation)
  })

  it('killnowait: dealer answers the caller with canceled at once, and interrupts the callee', () => {
    const { call, invocation } = underWay()
    caller.cancel(call, 'killnowait')
    expectError(caller, Code.CALL, call, ERROR.canceled)
    expectInterrupt(invocation, 'killnowait', ERROR.canceled)
    expectLateAnswersDropped(invocation)
  })

  it('without a mode dealer does as with killnowait', () => {
    const { call, invocation } = underWay()
    caller.cancel(call)
    expectError(caller, Code.CALL, call, ERROR.canceled)
    expectInterrupt(invocation, 'killnowait', ERROR.canceled)
  })

  it('kill: dealer interrupts the callee, and passes its ERROR on', () => {
    const { call, invocation } = underWay()
    caller.cancel(call, 'kill')
    expectInterrupt(invocation, 'kill')
    caller.hearsNothing()
    callee.fail(invocation, 'com.example.stopped', ['halfway'])
    expect(expectError(caller, Code.CALL, call, 'com.example.stopped')).toEqual(['halfway'])
  })

  it('kill: the caller gets the RESULT of a callee that was done before', () => {
    const { call, invocation } = underWay()
    caller.cancel(call, 'kill')
    callee.yield(invocation, ['done'])
    expectResult(caller, call, 'done')
  })

  it('kill: the caller gets canceled when the callee leaves instead', () => {
    const { call } = underWay()
    caller.cancel(call, 'kill')
    callee.transport.end()
    expectError(caller, Code.CALL, call, ERROR.canceled)
  })

  it('dealer interrupts a callee with kill once, however often the caller says so', () => {
    const { call, invocation } = underWay()
    caller.cancel(call, 'kill')
    caller.cancel(call, 'kill')
    expectInterrupt(invocation, 'kill')
    callee.fail(invocation, ERROR.canceled)
    expectError(caller, Code.CALL, call, ERROR.canceled)
    caller.hearsNothing()
  })

  it.each(['skip', 'killnowait'] as const)('a caller that waits after kill gives up with %s', (mode) => {
    const { call, invocation } = underWay()
    caller.cancel(call, 'kill')
    expectInterrupt(invocation, 'kill')
    caller.cancel(call, mode)
    expectError(caller, Code.CALL, call, ERROR.canceled)
    if (mode === 'killnowait') expectInterrupt(invocation, 'killnowait', ERROR.canceled)
    expectLateAnswersDropped(invocation)
  })

  it.each(['skip', 'kill', 'killnowait', undefined] as const)(
    'dealer does as with skip when it is told %s and the callee has not announced call_canceling',
    (mode) => {
      const { call, invocation } = underWay(BASIC_ROLES)
      caller.cancel(call, mode)
      expectError(caller, Code.CALL, call, ERROR.canceled)
      callee.hearsNothing()
      expectLateAnswersDropped(invocation)
    },
  )

  it('dealer does as with skip when only the other roles of the callee announce call_canceling', () => {
    const { call } = underWay(announce({ callee: [], caller: ['call_canceling'] }))
    caller.cancel(call, 'kill')
    expectError(caller, Code.CALL, call, ERROR.canceled)
    callee.hearsNothing()
  })

  it('dealer understands a callee that announces call_cancelling, as one section spells it', () => {
    const { call, invocation } = underWay(announce({ callee: ['call_cancelling'] }))
    caller.cancel(call, 'kill')
    expectInterrupt(invocation, 'kill')
  })

  it.each(['true', 1, {}])('dealer takes call_canceling: %j for no announcement', (value) => {
    const { call } = underWay({ callee: { features: { call_canceling: value } } })
    caller.cancel(call, 'kill')
    expectError(caller, Code.CALL, call, ERROR.canceled)
    callee.hearsNothing()
  })
})

describe('Call Canceling: calls that cannot be canceled (rpc_call_canceling.md)', () => {
  it.each(['skip', 'kill', 'killnowait'] as const)(
    'dealer ignores CANCEL with %s for a call that has ended',
    (mode) => {
      const { call, invocation } = underWay()
      callee.yield(invocation)
      caller.hears(Code.RESULT)
      caller.cancel(call, mode)
      caller.hearsNothing()
      callee.hearsNothing()
      othersGoOn()
    },
  )

  it('dealer ignores a second CANCEL', () => {
    const { call, invocation } = underWay()
    caller.cancel(call)
    caller.cancel(call)
    expectError(caller, Code.CALL, call, ERROR.canceled)
    caller.hearsNothing()
    expectInterrupt(invocation, 'killnowait', ERROR.canceled)
  })

  it('dealer ignores CANCEL for a call that never was, or that was refused', () => {
    caller.cancel(99)
    const call = caller.call('com.example.nobody')
    caller.hears(Code.ERROR)
    caller.cancel(call)
    caller.hearsNothing()
    othersGoOn()
  })

  it('a session cannot cancel the call of another', () => {
    const { call, invocation } = underWay()
    const stranger = RawClient.join(router)
    stranger.cancel(call, 'kill')
    stranger.cancel(call, 'skip')
    callee.hearsNothing()
    stranger.hearsNothing()
    callee.yield(invocation, ['done'])
    expectResult(caller, call, 'done')
  })
})

describe('Call Timeouts (rpc_call_timeout.md)', () => {
  it('dealer ends a call after its milliseconds, with wamp.error.timeout, and interrupts the callee', () => {
    const { call, invocation } = underWay(undefined, { timeout: 1500 })
    clock.pass(1499)
    caller.hearsNothing()
    clock.pass(1)
    expectError(caller, Code.CALL, call, ERROR.timeout)
    expectInterrupt(invocation, 'killnowait', ERROR.timeout)
    expectLateAnswersDropped(invocation)
    expect(clock.alarms).toBe(0)
  })

  it('dealer does not interrupt a callee that has not announced call_canceling', () => {
    const { call, invocation } = underWay(BASIC_ROLES, { timeout: 10 })
    clock.pass(10)
    expectError(caller, Code.CALL, call, ERROR.timeout)
    callee.hearsNothing()
    expectLateAnswersDropped(invocation)
  })

  it.each([{}, { timeout: 0 }])('dealer lets a call with %j last for ever', (options) => {
    const { call, invocation } = underWay(undefined, options)
    expect(clock.alarms).toBe(0)
    clock.pass(2 ** 40)
    callee.yield(invocation, ['at last'])
    expectResult(caller, call, 'at last')
  })

  it.each([
    ['is answered', ({ invocation }: { invocation: number }) => callee.yield(invocation)],
    ['fails', ({ invocation }: { invocation: number }) => callee.fail(invocation, 'com.example.error')],
    ['is canceled', ({ call }: { call: number }) => caller.cancel(call)],
    ['loses its callee', () => callee.transport.end()],
    ['loses its caller', () => caller.transport.end()],
  ])('dealer stops its timer when the call %s', (_, end) => {
    end(underWay(undefined, { timeout: 100 }))
    expect(clock.alarms).toBe(0)
  })

  it('dealer does not hand the timeout on to a callee that did not ask for it', () => {
    callee.register(PROCEDURE)
    caller.call(PROCEDURE, [], { timeout: 100 })
    expect(callee.hears(Code.INVOCATION).details).toEqual({})
  })

  it('the time goes on after kill', () => {
    const { call, invocation } = underWay(undefined, { timeout: 100 })
    caller.cancel(call, 'kill')
    expectInterrupt(invocation, 'kill')
    clock.pass(100)
    expectError(caller, Code.CALL, call, ERROR.timeout)
    expectInterrupt(invocation, 'killnowait', ERROR.timeout)
  })

  it('each call has a time of its own', () => {
    callee.register(PROCEDURE)
    const slow = caller.call(PROCEDURE, [], { timeout: 300 })
    clock.pass(100)
    const quick = caller.call(PROCEDURE, [], { timeout: 100 })
    clock.pass(100)
    expectError(caller, Code.CALL, quick, ERROR.timeout)
    caller.hearsNothing()
    clock.pass(100)
    expectError(caller, Code.CALL, slow, ERROR.timeout)
  })
})
