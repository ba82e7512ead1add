import { describe, expect, test } from 'vitest'
import { ProtocolError, UsageError } from '../../src/errors.js'
import { Payload } from '../../src/messages/payload.js'
import { Call, Invocation } from '../../src/messages/rpc.js'
import { fromBase64, toBase64 } from '../../src/serializers/json/base64.js'
import { json } from '../../src/serializers/json/json.js'
import { jsonRelay } from '../../src/serializers/json/relay.js'
import { picture } from './picture.js'

const client = json()
const both = [
  ['client', json()],
  ['relay', jsonRelay()],
] as const
const call = (...args: unknown[]) => new Call(1, {}, 'a.b', new Payload(args))
const text = (tail: string) => `[48,1,{},"a.b",${tail}]`

describe('binary [advanced/serialization_binary_json.md]', () => {
  test("the specification's example", () => {
    const bytes = Buffer.from('10e3ff9053075c526f5fc06d4fe37cdb', 'hex')
    expect(client.encode(call(bytes))).toBe(text(String.raw`["\u0000EOP/kFMHXFJvX8BtT+N82w=="]`))
  })

  test('Base64 has padding, and is read strictly', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 151 + length) & 255))
      const base64 = bytes.toString('base64')
      expect(toBase64(bytes)).toBe(base64)
      expect(Buffer.from(fromBase64(`\0${base64}`, 1) as Uint8Array)).toEqual(bytes)
    }
    for (const wrong of [
      'A',
      'AA',
      'AAA',
      'AA=',
      'A===',
      '====',
      '=',
      'AA==AAAA',
      'AA=A',
      'AA A',
      'AA-_',
      'AAA\n',
      'ÄAAA',
      '€€€€',
    ])
      expect(fromBase64(wrong)).toBeUndefined()
  })

  test.each(both)('a string that begins with \\0 and is no Base64 is refused by the %s', (_, serializer) => {
    const spellings = [
      String.raw`\u0000!`,
      String.raw`\u0000A`,
      String.raw`\u0000#12`,
      String.raw`\u0000\u002312`,
    ]
    for (const wrong of spellings) {
      for (const tail of [`["${wrong}"]`, `[],{"a":["${wrong}"]}`, `["${wrong}",123456789012345678]`])
        expect(() => serializer.decode(text(tail))).toThrow('must be binary in Base64')
      expect(() => serializer.decode(`[48,1,{"x":"${wrong}"},"a"]`)).toThrow(ProtocolError)
      // Keys, and what only looks alike, are strings.
      expect(() => serializer.decode(text(`["x${wrong}"],{"${wrong}":"\\"${wrong}"}`))).not.toThrow()
    }
  })

  test('a string that begins with \\0 cannot be sent: it would arrive as binary, or not at all', () => {
    expect(() => client.encode(call('\0AAAA'))).toThrow(UsageError)
    expect(client.encode(call('A\0'))).toBe(text(String.raw`["A\u0000"]`))
  })

  test.each(both)('in the head it is binary as well, for the %s', (_, serializer) => {
    const { details } = serializer.decode(String.raw`[68,1,2,{"x_key":"\u0000AQID"}]`) as Invocation
    expect(picture(details.x_key)).toBe('Uint8Array<010203>')
    expect(() => serializer.decode(String.raw`[48,1,{},"\u0000AQID"]`)).toThrow(
      'CALL.Procedure must be a string, not 3 bytes of binary',
    )
  })
})

