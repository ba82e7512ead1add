/** The checks of single values: ids and the known keys of dictionaries. */
import { ProtocolError } from '../errors.js'
import type { MessageDefinition, MessageName } from './codes.js'
import { type Dict, type DictKind, EMPTY_DICT, KNOWN_KEYS } from './dictionaries.js'
import { show } from './show.js'

/** 2^53, the largest id; one above `Number.MAX_SAFE_INTEGER`, and exact in a double. */
export const LARGEST_ID = 2 ** 53

/** Is `value` an id, an integer from 1 to 2^53? Spec: rfc/text/basic/building_blocks.md#ids. */
export function isId(value: unknown): value is number | bigint {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 1 && value <= LARGEST_ID
  return typeof value === 'bigint' && value >= 1n && value <= BigInt(LARGEST_ID)
}

/** Is `value` a dictionary: an object that is no list and no binary? */
export function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}

/**
 * Checks the known keys of a message's dictionary and returns it, ids as numbers; a known key that is null counts as
 * not given.
 *
 * @throws ProtocolError naming the key that holds the wrong kind of value.
 */
export function checkDict(definition: MessageDefinition, name: string, dict: Dict): Dict {
  const known = KNOWN_KEYS[definition.name as MessageName]
  let checked: Dict = EMPTY_DICT
  for (const key in dict) {
    if (checked === EMPTY_DICT) checked = dict
    const kind = known !== undefined && Object.hasOwn(known, key) ? known[key] : undefined
    if (kind === undefined) continue
    const value = dict[key]
    if (value === null) {
      // How npm's wampy writes, in binary formats, an option that was not given.
      const { [key]: _, ...given } = checked
      checked = given
      continue
    }
    const { is, expected } = KINDS[kind]
    if (!is(value)) throw new ProtocolError(`${name}.${key} must be ${expected}, not ${show(value)}`)
    // A serializer may deliver 64-bit integers as BigInt; ids and counts are numbers everywhere else.
    if (typeof value === 'bigint') checked = { ...checked, [key]: Number(value) }
    else if (kind === 'ids') checked = { ...checked, [key]: (value as unknown[]).map(Number) }
  }
  return checked
}

interface Check {
  readonly expected: string
  is(value: unknown): boolean
}

const KINDS: { readonly [Kind in DictKind]: Check } = {
  bool: { expected: 'true or false', is: (value) => typeof value === 'boolean' },
  string: { expected: 'a string', is: isString },
  integer: {
    expected: 'a non-negative integer',
    is: (value) =>
      typeof value === 'number'
        ? Number.isInteger(value) && value >= 0
        : typeof value === 'bigint' && value >= 0n,
  },
  id: { expected: 'an integer from 1 to 2^53', is: isId },
  dict: { expected: 'a dictionary', is: isDict },
  strings: { expected: 'a list of strings', is: listOf(isString) },
  ids: { expected: 'a list of integers from 1 to 2^53', is: listOf(isId) },
  dicts: { expected: 'a list of dictionaries', is: listOf(isDict) },
  match: oneOf('exact', 'prefix', 'wildcard'),
  invoke: oneOf('single', 'roundrobin', 'random', 'first', 'last'),
  mode: oneOf('skip', 'kill', 'killnowait'),
  enc_algo: oneOfOrExperimental('cryptobox', 'mqtt', 'xbr'),
  enc_serializer: oneOfOrExperimental('json', 'msgpack', 'cbor', 'ubjson', 'flatbuffers', 'opaque'),
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

function listOf(is: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(is)
}

function oneOf(...values: string[]): Check {
  return {
    expected: `one of ${values.join(', ')}`,
    is: (value) => typeof value === 'string' && values.includes(value),
  }
}

function oneOfOrExperimental(...values: string[]): Check {
  const { expected, is } = oneOf(...values)
  return {
    expected: `${expected}, or an experimental x_…`,
    is: (value) => is(value) || (typeof value === 'string' && /^x_[a-z][0-9a-z_]+$/.test(value)),
  }
}
