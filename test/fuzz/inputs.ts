/** What a hostile client does: the state it comes to, what it sends there, and how it goes. */
import fc from 'fast-check'
import type { SerializerName } from '../../src/serializers/serializer.js'
import { idOf } from '../../src/sessions/ids.js'
import { formatOf } from '../serializers/six.js'
import { type Frame, frame, type LengthForm, OPCODE, writeFrame } from './frames.js'
import {
  anyConversation,
  anyMessage,
  authenticateMessage,
  helloMessage,
  mutatedMessage,
  PLACEHOLDER,
  REALM,
  validRequest,
} from './messages.js'

export const STATES = ['connected', 'half upgraded', 'upgraded', 'challenged', 'established', 'left'] as const
export type State = (typeof STATES)[number]

/** Octets of an encoded message that are not what they were. */
interface Damage {
  readonly change: 'cut' | 'flip' | 'insert' | 'overwrite' | 'repeat' | 'prepend'
  /** Where, in 1/10,000 of the length. */
  readonly at: number
  readonly octets: Uint8Array
}

/** How the octets of a message are put into frames. */
interface Wrapping {
  /** Where the message is cut into fragments, in 1/10,000 of its length. */
  readonly cuts: readonly number[]
  /** A control frame between the fragments. */
  readonly between: 'nothing' | 'ping' | 'pong'
  /** Are text and binary exchanged? */
  readonly isOtherType: boolean
}

export type Input =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | { readonly kind: 'http'; readonly text: string }
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** The same frame again and again. */
  | { readonly kind: 'flood'; readonly frame: Frame; readonly times: number }
  | {
      readonly kind: 'message'
      readonly message: readonly unknown[]
      readonly damages: readonly Damage[]
      readonly wrapping: Wrapping
    }
  /** A message whose octets are given for each format. */
  | { readonly kind: 'crafted'; readonly encoded: Readonly<Record<SerializerName, Uint8Array>> }
  /** A CALL, or nothing but lists, that nests deep. */
  | { readonly kind: 'deep'; readonly depth: number; readonly isCall: boolean; readonly isEnded: boolean }

export interface Attack {
  readonly state: State
  readonly format: SerializerName
  readonly inputs: readonly Input[]
  /** In one segment, one after the other, or in pieces that do not end where an input ends. */
  readonly delivery: 'together' | 'apart' | readonly number[]
  /** The client ends its half of the connection, says so before with a close frame, or tears it down. */
  readonly ending: 'end' | 'close frame' | 'reset'
}

export const upgradeRequest = (format: SerializerName): string =>
  [
    'GET / HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Protocol: wamp.2.${format}`,
    '',
    '',
  ].join('\r\n')

/** How much of an upgrade has been said in the state between. */
export const HALF_OF_UPGRADE = 90

const PLAIN: Wrapping = { cuts: [], between: 'nothing', isOtherType: false }

/** What one connection has counted so far. */
export class Tally {
  #requests = 0
  #invocations = 0

  /** @param own tells this connection from all others. */
  constructor(private readonly own: number | string) {}

  /** The element itself, or what it stands for. */
  resolve(element: unknown): unknown {
    switch (element) {
      case PLACEHOLDER.nextRequest:
        return ++this.#requests
      case PLACEHOLDER.latestRequest:
        return this.#requests
      case PLACEHOLDER.nextInvocation:
        return ++this.#invocations
      case PLACEHOLDER.latestInvocation:
        return this.#invocations
      case PLACEHOLDER.ownUri:
        return this.#uri()
      case PLACEHOLDER.ownId:
        return idOf(REALM, 'exact', this.#uri())
    }
    return element
  }

  #uri(): string {
    return `com.fuzz.own.${this.own}.${this.#invocations}`
  }
}

/** Octets for the wire. */
export function render(input: Input, format: SerializerName, tally: Tally): Buffer {
  switch (input.kind) {
    case 'octets':
      return Buffer.from(input.octets)
    case 'http':
      return Buffer.from(input.text, 'latin1')
    case 'frame':
      return writeFrame(input.frame)
    case 'flood':
      return Buffer.concat(Array.from({ length: input.times }, () => writeFrame(input.frame)))
    case 'message': {
      const elements = input.message.map((element) => tally.resolve(element))
      return wrap(input.damages.reduce(damaged, formatOf(format).write(elements)), format, input.wrapping)
    }
    case 'crafted':
      return wrap(Buffer.from(input.encoded[format]), format, PLAIN)
    case 'deep':
      return wrap(nested(input, format, tally), format, PLAIN)
  }
}