describe('integers that a double cannot hold', () => {
  test('leave and arrive as integers, wherever they stand', () => {
    const value = [
      2n ** 64n,
      -(10n ** 30n),
      { '\0#1': 2n ** 60n },
      [1n, -1n],
      '"\\',
      '",\\"',
      ',"\0#1"',
      2n ** 53n,
    ]
    const written = client.encode(call(...value)) as string
    expect(written).toBe(
      text(
        String.raw`[18446744073709551616,-1000000000000000000000000000000,{"\u0000#1":1152921504606846976},[1,-1],"\"\\","\",\\\"",",\"\u0000#1\"",9007199254740992]`,
      ),
    )
    expect(picture((client.decode(written) as Call).payload.args)).toBe(
      picture([...value.slice(0, 3), [1, -1], ...value.slice(4)]),
    )
  })

  test.each(both)(
    'only integers: a float keeps its nature, and a string its digits, for the %s',
    (_, serializer) => {
      const tail = String.raw`["12345678901234567890","\"1234567890123456789012",1e20,0.12345678901234567890,123456789012345678.5,-1E+300,12345678901234567890]`
      expect(picture((serializer.decode(text(tail)) as Call).payload.args)).toBe(
        picture([
          '12345678901234567890',
          '"1234567890123456789012',
          1e20,
          0.12345678901234568,
          123456789012345680,
          -1e300,
          12345678901234567890n,
        ]),
      )
    },
  )

  test.each(both)(
    'a number too large for any double is refused by the %s: many parsers break on it',
    (_, serializer) => {
      for (const number of [
        '1e309',
        '-1E+400',
        '9'.repeat(310),
        `1${'0'.repeat(308)}e1`,
        `${'9'.repeat(309)}.5`,
      ])
        expect(() => serializer.decode(text(`[${number}]`))).toThrow(ProtocolError)
      for (const number of ['1e308', '9'.repeat(308), '1e-400', `0.${'0'.repeat(400)}1`, '0e999999'])
        expect(() => serializer.decode(text(`[${number}]`))).not.toThrow()
    },
  )

  test.each(both)('the ids of a head are numbers, however they are spelled, for the %s', (_, serializer) => {
    for (const [spelling, id] of [
      ['1.0', 1],
      ['1e3', 1000],
      ['10E-1', 1],
      ['9007199254740991', 2 ** 53 - 1],
      ['9007199254740992', 2 ** 53],
      ['9007199254740992.0', 2 ** 53],
    ])
      expect((serializer.decode(`[48,${spelling},{},"a"]`) as Call).requestId).toBe(id)
    for (const spelling of ['9007199254740993', '90071992547409920', '0', '-1', '1.5', '1e16'])
      expect(() => serializer.decode(`[48,${spelling},{},"a"]`)).toThrow('CALL.Request must be')
    for (const spelling of ['01', '1.', '.1', '1e', '+1', '0x1', '1_0', '--1', '1.e3', 'NaN', 'Infinity'])
      expect(() => serializer.decode(`[48,${spelling},{},"a"]`)).toThrow('is not JSON')
  })
})

