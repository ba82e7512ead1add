import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Register } from '../../src/messages/rpc.js'
import type { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { expectError, RawClient, routerWithRealm } from './raw-client.js'

const PROCEDURE = 'com.example.p'
const POLICIES = ['single', 'roundrobin', 'random', 'first', 'last'] as const
const SHARED = POLICIES.slice(1)

let router: Router
let caller: RawClient

beforeEach(() => {
  router = routerWithRealm()
  caller = RawClient.join(router)
})

function join(count: number, invoke?: string): RawClient[] {
  const options = invoke === undefined ? {} : { invoke }
  return Array.from({ length: count }, () => {
    const callee = RawClient.join(router)
    callee.register(PROCEDURE, options)
    return callee
  })
}

/** Calls once, and tells which of the callees had to serve. */
function served(callees: readonly RawClient[]): number {
  caller.call(PROCEDURE)
  const busy = callees.flatMap((callee, index) => (callee.transport.unread.length > 0 ? [index] : []))
  expect(busy).toHaveLength(1)
  const [index = -1] = busy
  callees[index]?.yield(callees[index].invoked())
  caller.hears(Code.RESULT)
  return index
}

describe('Shared Registration (rpc_shared_registration.md)', () => {
  it.each([undefined, 'single'])('dealer refuses a second callee when the first said %s', (invoke) => {
    join(1, invoke)
    for (const second of POLICIES) {
      const request = caller.request((id) => new Register(id, { invoke: second }, PROCEDURE))
      expectError(caller, Code.REGISTER, request, ERROR.procedureAlreadyExists)
    }
  })

  it.each(SHARED)('dealer takes further callees that say %s as the first did, with the same id', (invoke) => {
    const ids = [1, 2, 3].map(() => RawClient.join(router).register(PROCEDURE, { invoke }))
    expect(new Set(ids).size).toBe(1)
  })

  it.each(SHARED)(
    'dealer refuses a callee that says anything else than %s when the first said that',
    (invoke) => {
      const [callee] = join(1, invoke)
      for (const other of POLICIES.filter((policy) => policy !== invoke)) {
        const request = caller.request((id) => new Register(id, { invoke: other }, PROCEDURE))
        expectError(caller, Code.REGISTER, request, ERROR.procedureAlreadyExists)
      }
      const request = caller.request((id) => new Register(id, {}, PROCEDURE))
      expectError(caller, Code.REGISTER, request, ERROR.procedureAlreadyExists)
      expect(served([callee as RawClient])).toBe(0)
    },
  )

  it.each(SHARED)('dealer refuses a session that has registered under %s already', (invoke) => {
    const [callee] = join(1, invoke) as [RawClient]
    const request = callee.request((id) => new Register(id, { invoke }, PROCEDURE))
    expectError(callee, Code.REGISTER, request, ERROR.procedureAlreadyExists)
    callee.leave()
    expectError(caller, Code.CALL, caller.call(PROCEDURE), ERROR.noSuchProcedure)
  })

  it('the first callee after the last has left chooses the policy anew', () => {
    const [first] = join(1, 'roundrobin') as [RawClient]
    first.leave()
    join(2, 'last')
  })

  it('UNREGISTER of one callee leaves the others', () => {
    const [a, b] = join(2, 'roundrobin') as [RawClient, RawClient]
    a.unregister(RawClient.join(router).register(PROCEDURE, { invoke: 'roundrobin' }))
    expect(served([b])).toBe(0)
  })

  it('a callee that leaves takes only its own calls with it', () => {
    const [a, b] = join(2, 'roundrobin') as [RawClient, RawClient]
    const first = caller.call(PROCEDURE)
    const second = caller.call(PROCEDURE)
    a.invoked()
    a.leave()
    expectError(caller, Code.CALL, first, ERROR.canceled)
    b.yield(b.invoked(), ['still here'])
    expect(caller.hears(Code.RESULT)).toMatchObject({ requestId: second })
  })
})

describe('Shared Registration: load balancing (rpc_shared_registration.md)', () => {
  it('roundrobin takes one callee after the other, in the order of their registration', () => {
    const callees = join(3, 'roundrobin')
    expect(Array.from({ length: 7 }, () => served(callees))).toEqual([0, 1, 2, 0, 1, 2, 0])
  })

  it.each([
    ['has just served', 1, [2, 0, 2]],
    ['is next', 2, [0, 1, 0]],
    ['served before', 0, [2, 1, 2]],
  ])('roundrobin goes on in order when a callee leaves that %s', (_, leaving, expected) => {
    const callees = join(3, 'roundrobin')
    expect([served(callees), served(callees)]).toEqual([0, 1])
    callees[leaving]?.leave()
    expect([served(callees), served(callees), served(callees)]).toEqual(expected)
  })

  it('roundrobin takes a new callee when its turn comes', () => {
    const callees = join(2, 'roundrobin')
    expect([served(callees), served(callees)]).toEqual([0, 1])
    callees.push(...join(1, 'roundrobin'))
    expect([served(callees), served(callees), served(callees)]).toEqual([2, 0, 1])
  })

  it('random takes all of them, sooner or later', () => {
    const callees = join(3, 'random')
    const seen = new Set<number>()
    for (let calls = 0; seen.size < 3 && calls < 500; calls++) seen.add(served(callees))
    expect([...seen].sort()).toEqual([0, 1, 2])
  })
})

describe('Shared Registration: hot stand-by (rpc_shared_registration.md)', () => {
  it('first takes the callee that registered first, and the next one when that leaves', () => {
    const callees = join(3, 'first')
    expect([served(callees), served(callees)]).toEqual([0, 0])
    callees[1]?.leave()
    expect(served(callees)).toBe(0)
    callees[0]?.leave()
    expect(served(callees)).toBe(2)
  })

  it('last takes the callee that registered last, and the one before when that leaves', () => {
    const callees = join(2, 'last')
    expect([served(callees), served(callees)]).toEqual([1, 1])
    callees.push(...join(1, 'last'))
    expect(served(callees)).toBe(2)
    callees[2]?.leave()
    callees[1]?.leave()
    expect(served(callees)).toBe(0)
  })
})
