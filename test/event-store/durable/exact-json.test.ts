import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromExactJson, toExactJson } from '../../../src/event-store/durable/exact-json.js'
import { values } from '../../serializers/arbitraries.js'

const there = (value: unknown) => fromExactJson(toExactJson(value))

describe('exact JSON', () => {
  it('gives back all that serializers read', () => {
    const dicts = fc.dictionary(fc.string({ maxLength: 3 }), values, { noNullPrototype: true })
    fc.assert(
      fc.property(fc.oneof(values, dicts), (value) => {
        expect(there(value)).toStrictEqual(value)
      }),
    )
  })

  it.each([
    ['the largest id', 2 ** 53],
    ['the largest integer of 64 bits', 2n ** 64n - 1n],
    ['a small BigInt', 5n],
    ['a number that is none', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
    ['minus zero', -0],
    ['octets', Uint8Array.of(0, 128, 255)],
    ['no octets', new Uint8Array()],
    ['a NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud800b'],
    ['text that looks like a mark', '"$integer"'],
    ['a dictionary that looks like a mark', { $integer: '5' }],
    [
      'a dictionary that looks like the mark of a mark',
      { $$octets: 'AA==', $: 1, $float: { $float: 'NaN' } },
    ],
    ['lists of it', [5n, [Uint8Array.of(1)], { $x: [-0] }]],
  ])('gives back %s', (_, value) => {
    expect(there(value)).toStrictEqual(value)
  })

  it('gives back a key that means something to JavaScript', () => {
    const dict = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "$x": 3, "toJSON": 4}')
    const back = there(dict) as object
    expect(Object.entries(back)).toEqual(Object.entries(dict))
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
  })

  it('gives octets of their own', () => {
    const buffer = Buffer.from('abcdef').subarray(2, 4)
    expect(there(buffer)).toStrictEqual(Uint8Array.of(0x63, 0x64))
  })

  it('leaves out what is undefined, as serializers do', () => {
    expect(there({ a: undefined, b: [undefined] })).toStrictEqual({ b: [null] })
  })

  it('is JSON that one can read', () => {
    expect(toExactJson({ a: [1, 'x', null], b: 2n ** 64n })).toBe(
      '{"a":[1,"x",null],"b":{"$integer":"18446744073709551616"}}',
    )
  })
})
