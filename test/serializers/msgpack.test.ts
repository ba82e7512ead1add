import fc from 'fast-check'
import { Packr, Unpackr } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import { ProtocolError, UsageError } from '../../src/errors.js'
import { Payload } from '../../src/messages/payload.js'
import { Call } from '../../src/messages/rpc.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { msgpackRelay } from '../../src/serializers/msgpack/relay.js'
import { values } from './arbitraries.js'
import { picture } from './picture.js'

const client = msgpack()
const both = [
  ['client', msgpack()],
  ['relay', msgpackRelay()],
] as const
/** `[48, 1, {}, "a", [value]]` and the value's octets. */
const withArgument = (hex: string) => Buffer.from(`95300180a16191${hex}`, 'hex')
const decode = (serializer: typeof client, hex: string) => serializer.decode(withArgument(hex)) as Call
const argument = (serializer: typeof client, hex: string) => decode(serializer, hex).payload.args[0]

describe('another library', () => {
  const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint' })
  const packr = new Packr({ useRecords: false, variableMapSize: true })

  test('reads what is written, and is understood', () => {
    // msgpackr renames the key __proto__, and gives every integer of 64 bits as a BigInt.
    const comparable = values.filter((value) => !picture(value).includes('__proto__'))
    const plain = (value: unknown) =>
      picture(value)
        .replace(/Buffer</g, 'Uint8Array<')
        .replace(/(\d)n/g, '$1')
    fc.assert(
      fc.property(comparable, (value) => {
        const list = unpackr.unpack(client.encode(new Call(1, {}, 'a', new Payload([value]))) as Uint8Array)
        expect(plain(list)).toBe(plain([48, 1, {}, 'a', [value]]))
        const theirs = client.decode(packr.pack([48, 1, {}, 'a', [value]])) as Call
        expect(picture(theirs.payload.args[0])).toBe(picture(value))
      }),
      { numRuns: 300 },
    )
  })
})

describe.each(both)('MessagePack by the %s', (_, serializer) => {
  test.each([
    ['c0', null],
    ['cc05', 5],
    ['cd0005', 5],
    ['ce00000005', 5],
    ['cf0000000000000005', 5],
    ['d0ff', -1],
    ['d1ffff', -1],
    ['d2ffffffff', -1],
    ['d3ffffffffffffffff', -1],
    ['cf001fffffffffffff', 2 ** 53 - 1],
    ['cf0020000000000000', 2n ** 53n],
    ['cfffffffffffffffff', 2n ** 64n - 1n],
    ['d3ffe0000000000001', -(2 ** 53) + 1],
    ['d3ffe0000000000000', -(2n ** 53n)],
    ['d38000000000000000', -(2n ** 63n)],
    ['ca3fc00000', 1.5],
    ['cb3ff8000000000000', 1.5],
    ['cb7ff0000000000000', Number.POSITIVE_INFINITY],
    ['d90161', 'a'],
    ['da000161', 'a'],
    ['db0000000161', 'a'],
    ['c40161', new Uint8Array([0x61])],
    ['c5000161', new Uint8Array([0x61])],
    ['c60000000161', new Uint8Array([0x61])],
    ['dc000105', [5]],
    ['dd0000000105', [5]],
    ['de0001a16105', { a: 5 }],
    ['df00000001d9016105', { a: 5 }],
    ['81da00016105', { a: 5 }],
    ['81db000000016105', { a: 5 }],
  ])('%s is read, in whatever width it was written', (hex, value) => {
    expect(picture(argument(serializer, hex))).toBe(picture(value))
  })

  test.each([
    ['d6ff00000000', '1970-01-01T00:00:00.000Z'],
    ['d7ff1dcd65006553f100', '2023-11-14T22:13:20.125Z'],
    ['c70cff075bcd15ffffffffffffffff', '1969-12-31T23:59:59.123Z'],
  ])('the timestamp %s is an ISO 8601 string, as a Date leaves', (hex, time) => {
    expect(argument(serializer, hex)).toBe(time)
  })

  test.each([
    ['a timestamp beyond all dates', 'c70cff000000007fffffffffffffff', '000000007fffffffffffffff'],
    ['a timestamp of another length', 'd5ff0001', '0001'],
    ['msgpackr: a record', 'd4725f', '5f'],
    ['msgpackr: a class', 'd501aabb', 'aabb'],
    ['an extension of 8, 16 or 32 bits', 'c7020501ff', '01ff'],
    ['an extension of 8, 16 or 32 bits', 'c800020501ff', '01ff'],
    ['an extension of 8, 16 or 32 bits', 'c9000000020501ff', '01ff'],
    [
      'an extension of fixed length',
      'd805000102030405060708090a0b0c0d0e0f',
      '000102030405060708090a0b0c0d0e0f',
    ],
  ])('%s becomes its octets, and nothing else', (_, hex, octets) => {
    expect(picture(argument(serializer, hex))).toBe(`Uint8Array<${octets}>`)
  })

  test('the octet that does not exist, and keys that are no strings', () => {
    expect(() => decode(serializer, 'c1')).toThrow('0xc1 does not exist')
    for (const key of [
      '01',
      'ff',
      'c0',
      'c2',
      'cb3ff8000000000000',
      'c40161',
      '90',
      '80',
      'd4ff00',
      'cf0020000000000000',
    ])
      expect(() => decode(serializer, `81${key}05`)).toThrow(/keys of a dictionary must be strings, not/)
    expect(() => decode(serializer, '8190c1')).toThrow(ProtocolError)
  })

  test('text is no message', () => {
    expect(() => serializer.decode('[48,1,{},"a"]')).toThrow('a message in msgpack must be binary')
  })
})

test('an integer of more than 64 bits is refused', () => {
  const send = (integer: bigint) => () => client.encode(new Call(1, {}, 'a', new Payload([{ big: integer }])))
  for (const integer of [2n ** 64n, -(2n ** 63n) - 1n]) {
    expect(send(integer)).toThrow(UsageError)
    expect(send(integer)).toThrow('args[0].big is an integer of more than 64 bits')
  }
})
