import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError, UsageError } from '../../src/errors.js'
import { DEFINITIONS } from '../../src/messages/codes.js'
import { construct } from '../../src/messages/construct.js'
import { EMPTY_DICT } from '../../src/messages/dictionaries.js'
import type { Message } from '../../src/messages/message.js'
import { Payload } from '../../src/messages/payload.js'
import { Call, Invocation } from '../../src/messages/rpc.js'
import type { RelaySerializer, Serializer } from '../../src/serializers/serializer.js'
import { damaged, messages, values } from './arbitraries.js'
import { messagePicture, picture } from './picture.js'
import { type Format, formatOf, formats } from './six.js'

const octets = new Uint8Array([0, 1, 254, 255])

/** Payload of one kind after the other, as octets of its format. */
const PAYLOADS: readonly (readonly unknown[])[] = [
  [[]],
  [['x', 1, -1.5, null, true, false, octets, 2n ** 60n]],
  [[], { key: 'value', ключ: ['значение'] }],
  [[[[{ a: [{}] }]]], {}],
  [['x'.repeat(5000)]],
  [['ü'.repeat(700), octets], { long: 'y'.repeat(4000) }],
]

function parts(relay: RelaySerializer, message: Message): Buffer {
  const { head, tail } = relay.encodeParts(message)
  return Buffer.concat([head, tail ?? new Uint8Array(0)])
}

/** What a serializer makes of octets: a picture of the message, or that it is none. */
function judgement(serializer: Serializer, data: Uint8Array): string {
  let message: Message
  try {
    message = serializer.decode(Buffer.from(data))
  } catch (error) {
    if (error instanceof ProtocolError) return 'ProtocolError'
    throw error
  }
  // Outside of the try: what a relay has accepted must be readable.
  return messagePicture(message)
}

