/** Messages that a client might say, most of them valid. */
import fc from 'fast-check'
import { DEFINITIONS, type FieldKind, type MessageDefinition } from '../../src/messages/codes.js'
import { type DictKind, KNOWN_KEYS } from '../../src/messages/dictionaries.js'
import { featuresOf } from '../../src/roles/feature-table.js'
import { announce } from '../../src/sessions/features.js'
import { idOf } from '../../src/sessions/ids.js'
import { META } from '../../src/uris.js'

export const REALM = 'fuzz'
/** A procedure of the bystanders that everybody may call, and a topic that they listen to. */
export const ECHO = 'com.fuzz.echo'
export const WALL = 'com.fuzz.wall'

/** What stands in a message for what is not known before it is said. */
export const PLACEHOLDER = {
  /** The request id that is due. */
  nextRequest: { is: 'the next request id' },
  /** That of the request before. */
  latestRequest: { is: 'the latest request id' },
  /** The id that the router's next invocation has, if all goes well. */
  nextInvocation: { is: 'the next invocation id' },
  latestInvocation: { is: 'the latest invocation id' },
  /** A URI that no other connection uses. */
  ownUri: { is: 'a URI of its own' },
  /** The id that a registration or a subscription has for this URI. */
  ownId: { is: 'the id for a URI of its own' },
} as const

/** All roles, with all that they can announce. */
export const ROLES = announce({
  caller: featuresOf('caller'),
  callee: featuresOf('callee'),
  publisher: featuresOf('publisher'),
  subscriber: featuresOf('subscriber'),
})

const OWN_URIS = ['com.fuzz.a', 'com.fuzz.b', 'com.fuzz.a.b', 'com.fuzz', 'com..a']
/** All but the one that everybody would die of. */
const META_URIS = Object.values(META)
  .flatMap((uris) => Object.values(uris))
  .filter((uri) => uri !== META.session.killAll)
const STRANGE_URIS = ['', '.', 'com.fuzz.', 'com. .a', 'com.#', 'wamp.', 'çom.ünï\u{1f600}', 'a'.repeat(5000)]

const uri = fc.oneof(
  { arbitrary: fc.constantFrom(...OWN_URIS), weight: 8 },
  { arbitrary: fc.constantFrom(ECHO, WALL), weight: 6 },
  { arbitrary: fc.constantFrom(...META_URIS), weight: 4 },
  { arbitrary: fc.constantFrom(...STRANGE_URIS), weight: 1 },
  { arbitrary: fc.string({ maxLength: 8, unit: 'binary' }), weight: 1 },
)

/** Ids that registrations and subscriptions of our own may have. */
const realIds = OWN_URIS.flatMap((own) =>
  ['exact', 'prefix', 'wildcard'].map((match) => idOf(REALM, match, own)),
)

const goodId = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(...realIds))
const badId = fc.constantFrom<number | bigint>(0, -1, 2 ** 53, 2n ** 53n + 1n, 2n ** 64n - 1n, 1.5)
const id = fc.oneof({ arbitrary: goodId, weight: 10 }, { arbitrary: badId, weight: 1 })

const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, -0, 2 ** 31, 2 ** 53, -(2 ** 53), 1e300, 5e-324),
  fc.constantFrom<unknown>(2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)),
  fc.integer(),
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.constantFrom('\0', '\0not base64!', '\0AAEC', 'x'.repeat(300), '\ufeff', '__proto__'),
  fc.uint8Array({ maxLength: 12 }),
)

const key = fc.oneof(
  fc.constantFrom('a', 'progress', 'enc_algo', 'constructor', '', '\0AAEC'),
  fc.string({ maxLength: 4 }),
)

/** Anything at all. */
export const junk: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: scalar, weight: 4 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 1 },
    { arbitrary: fc.dictionary(key, tie('value'), { maxKeys: 3 }), weight: 1 },
  ),
})).value

const name = fc.oneof(
  fc.constantFrom('anonymous', 'ticket', 'wampcra', 'x', 'json', 'cbor'),
  fc.string({ maxLength: 6 }),
)

const OF_KIND: Readonly<Record<DictKind, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  string: name,
  integer: fc.constantFrom(0, 1, 1000, 2 ** 53),
  id: goodId,
  dict: fc.constantFrom({}, ROLES, { caller: {} }, { a: 1 }),
  strings: fc.array(name, { maxLength: 2 }),
  ids: fc.array(goodId, { maxLength: 2 }),
  dicts: fc.constantFrom([], [{}], [{ session: 1, authid: null, authrole: 'x' }]),
  match: fc.constantFrom('exact', 'prefix', 'wildcard'),
  invoke: fc.constantFrom('single', 'roundrobin', 'random', 'first', 'last'),
  mode: fc.constantFrom('skip', 'kill', 'killnowait'),
  enc_algo: fc.constantFrom('cryptobox', 'mqtt', 'xbr', 'x_fuzz'),
  enc_serializer: fc.constantFrom('json', 'msgpack', 'cbor', 'ubjson'),
}

