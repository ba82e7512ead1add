import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError, UsageError } from '../../src/errors.js'
import { DEFINITIONS, type FieldKind, type MessageDefinition } from '../../src/messages/codes.js'
import { construct } from '../../src/messages/construct.js'
import { EMPTY_DICT } from '../../src/messages/dictionaries.js'
import { Payload } from '../../src/messages/payload.js'
import { Call, Invocation, Result } from '../../src/messages/rpc.js'
import type { Serializer, SerializerOptions } from '../../src/serializers/serializer.js'
import { damaged, messages, values } from './arbitraries.js'
import { messagePicture, picture } from './picture.js'
import type { Format } from './six.js'

const definitions: readonly MessageDefinition[] = Object.values(DEFINITIONS)

/** A valid value for each kind of field, as it stands on the wire. */
const RIGHT: { readonly [Kind in FieldKind]: unknown } = {
  id: 7,
  'id-or-zero': 7,
  'request-type': DEFINITIONS.CALL.code,
  uri: 'com.example.name',
  string: 'text',
  dict: {},
}

const octets = new Uint8Array([1, 2, 3])
const WRONG: { readonly [Kind in FieldKind]: readonly unknown[] } = {
  id: [0, -1, 1.5, 2 ** 53 + 2, 9007199254740993n, -(2n ** 60n), '7', null, true, [], [7], {}, octets],
  'id-or-zero': [-1, 0.5, 9007199254740993n, '0', null, false, [], {}, octets],
  'request-type': [0, -48, 1, 2, 50, 1.5, 2n ** 60n, '48', null, true, [], {}, octets],
  uri: [0, 1.5, 2n ** 60n, null, true, [], ['com.example'], {}, octets],
  string: [0, 1.5, 2n ** 60n, null, true, [], {}, octets],
  dict: [0, 1.5, 2n ** 60n, 'text', '', null, true, [], [{}], octets],
}

const listOf = (definition: MessageDefinition): unknown[] => [
  definition.code,
  ...definition.fields.map(({ kind }) => RIGHT[kind]),
]

/**
 * What every serializer does; a serializer of somebody else's can prove itself with it.
 *
 * Spec: rfc/text/basic/building_blocks.md ("Serializers", "Protocol Errors", "IDs") and rfc/text/basic/messages.md.
 */
