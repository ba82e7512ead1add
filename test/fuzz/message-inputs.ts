/** Messages as inputs, for every way. */
import fc from 'fast-check'
import type { SerializerName } from '../../src/serializers/serializer.js'
import { type Attack, type Damage, type Input, PLAIN, type Wrapping } from './attack.js'
import { anyConversation, anyMessage, authenticateMessage, helloMessage, validRequest } from './messages.js'

export const octets = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength })

const wrapping: fc.Arbitrary<Wrapping> = fc.oneof(
  { arbitrary: fc.constant(PLAIN), weight: 8 },
  {
    arbitrary: fc.record({
      cuts: fc.array(fc.nat(10_000), { maxLength: 3 }),
      between: fc.constantFrom('nothing', 'ping', 'pong'),
      isOtherType: fc.constant(false),
    }),
    weight: 2,
  },
  { arbitrary: fc.constant({ ...PLAIN, isOtherType: true }), weight: 1 },
)

export const damage: fc.Arbitrary<Damage> = fc.record({
  change: fc.constantFrom('cut', 'flip', 'insert', 'overwrite', 'repeat', 'prepend'),
  at: fc.nat(10_000),
  octets: fc.oneof(
    octets(4),
    // Heads of things that are said to be long.
    fc.constantFrom(
      ...['dcffff', 'ddffffffff', 'dfffffffff', 'dbffffffff', 'c6ffffffff', 'c9ffffffff00'].map(hex),
      ...['9affffffff', '9bffffffffffffffff', 'bbffffffffffffffff', '5bffffffffffffffff', '7f', '5f'].map(
        hex,
      ),
      ...['9f', 'bf', 'ff', 'c0', 'd9d9f7', 'c24101', 'f97e00', 'd8', 'c1', '5b', '7b', '22', 'eda080'].map(
        hex,
      ),
    ),
  ),
})

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

export const messageFrom = (
  message: fc.Arbitrary<unknown[]>,
  damages: fc.Arbitrary<Damage[]>,
): fc.Arbitrary<Input> => fc.record({ kind: fc.constant('message'), message, damages, wrapping })

export const intact = fc.constant<Damage[]>([])

/** Octets to make a message of, in each format: CALL 1 of nothing in particular, and then this as its arguments. */
function argument(json: string, msgpack: string, cbor: string): Record<SerializerName, Uint8Array> {
  const uri = Buffer.from('com.fuzz.echo').toString('hex')
  return {
    json: Buffer.from(`[48,1,{},"com.fuzz.echo",${json}`),
    msgpack: hex(`95300180ad${uri}${msgpack}`),
    cbor: hex(`85183001a06d${uri}${cbor}`),
  }
}

const CRAFTED: readonly Readonly<Record<SerializerName, Uint8Array>>[] = [
  argument('[1e400]]', '91cbfff0000000000000', '81fb7ff0000000000000'),
  argument('["\\ud800"]]', '91a3eda080', '8163eda080'),
  argument('[{"a":1,"a":2}]]', '9182a16101a16102', '81a261610161611802'),
  argument(
    '[{"__proto__":{"a":1}}]]',
    '9181a95f5f70726f746f5f5f81a16101',
    '81a1695f5f70726f746f5f5fa1616101',
  ),
  argument('["\\u0000%%%"]]', '91d6ff00000000', '81c11a00000000'),
  argument('[-0,1.0,1e0,10000000000000000000000]]', '91cfffffffffffffffff', '811bffffffffffffffff'),
  argument('[01]]', '91c1', '811c'),
  argument('[1,]]', '91ddffffffff', '819bffffffffffffffff'),
  argument('[]]]', '91dfffffffff', '81bbffffffffffffffff'),
  argument('[tru]]', '91dbffffffff', '817bffffffffffffffff'),
  argument('["\n"]]', '91c6ffffffff', '815bffffffffffffffff'),
  argument(`[${'1'.repeat(5000)}]]`, '91c9ffffffff01', '819f01'),
  argument('[{"a"}]]', '91810101', '81a10101'),
  argument('["\\x"]]', '91d40000', '9fff'),
  argument('[null] ]', '91c0c0', '81d9d9f7f6'),
  argument('[]\u0000', '81a16101', '817f61616161ff'),
  argument('[nul', '91d0', `81${'c2'.repeat(1000)}40`),
  argument('[\u00a01]]', '91ca7fc00000', '81f97e00'),
  argument('{}]', '80', 'a0'),
  argument('[], {}]', '9080', 'bfff'),
  argument('[], []]', '9090', '80'),
  argument('["a', '91a5', '815f4101'),
]

export const crafted: fc.Arbitrary<Input> = fc.record({
  kind: fc.constant('crafted'),
  encoded: fc.constantFrom(...CRAFTED),
})

export const deep: fc.Arbitrary<Input> = fc.record({
  kind: fc.constant('deep'),
  depth: fc.constantFrom(100, 127, 128, 130, 1000, 30_000, 200_000),
  isCall: fc.boolean(),
  isEnded: fc.boolean(),
})

export const random: fc.Arbitrary<Input> = fc.record({ kind: fc.constant('octets'), octets: octets(64) })

export const polite = messageFrom(anyMessage, intact)

export const conversation = anyConversation.map((messages) =>
  messages.map((message): Input => ({ kind: 'message', message, damages: [], wrapping: PLAIN })),
)

/** What may be sent in each state in which there is a transport; `rude` is what may be sent in all of them. */
export function inEachState(rude: fc.Arbitrary<Input>) {
  return {
    upgraded: fc.oneof(rude, messageFrom(helloMessage, intact), polite),
    challenged: fc.oneof(
      rude,
      messageFrom(authenticateMessage, intact),
      messageFrom(authenticateMessage, fc.array(damage, { maxLength: 1 })),
      polite,
    ),
    established: fc.oneof(rude, polite),
    left: fc.oneof(rude, messageFrom(helloMessage, intact), polite),
  } as const
}

/** What there is to say about every attack besides. */
export const manners = {
  format: fc.constantFrom<SerializerName>('json', 'msgpack', 'cbor'),
  delivery: fc.oneof(
    fc.constant('together' as const),
    fc.constant('apart' as const),
    fc.array(fc.nat(10_000), { minLength: 1, maxLength: 4 }),
  ),
  ending: fc.oneof(
    { arbitrary: fc.constant('end' as const), weight: 8 },
    { arbitrary: fc.constant('close frame' as const), weight: 3 },
    { arbitrary: fc.constant('reset' as const), weight: 2 },
  ),
}

/** As many as `most` inputs, any number of them equally likely. */
export const upTo = <T>(most: number, input: fc.Arbitrary<T>) =>
  fc.array(input, { minLength: 1, maxLength: most, size: 'max' })

/** Some of it all right, and then not. */
export function inSession(way: Attack['way'], bad: fc.Arbitrary<Input>): fc.Arbitrary<Attack> {
  const good = fc.oneof(conversation, fc.array(messageFrom(validRequest, intact), { maxLength: 3 }))
  return fc
    .tuple(fc.record(manners), upTo(3, good), fc.array(bad, { maxLength: 3 }), fc.nat(10_000))
    .map(([how, good, bad, at]) => {
      const inputs = good.flat()
      // In the middle of it, or after it.
      inputs.splice(Math.ceil((inputs.length * Math.min(10_000, 2 * at)) / 10_000), 0, ...bad)
      return { ...how, way, state: 'established', inputs }
    })
}
