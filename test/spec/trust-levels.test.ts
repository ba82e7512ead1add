import { describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Router, type TrustRule } from '../../src/router.js'
import { asTold, joinAs } from './as-told.js'

const URI = 'com.example.thing'

/** The levels that a callee and a subscriber are told when this one calls and publishes. */
function levels(rules: readonly TrustRule[] | undefined, who: string, uri = URI): unknown[] {
  const realm = { name: 'realm1', auth: [asTold], ...(rules === undefined ? {} : { trustLevels: rules }) }
  const router = new Router({ realms: [realm] })
  const peer = joinAs(router, 'peer:peer')
  peer.register(uri)
  peer.subscribe(uri)
  peer.subscribe('com', { match: 'prefix' })
  const who_ = joinAs(router, who)
  who_.call(uri, [], { trustlevel: 9 })
  who_.publish(uri, [], { trustlevel: 9 })
  const call = peer.hears(Code.INVOCATION).details.trustlevel
  const event = peer.hears(Code.EVENT).details.trustlevel
  expect(peer.hears(Code.EVENT).details).toEqual({
    topic: uri,
    ...(event === undefined ? {} : { trustlevel: event }),
  })
  return [call, event]
}

describe('Call and Publication Trust Levels (rpc_call_trustlevels.md, pubsub_publication_trustlevels.md)', () => {
  it('without rules nobody is told one, whatever the caller or publisher says', () => {
    expect(levels(undefined, 'ada:manager')).toEqual([undefined, undefined])
    expect(levels([], 'ada:manager')).toEqual([undefined, undefined])
  })

  it('the first rule that fits counts, and none is no level', () => {
    const rules = [
      { authrole: 'manager', level: 3 },
      { authid: 'bob', level: 2 },
      { uri: 'com.other', match: 'prefix', level: 1 },
    ] as const
    expect(levels(rules, 'ada:manager')).toEqual([3, 3])
    expect(levels(rules, 'bob:manager')).toEqual([3, 3])
    expect(levels(rules, 'bob:staff')).toEqual([2, 2])
    expect(levels(rules, 'eve:staff')).toEqual([undefined, undefined])
    expect(levels(rules, 'eve:staff', 'com.other.x')).toEqual([1, 1])
  })

  it('level 0 is one', () => {
    expect(levels([{ level: 0 }], 'ada:manager')).toEqual([0, 0])
  })

  it.each([
    [{ action: 'call', level: 5 }, [5, undefined]],
    [{ action: 'publish', level: 5 }, [undefined, 5]],
    [{ uri: URI, level: 5 }, [5, 5]],
    [{ uri: 'com.example', level: 5 }, [undefined, undefined]],
    [{ uri: 'com..thing', match: 'wildcard', level: 5 }, [5, 5]],
    [{ uri: 'com..other', match: 'wildcard', level: 5 }, [undefined, undefined]],
    [{ uri: URI, authrole: 'manager', authid: 'bob', level: 5 }, [undefined, undefined]],
  ] as const)('a rule asks for all that it names: %j', (rule, expected) => {
    expect(levels([rule], 'ada:manager')).toEqual(expected)
  })
})
