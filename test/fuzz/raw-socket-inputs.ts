/** Attacks by RawSocket. */
import fc from 'fast-check'
import type { Attack, Input } from './attack.js'
import {
  crafted,
  damage,
  deep,
  hex,
  inEachState,
  inSession,
  intact,
  manners,
  messageFrom,
  octets,
  random,
  upTo,
} from './message-inputs.js'
import { anyMessage, mutatedMessage } from './messages.js'
import { greeting, RAW_TYPE, rawFrame } from './raw-frames.js'

/** How much of a greeting has been said in the state between. */
export const HALF_OF_GREETING = 2

const asOctets = (some: Uint8Array): Input => ({ kind: 'octets', octets: some })

/** Four octets that may be a greeting. */
const nearlyGreeting: fc.Arbitrary<Input> = fc
  .tuple(
    fc.constantFrom(0x7f, 0x7f, 0x7f, 0x7f, 0x7e, 0x16),
    fc.nat(255),
    fc.constantFrom(0, 0, 0, 1, 255),
    fc.constantFrom(0, 0, 0, 128),
  )
  .map((four) => asOctets(Uint8Array.from(four)))

const goodGreeting: fc.Arbitrary<Input> = fc
  .constantFrom('json' as const, 'msgpack' as const, 'cbor' as const)
  .map((format) => asOctets(greeting(format)))

const framePayload = fc.oneof(
  octets(8),
  octets(200),
  fc.constantFrom(
    new Uint8Array(),
    ...['5b5d', '90', '80', 'c0', '7ff10000', '474554202f20'].map(hex),
    new Uint8Array(512),
    new Uint8Array(70_000),
  ),
)

const anyFrame: fc.Arbitrary<Input> = fc.record({
  kind: fc.constant('raw frame'),
  rawFrame: fc.record({
    first: fc.oneof(
      { arbitrary: fc.constantFrom<number>(...Object.values(RAW_TYPE)), weight: 6 },
      // Reserved types, the bit for 2^24, reserved bits.
      { arbitrary: fc.constantFrom(3, 7, 8, 9, 10, 0x10, 0x80, 0x7f, 0xff), weight: 2 },
      { arbitrary: fc.nat(255), weight: 1 },
    ),
    payload: framePayload,
    declared: fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 8 },
      { arbitrary: fc.constantFrom(0, 1, 2, 255, 65_536, 2 ** 18, 2 ** 18 + 1, 2 ** 24 - 1), weight: 1 },
    ),
  }),
})

const flood: fc.Arbitrary<Input> = fc.record({
  kind: fc.constant('raw flood'),
  times: fc.constantFrom(10, 2_000),
  rawFrame: fc.constantFrom(
    rawFrame(RAW_TYPE.ping, new Uint8Array(125)),
    rawFrame(RAW_TYPE.ping, new Uint8Array(4_000)),
    rawFrame(RAW_TYPE.ping, new Uint8Array()),
    rawFrame(RAW_TYPE.pong, new Uint8Array()),
    rawFrame(RAW_TYPE.message, Buffer.from('[48]')),
    rawFrame(RAW_TYPE.message, new Uint8Array()),
  ),
})

const rude = fc.oneof(
  { arbitrary: random, weight: 2 },
  { arbitrary: anyFrame, weight: 6 },
  { arbitrary: nearlyGreeting, weight: 1 },
  { arbitrary: crafted, weight: 2 },
  { arbitrary: deep, weight: 1 },
  { arbitrary: flood, weight: 1 },
  { arbitrary: messageFrom(mutatedMessage, intact), weight: 6 },
  { arbitrary: messageFrom(anyMessage, fc.array(damage, { minLength: 1, maxLength: 2 })), weight: 6 },
)

const IN_STATE = inEachState(rude)
const way = fc.constant('rawsocket' as const)

const beforeGreeting: fc.Arbitrary<Attack> = fc.record({
  ...manners,
  way,
  state: fc.constant('connected'),
  inputs: fc
    .tuple(
      fc.oneof(nearlyGreeting, nearlyGreeting, goodGreeting, random),
      fc.array(fc.oneof(IN_STATE.upgraded, IN_STATE.established, nearlyGreeting), { maxLength: 3 }),
    )
    .map(([first, more]) => [first, ...more]),
})

const halfGreeted: fc.Arbitrary<Attack> = fc
  .tuple(fc.record(manners), fc.boolean(), upTo(3, fc.oneof(rude, IN_STATE.upgraded)))
  .map(([how, goesOn, inputs]) => ({
    ...how,
    way: 'rawsocket',
    state: 'half upgraded',
    inputs: goesOn ? [asOctets(greeting(how.format).subarray(HALF_OF_GREETING)), ...inputs] : inputs,
  }))

const inState = (state: keyof typeof IN_STATE, most: number): fc.Arbitrary<Attack> =>
  fc.record({ ...manners, way, state: fc.constant(state), inputs: upTo(most, IN_STATE[state]) })

export const rawSocketAttack: fc.Arbitrary<Attack> = fc.oneof(
  { arbitrary: beforeGreeting, weight: 3 },
  { arbitrary: halfGreeted, weight: 1 },
  { arbitrary: inState('upgraded', 4), weight: 2 },
  { arbitrary: inState('challenged', 4), weight: 2 },
  { arbitrary: inState('established', 4), weight: 2 },
  { arbitrary: inSession('rawsocket', IN_STATE.established), weight: 6 },
  { arbitrary: inState('left', 6), weight: 2 },
)
