/** Attacks by long-poll. */
import fc from 'fast-check'
import type { Attack, Input } from './attack.js'
import {
  crafted,
  damage,
  deep,
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
import { ID, LONG_POLL_PATH, type PostedRequest, postOf } from './requests.js'

/** The request that opens a transport, and how much of it has been said in the state between. */
export const openRequest = (protocol: string): PostedRequest =>
  postOf('open', Buffer.from(JSON.stringify({ protocols: [protocol] })))
export const HALF_OF_OPEN = 60

const asRequest = (request: PostedRequest): Input => ({ kind: 'request', request })

const whose = fc.oneof(
  { arbitrary: fc.constant(ID.own), weight: 8 },
  { arbitrary: fc.constantFrom(ID.other, ID.closed), weight: 2 },
  {
    arbitrary: fc.constantFrom('', '.', '..', '%00', 'open', '__proto__', '%zz', 'x'.repeat(5_000)),
    weight: 1,
  },
)

const path: fc.Arbitrary<string> = fc.oneof(
  {
    arbitrary: fc
      .tuple(whose, fc.constantFrom('send', 'receive', 'receive', 'close'))
      .map(([id, what]) => `${LONG_POLL_PATH}/${id}/${what}`),
    weight: 8,
  },
  { arbitrary: fc.constant(`${LONG_POLL_PATH}/open`), weight: 3 },
  {
    arbitrary: fc.constantFrom(
      ...['', '/', '//open', '/open/', '/open/x', '/OPEN', '/open?x=1', '/open#x', '/op%65n', 's/open'].map(
        (end) => LONG_POLL_PATH + end,
      ),
      ...['/receive', '/', '/send/x', '/receive?x', '/close/', '//send', '/../open', '/constructor'].map(
        (end) => `${LONG_POLL_PATH}/${ID.own}${end}`,
      ),
      `http://localhost${LONG_POLL_PATH}/open`,
      '*',
      '/',
    ),
    weight: 2,
  },
)

const method = fc.oneof(
  { arbitrary: fc.constant('POST'), weight: 10 },
  { arbitrary: fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'), weight: 2 },
)

const header = fc.constantFrom(
  'Content-Type: application/json',
  'Content-Type: multipart/form-data; boundary=',
  'Content-Encoding: gzip',
  'Connection: close',
  'Connection: keep-alive',
  'Expect: 100-continue',
  'Expect: something',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Content-Length: 0',
  'Content-Length: 5',
  'Origin: null',
  'Origin: https://evil.example',
  'Origin: http://localhost:1',
  'Access-Control-Request-Headers: x, y',
  'Access-Control-Request-Headers: \x7f',
  'Cookie: a=b; =',
  'X-Forwarded-For: 1.2.3.4',
  'Range: bytes=0-1',
  'If-None-Match: *',
  `X-Long: ${'x'.repeat(20_000)}`,
  'no colon',
)

const openBody = fc.constantFrom(
  ...[
    '{"protocols":["wamp.2.json"]}',
    '{"protocols":["wamp.2.cbor","wamp.2.json"]}',
    '{"protocols":["wamp.2.json.batched"]}',
    '{"protocols":["wamp.2.msgpack.batched"],"transport":"x"}',
    '{"protocols":[]}',
    '{"protocols":["__proto__","constructor"]}',
    '{"protocols":[1]}',
    '{"protocols":"wamp.2.json"}',
    '{"__proto__":{"protocols":["wamp.2.json"]}}',
    '[]',
    'null',
    '"',
    '',
    `{"protocols":[${'"x",'.repeat(1_000)}"wamp.2.json"]}`,
    `${'['.repeat(10_000)}`,
    'x'.repeat(20_000),
  ].map((text) => Buffer.from(text)),
)

const body: fc.Arbitrary<Uint8Array> = fc.oneof(
  { arbitrary: openBody, weight: 4 },
  { arbitrary: fc.constant(new Uint8Array()), weight: 3 },
  { arbitrary: octets(64), weight: 2 },
  // More than is taken, before there is a session and after.
  {
    arbitrary: fc.constantFrom(2 ** 16 + 1, 2 ** 18 + 1, 2_000_000).map((size) => new Uint8Array(size)),
    weight: 1,
  },
)

const framing: fc.Arbitrary<PostedRequest['framing']> = fc.oneof(
  { arbitrary: fc.constant('length' as const), weight: 8 },
  { arbitrary: fc.array(fc.nat(10_000), { maxLength: 3 }), weight: 2 },
  { arbitrary: fc.constant('none' as const), weight: 1 },
)

const declared = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 12 },
  {
    arbitrary: fc.constantFrom('0', '1', '1000', '-1', '1e3', '0x10', '99999999999999999999', ''),
    weight: 1,
  },
)

const anyRequest: fc.Arbitrary<Input> = fc
  .record({
    method,
    path,
    version: fc.constantFrom('1.1' as const, '1.1' as const, '1.1' as const, '1.0' as const),
    headers: fc.array(header, { maxLength: 2 }),
    body,
    framing,
    declared,
  })
  .map(asRequest)

/** What a client does all the time. */
const usualRequest: fc.Arbitrary<Input> = fc.constantFrom(
  ...[`${ID.own}/receive`, `${ID.own}/receive`, `${ID.own}/receive`, `${ID.own}/close`].map((what) =>
    asRequest(postOf(what)),
  ),
)

const anyOpen: fc.Arbitrary<Input> = fc.oneof(
  openBody.map((some) => asRequest(postOf('open', some))),
  fc.constantFrom('wamp.2.json', 'wamp.2.cbor.batched').map((protocol) => asRequest(openRequest(protocol))),
)

const rude = fc.oneof(
  { arbitrary: random, weight: 1 },
  { arbitrary: anyRequest, weight: 8 },
  { arbitrary: crafted, weight: 2 },
  { arbitrary: deep, weight: 1 },
  { arbitrary: messageFrom(mutatedMessage, intact), weight: 5 },
  { arbitrary: messageFrom(anyMessage, fc.array(damage, { minLength: 1, maxLength: 2 })), weight: 5 },
)

const withRequests = inEachState(
  fc.oneof({ arbitrary: rude, weight: 3 }, { arbitrary: usualRequest, weight: 2 }),
)
const way = fc.constant('longpoll' as const)

const beforeOpen: fc.Arbitrary<Attack> = fc.record({
  ...manners,
  way,
  state: fc.constant('connected'),
  inputs: upTo(5, fc.oneof({ arbitrary: anyRequest, weight: 3 }, { arbitrary: anyOpen, weight: 2 }, random)),
})

const halfOpened: fc.Arbitrary<Attack> = fc.record({
  ...manners,
  way,
  state: fc.constant('half upgraded'),
  inputs: upTo(3, fc.oneof(rude, anyOpen)),
})

const inState = (state: keyof typeof withRequests, most: number): fc.Arbitrary<Attack> =>
  fc.record({ ...manners, way, state: fc.constant(state), inputs: upTo(most, withRequests[state]) })

export const longPollAttack: fc.Arbitrary<Attack> = fc.oneof(
  { arbitrary: beforeOpen, weight: 3 },
  { arbitrary: halfOpened, weight: 1 },
  { arbitrary: inState('upgraded', 5), weight: 2 },
  { arbitrary: inState('challenged', 5), weight: 2 },
  { arbitrary: inState('established', 6), weight: 3 },
  { arbitrary: inSession('longpoll', withRequests.established), weight: 6 },
  { arbitrary: inState('left', 6), weight: 2 },
)
