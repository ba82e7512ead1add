import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdSequence, idOf, RandomIds, randomId } from '../../src/sessions/ids.js'

describe('ids of session scope (building_blocks.md#ids)', () => {
  it('begin with 1 and leave no number out', () => {
    const ids = new IdSequence()
    expect([ids.next(), ids.next(), ids.next()]).toEqual([1, 2, 3])
  })

  it('are accepted only in sequence', () => {
    const ids = new IdSequence()
    expect(ids.accept(2)).toBe(false)
    expect(ids.accept(1)).toBe(true)
    expect(ids.accept(1)).toBe(false)
    expect(ids.accept(3)).toBe(false)
    expect(ids.accept(2)).toBe(true)
  })

  it('tell those that were given out from those that were not', () => {
    const ids = new IdSequence()
    ids.next()
    expect(ids.has(1)).toBe(true)
    expect(ids.has(2)).toBe(false)
  })
})

describe('ids of global scope', () => {
  const many = new RandomIds()
  it.each([
    ['drawn one by one', randomId],
    ['drawn many at a time', () => many.next()],
  ])('are spread over the whole range from 1 to 2^53, %s', (_, draw) => {
    const ids = Array.from({ length: 4000 }, draw)
    expect(new Set(ids).size).toBe(4000)
    for (const id of ids) expect(Number.isInteger(id) && id >= 1 && id <= 2 ** 53).toBe(true)
    for (let eighth = 0; eighth < 8; eighth++) {
      const share = ids.filter((id) => Math.floor((id - 1) / 2 ** 50) === eighth).length
      expect(share).toBeGreaterThan(350)
      expect(share).toBeLessThan(650)
    }
  })
})

describe('ids of router scope', () => {
  it('are the same for the same realm, policy and URI, and differ otherwise', () => {
    expect(idOf('realm1', 'exact', 'com.a')).toBe(idOf('realm1', 'exact', 'com.a'))
    const all = [
      idOf('realm1', 'exact', 'com.a'),
      idOf('realm2', 'exact', 'com.a'),
      idOf('realm1', 'prefix', 'com.a'),
      idOf('realm1', 'exact', 'com.b'),
      idOf('realm1', 'exact', 'com.a', 1),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('lie in the range from 1 to 2^53 for any URI', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (realm, uri) => {
        const id = idOf(realm, 'exact', uri)
        expect(Number.isInteger(id) && id >= 1 && id <= 2 ** 53).toBe(true)
      }),
    )
  })

  it('do not collide for 200,000 URIs that resemble each other', () => {
    const ids = new Set<number>()
    for (let i = 0; i < 200_000; i++) ids.add(idOf('realm1', 'exact', `com.example.sensor.${i}.value`))
    expect(ids.size).toBe(200_000)
  })
})