describe('text', () => {
  test.each(both)('white space may stand between tokens, and nowhere else, for the %s', (_, serializer) => {
    const spaced =
      ' \t[\r\n48 , 1 , { } , "a.b" , [ 1 , [ ] , { "a" : null , "b" : true } ] , { "k" : false } ] \n'
    const { payload, procedure } = serializer.decode(spaced) as Call
    expect(procedure).toBe('a.b')
    expect(payload.toWire()).toEqual([[1, [], { a: null, b: true }], { k: false }])
    for (const wrong of ['\u00a0', '\u000b', '\ufeff', '/**/']) {
      expect(() => serializer.decode(`${wrong}[48,1,{},"a.b"]`)).toThrow(ProtocolError)
      expect(() => serializer.decode(text(`[1${wrong}]`))).toThrow(ProtocolError)
    }
  })

  const malformed = [
    ...['[1,]', '[,1]', '[1 2]', '[1', '[1]]', '{"a":1}', '[],{"a"}', '[],{"a":}', '[],{"a":1,}', '[],{a:1}'],
    ...[
      '[],{"a":1 "b":2}',
      '[],{,}',
      "['a']",
      '["a]',
      '[tru]',
      '[True]',
      '[nulll]',
      '[fals]',
      '[trux]',
      '[falze]',
    ],
    ...[
      String.raw`["\x"]`,
      String.raw`["\u12"]`,
      String.raw`["\u12G4"]`,
      '["\u0000"]',
      '["\n"]',
      '["\t"]',
      '[-]',
    ],
    ...['[undefined]', '[1]]', '[1],', '[1],{},', '[1],{}{}', '[1]{}', `["${'x'.repeat(600)}\n"]`],
    ...[`["${'x'.repeat(600)}]`, String.raw`["${'x'.repeat(600)}\q"]`, `["${'x'.repeat(600)}`],
  ]
  test.each(malformed)('%s in place of args is refused by client and relay', (tail) => {
    for (const [, serializer] of both) expect(() => serializer.decode(text(tail))).toThrow(ProtocolError)
  })

  test.each(both)('strings of any length, with escapes or without, are read by the %s', (_, serializer) => {
    for (const length of [0, 1, 500, 511, 512, 513, 514, 2000])
      for (const piece of ['x', 'ü', '\\', '"', '\\"', '\u0001', '🙂', 'x"', ',"'])
        for (const around of ['', 'y'.repeat(511), 'y'.repeat(600)]) {
          const value = [
            around + piece.repeat(length),
            { [piece.repeat(length) + around]: [piece.repeat(length)] },
          ]
          expect(picture((serializer.decode(text(JSON.stringify(value))) as Call).payload.args)).toBe(
            picture(value),
          )
        }
  })

  test.each(both)(
    'half a character becomes U+FFFD in place, for the %s, and what only looks like one stays',
    (_, serializer) => {
      const long = 'x'.repeat(600)
      const spellings: [string, string][] = [
        [String.raw`\ud83d`, '\ufffd'],
        [String.raw`\uDE00\uD83D`, '\ufffd\ufffd'],
        [String.raw`\ud83d\ud83d\ude00`, '\ufffd\ud83d\ude00'],
        [String.raw`\uD83D\uDE00`, '\ud83d\ude00'],
        [String.raw`\ud83dx\ude00`, '\ufffdx\ufffd'],
        [String.raw`\\ud83d`, String.raw`\ud83d`],
        [String.raw`\\\ud83d`, '\\\ufffd'],
        [String.raw`\ud83d\n`, '\ufffd\n'],
        [String.raw`${long}\udc00`, `${long}\ufffd`],
        [String.raw`${long}\\udc00${long}`, String.raw`${long}\udc00${long}`],
      ]
      for (const [spelling, string] of spellings) {
        const message = serializer.decode(text(`["${spelling}"],{"${spelling}":1}`)) as Call
        expect(message.payload.toWire()).toEqual([[string], { [string]: 1 }])
        const passedOn = client.decode(serializer.encode(message)) as Call
        expect(passedOn.payload.toWire()).toEqual([[string], { [string]: 1 }])
      }
    },
  )

  test('numbers and strings pass a relay in the spelling in which they came', () => {
    const tail = String.raw`[ 1.0, 1E2, -0, 0.10, 123456789012345678901234567890, "\u00e9\/", "é" ],{"a" :1}`
    const relay = jsonRelay()
    const { payload } = relay.decode(text(tail)) as Call
    expect(String(Buffer.from(relay.encode(new Invocation(5, 6, {}, payload))))).toBe(`[68,5,6,{},${tail}]`)
  })

  test('names in the head may be of any characters, escaped or not', () => {
    for (const [, serializer] of both)
      for (const spelling of ['"a.ü"', String.raw`"a.\u00fc"`, String.raw`"\u0061.ü"`])
        expect((serializer.decode(`[48,1,{},${spelling}]`) as Call).procedure).toBe('a.ü')
  })

  test('what is no JSON is said with the reason', () => {
    for (const [, serializer] of both) expect(() => serializer.decode('[48,1,{},"a"')).toThrow(/not JSON: .+/)
  })
})

test('numbers that JSON does not have are refused rather than sent as null', () => {
  expect(() => client.encode(call([Number.NaN]))).toThrow(
    'CALL cannot be sent: args[0][0] is NaN, which JSON cannot write',
  )
  expect(() => client.encode(call(-Infinity))).toThrow(UsageError)
})

test('what is passed to encode is left as it was, also where the text differs from it', () => {
  const bytes = new Uint8Array([1])
  const args = [{ bytes, list: [2n ** 60n, { date: new Date(0) }] }]
  const before = picture(args)
  client.encode(call(...args))
  expect(picture(args)).toBe(before)
})
