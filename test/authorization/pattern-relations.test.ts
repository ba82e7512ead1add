import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { covers, overlap, type UriPattern } from '../../src/authorization/pattern-relations.js'
import { matches } from '../../src/roles/uri-map/matches.js'

const COMPONENTS = ['a', 'ab', 'b']

/** Every URI of one to four of these components: enough to tell any two patterns of up to three of them apart. */
const URIS: readonly string[] = [1, 2, 3, 4].flatMap((length) =>
  Array.from({ length: COMPONENTS.length ** length }, (_, n) =>
    Array.from(
      { length },
      (_, i) => COMPONENTS[Math.floor(n / COMPONENTS.length ** i) % COMPONENTS.length],
    ).join('.'),
  ),
)

const component = fc.constantFrom(...COMPONENTS)
const pattern: fc.Arbitrary<UriPattern> = fc.oneof(
  fc.record({
    uri: fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
    match: fc.constant('exact' as const),
  }),
  fc.record({
    uri: fc.constantFrom('', 'a', 'a.', 'ab', 'a.a', 'a.b', 'a.b.', 'ab.a', 'b.'),
    match: fc.constant('prefix' as const),
  }),
  fc.record({
    uri: fc
      .array(fc.oneof(component, fc.constant('')), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.')),
    match: fc.constant('wildcard' as const),
  }),
)

const matched = ({ match, uri }: UriPattern) => URIS.filter((one) => matches(match, uri, one))

describe('patterns of URIs', () => {
  it('overlap where a URI is matched by both', () => {
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const both = matched(a).some((uri) => matches(b.match, b.uri, uri))
        expect(overlap(a, b)).toBe(both)
        expect(overlap(b, a)).toBe(both)
      }),
      { numRuns: 2_000 },
    )
  })

  it('one covers another only if it matches all that the other does', () => {
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        if (!covers(wide, narrow)) return
        for (const uri of matched(narrow)) expect(matches(wide.match, wide.uri, uri)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['exact', 'a.b', 'exact', 'a.b', true],
    ['exact', 'a.b', 'prefix', 'a.b', false],
    ['prefix', 'a.b', 'exact', 'a.b', true],
    ['prefix', 'a.b', 'prefix', 'a.bc', true],
    ['prefix', 'a.b.', 'prefix', 'a.b', false],
    ['prefix', '', 'wildcard', '.b', true],
    ['prefix', 'a.', 'wildcard', 'a..c', true],
    ['prefix', 'a.b', 'wildcard', 'a..c', false],
    ['wildcard', 'a..c', 'wildcard', 'a.b.c', true],
    ['wildcard', 'a..c', 'wildcard', 'a..c', true],
    ['wildcard', 'a.b.', 'wildcard', 'a..', false],
    ['wildcard', 'a.', 'prefix', 'a.b', false],
  ] as const)('%s %j covers %s %j: %j', (wideMatch, wide, narrowMatch, narrow, expected) => {
    expect(covers({ match: wideMatch, uri: wide }, { match: narrowMatch, uri: narrow })).toBe(expected)
  })
})
