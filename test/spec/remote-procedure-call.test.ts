import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Register, Unregister } from '../../src/messages/rpc.js'
import type { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { wire } from './fake-transport.js'
import { bystanders, expectError, expectResult, RawClient, routerWithRealm } from './raw-client.js'

const PROCEDURE = 'com.example.p'

let router: Router
let callee: RawClient
let caller: RawClient

beforeEach(() => {
  router = routerWithRealm()
  callee = RawClient.join(router)
  caller = RawClient.join(router)
})

describe('Registering and Unregistering (remote_procedure_call.md)', () => {
  it('dealer answers REGISTER with REGISTERED and an id', () => {
    const request = callee.request((id) => new Register(id, {}, PROCEDURE))
    const registered = callee.hears(Code.REGISTERED)
    expect(registered.requestId).toBe(request)
    expect(registered.registrationId).toBeGreaterThanOrEqual(1)
    expect(registered.registrationId).toBeLessThanOrEqual(2 ** 53)
    callee.hearsNothing()
  })

  it('dealer gives every procedure an id of its own', () => {
    const ids = ['a', 'b', 'c'].map((name) => callee.register(`com.example.${name}`))
    expect(new Set(ids).size).toBe(3)
  })

  it.each(['the same session', 'another session'])(
    'dealer answers procedure_already_exists when %s registers it again',
    (who) => {
      callee.register(PROCEDURE)
      const second = who === 'the same session' ? callee : caller
      const request = second.request((id) => new Register(id, {}, PROCEDURE))
      expectError(second, Code.REGISTER, request, ERROR.procedureAlreadyExists)
      const call = caller.call(PROCEDURE)
      callee.yield(callee.invoked(), ['the first'])
      expectResult(caller, call, 'the first')
    },
  )

  it('dealer answers UNREGISTER with UNREGISTERED, and the procedure is gone', () => {
    const registration = callee.register(PROCEDURE)
    const request = callee.request((id) => new Unregister(id, registration))
    expect(wire(callee.hears(Code.UNREGISTERED))).toEqual([Code.UNREGISTERED, request])
    expectError(caller, Code.CALL, caller.call(PROCEDURE), ERROR.noSuchProcedure)
    callee.hearsNothing()
  })

  it('another session registers what was unregistered', () => {
    callee.unregister(callee.register(PROCEDURE))
    caller.register(PROCEDURE)
    callee.call(PROCEDURE)
    caller.invoked()
  })

  it.each([
    ['never was', () => 4711],
    [
      'has ended',
      () => {
        const id = callee.register(PROCEDURE)
        callee.unregister(id)
        return id
      },
    ],
  ])('dealer answers no_such_registration when UNREGISTER names one that %s', (_, make) => {
    const id = make()
    const request = callee.request((requestId) => new Unregister(requestId, id))
    expectError(callee, Code.UNREGISTER, request, ERROR.noSuchRegistration)
  })

  it('dealer answers no_such_registration when UNREGISTER names somebody else’s, and that one stays', () => {
    const id = callee.register(PROCEDURE)
    const request = caller.request((requestId) => new Unregister(requestId, id))
    expectError(caller, Code.UNREGISTER, request, ERROR.noSuchRegistration)
    caller.call(PROCEDURE)
    callee.invoked()
  })

  it('UNREGISTER while a call is under way lets it end', () => {
    const registration = callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE)
    const invocation = callee.invoked()
    callee.unregister(registration)
    expectError(caller, Code.CALL, caller.call(PROCEDURE), ERROR.noSuchProcedure)
    callee.yield(invocation, ['in the end'])
    expectResult(caller, call, 'in the end')
  })

  it('dealer forgets the registrations of a session that leaves', () => {
    const othersGoOn = bystanders(router)
    callee.register(PROCEDURE)
    callee.leave()
    expectError(caller, Code.CALL, caller.call(PROCEDURE), ERROR.noSuchProcedure)
    caller.register(PROCEDURE)
    othersGoOn()
  })
})

