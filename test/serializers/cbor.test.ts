import { Decoder, Encoder } from 'cbor-x'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../src/errors.js'
import { Payload } from '../../src/messages/payload.js'
import { Call, Invocation } from '../../src/messages/rpc.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { cborRelay } from '../../src/serializers/cbor/relay.js'
import { values } from './arbitraries.js'
import { picture } from './picture.js'

const client = cbor()
const both = [
  ['client', cbor()],
  ['relay', cborRelay()],
] as const
/** `[48, 1, {}, "a", [value]]` and the value's octets. */
const withArgument = (hex: string) => Buffer.from(`85183001a0616181${hex}`, 'hex')
const decode = (serializer: typeof client, hex: string) => serializer.decode(withArgument(hex)) as Call
const argument = (serializer: typeof client, hex: string) => decode(serializer, hex).payload.args[0]

describe('another library', () => {
  const decoder = new Decoder({ useRecords: false, mapsAsObjects: true })
  const encoder = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true })

  test('reads what is written, and is understood', () => {
    // cbor-x renames the key __proto__, and gives some integers of 64 bits as a double.
    const comparable = values.filter((value) => !picture(value).includes('__proto__'))
    const plain = (value: unknown) =>
      picture(value)
        .replace(/Buffer</g, 'Uint8Array<')
        .replace(/(\d)n/g, '$1')
    fc.assert(
      fc.property(comparable, (value) => {
        const list = decoder.decode(client.encode(new Call(1, {}, 'a', new Payload([value]))) as Uint8Array)
        expect(plain(list)).toBe(plain([48, 1, {}, 'a', [value]]))
        const theirs = client.decode(encoder.encode([48, 1, {}, 'a', [value]])) as Call
        expect(picture(theirs.payload.args[0])).toBe(picture(value))
      }),
      { numRuns: 300 },
    )
  })
})

