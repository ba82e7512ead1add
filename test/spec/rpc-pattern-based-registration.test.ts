import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import type { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { expectError, RawClient, routerWithRealm } from './raw-client.js'

let router: Router
let callee: RawClient
let caller: RawClient

beforeEach(() => {
  router = routerWithRealm()
  callee = RawClient.join(router)
  caller = RawClient.join(router)
})

function expectNobody(procedure: string): void {
  expectError(caller, Code.CALL, caller.call(procedure), ERROR.noSuchProcedure)
  callee.hearsNothing()
}

describe('Pattern-based Registrations: matching (rpc_pattern_based_registration.md)', () => {
  it.each([
    'com.myapp.myobject1.myprocedure1',
    'com.myapp.myobject1-mysubobject1',
    'com.myapp.myobject1.mysubobject1.myprocedure1',
    'com.myapp.myobject1',
  ])('dealer routes a call of %s to the prefix com.myapp.myobject1', (procedure) => {
    const id = callee.register('com.myapp.myobject1', { match: 'prefix' })
    caller.call(procedure)
    expect(callee.hears(Code.INVOCATION)).toMatchObject({ registrationId: id, details: { procedure } })
  })

  it.each(['com.myapp.myobject2', 'com.myapp.myobject'])(
    'dealer routes no call of %s to the prefix com.myapp.myobject1',
    (procedure) => {
      callee.register('com.myapp.myobject1', { match: 'prefix' })
      expectNobody(procedure)
    },
  )

  it.each(['com.myapp.myobject1.myprocedure1', 'com.myapp.myobject2.myprocedure1'])(
    'dealer routes a call of %s to the wildcard pattern com.myapp..myprocedure1',
    (procedure) => {
      const id = callee.register('com.myapp..myprocedure1', { match: 'wildcard' })
      caller.call(procedure)
      expect(callee.hears(Code.INVOCATION)).toMatchObject({ registrationId: id, details: { procedure } })
    },
  )

  it.each([
    'com.myapp.myobject1.myprocedure1.mysubprocedure1',
    'com.myapp.myobject1.myprocedure2',
    'com.myapp2.myobject1.myprocedure1',
  ])('dealer routes no call of %s to the wildcard pattern com.myapp..myprocedure1', (procedure) => {
    callee.register('com.myapp..myprocedure1', { match: 'wildcard' })
    expectNobody(procedure)
  })

  it('dealer does not tell the procedure to a callee that has registered exactly that', () => {
    callee.register('com.example.p')
    caller.call('com.example.p')
    expect(callee.hears(Code.INVOCATION).details).toEqual({})
  })
})

describe('Calls matching multiple registrations (rpc_pattern_based_registration.md)', () => {
  const registered: [string, string][] = [
    ['a1.b2.c3.d4.e55', 'exact'],
    ['a1.b2.c3', 'prefix'],
    ['a1.b2.c3.d4', 'prefix'],
    ['a1.b2..d4.e5', 'wildcard'],
    ['a1.b2.c33..e5', 'wildcard'],
    ['a1.b2..d4.e5..g7', 'wildcard'],
    ['a1.b2..d4..f6.g7', 'wildcard'],
  ]

  it.each([
    ['a1.b2.c3.d4.e55', 1],
    ['a1.b2.c3.d98.e74', 2],
    ['a1.b2.c3.d4.e325', 3],
    ['a1.b2.c55.d4.e5', 4],
    ['a1.b2.c33.d4.e5', 5],
    ['a1.b2.c88.d4.e5.f6.g7', 6],
  ])('dealer routes a call of %s to registration %i of the example, and to no other', (procedure, number) => {
    const ids = registered.map(([uri, match]) => callee.register(uri, { match }))
    caller.call(procedure)
    expect(callee.hears(Code.INVOCATION).registrationId).toBe(ids[number - 1])
    callee.hearsNothing()
  })

  it('dealer answers no_such_procedure when none of the example matches', () => {
    for (const [uri, match] of registered) callee.register(uri, { match })
    expectNobody('a2.b2.c2.d2.e2')
  })

  it('dealer falls back to the next best when the best registration goes', () => {
    const ids = registered.slice(0, 3).map(([uri, match]) => callee.register(uri, { match }))
    for (const id of ids) {
      caller.call('a1.b2.c3.d4.e55')
      const best = id === ids[0] ? ids[0] : id === ids[1] ? ids[2] : ids[1]
      expect(callee.hears(Code.INVOCATION).registrationId).toBe(best)
      callee.unregister(best ?? 0)
    }
    expectNobody('a1.b2.c3.d4.e55')
  })

  it('one URI is registered under each match policy, by different sessions', () => {
    const ids = ['exact', 'prefix', 'wildcard'].map((match) =>
      RawClient.join(router).register('com.example.p', { match }),
    )
    expect(new Set(ids).size).toBe(3)
  })

  it('patterns are shared like any registration', () => {
    const second = RawClient.join(router)
    const options = { match: 'prefix', invoke: 'roundrobin' }
    expect(callee.register('com.', options)).toBe(second.register('com.', options))
    caller.call('com.a')
    caller.call('com.b')
    expect(callee.hears(Code.INVOCATION).details.procedure).toBe('com.a')
    expect(second.hears(Code.INVOCATION).details.procedure).toBe('com.b')
  })
})

describe('Caller Identification (rpc_caller_identification.md)', () => {
  const identity = () => ({
    caller: caller.sessionId,
    caller_authid: caller.welcome.authid,
    caller_authrole: caller.welcome.authrole,
  })

  it.each([
    ['nobody asks', {}, {}, false],
    ['the caller asks', { disclose_me: true }, {}, true],
    ['the callee asks', {}, { disclose_caller: true }, true],
    ['both ask', { disclose_me: true }, { disclose_caller: true }, true],
    ['the callee asks and the caller objects', { disclose_me: false }, { disclose_caller: true }, false],
  ])('dealer tells who calls, or not, when %s', (_, callOptions, registerOptions, told) => {
    callee.register('com.example.p', registerOptions)
    caller.call('com.example.p', [], callOptions)
    expect(callee.hears(Code.INVOCATION).details).toEqual(told ? identity() : {})
  })

  it('dealer tells who calls through a pattern', () => {
    callee.register('com.', { match: 'prefix', disclose_caller: true })
    caller.call('com.example.p')
    expect(callee.hears(Code.INVOCATION).details).toEqual({ ...identity(), procedure: 'com.example.p' })
  })

  it('each callee of a shared registration is told as it asked', () => {
    const second = RawClient.join(router)
    callee.register('com.example.p', { invoke: 'roundrobin', disclose_caller: true })
    second.register('com.example.p', { invoke: 'roundrobin' })
    caller.call('com.example.p')
    caller.call('com.example.p')
    expect(callee.hears(Code.INVOCATION).details).toEqual(identity())
    expect(second.hears(Code.INVOCATION).details).toEqual({})
  })

  it('a caller cannot claim to be somebody else', () => {
    callee.register('com.example.p')
    caller.call('com.example.p', [], { caller: 1, caller_authid: 'root', procedure: 'com.example.q' })
    expect(callee.hears(Code.INVOCATION).details).toEqual({})
  })
})
