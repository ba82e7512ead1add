import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Payload } from '../../src/messages/payload.js'
import { Call } from '../../src/messages/rpc.js'
import type { Router } from '../../src/router.js'
import { announce } from '../../src/sessions/features.js'
import { ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { wire } from './fake-transport.js'
import {
  BASIC_ROLES,
  expectError,
  expectResult,
  expectViolation,
  RawClient,
  ROLES,
  routerWithRealm,
} from './raw-client.js'

const PROCEDURE = 'com.example.p'
const OTHER = 'com.example.other'
const PART = { progress: true }

let clock: TestClock
let router: Router
let caller: RawClient
let callee: RawClient
let registration: number

beforeEach(() => {
  clock = new TestClock()
  router = routerWithRealm({ clock })
  caller = RawClient.join(router)
  callee = RawClient.join(router)
  registration = callee.register(PROCEDURE)
})

/** Says a further part of a call. */
function say(requestId: number, args: unknown[] = [], options = {}, procedure = PROCEDURE): void {
  caller.say(new Call(requestId, options, procedure, new Payload(args)))
}

const invocation = () => wire(callee.hears(Code.INVOCATION))

describe('Progressive Call Invocations, dealer (rpc_progressive_call_invocations.md)', () => {
  it('every part of a call becomes an INVOCATION with the same request id, the last without progress', () => {
    const call = caller.call(PROCEDURE, [1], PART)
    say(call, [2], PART)
    say(call, [3])
    expect(invocation()).toEqual([Code.INVOCATION, 1, registration, PART, [1]])
    expect(invocation()).toEqual([Code.INVOCATION, 1, registration, PART, [2]])
    expect(invocation()).toEqual([Code.INVOCATION, 1, registration, {}, [3]])
    callee.yield(1, ['sum'])
    expectResult(caller, call, 'sum')
    caller.hearsNothing()
  })

  it('progress: false, said explicitly, is a last part', () => {
    const call = caller.call(PROCEDURE, [1], PART)
    say(call, [2], { progress: false })
    invocation()
    expect(invocation()).toEqual([Code.INVOCATION, 1, registration, {}, [2]])
  })

  it('callee may answer before the last part has come, and results may be streamed meanwhile', () => {
    const call = caller.call(PROCEDURE, [1], { ...PART, receive_progress: true })
    const id = callee.invoked()
    callee.yield(id, ['a'], PART)
    say(call, [2], PART)
    callee.hears(Code.INVOCATION)
    callee.yield(id, ['end'])
    expectResult(caller, call, 'a')
    expectResult(caller, call, 'end')
  })

  it('all parts go to the callee that had the first', () => {
    const callees = [0, 1, 2].map(() => RawClient.join(router))
    for (const one of callees) one.register(OTHER, { invoke: 'roundrobin' })
    const call = caller.call(OTHER, [1], PART)
    const [first, ...others] = callees.sort((a) => (a.transport.unread.length > 0 ? -1 : 1))
    for (let n = 2; n < 5; n++) say(call, [n], PART, OTHER)
    say(call, [5], {}, OTHER)
    for (let n = 1; n <= 5; n++) expect(first?.hears(Code.INVOCATION).payload.args).toEqual([n])
    for (const other of others) other.hearsNothing()
  })

  it('parts of several calls do not mix, and new calls go on counting', () => {
    const first = caller.call(PROCEDURE, ['a1'], PART)
    const second = caller.call(PROCEDURE, ['b1'], PART)
    say(first, ['a2'])
    const third = caller.call(PROCEDURE, ['c'])
    say(second, ['b2'])
    expect([first, second, third]).toEqual([1, 2, 3])
    const heard = Array.from({ length: 5 }, () => callee.hears(Code.INVOCATION))
    expect(heard.map(({ requestId, payload }) => [requestId, payload.args[0]])).toEqual([
      [1, 'a1'],
      [2, 'b1'],
      [1, 'a2'],
      [3, 'c'],
      [2, 'b2'],
    ])
  })

  it('options are those of the first part, but for progress', () => {
    const call = caller.call(PROCEDURE, [1], { ...PART, disclose_me: true })
    say(call, [2], { ...PART, disclose_me: false, receive_progress: true })
    say(call, [3], { timeout: 5, ppt_scheme: 'x_other' })
    const first = callee.hears(Code.INVOCATION).details
    expect(first).toMatchObject({ caller: caller.sessionId, progress: true })
    expect(callee.hears(Code.INVOCATION).details).toEqual(first)
    const { progress: _, ...last } = first
    expect(callee.hears(Code.INVOCATION).details).toEqual(last)
    expect(clock.alarms).toBe(0)
  })

  it('a part for a call that has ended is dropped, whichever way it ended', () => {
    const answered = caller.call(PROCEDURE, [1], PART)
    callee.yield(callee.invoked(), ['done'])
    expectResult(caller, answered, 'done')
    const failed = caller.call(PROCEDURE, [1], PART)
    callee.fail(callee.invoked(), 'com.example.no')
    caller.hears(Code.ERROR)
    const canceled = caller.call(PROCEDURE, [1], PART)
    callee.invoked()
    caller.cancel(canceled)
    callee.hears(Code.INTERRUPT)
    caller.hears(Code.ERROR)
    const unknown = caller.call('com.example.nobody', [1], PART)
    expectError(caller, Code.CALL, unknown, ERROR.noSuchProcedure)
    for (const call of [answered, failed, canceled, unknown])
      for (const options of [PART, {}]) say(call, ['late'], options)
    callee.hearsNothing()
    caller.hearsNothing()
    expectResultOfNewCall()
  })

  it('a part that names another procedure is dropped', () => {
    const call = caller.call(PROCEDURE, [1], PART)
    callee.invoked()
    say(call, [2], PART, OTHER)
    callee.hearsNothing()
    caller.hearsNothing()
  })

  it('a part after the last is a violation', () => {
    const call = caller.call(PROCEDURE, [1], PART)
    say(call, [2])
    say(call, [3])
    expectViolation(caller, /last part/)
  })

  it('a second CALL with the id of a call in one part is a violation', () => {
    const call = caller.call(PROCEDURE)
    say(call, [2], PART)
    expectViolation(caller, /last part/)
  })

  it('an id above the next is a violation', () => {
    caller.call(PROCEDURE, [1], PART)
    say(3, [2], PART)
    expectViolation(caller, /CALL.Request must be 2/)
  })

  it('an id that was never that of a CALL, and higher than all of them, is a violation', () => {
    caller.call(PROCEDURE, [1], PART)
    caller.publish('com.example.topic')
    say(2, [2], PART)
    expectViolation(caller, /CALL.Request must be 3/)
  })

  it('caller that has not announced it breaks the protocol', () => {
    const basic = RawClient.join(router, { roles: BASIC_ROLES })
    basic.call(PROCEDURE, [1], PART)
    expectViolation(basic, /progressive_call_invocations/)
    callee.hearsNothing()
  })

  it.each([
    ['progressive_call_invocations', announce({ callee: ['call_canceling'] })],
    ['call_canceling', announce({ callee: ['progressive_call_invocations'] })],
  ])('callee without %s: the caller gets feature_not_supported', (_, roles) => {
    const lacking = RawClient.join(router, { roles: { ...ROLES, ...roles } })
    lacking.register(OTHER)
    const call = caller.call(OTHER, [1], PART)
    expectError(caller, Code.CALL, call, ERROR.featureNotSupported)
    say(call, [2], PART, OTHER)
    say(call, [3], {}, OTHER)
    lacking.hearsNothing()
    caller.hearsNothing()
  })

  it('callee that announces call_cancelling, as this section spells it, is understood', () => {
    const roles = announce({ callee: ['progressive_call_invocations', 'call_cancelling'] })
    const spelling = RawClient.join(router, { roles: { ...ROLES, ...roles } })
    spelling.register(OTHER)
    caller.call(OTHER, [1], PART)
    expect(spelling.hears(Code.INVOCATION).details).toEqual(PART)
  })

  it('caller that leaves has the callee interrupted', () => {
    caller.call(PROCEDURE, [1], PART)
    const id = callee.invoked()
    caller.transport.lose()
    const interrupt = callee.hears(Code.INTERRUPT)
    expect([interrupt.requestId, interrupt.options.mode]).toEqual([id, 'killnowait'])
  })

  it('callee that leaves has the caller told; further parts are dropped', () => {
    const call = caller.call(PROCEDURE, [1], PART)
    callee.transport.lose()
    expectError(caller, Code.CALL, call, ERROR.canceled)
    say(call, [2], PART)
    caller.hearsNothing()
  })

  it('parts that come while a kill waits for its answer are dropped', () => {
    const call = caller.call(PROCEDURE, [1], PART)
    const id = callee.invoked()
    caller.cancel(call, 'kill')
    callee.hears(Code.INTERRUPT)
    say(call, [2], PART)
    callee.hearsNothing()
    callee.fail(id, ERROR.canceled)
    expectError(caller, Code.CALL, call, ERROR.canceled)
  })

  it('a call in parts is not rerouted: its callee has some of them', () => {
    const roles = { ...ROLES, ...announce({ callee: [...FOR_PARTS, 'call_reroute', 'shared_registration'] }) }
    const callees = [0, 1].map(() => RawClient.join(router, { roles }))
    for (const one of callees) one.register(OTHER, { invoke: 'first' })
    const call = caller.call(OTHER, [1], PART)
    callees[0]?.fail(callees[0].invoked(), ERROR.unavailable)
    expectError(caller, Code.CALL, call, ERROR.unavailable)
    callees[1]?.hearsNothing()
  })

  it('a part begins the time for the answer again', () => {
    const call = caller.call(PROCEDURE, [1], { ...PART, timeout: 100 })
    clock.pass(80)
    say(call, [2], PART)
    clock.pass(80)
    caller.hearsNothing()
    clock.pass(20)
    expectError(caller, Code.CALL, call, ERROR.timeout)
  })

  function expectResultOfNewCall(): void {
    const call = caller.call(PROCEDURE, ['new'])
    callee.yield(callee.invoked(), ['answer'])
    expectResult(caller, call, 'answer')
  }
})

const FOR_PARTS = ['progressive_call_invocations', 'call_canceling', 'progressive_call_results']
