import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../src/errors.js'
import { DEFINITIONS, type MessageDefinition, type MessageName } from '../../src/messages/codes.js'
import { type DictKind, EMPTY_DICT, KNOWN_KEYS } from '../../src/messages/dictionaries.js'
import type { Message } from '../../src/messages/message.js'
import type { Call, Invocation } from '../../src/messages/rpc.js'
import { fromWire } from '../../src/messages/wire.js'

/** What each kind of key may hold and what not. Spec: rfc/text/basic/messages.md and the sections of each feature. */
const KINDS: { readonly [Kind in DictKind]: { right: readonly unknown[]; wrong: readonly unknown[] } } = {
  bool: { right: [true, false], wrong: [0, 1, 'true', [], {}] },
  string: { right: ['', 'text'], wrong: [0, true, [], {}, new Uint8Array(1)] },
  integer: { right: [0, 1, 5000, 5n], wrong: [-1, 1.5, '1', true, [], -5n, Number.NaN] },
  id: { right: [1, 2 ** 53, 7n], wrong: [0, -1, 1.5, 2 ** 53 + 2, '1', [], 0n, 2n ** 53n + 1n] },
  dict: { right: [{}, { any: 'thing' }], wrong: [0, 'text', true, [], new Uint8Array(1)] },
  strings: { right: [[], ['a', 'b']], wrong: ['a', [1], ['a', null], {}, 0] },
  ids: { right: [[], [1, 2 ** 53], [3n]], wrong: [1, ['1'], [0], [1, null], {}] },
  dicts: { right: [[], [{}, { session: 1 }]], wrong: [{}, ['a'], [[]], [null], 0] },
  match: { right: ['exact', 'prefix', 'wildcard'], wrong: ['regex', '', 1, ['exact'], {}] },
  invoke: { right: ['single', 'roundrobin', 'random', 'first', 'last'], wrong: ['all', '', 1, []] },
  mode: { right: ['skip', 'kill', 'killnowait'], wrong: ['abort', '', 1, []] },
  enc_algo: { right: ['cryptobox', 'mqtt', 'xbr', 'x_own'], wrong: ['rot13', 'x_', 'X_own', '', 1] },
  enc_serializer: { right: ['json', 'cbor', 'opaque', 'x_own'], wrong: ['xml', '', 1] },
}

const RIGHT = { id: 7, 'id-or-zero': 0, 'request-type': 48, uri: 'a.b', string: 's' }

/** The message with `dict` in each of its dictionaries. */
function listWith(definition: MessageDefinition, dict: Record<string, unknown>): unknown[] {
  return [definition.code, ...definition.fields.map(({ kind }) => (kind === 'dict' ? dict : RIGHT[kind]))]
}

function dictOf(message: Message): Record<string, unknown> {
  return message.head().find((element) => typeof element === 'object') as Record<string, unknown>
}

const keys = Object.entries(KNOWN_KEYS).flatMap(([name, known]) =>
  Object.entries(known).map(([key, kind]) => ({ definition: DEFINITIONS[name as MessageName], key, kind })),
)

describe('known keys of dictionaries [messages.md#extensibility]', () => {
  test.each(keys)('$definition.name: $key of the right kind is taken', ({ definition, key, kind }) => {
    for (const value of KINDS[kind].right) {
      const asNumbers = (found: unknown): unknown =>
        typeof found === 'bigint' ? Number(found) : Array.isArray(found) ? found.map(asNumbers) : found
      const dict = dictOf(fromWire(listWith(definition, { x_other: 1, [key]: value, x_more: [2n] })))
      expect(dict).toEqual({ x_other: 1, [key]: asNumbers(value), x_more: [2n] })
    }
  })

  test.each(keys)('$definition.name: $key that is null was not given', ({ definition, key }) => {
    expect(dictOf(fromWire(listWith(definition, { x_other: 1, [key]: null })))).toEqual({ x_other: 1 })
  })

  test.each(keys)(
    '$definition.name: $key of another kind is refused by name',
    ({ definition, key, kind }) => {
      for (const value of KINDS[kind].wrong) {
        const attempt = () => fromWire(listWith(definition, { [key]: value }))
        expect(attempt, `${key}: ${String(value)}`).toThrow(ProtocolError)
        const { name } = definition.fields.find((field) => field.kind === 'dict') as { name: string }
        expect(attempt).toThrow(`${name}.${key} must be`)
      }
    },
  )

  test('keys that are not known are kept, whatever their names', () => {
    const options = JSON.parse('{"__proto__":1,"constructor":2,"toString":null,"x_key":{"deep":[true]}}')
    expect(dictOf(fromWire([48, 1, options, 'a.b']))).toBe(options)
  })

  test('an empty dictionary is the one that all share', () => {
    expect((fromWire([48, 1, {}, 'a.b']) as Call).options).toBe(EMPTY_DICT)
    expect((fromWire([68, 1, 2, {}]) as Invocation).details).toBe(EMPTY_DICT)
  })

  test('a list that came is left as it was, also where 64-bit integers become numbers', () => {
    const details = { caller: 5n, timeout: 6n, trustlevel: 0 }
    const list = [68, 7n, 8n, details, [1n]]
    const message = fromWire(list) as Invocation
    expect(message.head()).toEqual([68, 7, 8, { caller: 5, timeout: 6, trustlevel: 0 }])
    expect(message.payload.args).toEqual([1n])
    expect(details).toEqual({ caller: 5n, timeout: 6n, trustlevel: 0 })
    expect(list[1]).toBe(7n)
  })
})

describe('errors say what was there and what was expected', () => {
  test.each([
    [5, 'a WAMP message must be a list, not 5'],
    [undefined, 'a WAMP message must be a list, not nothing'],
    [[], 'a WAMP message must not be an empty list'],
    [[99], 'the first element of a message must be a known message code, not 99'],
    [[48], 'CALL is too short: 1 elements, and CALL.Request is missing'],
    [[48, 1, {}], 'CALL is too short: 3 elements, and CALL.Procedure is missing'],
    [[48, 1, {}, 'a', [], {}, 1], 'CALL is too long: 7 elements, at most 6 were expected'],
    [[65, 1, 2, {}], 'REGISTERED is too long: 4 elements, at most 3 were expected'],
    [[48, null, {}, 'a'], 'CALL.Request must be an integer from 1 to 2^53, not null'],
    [[48, 1, [1, 2], 'a'], 'CALL.Options must be a dictionary, not a list of 2'],
    [[48, 1, {}, new Uint8Array(3)], 'CALL.Procedure must be a string, not 3 bytes of binary'],
    [[48, 1, {}, 'a', 'b'], 'CALL.Arguments must be a list, not "b"'],
    [[48, 1, {}, 'a', [], []], 'CALL.ArgumentsKw must be a dictionary, not a list of 0'],
    [[67, -1], 'UNREGISTERED.Request must be an integer from 0 to 2^53, not -1'],
    [[8, 50, 1, {}, 'a'], 'ERROR.Type must be the code of a request that can fail, not 50'],
    [
      [32, 1, { match: 'x'.repeat(99) }, 'a'],
      `SUBSCRIBE.Options.match must be one of exact, prefix, wildcard, not the string "${'x'.repeat(40)}"…`,
    ],
  ])('%j', (list, message) => {
    expect(() => fromWire(list)).toThrow(ProtocolError)
    expect(() => fromWire(list)).toThrow(message)
  })
})
