import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Register } from '../../src/messages/rpc.js'
import { choosePartition } from '../../src/roles/partition.js'
import type { Router } from '../../src/router.js'
import { announce } from '../../src/sessions/features.js'
import { ERROR } from '../../src/uris.js'
import { expectError, RawClient, ROLES, routerWithRealm } from './raw-client.js'

const PROCEDURE = 'com.example.p'
const KEYS = Array.from({ length: 200 }, (_, n) => `key-${n}`)

let router: Router
let caller: RawClient

beforeEach(() => {
  router = routerWithRealm()
  caller = RawClient.join(router)
})

function shard(nkey?: string, roles = ROLES): RawClient {
  const callee = RawClient.join(router, { roles })
  callee.register(PROCEDURE, { invoke: 'roundrobin', ...(nkey === undefined ? {} : { nkey }) })
  return callee
}

/** Which of the callees serves each key. */
function served(callees: readonly RawClient[]): number[] {
  return KEYS.map((rkey) => {
    caller.call(PROCEDURE, [], { runmode: 'partition', rkey })
    const index = callees.findIndex(({ transport }) => transport.unread.length > 0)
    const callee = callees[index] as RawClient
    callee.yield(callee.invoked())
    caller.hears(Code.RESULT)
    return index
  })
}

describe('Sharded Registration: "Partitioned" Calls (rpc_sharded_registration.md)', () => {
  it('calls with one rkey go to one callee, whatever the policy of the registration', () => {
    const callees = [shard(), shard(), shard()]
    const first = served(callees)
    expect(new Set(first)).toEqual(new Set([0, 1, 2]))
    expect(served(callees)).toEqual(first)
  })

  it('only the keys of a callee that leaves find another one', () => {
    const callees = [shard(), shard(), shard()]
    const before = served(callees)
    callees[1]?.leave()
    const after = served(callees)
    expect(after.map((index, i) => (before[i] === 1 ? 1 : index))).toEqual(before)
    expect(after).not.toContain(1)
  })

  it('a callee that comes back under its nkey has its keys again', () => {
    const callees = [shard('a'), shard('b'), shard('c')]
    const before = served(callees)
    callees[0]?.leave()
    const returned = shard('a')
    expect(served([returned, callees[1] as RawClient, callees[2] as RawClient])).toEqual(before)
  })

  it('a call without runmode goes by the policy of the registration', () => {
    const callees = [shard(), shard()]
    for (let n = 0; n < 4; n++) caller.call(PROCEDURE, [], { rkey: 'key' })
    expect(callees.map(({ transport }) => transport.unread.length)).toEqual([2, 2])
  })

  it('runmode partition needs an rkey', () => {
    const callee = shard()
    const call = caller.call(PROCEDURE, [], { runmode: 'partition' })
    expect(expectError(caller, Code.CALL, call, ERROR.invalidArgument)[0]).toMatch(/rkey/)
    callee.hearsNothing()
  })

  it('an rkey of more than 1,024 characters is refused, and one of as many is taken', () => {
    const callee = shard()
    const ask = (length: number) =>
      caller.call(PROCEDURE, [], { runmode: 'partition', rkey: 'x'.repeat(length) })
    expect(expectError(caller, Code.CALL, ask(1_025), ERROR.invalidArgument)[0]).toMatch(/rkey/)
    callee.hearsNothing()
    ask(1_024)
    callee.invoked()
  })

  it('an nkey of more than 1,024 characters is refused, and one of as many is taken', () => {
    const callee = RawClient.join(router)
    const ask = (nkey: string) => callee.request((id) => new Register(id, { nkey }, PROCEDURE))
    const refused = ask('x'.repeat(1_025))
    expect(expectError(callee, Code.REGISTER, refused, ERROR.invalidArgument)[0]).toMatch(/nkey/)
    ask('x'.repeat(1_024))
    callee.hears(Code.REGISTERED)
    caller.call(PROCEDURE)
    callee.invoked()
  })

  it.each(['all', 'some', ''])('runmode %j is not supported: the spec leaves it open', (runmode) => {
    const callee = shard()
    const call = caller.call(PROCEDURE, [], { runmode, rkey: 'key' })
    expectError(caller, Code.CALL, call, ERROR.featureNotSupported)
    callee.hearsNothing()
  })

  it('a partitioned call is rerouted to the callee that would have the key without the first', () => {
    const roles = {
      ...ROLES,
      ...announce({ callee: ['call_reroute', 'call_canceling', 'shared_registration'] }),
    }
    const callees = [shard('a', roles), shard('b', roles), shard('c', roles)]
    const [owner] = served(callees)
    caller.call(PROCEDURE, [], { runmode: 'partition', rkey: KEYS[0] })
    callees[owner as number]?.fail(callees[owner as number]?.invoked() as number, ERROR.unavailable)
    const second = callees.findIndex(({ transport }) => transport.unread.length > 0)
    callees[second]?.yield(callees[second]?.invoked() as number)
    caller.hears(Code.RESULT)
    callees[owner as number]?.leave()
    expect(served(callees)[0]).toBe(second)
  })
})

describe('choosing by key', () => {
  const nodes = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 12 })

  it('does not depend on the order, and moves no key of nodes that stay', () => {
    fc.assert(
      fc.property(nodes, fc.string(), fc.nat(), (names, key, n) => {
        const chosen = choosePartition(key, names, (name) => name)
        expect(choosePartition(key, [...names].reverse(), (name) => name)).toBe(chosen)
        const left = names.filter((_, index) => index !== n % names.length)
        if (left.includes(chosen as string)) expect(choosePartition(key, left, (name) => name)).toBe(chosen)
      }),
    )
  })

  it('spreads keys over nodes whose names differ little', () => {
    const names = Array.from({ length: 8 }, (_, n) => `node${n}`)
    const counts = new Map(names.map((name) => [name, 0]))
    for (let n = 0; n < 8_000; n++) {
      const name = choosePartition(`sn${n}`, names, (node) => node) as string
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(800)
      expect(count).toBeLessThan(1_200)
    }
  })
})
