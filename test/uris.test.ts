import { describe, expect, it } from 'vitest'
import { snakeCase } from '../src/spelling.js'
import {
  CLOSE,
  ERROR,
  isUri,
  isUriPattern,
  LONGEST_URI,
  type MatchPolicy,
  META,
  metaUri,
} from '../src/uris.js'

describe('URIs (building_blocks.md#uris)', () => {
  it.each<[uri: string, loose: MatchPolicy[], strict: MatchPolicy[]]>([
    ['com.example.add_2', ['exact', 'prefix', 'wildcard'], ['exact', 'prefix', 'wildcard']],
    ['com', ['exact', 'prefix', 'wildcard'], ['exact', 'prefix', 'wildcard']],
    ['Com.exämple-1', ['exact', 'prefix', 'wildcard'], []],
    ['com.example.', ['prefix', 'wildcard'], ['prefix', 'wildcard']],
    ['', ['prefix', 'wildcard'], ['prefix', 'wildcard']],
    ['com..add', ['wildcard'], ['wildcard']],
    ['.com', ['wildcard'], ['wildcard']],
    ['.', ['wildcard'], ['wildcard']],
    ['com..', ['wildcard'], ['wildcard']],
    ['com.a b', [], []],
    ['com.#', [], []],
    ['com.a\n', [], []],
  ])('%j matches as what it may', (uri, loose, strict) => {
    const policies = ['exact', 'prefix', 'wildcard'] as const
    expect(policies.filter((match) => isUriPattern(uri, match))).toEqual(loose)
    expect(policies.filter((match) => isUriPattern(uri, match, 'strict'))).toEqual(strict)
    expect(isUri(uri)).toBe(loose.includes('exact'))
  })

  it('have a length that is not passed', () => {
    expect(isUri('a'.repeat(LONGEST_URI))).toBe(true)
    expect(isUri('a'.repeat(LONGEST_URI + 1))).toBe(false)
    expect(isUri('abcd', 'loose', 3)).toBe(false)
  })

  it('match by no policy that there is not', () => {
    expect(isUriPattern('com.example', JSON.parse('"regex"'))).toBe(false)
  })
})

describe('predefined URIs (uri_reference.md)', () => {
  it('those of the meta API follow from their names', () => {
    for (const group of ['session', 'registration', 'subscription'] as const)
      for (const [name, uri] of Object.entries(META[group])) expect(metaUri(group, snakeCase(name))).toBe(uri)
  })

  it('are URIs, and each is there once', () => {
    const all = [CLOSE, ERROR, META.session, META.registration, META.subscription].flatMap((uris) =>
      Object.values(uris),
    )
    expect(all.filter((uri) => !isUri(uri, 'strict'))).toEqual([])
    expect(new Set(all).size).toBe(all.length)
  })
})
