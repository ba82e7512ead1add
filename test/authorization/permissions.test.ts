import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/authorization/authorization.js'
import { type Permission, PermissionAuthorizer } from '../../src/authorization/permissions.js'
import { matches } from '../../src/roles/uri-map/matches.js'
import type { MatchPolicy } from '../../src/uris.js'

function decide(
  permissions: readonly Permission[],
  action: Action,
  uri: string,
  match: MatchPolicy = 'exact',
  authrole = 'user',
) {
  const identity = {
    realm: 'realm1',
    session: 1,
    authid: 'ada',
    authmethod: 'ticket',
    authprovider: 'static',
  }
  return new PermissionAuthorizer({ user: permissions }).authorize({
    action,
    uri,
    match,
    authrole,
    ...identity,
  })
}

const may = (...given: Parameters<typeof decide>) => decide(...given).allow

describe('permissions', () => {
  it('deny what none of them allows, and everything to a role without any', () => {
    expect(may([], 'call', 'com.example.add')).toBe(false)
    const all: Permission[] = [
      { uri: '', match: 'prefix', allow: ['call', 'publish', 'subscribe', 'register'] },
    ]
    expect(may(all, 'call', 'com.example.add')).toBe(true)
    expect(may(all, 'call', 'com.example.add', 'exact', 'other')).toBe(false)
    expect(may(all, 'call', 'com.example.add', 'exact', 'constructor')).toBe(false)
  })

  it('allow the actions that they name, and no others', () => {
    const calls: Permission[] = [{ uri: 'com.example.add', allow: ['call'] }]
    for (const action of ['register', 'publish', 'subscribe'] as const)
      expect(may(calls, action, 'com.example.add')).toBe(false)
    expect(may(calls, 'call', 'com.example.add')).toBe(true)
    expect(may(calls, 'call', 'com.example.add2')).toBe(false)
  })

  it('the most specific counts: exact, then the longest prefix, then wildcards', () => {
    const permissions: Permission[] = [
      { uri: 'com..secret', match: 'wildcard', allow: ['call'] },
      { uri: 'com.', match: 'prefix', allow: ['call'] },
      { uri: 'com.bank.', match: 'prefix', allow: [] },
      { uri: 'com.bank.hours', allow: ['call'] },
      { uri: 'org..secret', match: 'wildcard', allow: ['call'] },
    ]
    expect(may(permissions, 'call', 'com.shop.list')).toBe(true)
    expect(may(permissions, 'call', 'com.bank.transfer')).toBe(false)
    expect(may(permissions, 'call', 'com.bank.secret')).toBe(false)
    expect(may(permissions, 'call', 'com.bank.hours')).toBe(true)
    expect(may(permissions, 'call', 'org.bank.secret')).toBe(true)
  })

  it('a pattern is allowed only if all is that it may reach', () => {
    const permissions: Permission[] = [
      { uri: 'com.', match: 'prefix', allow: ['subscribe'] },
      { uri: 'com.bank.', match: 'prefix', allow: [] },
      { uri: 'com.shop.audit', allow: [] },
    ]
    const subscribe = (uri: string, match: MatchPolicy) => may(permissions, 'subscribe', uri, match)
    expect(subscribe('com.news', 'prefix')).toBe(true)
    expect(subscribe('com.news..x', 'wildcard')).toBe(true)
    for (const [uri, match] of [
      ['', 'prefix'],
      ['com', 'prefix'],
      ['com.', 'prefix'],
      ['com.bank', 'prefix'],
      ['com.ba', 'prefix'],
      ['com.bank.x', 'prefix'],
      ['com..x', 'wildcard'],
      ['..', 'wildcard'],
      ['.bank.x', 'wildcard'],
      ['com.shop', 'prefix'],
      ['com.shop.', 'wildcard'],
      ['com..audit', 'wildcard'],
    ] as const)
      expect([uri, match, subscribe(uri, match)]).toEqual([uri, match, false])
  })

  it('whatever a role may subscribe to by pattern, it may subscribe to one by one', () => {
    const uri = fc
      .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 3 })
      .map((p) => p.join('.'))
    const pattern = fc.oneof(
      fc.tuple(uri, fc.constant('exact' as const)),
      fc.tuple(fc.constantFrom('', 'a', 'a.', 'a.b', 'b.'), fc.constant('prefix' as const)),
      fc.tuple(
        fc.array(fc.constantFrom('a', 'b', ''), { minLength: 1, maxLength: 3 }).map((p) => p.join('.')),
        fc.constant('wildcard' as const),
      ),
    )
    const permission = fc
      .tuple(pattern, fc.boolean())
      .map(([[uri, match], allowed]): Permission => ({ uri, match, allow: allowed ? ['subscribe'] : [] }))
    fc.assert(
      fc.property(
        fc.array(permission, { maxLength: 6 }),
        pattern,
        uri,
        (permissions, [asked, match], one) => {
          if (!may(permissions, 'subscribe', asked, match) || !matches(match, asked, one)) return
          expect(may(permissions, 'subscribe', one)).toBe(true)
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('say whether who asks is made known', () => {
    const permissions: Permission[] = [
      { uri: 'a', allow: ['call'] },
      { uri: 'b', allow: ['call'], disclose: 'always' },
    ]
    expect(decide(permissions, 'call', 'a')).toEqual({ allow: true, disclose: 'on-request' })
    expect(decide(permissions, 'call', 'b')).toEqual({ allow: true, disclose: 'always' })
  })
})
