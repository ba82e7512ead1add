/** Attacks by WebSocket. */
import fc from 'fast-check'
import type { SerializerName } from '../../src/serializers/serializer.js'
import type { Attack, Input } from './attack.js'
import { frame, type LengthForm, OPCODE } from './frames.js'
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

const IN_STATE = inEachState(rude)

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

const beforeUpgrade: fc.Arbitrary<Attack> = fc.record({
  ...manners,
  way: fc.constant('websocket'),
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
    way: 'websocket',
    state: 'half upgraded',
    // The rest of the request and more in one go, or something else in the middle of it.
    inputs: goesOn
      ? [{ kind: 'http', text: upgradeRequest(how.format).slice(HALF_OF_UPGRADE) }, ...inputs]
      : inputs,
  }))

const inState = (state: keyof typeof IN_STATE, most: number): fc.Arbitrary<Attack> =>
  fc.record({
    ...manners,
    way: fc.constant('websocket' as const),
    state: fc.constant(state),
    inputs: upTo(most, IN_STATE[state]),
  })

export const webSocketAttack: fc.Arbitrary<Attack> = fc.oneof(
  { arbitrary: beforeUpgrade, weight: 2 },
  { arbitrary: halfUpgraded, weight: 1 },
  { arbitrary: inState('upgraded', 4), weight: 2 },
  { arbitrary: inState('challenged', 4), weight: 2 },
  { arbitrary: inState('established', 4), weight: 2 },
  { arbitrary: inSession('websocket', IN_STATE.established), weight: 8 },
  { arbitrary: inState('left', 6), weight: 2 },
)