function damaged(octets: Buffer, { change, at, octets: other }: Damage): Buffer {
  const index = Math.floor((at * octets.length) / 10_000)
  const before = octets.subarray(0, index)
  const after = octets.subarray(index)
  switch (change) {
    case 'cut':
      return before
    case 'prepend':
      return Buffer.concat([other, octets])
    case 'insert':
      return Buffer.concat([before, other, after])
    case 'overwrite':
      return Buffer.concat([before, other, after.subarray(other.length)])
    case 'repeat':
      return Buffer.concat([octets, after])
    case 'flip': {
      const [mask = 1] = other
      const flipped = Buffer.from(octets)
      if (index < flipped.length) flipped[index] = (flipped[index] as number) ^ mask
      return flipped
    }
  }
}

function wrap(octets: Buffer, format: SerializerName, { cuts, between, isOtherType }: Wrapping): Buffer {
  const opcode = (format === 'json') === isOtherType ? OPCODE.binary : OPCODE.text
  const fragments = pieces(octets, cuts)
  const frames = fragments.flatMap((fragment, index) => {
    const written = writeFrame(
      frame(index === 0 ? opcode : OPCODE.continuation, fragment, index === fragments.length - 1),
    )
    return index === 0 || between === 'nothing'
      ? [written]
      : [writeFrame(frame(OPCODE[between], Buffer.from('?'))), written]
  })
  return Buffer.concat(frames)
}

/** Cuts at these places, in 1/10,000 of the length. */
export function pieces(octets: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((at) => Math.floor((at * octets.length) / 10_000)).sort((a, b) => a - b)
  return [0, ...places].map((from, index) => octets.subarray(from, places[index] ?? octets.length))
}

const NEST: Readonly<Record<SerializerName, readonly [open: Buffer, close: Buffer]>> = {
  json: [Buffer.from('['), Buffer.from(']')],
  msgpack: [Buffer.from([0x91]), Buffer.from([0xc0])],
  cbor: [Buffer.from([0x81]), Buffer.from([0xf6])],
}

function nested(
  { depth, isCall, isEnded }: Input & { kind: 'deep' },
  format: SerializerName,
  tally: Tally,
): Buffer {
  const [open, close] = NEST[format]
  const lists = Buffer.concat([
    Buffer.alloc(depth, open),
    isEnded ? (format === 'json' ? Buffer.alloc(depth, close) : close) : Buffer.alloc(0),
  ])
  if (!isCall) return lists
  const call = formatOf(format).write([
    48,
    tally.resolve(PLACEHOLDER.nextRequest),
    {},
    'com.fuzz.echo',
    [null],
  ])
  const head = format === 'json' ? call.subarray(0, call.lastIndexOf('[')) : call.subarray(0, -2)
  return Buffer.concat([head, lists, Buffer.from(format === 'json' && isEnded ? ']' : '')])
}

// What is sent.

const octets = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength })

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