export function serializerSuite(format: Format, make: (options?: SerializerOptions) => Serializer): void {
  const serializer = make()
  const encode = (...args: Parameters<Serializer['encode']>) =>
    Buffer.from(serializer.encode(...args) as string)
  const decode = (list: unknown) => serializer.decode(format.write(list))
  const call = (...args: unknown[]) => new Call(1, EMPTY_DICT, 'com.example.sum', new Payload(args))
  const carried = (value: unknown) => (serializer.decode(encode(call(value))) as Call).payload.args[0]

  describe('messages [messages.md]', () => {
    test.each(definitions)(
      '$name comes back as it went, with as many elements as it may have',
      (definition) => {
        const head = listOf(definition)
        for (let missing = 0; missing <= definition.optionalFields; missing++) {
          const tails = definition.payload
            ? [[], [['x', 1]], [[], { key: 'value' }], [['x'], { key: [1] }]]
            : [[]]
          for (const tail of tails) {
            const list = [...head.slice(0, head.length - missing), ...tail]
            const [args, kwargs] = tail as [unknown[]?, Record<string, unknown>?]
            const message = construct(
              definition,
              head.slice(0, head.length - missing),
              new Payload(args, kwargs),
            )
            expect(messagePicture(decode(list))).toBe(messagePicture(message))
            expect(messagePicture(serializer.decode(encode(message)))).toBe(messagePicture(message))
          }
        }
      },
    )

    test('any valid message comes back as it went', () => {
      fc.assert(
        fc.property(messages, (message) => {
          expect(messagePicture(serializer.decode(encode(message)))).toBe(messagePicture(message))
        }),
        { numRuns: 400 },
      )
    })

    test('an empty dictionary costs no object', () => {
      expect((decode([48, 1, {}, 'com.example.sum']) as Call).options).toBe(EMPTY_DICT)
    })

    test('empty args and kwargs are left out, and args are there when only kwargs are not', () => {
      const result = (payload: Payload) => serializer.decode(encode(new Result(1, {}, payload))) as Result
      expect(encode(new Result(1, {}, new Payload([], {})))).toEqual(encode(new Result(1, {})))
      expect(result(new Payload([], { a: 1 })).payload.toWire()).toEqual([[], { a: 1 }])
    })

    test('a payload that only its ends can read passes as the one value that it is [enc_algo]', () => {
      const options = { enc_algo: 'cryptobox', enc_serializer: 'cbor' } as const
      const message = new Call(1, options, 'com.example.secret', Payload.fromTransparent(octets))
      const arrived = serializer.decode(encode(message)) as Call
      expect(picture(arrived.payload.transparent)).toBe(picture(octets))
      expect(() => decode([48, 1, {}, 'com.example.secret', octets])).toThrow(
        /CALL\.Arguments must be a list/,
      )
      expect(() => decode([48, 1, options, 'com.example.secret', octets, {}])).toThrow(ProtocolError)
    })
  })

  describe('ids [building_blocks.md#ids]', () => {
    test.each([1, 255, 2 ** 32, 2 ** 48, 2 ** 53 - 1, 2 ** 53])('%d is an id like any other', (id) => {
      for (const written of [id, BigInt(id)]) {
        const message = decode([68, written, written, { caller: written }]) as Invocation
        expect(message.head()).toEqual([68, id, id, { caller: id }])
        expect(messagePicture(serializer.decode(encode(message)))).toBe(messagePicture(message))
      }
    })

    test('ids leave as integers, in as few octets as they need', () => {
      const written = encode(new Invocation(2 ** 53, 2 ** 32, { caller: 2 ** 40 }))
      const expected = {
        json: '[68,9007199254740992,4294967296,{"caller":1099511627776}]',
        msgpack: '9444cf0020000000000000cf000000010000000081a663616c6c6572cf0000010000000000',
        cbor: '8418441b00200000000000001b0000000100000000a16663616c6c65721b0000010000000000',
      }[format.name]
      expect(format.name === 'json' ? String(written) : written.toString('hex')).toBe(expected)
    })
  })

  describe('values', () => {
    test('everything that the three formats have in common comes back as it went, at any depth', () => {
      fc.assert(
        fc.property(values, (value) => {
          expect(picture(carried(value))).toBe(picture(value))
        }),
        { numRuns: 600 },
      )
    })

    test.each([
      ...[0, 1, 23, 24, 31, 32, 127, 128, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32],
      ...[
        2 ** 53 - 1,
        -1,
        -24,
        -25,
        -32,
        -33,
        -128,
        -129,
        -256,
        -257,
        -32768,
        -32769,
        -(2 ** 31),
        -(2 ** 31) - 1,
      ],
      ...[-(2 ** 32), -(2 ** 32) - 1, -(2 ** 53) + 1],
    ])('the integer %d leaves as one', (integer) => {
      expect(carried(integer)).toBe(integer)
      expect(encode(call(integer))).toEqual(encode(call(BigInt(integer))))
      // The other libraries write no float either, so that whatever reads theirs reads ours.
      const theirs = format.write([48, 1, {}, 'com.example.sum', [BigInt(integer)]])
      expect((serializer.decode(theirs) as Call).payload.args[0]).toBe(integer)
    })

    test.each([2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 53n), -(2n ** 63n)])(
      'the integer %d, which a double cannot hold safely, arrives as a BigInt',
      (integer) => {
        expect(carried(integer)).toBe(integer)
        expect(carried({ deep: [integer] })).toEqual({ deep: [integer] })
      },
    )

    test('a float without a fraction is an integer on the wire, and any other is itself', () => {
      expect(encode(call(1.0))).toEqual(encode(call(1n)))
      for (const float of [0.5, -1.5, 1e300, 5e-324, 0.1]) expect(carried(float)).toBe(float)
    })

    test('a number above 2^53 is a float: it arrives as the number it was, and only a BigInt as a BigInt', () => {
      const numbers = [
        2 ** 53 + 2,
        2 ** 60,
        -(2 ** 60),
        1e18,
        1.7e18,
        123456789012345680000,
        1e21,
        1e22,
        1e300,
      ]
      expect(carried({ numbers, text: [',"\0#1e5"', 1] })).toEqual({ numbers, text: [',"\0#1e5"', 1] })
      expect(carried(BigInt(2 ** 60))).toBe(BigInt(2 ** 60))
    })

    test('binary of every kind arrives as Uint8Array, at any depth', () => {
      const bytes = new Uint8Array([0, 255, 1, 2, 3, 4, 5, 6])
      for (const value of [
        bytes,
        Buffer.from(bytes),
        bytes.buffer,
        new DataView(bytes.buffer),
        new Int16Array(bytes.buffer),
      ])
        expect(picture(carried({ a: [{ b: value }] }))).toBe(picture({ a: [{ b: bytes }] }))
      expect(picture(carried(bytes.subarray(2, 4)))).toBe(picture(new Uint8Array([1, 2])))
      expect(picture(carried(new Uint8Array(0)))).toBe(picture(new Uint8Array(0)))
      const long = new Uint8Array(70_000).map((_, i) => i)
      expect(picture(carried(long))).toBe(picture(long))
    })

    test('strings and binary are told apart', () => {
      expect(picture(carried(['abc', Buffer.from('abc')]))).toBe('["abc",Uint8Array<616263>]')
    })

    test('binary that arrives is a copy: the buffer it came in may be used again', () => {
      const data = encode(call(octets))
      const { args } = (serializer.decode(data) as Call).payload
      const [binary] = args as [Uint8Array]
      data.fill(0)
      expect([...binary]).toEqual([1, 2, 3])
    })

    test.each([0, 23, 24, 31, 32, 100, 255, 256, 8191, 8192, 65535, 65536, 300_000])(
      'a string of %d characters comes back, be they ASCII or not',
      (length) => {
        for (const character of ['x', 'ü', '€', '🙂']) {
          const string = character.repeat(length)
          expect(carried(string) === string).toBe(true)
        }
        const mixed = `${'x'.repeat(length)}ü🙂`
        expect(carried({ [mixed]: mixed })).toEqual({ [mixed]: mixed })
      },
    )

    test('half a character leaves as U+FFFD: it is no Unicode', () => {
      expect(carried('a\ud83d')).toBe('a\ufffd')
      expect(carried(['\udc00b', { '\ud83d': 1 }, '🙂'])).toEqual(['\ufffdb', { '\ufffd': 1 }, '🙂'])
    })

    test('undefined is null in a list, and left out of a dictionary', () => {
      expect(carried([undefined, { a: undefined, b: 1 }])).toEqual([null, { b: 1 }])
      expect((serializer.decode(encode(call(undefined, 2))) as Call).payload.args).toEqual([null, 2])
    })

    test('a Date leaves as its ISO 8601 string, and toJSON is heeded as by JSON.stringify', () => {
      const date = new Date(1_700_000_000_123)
      class Money {
        constructor(readonly cents: number) {}
        toJSON(key: string) {
          return { key, amount: [this.cents, octets] }
        }
      }
      expect(carried([date])).toEqual(['2023-11-14T22:13:20.123Z'])
      expect(carried({ price: new Money(5) })).toEqual({ price: { key: 'price', amount: [5, octets] } })
      expect(carried([new Date(Number.NaN)])).toEqual([null])
    })

    test('an object of a class leaves as its own properties, and __proto__ is a key like any other', () => {
      class Point {
        x = 1
        y = [2]
        get length() {
          return 3
        }
      }
      expect(carried(new Point())).toEqual({ x: 1, y: [2] })
      const evil = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}')
      expect(picture(carried(evil))).toBe(picture(evil))
      expect(Object.getPrototypeOf(carried(evil))).toBe(Object.prototype)
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    })

    test.each([
      ['a function', () => 1, 'a function'],
      ['a symbol', Symbol('x'), 'a symbol'],
      ['a Map', new Map(), 'a Map'],
      ['a Set', new Set(), 'a Set'],
      ['a promise', Promise.resolve(1), 'a promise'],
    ])('%s is refused with the place where it is', (_, value, what) => {
      const kwargs = { list: [1, { inner: value }] }
      const refuse = (message: Call) => expect(() => serializer.encode(message))
      refuse(call(1, value)).toThrow(UsageError)
      refuse(call(1, value)).toThrow(`CALL cannot be sent: args[1] is ${what}`)
      refuse(new Call(1, {}, 'x', new Payload([], kwargs))).toThrow(`kwargs.list[1].inner is ${what}`)
      refuse(new Call(1, { x_option: value }, 'x')).toThrow(`CALL.Options.x_option is ${what}`)
      // The refusal leaves nothing behind.
      expect(carried('next')).toBe('next')
    })

    test('what holds itself is refused', () => {
      const cycle: { self?: unknown } = {}
      cycle.self = [cycle]
      expect(() => serializer.encode(call(cycle))).toThrow(UsageError)
      expect(() => serializer.encode(call(cycle))).toThrow('nested deeper than 128 levels, or holds itself')
    })

    test('what was encoded stays as it is while other messages are', () => {
      const first = Buffer.from(serializer.encode(call('first')) as Uint8Array)
      const kept = serializer.encode(call('first'))
      for (let i = 0; i < 2000; i++) serializer.encode(call(i))
      expect(Buffer.from(kept as Uint8Array)).toEqual(first)
    })
  })

  describe('what is no message is a ProtocolError [building_blocks.md#protocol-errors]', () => {
    test.each(
      definitions.flatMap((definition) => definition.fields.map((field, i) => ({ definition, field, i }))),
    )('$field.name of the wrong kind, and the error names it', ({ definition, field, i }) => {
      for (const wrong of WRONG[field.kind]) {
        const list = listOf(definition)
        list[i + 1] = wrong
        const attempt = () => decode(list)
        expect(attempt, `${picture(wrong)} as ${field.name}`).toThrow(ProtocolError)
        expect(attempt).toThrow(field.name)
      }
    })

    test.each(definitions.filter(({ payload }) => payload))(
      '$name with wrong args or kwargs',
      (definition) => {
        for (const wrong of [0, 1.5, 'text', null, true, octets]) {
          expect(() => decode([...listOf(definition), wrong])).toThrow(`${definition.name}.Arguments`)
          expect(() => decode([...listOf(definition), [], wrong])).toThrow(`${definition.name}.ArgumentsKw`)
        }
        expect(() => decode([...listOf(definition), {}])).toThrow(`${definition.name}.Arguments`)
        expect(() => decode([...listOf(definition), [], []])).toThrow(`${definition.name}.ArgumentsKw`)
      },
    )

    test.each(definitions)('$name that is too short or too long', (definition) => {
      const list = listOf(definition)
      for (let length = 1; length < list.length - definition.optionalFields; length++)
        expect(() => decode(list.slice(0, length))).toThrow(`${definition.name} is too short`)
      const longer = definition.payload ? [...list, [], {}, []] : [...list, []]
      expect(() => decode(longer)).toThrow(`${definition.name} is too long`)
    })

    test('an unknown code, or none', () => {
      for (const code of [0, -1, 7, 71, 336, 1.5, 2n ** 60n, '48', null, true, [], {}, octets])
        expect(() => decode([code, 1, {}, 'com.example.sum'])).toThrow('must be a known message code')
      expect(() => decode([])).toThrow('empty list')
    })

    test('what is no list', () => {
      for (const value of [{}, { 0: 48 }, 'text', 48, null, true, 2n ** 60n, octets])
        expect(() => decode(value)).toThrow('a WAMP message must be a list')
    })

    test('what is cut short at any octet', () => {
      const options = { caller: 2 ** 53, x: [1.5, 'ü', octets, null, true] }
      const whole = encode(
        new Invocation(1, 2 ** 40, options, new Payload([1, 'ü', octets, 2n ** 60n], { key: [-5, {}] })),
      )
      serializer.decode(Buffer.from(whole))
      for (let length = 0; length < whole.length; length++)
        expect(() => serializer.decode(Buffer.from(whole.subarray(0, length)))).toThrow(ProtocolError)
    })

    test('octets that follow the message', () => {
      const whole = encode(call('x'))
      for (const octet of [0x00, 0x30, 0x5d, 0x80, 0xc0, 0xf6, 0xff])
        expect(() => serializer.decode(Buffer.concat([whole, Buffer.of(octet)]))).toThrow(ProtocolError)
      expect(() => serializer.decode(Buffer.concat([whole, whole]))).toThrow(ProtocolError)
    })

    test.each([
      ['a stray continuation', [0x80]],
      ['a character cut short', [0xc3]],
      ['an overlong spelling', [0xc0, 0xaf]],
      ['half a character', [0xed, 0xa0, 0xbd]],
      ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
      ['an octet that UTF-8 does not have', [0xff]],
    ])('%s in a string, a key or a name', (_, invalid) => {
      for (const length of [20, 120, 700]) {
        const marker = '#'.repeat(length)
        const bad = Buffer.concat([Buffer.alloc(length - invalid.length, 'x'), Buffer.from(invalid)])
        for (const message of [
          call(marker),
          call({ [marker]: 1 }),
          new Call(1, { x: marker }, 'x'),
          new Call(1, {}, marker, new Payload([1])),
        ]) {
          const data = encode(message)
          const at = data.indexOf(marker)
          bad.copy(data, at)
          expect(() => serializer.decode(data)).toThrow(ProtocolError)
        }
      }
    })

    test('anything else: noise, or data of the wrong kind', () => {
      const onlyProtocolErrors = (data: unknown) => {
        try {
          serializer.decode(data as string)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }
      for (const data of [undefined, null, 5, {}, [], new ArrayBuffer(4), '', 'x', new Uint8Array(0)])
        expect(() => serializer.decode(data as string)).toThrow(ProtocolError)
      fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), onlyProtocolErrors), { numRuns: 2000 })
      fc.assert(fc.property(fc.string({ unit: 'binary' }), onlyProtocolErrors), { numRuns: 200 })
      fc.assert(fc.property(damaged(messages.map(encode)), onlyProtocolErrors), { numRuns: 1500 })
    })
  })

  describe('limits', () => {
    const nested = (levels: number): unknown =>
      levels === 0 ? 'x' : levels % 2 ? [nested(levels - 1)] : { a: nested(levels - 1) }

    test.each([4, 128])('a message nests %d levels deep, and no deeper', (maxDepth) => {
      const limited = make({ maxDepth })
      const generous = make({ maxDepth: 1000 })
      // The message is the first level, args are the second, and the options are the second as well.
      for (const place of [
        (levels: number) => new Call(1, {}, 'x', new Payload([nested(levels - 2)])),
        (levels: number) => new Call(1, {}, 'x', new Payload([], { a: nested(levels - 2) })),
        (levels: number) => new Call(1, { x: nested(levels - 2) }, 'x'),
      ]) {
        expect(limited.decode(limited.encode(place(maxDepth))).code).toBe(48)
        expect(() => limited.encode(place(maxDepth + 1))).toThrow(UsageError)
        const deep = generous.encode(place(maxDepth + 1))
        expect(() => limited.decode(deep)).toThrow(ProtocolError)
        expect(() => limited.decode(deep)).toThrow(`nested deeper than ${maxDepth} levels`)
      }
    })
  })
}