describe.each(both)('CBOR by the %s', (_, serializer) => {
  // RFC 8949, appendix A, and wider spellings.
  test.each([
    ['17', 23],
    ['1817', 23],
    ['190017', 23],
    ['1a00000017', 23],
    ['1b0000000000000017', 23],
    ['1b000000e8d4a51000', 1000000000000],
    ['1b001fffffffffffff', 2 ** 53 - 1],
    ['1b0020000000000000', 2n ** 53n],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['20', -1],
    ['3863', -100],
    ['3b001ffffffffffffe', -(2 ** 53) + 1],
    ['3b001fffffffffffff', -(2n ** 53n)],
    ['3bffffffffffffffff', -18446744073709551616n],
    ['c249010000000000000000', 18446744073709551616n],
    ['c349010000000000000000', -18446744073709551617n],
    ['c24105', 5],
    ['c240', 0],
    ['c340', -1],
    ['f90000', 0],
    ['f93c00', 1],
    ['f93e00', 1.5],
    ['f97bff', 65504],
    ['f90001', 2 ** -24],
    ['f9c400', -4],
    ['f97c00', Number.POSITIVE_INFINITY],
    ['f97e00', Number.NaN],
    ['fa47c35000', 100000],
    ['fb3ff199999999999a', 1.1],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['f7', null],
    ['4401020304', new Uint8Array([1, 2, 3, 4])],
    ['5803010203', new Uint8Array([1, 2, 3])],
    ['6449455446', 'IETF'],
    ['7a00000004f0908591', '\ud800\udd51'],
    ['83010203', [1, 2, 3]],
    ['9b000000000000000105', [5]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['ba0000000161610 5'.replace(' ', ''), { a: 5 }],
  ])('%s is read', (hex, value) => {
    expect(picture(argument(serializer, hex))).toBe(picture(value))
  })

  test.each([
    ['5f42010243030405ff', new Uint8Array([1, 2, 3, 4, 5])],
    ['5fff', new Uint8Array(0)],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['7fff', ''],
    ['9fff', []],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['bf7f61616162ff01ff', { ab: 1 }],
    ['bfff', {}],
  ])('%s, of indefinite length, is read', (hex, value) => {
    expect(picture(argument(serializer, hex))).toBe(picture(value))
  })

  test('a message of indefinite length is one as well', () => {
    for (const hex of [
      '9f183001a06161ff',
      '9f183001a061618105ff',
      '9f183001a061618105a1616b06ff',
      '9f183001bfff61619f05ffbf616b06ffff',
    ]) {
      const call = serializer.decode(Buffer.from(hex, 'hex')) as Call
      expect(call.head()).toEqual([48, 1, {}, 'a'])
      const passedOn = client.decode(serializer.encode(new Invocation(5, 6, {}, call.payload))) as Invocation
      expect(passedOn.payload.toWire()).toEqual(call.payload.toWire())
    }
    for (const hex of [
      '9f',
      '9fff',
      '9f1830ff',
      '9f183001a06161',
      '9f183001a061618105a080ff',
      '9f183001a06161ffff',
    ])
      expect(() => serializer.decode(Buffer.from(hex, 'hex'))).toThrow(ProtocolError)
  })

  test.each([
    [
      'an ISO 8601 date is its string',
      'c074323031332d30332d32315432303a30343a30305a',
      '2013-03-21T20:04:00Z',
    ],
    [
      'seconds since 1970 are an ISO 8601 string, as a Date leaves',
      'c11a514b67b0',
      '2013-03-21T20:04:00.000Z',
    ],
    [
      'seconds since 1970 are an ISO 8601 string, as a Date leaves',
      'c1fb41d452d9ec200000',
      '2013-03-21T20:04:00.500Z',
    ],
    ['seconds beyond all dates are a number', 'c1fb7e37e43c8800759c', 1e300],
    ['no date at all keeps what it is', 'c16161', 'a'],
    ['a URI is its string', 'd8206161', 'a'],
    ['a set is a list', 'd9010283010203', [1, 2, 3]],
    ['a shared value is itself', 'd81c8105', [5]],
    ['a reference to one is its number', 'd81d00', 0],
    ['cbor-x: a record is its list', 'd9dfff8261616162', ['a', 'b']],
    ['cbor-x: a class is its list', 'd81b826161617a', ['a', 'z']],
    ['a bignum of text is its text', 'c26161', 'a'],
    [
      'a bignum that nobody can mean is its octets',
      `c2590201${'01'.repeat(513)}`,
      new Uint8Array(513).fill(1),
    ],
    ['self-described CBOR is what it describes', 'd9d9f7820102', [1, 2]],
    ['a tag of 64 bits means nothing', 'dbffffffffffffffff05', 5],
  ])('of the tags, %s', (_, hex, value) => {
    expect(picture(argument(serializer, hex))).toBe(picture(value))
  })

  test('tags around the message and its parts', () => {
    const tagged = serializer.decode(Buffer.from('d9d9f785183001c0a0c06161c08105', 'hex')) as Call
    expect([...tagged.head(), ...tagged.payload.toWire()]).toEqual([48, 1, {}, 'a', [5]])
  })

  test.each([
    ...[
      '1c',
      '1d',
      '1e',
      '1f',
      '3f',
      '5c',
      '7d',
      '9e',
      'bc',
      'dc',
      'df',
      'ff',
      'e0',
      'f3',
      'f800',
      'f814',
      'f8ff',
    ],
    ...[
      'fc',
      'fd',
      'fe',
      '5f6161ff',
      '5f5f4101ffff',
      '7f4101ff',
      '7f7f6161ffff',
      '5f',
      '7f6161',
      'bf6161ff',
      'bf01',
      'c1',
    ],
    ...['7f61c361bcff', '9f', 'bf616105'],
  ])('%s is not well-formed, or has no meaning yet', (hex) => {
    expect(() => decode(serializer, hex)).toThrow(ProtocolError)
  })

  test('keys that are no strings', () => {
    for (const key of ['01', '20', 'f6', 'f4', 'f93e00', '4161', '80', 'a0', 'c06161', '1b0020000000000000'])
      for (const dict of [`a1${key}05`, `bf${key}05ff`])
        expect(() => decode(serializer, dict)).toThrow(/keys of a dictionary must be strings, not/)
  })

  test('text is no message', () => {
    expect(() => serializer.decode('[48,1,{},"a"]')).toThrow('a message in cbor must be binary')
  })
})

test('integers of more than 64 bits are bignums [RFC 8949, 3.4.3]', () => {
  for (const [integer, hex] of [
    [2n ** 64n, 'c249010000000000000000'],
    [-(2n ** 64n) - 1n, 'c349010000000000000000'],
    [2n ** 64n - 1n, '1bffffffffffffffff'],
    [-(2n ** 64n), '3bffffffffffffffff'],
  ] as const)
    expect(Buffer.from(client.encode(new Call(1, {}, 'a', new Payload([integer]))) as Uint8Array)).toEqual(
      withArgument(hex),
    )
})

test('lengths are definite on output, and floats have 64 bits', () => {
  const octets = client.encode(new Call(1, {}, 'a', new Payload([[1.5, { b: [] }]]))) as Uint8Array
  expect(Buffer.from(octets)).toEqual(withArgument('82fb3ff8000000000000a1616280'))
})