const damage: fc.Arbitrary<Damage> = fc.record({
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

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

const messageFrom = (
  message: fc.Arbitrary<unknown[]>,
  damages: fc.Arbitrary<Damage[]>,
): fc.Arbitrary<Input> => fc.record({ kind: fc.constant('message'), message, damages, wrapping })

const intact = fc.constant<Damage[]>([])

const opcode = fc.oneof(
  { arbitrary: fc.constantFrom<number>(...Object.values(OPCODE)), weight: 4 },
  { arbitrary: fc.nat(15), weight: 1 },
)

const framePayload = fc.oneof(
  octets(8),
  octets(200),
  fc.constantFrom(
    new Uint8Array(),
    ...['03e8', '03e8c328', '03ed', '0000', '1388', 'ffff', '03', 'c328', 'eda080', 'f4908080', 'fffe'].map(
      hex,
    ),
    new Uint8Array(125),
    new Uint8Array(126),
    new Uint8Array(70_000),
  ),
)

const anyFrame: fc.Arbitrary<Input> = fc.record({
  kind: fc.constant('frame'),
  frame: fc.record({
    fin: fc.oneof(fc.constant(true), fc.boolean()),
    rsv: fc.oneof({ arbitrary: fc.constant(0), weight: 6 }, { arbitrary: fc.nat(7), weight: 1 }),
    opcode,
    masked: fc.oneof(
      { arbitrary: fc.constant(true), weight: 8 },
      { arbitrary: fc.constant(false), weight: 1 },
    ),
    payload: framePayload,
    form: fc.oneof(
      { arbitrary: fc.constant<LengthForm>('shortest'), weight: 4 },
      { arbitrary: fc.constantFrom<LengthForm>(16, 64), weight: 1 },
    ),
    declared: fc.oneof(
      { arbitrary: fc.constant(undefined), weight: 8 },
      {
        arbitrary: fc.constantFrom(
          0n,
          1n,
          125n,
          126n,
          65_535n,
          65_536n,
          2n ** 32n,
          2n ** 53n,
          2n ** 64n - 1n,
        ),
        weight: 1,
      },
    ),
  }),
})

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

const crafted: fc.Arbitrary<Input> = fc.record({
  kind: fc.constant('crafted'),
  encoded: fc.constantFrom(...CRAFTED),
})

const deep: fc.Arbitrary<Input> = fc.record({
  kind: fc.constant('deep'),
  depth: fc.constantFrom(100, 127, 128, 130, 1000, 30_000, 200_000),
  isCall: fc.boolean(),
  isEnded: fc.boolean(),
})

const flood: fc.Arbitrary<Input> = fc.record({
  kind: fc.constant('flood'),
  times: fc.constantFrom(10, 2_000),
  frame: fc.constantFrom(
    frame(OPCODE.ping, new Uint8Array(125)),
    frame(OPCODE.pong, new Uint8Array()),
    frame(OPCODE.text, new Uint8Array(), false),
    frame(OPCODE.continuation, new Uint8Array(), false),
    frame(OPCODE.text, Buffer.from('[48]')),
    frame(OPCODE.close, new Uint8Array()),
  ),
})

const random: fc.Arbitrary<Input> = fc.record({ kind: fc.constant('octets'), octets: octets(64) })

/** Closes the connection, as often as not, so there is less of it where there are sessions. */
const rude = fc.oneof(
  { arbitrary: random, weight: 2 },
  { arbitrary: anyFrame, weight: 6 },
  { arbitrary: crafted, weight: 2 },
  { arbitrary: deep, weight: 1 },
  { arbitrary: flood, weight: 1 },
  { arbitrary: messageFrom(mutatedMessage, intact), weight: 6 },
  { arbitrary: messageFrom(anyMessage, fc.array(damage, { minLength: 1, maxLength: 2 })), weight: 6 },
)

const polite = messageFrom(anyMessage, intact)

const conversation = anyConversation.map((messages) =>
  messages.map((message): Input => ({ kind: 'message', message, damages: [], wrapping: PLAIN })),
)

const IN_STATE = {
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

const headerLine = fc.oneof(
  fc.constantFrom(
    ...upgradeRequest('json').split('\r\n').filter(Boolean),
    'Connection: close',
    'Connection: keep-alive, Upgrade',
    'Upgrade: h2c',
    'Upgrade: websocket, websocket',
    'Sec-WebSocket-Version: 8',
    'Sec-WebSocket-Version: 999999999999',
    'Sec-WebSocket-Key: short',
    'Sec-WebSocket-Key: ',
    'Sec-WebSocket-Protocol: ',
    'Sec-WebSocket-Protocol: ,,,',
    'Sec-WebSocket-Protocol: wamp.2.json, wamp.2.json',
    'Sec-WebSocket-Protocol: wamp.2.cbor.batched',
    'Sec-WebSocket-Protocol: __proto__, wamp.2.cbor',
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99',
    'Sec-WebSocket-Extensions: ;=;',
    'Origin: null',
    'Origin: http://[::1',
    'Origin: https://evil.example',
    'Content-Length: 10',
    'Content-Length: -1',
    'Content-Length: 99999999999999999999',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
    'Host: [',
    'Cookie: a; =; a=\xff',
    `X-Long: ${'x'.repeat(20_000)}`,
    ' folded',
    'no colon',
  ),
  fc.string({ maxLength: 20 }),
)

const requestLine = fc.constantFrom(
  ...[
    'GET / HTTP/1.1',
    'GET / HTTP/1.1',
    'GET / HTTP/1.0',
    'POST / HTTP/1.1',
    'CONNECT localhost:1 HTTP/1.1',
  ],
  ...[
    'OPTIONS * HTTP/1.1',
    'GET http://[ HTTP/1.1',
    'GET //%zz?\xff HTTP/1.1',
    'PRI * HTTP/2.0',
    'GET /',
    'HEAD / HTTP/1.1',
  ],
)

const http: fc.Arbitrary<Input> = fc
  .tuple(
    fc.option(requestLine),
    fc.array(headerLine, { maxLength: 9 }),
    fc.constantFrom('\r\n\r\n', '\r\n\r\n', '\n\n', '\r\n', ''),
  )
  .map(([first, lines, end]) => ({
    kind: 'http',
    text: (first === null ? lines : [first, ...lines]).join('\r\n') + end,
  }))

/** A request that is granted, or nearly so. */
const nearlyUpgraded: fc.Arbitrary<Input> = fc
  .tuple(
    fc.option(headerLine),
    fc.option(fc.nat(7)),
    fc.constantFrom<SerializerName>('json', 'msgpack', 'cbor'),
  )
  .map(([added, removed, format]) => {
    const lines = upgradeRequest(format).split('\r\n')
    if (removed !== null) lines.splice(removed, 1)
    if (added !== null) lines.splice(1, 0, added)
    return { kind: 'http', text: lines.join('\r\n') }
  })

const manners = {
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
const upTo = <T>(most: number, input: fc.Arbitrary<T>) =>
  fc.array(input, { minLength: 1, maxLength: most, size: 'max' })

const beforeUpgrade: fc.Arbitrary<Attack> = fc.record({
  ...manners,
  state: fc.constant('connected'),
  inputs: fc
    .tuple(
      fc.oneof(http, nearlyUpgraded, random, anyFrame),
      fc.array(fc.oneof(IN_STATE.upgraded, IN_STATE.established, http), { maxLength: 3 }),
    )
    .map(([first, more]) => [first, ...more]),
})

const halfUpgraded: fc.Arbitrary<Attack> = fc
  .tuple(fc.record(manners), fc.boolean(), upTo(3, fc.oneof(rude, http, IN_STATE.upgraded)))
  .map(([how, goesOn, inputs]) => ({
    ...how,
    state: 'half upgraded',
    // The rest of the request and more in one go, or something else in the middle of it.
    inputs: goesOn
      ? [{ kind: 'http', text: upgradeRequest(how.format).slice(HALF_OF_UPGRADE) }, ...inputs]
      : inputs,
  }))

const inState = (state: keyof typeof IN_STATE, most: number): fc.Arbitrary<Attack> =>
  fc.record({ ...manners, state: fc.constant(state), inputs: upTo(most, IN_STATE[state]) })

/** Some of it all right, and then not. */
const inSession: fc.Arbitrary<Attack> = fc
  .tuple(
    fc.record(manners),
    upTo(3, fc.oneof(conversation, fc.array(messageFrom(validRequest, intact), { maxLength: 3 }))),
    fc.array(IN_STATE.established, { maxLength: 3 }),
    fc.nat(10_000),
  )
  .map(([how, good, bad, at]) => {
    const inputs = good.flat()
    // In the middle of it, or after it.
    inputs.splice(Math.ceil((inputs.length * Math.min(10_000, 2 * at)) / 10_000), 0, ...bad)
    return { ...how, state: 'established', inputs }
  })

export const attack: fc.Arbitrary<Attack> = fc.oneof(
  { arbitrary: beforeUpgrade, weight: 2 },
  { arbitrary: halfUpgraded, weight: 1 },
  { arbitrary: inState('upgraded', 4), weight: 2 },
  { arbitrary: inState('challenged', 4), weight: 2 },
  { arbitrary: inState('established', 4), weight: 2 },
  { arbitrary: inSession, weight: 8 },
  { arbitrary: inState('left', 6), weight: 2 },
)