describe.each(formats)('$name passed on', ({ name, client, relay: makeRelay, write }: Format) => {
  const relay = makeRelay()
  const whole = client()
  const payloadMessages = Object.values(DEFINITIONS).filter(({ payload }) => payload)
  const call = (...tail: unknown[]) => write([48, 7, {}, 'com.example.sum', ...tail])
  const invocationOf = (message: Message) => new Invocation(9, 2 ** 40, EMPTY_DICT, (message as Call).payload)

  test.each(payloadMessages)('the payload of $name is not decoded', (definition) => {
    const RIGHT = { id: 7, 'request-type': 48, uri: 'a.b', dict: {} } as Record<string, unknown>
    const head = [definition.code, ...definition.fields.map(({ kind }) => RIGHT[kind])]
    for (const tail of PAYLOADS) {
      const { payload } = relay.decode(write([...head, ...tail])) as Call
      expect(payload.encoded).toMatchObject({ format: name, count: tail.length })
      expect(picture([payload.args, ...(payload.hasKwargs ? [payload.kwargs] : [])])).toBe(picture(tail))
    }
  })

  test('the payload leaves octet for octet as it came, behind another head', () => {
    for (const tail of PAYLOADS) {
      const message = relay.decode(call(...tail)) as Call
      const bytes = Buffer.from(message.payload.encoded?.bytes as Uint8Array)
      const passedOn = parts(relay, invocationOf(message))
      expect(passedOn.subarray(-bytes.length).equals(bytes)).toBe(true)
      expect(passedOn.equals(Buffer.from(relay.encode(invocationOf(message))))).toBe(true)
      const arrived = whole.decode(passedOn) as Invocation
      expect(arrived.head()).toEqual([68, 9, 2 ** 40, {}])
      expect(picture([arrived.payload.args, arrived.payload.kwargs])).toBe(
        picture([message.payload.args, message.payload.kwargs]),
      )
    }
  })

  test('a long payload leaves as a piece of its own, without a copy; a short one behind the head', () => {
    const long = relay.decode(call(['x'.repeat(5000)])) as Call
    expect(relay.encodeParts(invocationOf(long)).tail).toBe(long.payload.encoded?.bytes)
    const short = relay.decode(call(['x'.repeat(500)])) as Call
    expect(relay.encodeParts(invocationOf(short)).tail).toBeUndefined()
  })

  test('a payload encoded by someone else, in the same format, is spliced as well', () => {
    for (const text of ['x', 'x'.repeat(5000)]) {
      const { bytes, count } = (relay.decode(call([text])) as Call).payload.encoded as NonNullable<
        Payload['encoded']
      >
      const encoded = { format: name, count, bytes: new Uint8Array(bytes), decode: () => Payload.none }
      const message = invocationOf(new Call(1, {}, 'x', Payload.fromEncoded(encoded)))
      expect((whole.decode(parts(relay, message)) as Invocation).payload.args).toEqual([text])
    }
  })

  test('a payload that is not encoded is written with the message, whatever its length', () => {
    for (const tail of PAYLOADS) {
      const [args, kwargs] = tail as [unknown[], Record<string, unknown>?]
      const message = new Invocation(9, 1, EMPTY_DICT, new Payload(args, kwargs))
      expect(messagePicture(whole.decode(parts(relay, message)))).toBe(messagePicture(message))
    }
  })

  test('the head is good until the next message, also where a large one stretched the buffer', () => {
    for (const length of [10, 1_500_000, 10, 20_000, 10, 9000, 8]) {
      const message = construct(DEFINITIONS.CALL, [48, 1, { x: 'y'.repeat(length) }, 'a.b'], Payload.none)
      expect(messagePicture(whole.decode(parts(relay, message)))).toBe(messagePicture(message))
    }
  })

  test('relay and client accept the same, and understand the same by it', () => {
    const same = (data: Uint8Array) => judgement(relay, data) === judgement(whole, data)
    const encoded = messages.map((message) => Buffer.from(whole.encode(message) as string))
    fc.assert(fc.property(damaged(encoded), same), { numRuns: 2500 })
    fc.assert(
      fc.property(damaged(fc.constantFrom(...PAYLOADS.slice(0, 4).map((tail) => call(...tail)))), same),
      {
        numRuns: 2500,
      },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), same), { numRuns: 1000 })
    // Noise where the payload stands gets further than noise where the head does.
    const before = call([0]).subarray(0, -1 - (name === 'json' ? 2 : 0))
    const noise = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.concat([before, bytes]))
    fc.assert(fc.property(noise, same), { numRuns: 2000 })
  })

  test('what is passed on is what came', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const data = Buffer.from(whole.encode(message) as string)
        expect(messagePicture(whole.decode(relay.encode(relay.decode(data))))).toBe(messagePicture(message))
      }),
      { numRuns: 500 },
    )
  })

  test('nobody can pass on what others cannot read: payload damaged at any octet is refused, or read by all', () => {
    for (const tail of PAYLOADS.slice(0, 4)) {
      const data = call(...tail)
      for (let i = 0; i < data.length; i++)
        for (const octet of [0x00, 0x1f, 0x22, 0x5c, 0x7f, 0x80, 0xc1, 0xff]) {
          const changed = Buffer.from(data)
          changed[i] = octet
          let passedOn: Buffer
          try {
            passedOn = parts(relay, relay.decode(changed))
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
            continue
          }
          whole.decode(passedOn)
        }
    }
  })

  describe.each([
    ['client', whole],
    ['relay', relay],
  ] as const)('by the %s, in time and memory that the data pays for', (_, serializer) => {
    const MILLION = 1_000_000
    const repeat = (count: number, ...unit: number[]) => Buffer.alloc(count * unit.length, Buffer.from(unit))
    const deep: Record<Format['name'], () => Buffer[]> = {
      json: () => [
        Buffer.from('['.repeat(MILLION)),
        Buffer.from(`[48,1,{},"a",[${'['.repeat(MILLION)}${']'.repeat(MILLION)}]]`),
        Buffer.from('{"a":'.repeat(MILLION / 10)),
        Buffer.from(`[48,1,${'{"a":'.repeat(MILLION / 10)}1${'}'.repeat(MILLION / 10)},"a"]`),
      ],
      msgpack: () => [
        repeat(MILLION, 0x91),
        repeat(MILLION, 0x81, 0xa1, 0x61),
        Buffer.concat([Buffer.from('95300180a16191', 'hex'), repeat(MILLION, 0x91), Buffer.from([0xc0])]),
        Buffer.concat([Buffer.from('953001', 'hex'), repeat(MILLION, 0x81, 0xa1, 0x61)]),
        repeat(MILLION, 0xdd, 0xff, 0xff, 0xff, 0xff),
        repeat(MILLION, 0xdd, 0x00, 0x0f, 0xff, 0xff),
        repeat(MILLION, 0xdf, 0x00, 0x0f, 0xff, 0xff, 0xa0),
      ],
      cbor: () => [
        repeat(MILLION, 0x81),
        repeat(MILLION, 0x9f),
        repeat(MILLION, 0xa1, 0x61, 0x61),
        repeat(MILLION, 0xbf, 0x60),
        repeat(MILLION, 0xc1),
        repeat(MILLION, 0x5f),
        Buffer.concat([Buffer.from('851830', 'hex'), repeat(MILLION, 0xd9, 0x01, 0x02)]),
        Buffer.concat([Buffer.from('85183001a0616181', 'hex'), repeat(MILLION, 0x9f), repeat(MILLION, 0xff)]),
        Buffer.concat([Buffer.from('85183001a0616181', 'hex'), repeat(MILLION, 0xc1), Buffer.from([0xf6])]),
        repeat(MILLION, 0x9a, 0x00, 0x0f, 0xff, 0xff),
      ],
    }

    test('a million nested levels are refused, not followed', () => {
      for (const data of deep[name]()) expect(() => serializer.decode(data)).toThrow(ProtocolError)
    })

    const testJson = name === 'json' ? test : () => {}
    const testBinary = name === 'json' ? () => {} : test

    testJson('a million escapes or empty lists are read in one go', () => {
      for (const tail of [
        `["${'\\"'.repeat(MILLION)}"]`,
        `[${'"\\"",'.repeat(MILLION / 10)}0]`,
        `[${'[],'.repeat(MILLION / 10)}0]`,
      ])
        expect(serializer.decode(Buffer.from(`[48,1,{},"a",${tail}]`)).code).toBe(48)
    })

    const claims: Record<Format['name'], string[]> = {
      json: [],
      msgpack: ['dc', 'dd', 'de', 'df', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', 'd9', 'da', 'db'],
      cbor: ['58', '59', '5a', '5b', '78', '79', '7a', '7b', '98', '99', '9a', '9b', 'b8', 'b9', 'ba', 'bb'],
    }
    const prefix = { json: '', msgpack: '95300180a161', cbor: '85183001a06161' }[name]

    testBinary('a length that the data does not keep reserves nothing', () => {
      const before = process.memoryUsage().arrayBuffers
      for (const kind of claims[name])
        for (const start of ['', prefix, `${prefix}91`, `${prefix}81a161`])
          for (const length of ['7f', 'ffffffffffffffff', '7fffffffffffffff', '00ffffffffffffff'])
            expect(() => serializer.decode(Buffer.from(`${start}${kind}${length}`, 'hex'))).toThrow(
              ProtocolError,
            )
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
    })
  })
})

