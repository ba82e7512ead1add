import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UriMap } from '../../src/roles/uri-map/uri-map.js'

const matching = (map: UriMap<string>, uri: string) => {
  const found: string[] = []
  map.forEachMatch(uri, (value) => found.push(value))
  return found.sort()
}

describe('the one match of a call (rpc_pattern_based_registration.md, "Calls matching multiple registrations")', () => {
  const map = new UriMap<string>()
  map.set('exact', 'a1.b2.c3.d4.e55', '1')
  map.set('prefix', 'a1.b2.c3', '2')
  map.set('prefix', 'a1.b2.c3.d4', '3')
  map.set('wildcard', 'a1.b2..d4.e5', '4')
  map.set('wildcard', 'a1.b2.c33..e5', '5')
  map.set('wildcard', 'a1.b2..d4.e5..g7', '6')
  map.set('wildcard', 'a1.b2..d4..f6.g7', '7')

  it.each([
    ['a1.b2.c3.d4.e55', '1'],
    ['a1.b2.c3.d98.e74', '2'],
    ['a1.b2.c3.d4.e325', '3'],
    ['a1.b2.c55.d4.e5', '4'],
    ['a1.b2.c33.d4.e5', '5'],
    ['a1.b2.c88.d4.e5.f6.g7', '6'],
    ['a2.b2.c2.d2.e2', undefined],
  ])('%s goes to registration %s', (uri, registration) => {
    expect(map.best(uri)).toBe(registration)
  })

  it('prefixes match as strings, within a component too ("Prefix Matching")', () => {
    const prefixes = new UriMap<string>()
    prefixes.set('prefix', 'com.myapp.myobject1', 'p')
    for (const uri of [
      'com.myapp.myobject1.myprocedure1',
      'com.myapp.myobject1-mysubobject1',
      'com.myapp.myobject1.mysubobject1.myprocedure1',
      'com.myapp.myobject1',
    ])
      expect(prefixes.best(uri)).toBe('p')
    expect(prefixes.best('com.myapp.myobject2')).toBeUndefined()
    expect(prefixes.best('com.myapp.myobject')).toBeUndefined()
  })

  it('wildcards match whole components, and exactly as many ("Wildcard Matching")', () => {
    const wildcards = new UriMap<string>()
    wildcards.set('wildcard', 'com.myapp..myprocedure1', 'w')
    expect(wildcards.best('com.myapp.myobject1.myprocedure1')).toBe('w')
    expect(wildcards.best('com.myapp.myobject2.myprocedure1')).toBe('w')
    expect(wildcards.best('com.myapp.myobject1.myprocedure1.mysubprocedure1')).toBeUndefined()
    expect(wildcards.best('com.myapp.myobject1.myprocedure2')).toBeUndefined()
    expect(wildcards.best('com.myapp2.myobject1.myprocedure1')).toBeUndefined()
  })
})

const component = fc.constantFrom('a', 'b', 'c', 'ab')
const uri = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'))
const pattern = fc.oneof(
  uri.map((text) => ({ match: 'exact' as const, text })),
  fc
    .tuple(uri, fc.constantFrom('', '.'))
    .map(([text, dot]) => ({ match: 'prefix' as const, text: text + dot })),
  fc
    .array(fc.oneof(component, fc.constant('')), { minLength: 1, maxLength: 5 })
    .map((parts) => ({ match: 'wildcard' as const, text: parts.join('.') })),
)

function matches({ match, text }: { match: string; text: string }, topic: string): boolean {
  if (match === 'exact') return text === topic
  if (match === 'prefix') return topic.startsWith(text)
  const parts = text.split('.')
  const components = topic.split('.')
  return parts.length === components.length && parts.every((part, i) => part === '' || part === components[i])
}

describe('any set of patterns', () => {
  it('gives for every URI just what a look at each pattern gives', () => {
    fc.assert(
      fc.property(
        fc.array(pattern, { maxLength: 30 }),
        fc.array(pattern, { maxLength: 10 }),
        uri,
        (kept, dropped, topic) => {
          const key = ({ match, text }: { match: string; text: string }) => `${match}:${text}`
          const map = new UriMap<string>()
          for (const { match, text } of [...kept, ...dropped]) map.set(match, text, `${match}:${text}`)
          for (const { match, text } of dropped) map.delete(match, text)
          const gone = new Set(dropped.map(key))
          const there = [...new Map(kept.map((each) => [key(each), each])).values()].filter(
            (each) => !gone.has(key(each)),
          )
          const expected = there.filter((each) => matches(each, topic)).map(key)
          expect(matching(map, topic)).toEqual(expected.sort())
          expect(map.best(topic) === undefined).toBe(expected.length === 0)
          for (const { match, text } of there) expect(map.get(match, text)).toBe(`${match}:${text}`)
          for (const { match, text } of dropped) expect(map.get(match, text)).toBeUndefined()
        },
      ),
    )
  })
})
