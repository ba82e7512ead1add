import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { wire } from './fake-transport.js'
import { bystanders, expectError, RawClient, routerWithRealm } from './raw-client.js'

const PROCEDURE = 'com.example.p'

let router: Router
let callee: RawClient
let caller: RawClient

beforeEach(() => {
  router = routerWithRealm()
  callee = RawClient.join(router)
  caller = RawClient.join(router)
})

describe('Caller Leaving During an RPC Invocation (remote_procedure_call.md)', () => {
  const leavings: [string, (raw: RawClient) => void][] = [
    ['GOODBYE', (raw) => raw.leave()],
    ['ABORT', (raw) => raw.transport.sayWire([Code.ABORT, {}, 'com.example.panic'])],
    ['the end of its transport', (raw) => raw.transport.end()],
  ]

  it.each(leavings)(
    'dealer interrupts the callee with killnowait when the caller leaves by %s',
    (_, leave) => {
      callee.register(PROCEDURE)
      caller.call(PROCEDURE)
      const invocation = callee.invoked()
      leave(caller)
      expect(wire(callee.hears(Code.INTERRUPT))).toEqual([Code.INTERRUPT, invocation, { mode: 'killnowait' }])
      caller.hearsNothing()
    },
  )

  it.each(leavings)(
    'dealer does not interrupt a callee without call_canceling when the caller leaves by %s',
    (_, leave) => {
      const basic = RawClient.join(router, { roles: { callee: {} } })
      basic.register(PROCEDURE)
      caller.call(PROCEDURE)
      basic.invoked()
      leave(caller)
      basic.hearsNothing()
    },
  )

  it.each(['YIELD', 'ERROR'])('dealer drops the late %s for a caller that has left', (kind) => {
    const othersGoOn = bystanders(router)
    callee.register(PROCEDURE)
    caller.call(PROCEDURE)
    const invocation = callee.invoked()
    caller.leave()
    callee.hears(Code.INTERRUPT)
    if (kind === 'YIELD') callee.yield(invocation)
    else callee.fail(invocation, ERROR.canceled)
    callee.hearsNothing()
    expect(callee.transport.isClosed).toBe(false)
    othersGoOn()
  })

  it('a late YIELD does not reach the next session of the caller’s transport', () => {
    callee.register(PROCEDURE)
    caller.call(PROCEDURE)
    const invocation = callee.invoked()
    caller.leave()
    caller.join()
    caller.call(PROCEDURE)
    callee.yield(invocation, ['late'])
    caller.hearsNothing()
  })
})

describe('Callee Leaving During an RPC Invocation (remote_procedure_call.md)', () => {
  it.each<[string, (raw: RawClient) => void]>([
    ['GOODBYE', (raw) => raw.leave()],
    ['ABORT', (raw) => raw.transport.sayWire([Code.ABORT, {}, 'com.example.panic'])],
    ['a violation', (raw) => raw.transport.sayText('[]')],
    ['the end of its transport', (raw) => raw.transport.end()],
  ])('dealer answers every call under way with canceled when the callee leaves by %s', (_, leave) => {
    const second = RawClient.join(router)
    callee.register(PROCEDURE)
    const calls = [caller.call(PROCEDURE), caller.call(PROCEDURE)]
    const other = second.call(PROCEDURE)
    for (const n of [1, 2, 3]) expect(callee.invoked()).toBe(n)
    leave(callee)
    for (const call of calls) expectError(caller, Code.CALL, call, ERROR.canceled)
    expectError(second, Code.CALL, other, ERROR.canceled)
    caller.hearsNothing()
  })
})