/** Options or details, as a message may have them, or, if it need not be valid, nearly so. */
function dictOf(definition: MessageDefinition, isValid: boolean): fc.Arbitrary<Record<string, unknown>> {
  const keys = Object.entries(KNOWN_KEYS[definition.name as keyof typeof KNOWN_KEYS] ?? {})
  const known = keys.map(([name, kind]) => fc.tuple(fc.constant(name), OF_KIND[kind]))
  const good = known.length === 0 ? fc.tuple(key, junk) : fc.oneof(...known)
  const bad = fc.tuple(keys.length === 0 ? key : fc.constantFrom(...keys.map(([name]) => name)), junk)
  const entry = isValid ? good : fc.oneof({ arbitrary: good, weight: 8 }, { arbitrary: bad, weight: 1 })
  return fc.array(entry, { maxLength: 3 }).map((entries) => Object.fromEntries(entries))
}

const requestId = fc.oneof(
  { arbitrary: fc.constant<unknown>(PLACEHOLDER.nextRequest), weight: 19 },
  { arbitrary: fc.oneof(id, fc.constantFrom(1, 2)), weight: 1 },
)

const MAKES_REQUESTS = new Set(['CALL', 'PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE', 'REGISTER', 'UNREGISTER'])

function fieldOf(
  definition: MessageDefinition,
  field: string,
  kind: FieldKind,
  isValid: boolean,
): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'id':
    case 'id-or-zero':
      return field.endsWith('.Request') && MAKES_REQUESTS.has(definition.name)
        ? isValid
          ? fc.constant(PLACEHOLDER.nextRequest)
          : requestId
        : isValid
          ? goodId
          : id
    case 'request-type':
      return isValid ? fc.constant(68) : fc.constantFrom(68, 68, 68, 68, 48, 70, 8, 0)
    case 'uri':
      return field === 'HELLO.Realm' ? fc.oneof(fc.constant(REALM), fc.constant(REALM), uri) : uri
    case 'string':
      return fc.oneof(fc.constant('the ticket'), name)
    case 'dict':
      return definition.name === 'HELLO'
        ? dictOf(definition, isValid).map((details) => ({ roles: ROLES, ...details }))
        : dictOf(definition, isValid)
  }
}

const payload = fc.oneof<fc.MaybeWeightedArbitrary<unknown[]>[]>(
  { arbitrary: fc.constant<unknown[]>([]), weight: 2 },
  { arbitrary: fc.tuple(fc.array(junk, { maxLength: 3 })), weight: 3 },
  {
    arbitrary: fc.tuple(fc.array(junk, { maxLength: 2 }), fc.dictionary(key, junk, { maxKeys: 2 })),
    weight: 2,
  },
  // What the procedures of the meta API take.
  { arbitrary: fc.tuple(fc.tuple(fc.oneof(goodId, uri, name))), weight: 2 },
  { arbitrary: fc.tuple(fc.tuple(uri, fc.array(junk, { maxLength: 2 }), fc.constant({}))), weight: 1 },
)

/** Good only where Options say that nobody in between can read it. */
const transparent: fc.Arbitrary<unknown[]> = fc.tuple(fc.uint8Array({ maxLength: 8 }))

function messageOf(definition: MessageDefinition, isValid = false): fc.Arbitrary<unknown[]> {
  const fields = definition.fields.map(({ name, kind }) => fieldOf(definition, name, kind, isValid))
  const rest = !definition.payload
    ? fc.constant<unknown[]>([])
    : isValid
      ? payload
      : fc.oneof({ arbitrary: payload, weight: 8 }, { arbitrary: transparent, weight: 1 })
  return fc.tuple(fc.tuple(...fields), rest).map(([head, rest]) => [definition.code, ...head, ...rest])
}

/** How often each message is said; the others seldom. */
const WEIGHTS: Readonly<Record<string, number>> = {
  CALL: 12,
  REGISTER: 8,
  SUBSCRIBE: 8,
  PUBLISH: 8,
  YIELD: 6,
  ERROR: 4,
  CANCEL: 4,
  UNREGISTER: 3,
  UNSUBSCRIBE: 3,
  HELLO: 2,
  GOODBYE: 2,
  AUTHENTICATE: 2,
}

/** A message that is valid, by and large, though not always here and now. */
export const anyMessage = fc.oneof(
  ...Object.values(DEFINITIONS).map((definition) => ({
    arbitrary: messageOf(definition),
    weight: WEIGHTS[definition.name] ?? 1,
  })),
)

const valid = (definition: MessageDefinition) => messageOf(definition, true)

