/** The checks of single values: the fields of messages and the known keys of their dictionaries. */
import { ProtocolError } from '../errors.js'
import { type Field, type FieldKind, type MessageName, REQUEST_CODES } from './codes.js'
import { type Dict, type DictKind, EMPTY_DICT, KNOWN_KEYS } from './dictionaries.js'
import { show } from './show.js'

/** 2^53, the largest id; one above `Number.MAX_SAFE_INTEGER`, and exact in a double. */
export const LARGEST_ID = 2 ** 53

/** Is `value` an id, an integer from 1 to 2^53? Spec: rfc/text/basic/building_blocks.md#ids. */
export function isId(value: unknown): value is number | bigint {
  return isInteger(value) && value >= 1 && value <= LARGEST_ID
}

/** Is `value` an integer? A serializer may deliver those of 64 bits as BigInt. */
function isInteger(value: unknown): value is number | bigint {
  return Number.isInteger(value) || typeof value === 'bigint'
}

/** Is `value` a dictionary: an object that is no list and no binary? */
export function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}

/** The error of a value that is not what it should be. */
export function wrong(name: string, expected: string, value: unknown): ProtocolError {
  return new ProtocolError(`${name} must be ${expected}, not ${show(value)}`)
}

/**
 * Checks a field of a message and returns it: ids as numbers, dictionaries without the known keys that are null.
 *
 * @throws ProtocolError naming the field, or the key, that holds the wrong kind of value.
 */
export function checkField(message: string, { name, kind }: Field, value: unknown): unknown {
  switch (kind) {
    case 'id':
      if (isId(value)) return Number(value)
      break
    case 'id-or-zero':
      if (value === 0 || isId(value)) return Number(value)
      break
    case 'request-type':
      if (typeof value === 'number' && REQUEST_CODES.has(value)) return value
      break
    case 'dict':
      if (isDict(value)) return checkDict(message, name, value)
      break
    default:
      if (typeof value === 'string') return value
  }
  throw wrong(name, EXPECTED[kind], value)
}

const EXPECTED: { readonly [Kind in FieldKind]: string } = {
  id: 'an integer from 1 to 2^53',
  'id-or-zero': 'an integer from 0 to 2^53',
  'request-type': 'the code of a request that can fail',
  uri: 'a string',
  string: 'a string',
  dict: 'a dictionary',
}

/** Checks the known keys of a message's dictionary; one that is null counts as not given. */
function checkDict(message: string, name: string, dict: Dict): Dict {
  const known = KNOWN_KEYS[message as MessageName]
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
    const [expected, is] = KEYS[kind]
    if (!is(value)) throw wrong(`${name}.${key}`, expected, value)
    // Ids and counts are numbers everywhere else.
    if (typeof value === 'bigint') checked = { ...checked, [key]: Number(value) }
    else if (kind === 'ids') checked = { ...checked, [key]: (value as unknown[]).map(Number) }
  }
  return checked
}

type Check = readonly [expected: string, is: (value: unknown) => boolean]

const STRING: Check = ['a string', (value) => typeof value === 'string']
const ID: Check = ['an integer from 1 to 2^53', isId]
const DICT: Check = ['a dictionary', isDict]
const EXPERIMENTAL: Check = [', or an experimental x_…', (value) => /^x_[a-z][0-9a-z_]+$/.test(String(value))]
const NOTHING_ELSE: Check = ['', () => false]

const KEYS: { readonly [Kind in DictKind]: Check } = {
  bool: ['true or false', (value) => typeof value === 'boolean'],
  string: STRING,
  integer: ['a non-negative integer', (value) => isInteger(value) && value >= 0],
  id: ID,
  dict: DICT,
  strings: listOf('strings', STRING),
  ids: listOf('integers from 1 to 2^53', ID),
  dicts: listOf('dictionaries', DICT),
  match: oneOf('exact, prefix, wildcard'),
  invoke: oneOf('single, roundrobin, random, first, last'),
  mode: oneOf('skip, kill, killnowait'),
  enc_algo: oneOf('cryptobox, mqtt, xbr', EXPERIMENTAL),
  enc_serializer: oneOf('json, msgpack, cbor, ubjson, flatbuffers, opaque', EXPERIMENTAL),
}

function listOf(items: string, [, is]: Check): Check {
  return [`a list of ${items}`, (value) => Array.isArray(value) && value.every(is)]
}

/** One of the names in a list; or one that another rule allows. */
function oneOf(names: string, [others, isOther]: Check = NOTHING_ELSE): Check {
  const known = names.split(', ')
  return [
    `one of ${names}${others}`,
    (value) => typeof value === 'string' && (known.includes(value) || isOther(value)),
  ]
}
