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

describe('wildcard patterns that look alike', () => {
  /** `steps` choices between a literal and a wildcard, and an end. */
  const alike = (choices: number, steps: number, end: string) =>
    [...Array.from({ length: steps }, (_, i) => ((choices >> i) & 1 ? 'a' : '')), end].join('.')

  it('are refused when a look-up would have too many paths to follow, and room comes again', () => {
    const map = new UriMap<string>()
    let taken = 0
    const refused: string[] = []
    for (let choices = 0; choices < 2 ** 14; choices++) {
      const pattern = alike(choices, 14, 'x')
      if (map.refusalOf('wildcard', pattern) === undefined) {
        map.set('wildcard', pattern, pattern)
        taken++
      } else refused.push(pattern)
    }
    expect(taken).toBe(Math.floor(2048 / 15))
    expect(map.refusalOf('wildcard', refused[0] as string)).toMatch(/^patterns of 15 components/)
    map.delete('wildcard', alike(0, 14, 'x'))
    expect(map.refusalOf('wildcard', refused[0] as string)).toBeUndefined()
  })

  it('are taken, however many, where their wildcards are in the same places', () => {
    const map = new UriMap<string>()
    for (let i = 0; i < 20_000; i++) {
      const pattern = `com.example.${i}..x`
      expect(map.refusalOf('wildcard', pattern)).toBeUndefined()
      map.set('wildcard', pattern, pattern)
    }
    expect(map.best('com.example.19999.y.x')).toBe('com.example.19999..x')
    expect(matching(map, 'com.example.7.y.x')).toEqual(['com.example.7..x'])
  })

  it('of up to eight components are never refused: there are no more places', () => {
    const map = new UriMap<string>()
    for (let choices = 0; choices < 2 ** 8; choices++) {
      const pattern = Array.from({ length: 8 }, (_, i) => ((choices >> i) & 1 ? 'a' : '')).join('.')
      expect(map.refusalOf('wildcard', pattern)).toBeUndefined()
      map.set('wildcard', pattern, pattern)
    }
    expect(matching(map, 'a.a.a.a.a.a.a.a').length).toBe(256)
  })

  it('of other numbers of components do not slow each other down', () => {
    const map = new UriMap<string>()
    for (let length = 9; length < 64; length++)
      for (let i = 0; i < Math.floor(2048 / length); i++) {
        const pattern = alike(i, length - 1, 'x')
        map.set('wildcard', pattern, pattern)
      }
    expect(map.refusalOf('wildcard', alike(0, 8, 'y'))).toBeUndefined()
    expect(map.refusalOf('exact', 'a.b')).toBeUndefined()
    expect(map.refusalOf('prefix', 'a.b')).toBeUndefined()
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

/** The one of wildcard patterns that has a literal where the others have a wildcard, from left to right. */
function firstOf(patterns: readonly string[]): string {
  const rank = (pattern: string) =>
    pattern
      .split('.')
      .map((part) => (part === '' ? '1' : '0'))
      .join('')
  return [...patterns].sort((a, b) => rank(a).localeCompare(rank(b)))[0] as string
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
          const only = there.filter((each) => each.match === 'wildcard' && matches(each, topic))
          if (only.length > 0 && only.length === expected.length)
            expect(map.best(topic)).toBe(`wildcard:${firstOf(only.map(({ text }) => text))}`)
          for (const { match, text } of there) expect(map.get(match, text)).toBe(`${match}:${text}`)
          for (const { match, text } of dropped) expect(map.get(match, text)).toBeUndefined()
        },
      ),
    )
  })
})