/** A request that is valid in a session. */
export const validRequest = fc.oneof(
  { arbitrary: valid(DEFINITIONS.CALL), weight: 3 },
  ...(['PUBLISH', 'SUBSCRIBE', 'REGISTER'] as const).map((name) => ({
    arbitrary: valid(DEFINITIONS[name]),
    weight: 2,
  })),
  ...(['UNSUBSCRIBE', 'UNREGISTER'] as const).map((name) => ({
    arbitrary: valid(DEFINITIONS[name]),
    weight: 1,
  })),
)

type Elements = readonly (unknown | fc.Arbitrary<unknown>)[]

const CALL_OPTIONS = dictOf(DEFINITIONS.CALL, true)
const PUBLISH_OPTIONS = dictOf(DEFINITIONS.PUBLISH, true).map((options) => ({
  acknowledge: true,
  ...options,
}))
const mode = fc.constantFrom({}, { mode: 'skip' }, { mode: 'kill' }, { mode: 'killnowait' })

/** Messages that follow each other: each an element at a time, some of them any of several. */
function conversation(...messages: readonly Elements[]): fc.Arbitrary<unknown[][]> {
  const isArbitrary = (element: unknown): element is fc.Arbitrary<unknown> => element instanceof fc.Arbitrary
  const arbitraries = messages.map((elements) =>
    fc
      .tuple(
        fc.tuple(...elements.map((element) => (isArbitrary(element) ? element : fc.constant(element)))),
        [16, 48, 8, 70].includes(elements[0] as number) ? payload : fc.constant<unknown[]>([]),
      )
      .map(([head, rest]) => [...head, ...rest]),
  )
  return fc.tuple(...arbitraries)
}

const { nextRequest, latestRequest, nextInvocation, latestInvocation, ownUri, ownId } = PLACEHOLDER
const registered: Elements = [64, nextRequest, {}, ownUri]
const parts = { progress: true, receive_progress: true }

/** What a client does that calls itself, or others; nobody has a reason to end its session. */
export const anyConversation: fc.Arbitrary<unknown[][]> = fc.oneof(
  conversation(registered, [48, nextRequest, CALL_OPTIONS, ownUri], [70, nextInvocation, {}]),
  conversation(registered, [48, nextRequest, CALL_OPTIONS, ownUri], [8, 68, nextInvocation, {}, uri]),
  conversation(
    registered,
    [48, nextRequest, { receive_progress: true }, ownUri],
    [70, nextInvocation, { progress: true }],
    [70, latestInvocation, { progress: true }],
    [49, latestRequest, mode],
    [70, latestInvocation, {}],
  ),
  conversation(
    registered,
    [48, nextRequest, parts, ownUri],
    [48, latestRequest, parts, ownUri],
    [70, nextInvocation, { progress: true }],
    [48, latestRequest, {}, ownUri],
    [70, latestInvocation, {}],
  ),
  conversation(
    registered,
    [48, nextRequest, {}, ownUri],
    [49, latestRequest, mode],
    [8, 68, nextInvocation, {}, uri],
  ),
  conversation(registered, [64, nextRequest, { invoke: 'roundrobin' }, ownUri]),
  conversation(
    [32, nextRequest, { match: 'prefix' }, ownUri],
    [16, nextRequest, { exclude_me: false }, ownUri],
  ),
  conversation(
    [16, nextRequest, { retain: true }, ownUri],
    [32, nextRequest, { get_retained: true }, ownUri],
  ),
  conversation(
    [32, nextRequest, {}, ownUri],
    [16, nextRequest, { exclude_me: false, acknowledge: true }, ownUri],
    [34, nextRequest, ownId],
    [16, nextRequest, PUBLISH_OPTIONS, ownUri],
  ),
  conversation(
    registered,
    [48, nextRequest, CALL_OPTIONS, ownUri],
    [66, nextRequest, ownId],
    [70, nextInvocation, {}],
    [66, nextRequest, ownId],
  ),
  conversation([48, nextRequest, CALL_OPTIONS, ECHO]),
  conversation([48, nextRequest, { receive_progress: true }, ECHO], [49, latestRequest, mode]),
  conversation([16, nextRequest, PUBLISH_OPTIONS, WALL]),
  conversation([48, nextRequest, {}, fc.constantFrom(...META_URIS)]),
)

export const helloMessage = messageOf(DEFINITIONS.HELLO)
export const authenticateMessage = messageOf(DEFINITIONS.AUTHENTICATE)

/** One element is another, or missing, or there twice. */
export const mutatedMessage = fc
  .tuple(anyMessage, fc.nat(6), fc.oneof(fc.constantFrom('remove', 'repeat', 'reverse'), fc.tuple(junk)))
  .map(([message, at, change]) => {
    const index = at % message.length
    if (change === 'remove') return message.toSpliced(index, 1)
    if (change === 'repeat') return message.toSpliced(index, 0, message[index])
    if (change === 'reverse') return message.toReversed()
    return message.toSpliced(index, 1, change[0])
  })