describe('from one format into another', () => {
  const pairs = formats.flatMap((from) => formats.filter((to) => to !== from).map((to) => ({ from, to })))

  test.each(pairs)('$from.name to $to.name: any payload arrives', ({ from, to }) => {
    const incoming = from.relay()
    const outgoing = to.relay()
    fc.assert(
      fc.property(values, (value) => {
        const message = incoming.decode(from.write([16, 1, {}, 'a.b', [value], { value }]))
        const arrived = to.client().decode(outgoing.encode(message))
        expect(messagePicture(arrived)).toBe(messagePicture(message))
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ['msgpack', 'json', Number.NaN, 'args[0] is NaN, which JSON cannot write'],
    ['cbor', 'json', Number.POSITIVE_INFINITY, 'args[0] is Infinity, which JSON cannot write'],
    ['msgpack', 'json', '\0no binary', 'args[0] is a string that begins with \\0'],
    ['json', 'msgpack', 2n ** 64n, 'args[0] is an integer of more than 64 bits'],
    ['cbor', 'msgpack', -(2n ** 63n) - 1n, 'args[0] is an integer of more than 64 bits'],
  ] as const)(
    '%s to %s: what the other cannot carry is refused, to be answered by an ERROR',
    (a, b, value, why) => {
      const message = formatOf(a)
        .relay()
        .decode(formatOf(a).write([16, 1, {}, 'a.b', [value]]))
      const outgoing = formatOf(b).relay()
      expect(() => outgoing.encodeParts(message)).toThrow(UsageError)
      expect(() => outgoing.encodeParts(message)).toThrow(`PUBLISH cannot be sent: ${why}`)
    },
  )
})