describe('Calling and Invocations (remote_procedure_call.md)', () => {
  it('dealer passes a call on to the callee, and the result back', () => {
    const registration = callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE, ['johnny'], {}, { firstname: 'John' })
    const invocation = callee.hears(Code.INVOCATION)
    expect(wire(invocation)).toEqual([
      Code.INVOCATION,
      1,
      registration,
      {},
      ['johnny'],
      { firstname: 'John' },
    ])
    callee.yield(1, [30], {}, { karma: 10 })
    expect(wire(caller.hears(Code.RESULT))).toEqual([Code.RESULT, call, {}, [30], { karma: 10 }])
    callee.hearsNothing()
  })

  it.each<[string, unknown[], [unknown[], object]]>([
    ['no arguments', [], [[], {}]],
    ['an empty list', [[]], [[], {}]],
    ['arguments alone', [[null, 'a', [1]]], [[null, 'a', [1]], {}]],
    ['keywords alone', [[], { a: { b: 1 } }], [[], { a: { b: 1 } }]],
  ])('dealer passes on a payload of %s, both ways', (_, tail, expected) => {
    callee.register(PROCEDURE)
    caller.transport.sayWire([Code.CALL, 1, {}, PROCEDURE, ...tail])
    const { payload } = callee.hears(Code.INVOCATION)
    expect([payload.args, payload.kwargs]).toEqual(expected)
    callee.transport.sayWire([Code.YIELD, 1, {}, ...tail])
    const result = caller.hears(Code.RESULT).payload
    expect([result.args, result.kwargs]).toEqual(expected)
  })

  it('dealer answers no_such_procedure when nobody has registered', () => {
    const call = caller.call(PROCEDURE)
    expect(expectError(caller, Code.CALL, call, ERROR.noSuchProcedure)[0]).toContain(PROCEDURE)
  })

  it('dealer counts the invocations of each callee session from 1, whoever calls', () => {
    const second = RawClient.join(router)
    callee.register(PROCEDURE)
    callee.register('com.example.q')
    second.register('com.example.r')
    caller.call(PROCEDURE)
    second.call('com.example.q')
    caller.call('com.example.r')
    caller.call(PROCEDURE)
    expect([callee.invoked(), callee.invoked(), callee.invoked()]).toEqual([1, 2, 3])
    expect(second.invoked()).toBe(1)
  })

  it('results and errors reach their calls in any order', () => {
    callee.register(PROCEDURE)
    const calls = [1, 2, 3].map((n) => caller.call(PROCEDURE, [n]))
    const invocations = calls.map(() => callee.invoked())
    callee.yield(invocations[2] ?? 0, ['c'])
    callee.fail(invocations[0] ?? 0, 'com.example.error')
    callee.yield(invocations[1] ?? 0, ['b'])
    expectResult(caller, calls[2] ?? 0, 'c')
    expectError(caller, Code.CALL, calls[0] ?? 0, 'com.example.error')
    expectResult(caller, calls[1] ?? 0, 'b')
  })

  it('a session calls a procedure of its own', () => {
    callee.register(PROCEDURE)
    const call = callee.call(PROCEDURE, [1])
    callee.yield(callee.invoked(), [2])
    expectResult(callee, call, 2)
  })

  it('a session that calls itself and leaves disturbs nobody', () => {
    const othersGoOn = bystanders(router)
    callee.register(PROCEDURE)
    callee.call(PROCEDURE)
    callee.invoked()
    callee.leave()
    callee.hearsNothing()
    othersGoOn()
  })

  it('callee answers one call from within another', () => {
    callee.register(PROCEDURE)
    caller.register('com.example.q')
    const outer = caller.call(PROCEDURE)
    const invocation = callee.invoked()
    const inner = callee.call('com.example.q')
    caller.yield(caller.invoked(), ['inner'])
    expectResult(callee, inner, 'inner')
    callee.yield(invocation, ['outer'])
    expectResult(caller, outer, 'outer')
  })
})

describe('Invocation ERROR and Call ERROR (remote_procedure_call.md)', () => {
  it('dealer passes on the ERROR of an invocation as one for the call: details, URI and payload untouched', () => {
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE)
    callee.invoked()
    const uri = 'com.myapp.error.object_write_protected'
    const tail = [{ _hint: 'unlock it' }, uri, ['Object is write protected.', null], { severity: 3 }]
    callee.transport.sayWire([Code.ERROR, Code.INVOCATION, 1, ...tail])
    expect(wire(caller.hears(Code.ERROR))).toEqual([Code.ERROR, Code.CALL, call, ...tail])
  })

  it.each(['com.example.error', 'wamp.error.invalid_argument', 'wamp.error.cancelled'])(
    'dealer passes on the error URI %s',
    (uri) => {
      callee.register(PROCEDURE)
      const call = caller.call(PROCEDURE)
      callee.fail(callee.invoked(), uri)
      expectError(caller, Code.CALL, call, uri)
    },
  )
})

describe('Remote Procedure Call Ordering (security_model.md)', () => {
  it('a callee gets the invocations of a caller in the order of the calls, across procedures', () => {
    const procedures = ['com.example.a', 'com.example.b', 'com.example.c']
    for (const procedure of procedures) callee.register(procedure)
    for (let i = 0; i < 200; i++) caller.call(procedures[(i * 5) % 3] ?? '', [i])
    for (let i = 0; i < 200; i++)
      expect(callee.hears(Code.INVOCATION)).toMatchObject({ requestId: i + 1, payload: { args: [i] } })
  })

  it('dealer says REGISTERED before the first INVOCATION', () => {
    callee.request((id) => new Register(id, {}, PROCEDURE))
    caller.call(PROCEDURE)
    callee.hears(Code.REGISTERED)
    callee.invoked()
  })
})
