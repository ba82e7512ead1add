import fc from 'fast-check'
import {
  DEFINITIONS,
  type FieldKind,
  type MessageDefinition,
  REQUEST_CODES,
} from '../../src/messages/codes.js'
import { construct } from '../../src/messages/construct.js'
import type { Message } from '../../src/messages/message.js'
import { Payload } from '../../src/messages/payload.js'

const ids = fc.oneof(
  fc.constantFrom(1, 2 ** 32, 2 ** 53 - 1, 2 ** 53),
  fc.integer({ min: 1, max: 2 ** 53 - 1 }),
)

/** Text that does not begin with `\0`, which JSON reserves for binary. */
const text = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ minLength: 20, maxLength: 300 }),
  )
  .filter((string) => string.charCodeAt(0) !== 0)

/** Integers of 64 bits that a double cannot hold: those come back as they went. */
const longIntegers = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })
  .filter((integer) => !Number.isSafeInteger(Number(integer)))

const binary = fc.uint8Array({ maxLength: 40 })

/** Floats; that of -0 the sign is lost, as in JSON. */
const floats = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((number) => number !== 2 ** 53)
  .map((number) => number + 0)

/** Anything that all three formats carry and give back unchanged. */
export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    floats,
    text,
    binary,
    longIntegers,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value

const dicts = fc.oneof(
  fc.constant({}),
  fc.dictionary(
    text.map((key) => `x_${key}`),
    values,
    { maxKeys: 3, noNullPrototype: true },
  ),
)

const fields: { readonly [Kind in FieldKind]: fc.Arbitrary<unknown> } = {
  id: ids,
  'id-or-zero': fc.oneof(fc.constant(0), ids),
  'request-type': fc.constantFrom(...REQUEST_CODES),
  uri: text,
  string: text,
  dict: dicts,
}

const payloads = fc.oneof(
  fc.constant(Payload.none),
  fc.array(values, { maxLength: 4 }).map((args) => new Payload(args)),
  fc
    .tuple(
      fc.array(values, { maxLength: 3 }),
      fc.dictionary(text, values, { maxKeys: 4, noNullPrototype: true }),
    )
    .map(([args, kwargs]) => new Payload(args, kwargs)),
)

const definitions: readonly MessageDefinition[] = Object.values(DEFINITIONS)

/** Valid messages of every kind. */
export const messages: fc.Arbitrary<Message> = fc
  .constantFrom(...definitions)
  .chain((definition) =>
    fc
      .tuple(
        fc.tuple(...definition.fields.map(({ kind }) => fields[kind])),
        definition.payload ? payloads : fc.constant(Payload.none),
        fc.integer({ min: 0, max: definition.optionalFields }),
      )
      .map(([head, payload, missing]) =>
        construct(definition, [definition.code, ...head.slice(0, head.length - missing)], payload),
      ),
  )

/** What becomes of octets on the way: some are changed, lost, doubled, or follow that do not belong there. */
export function damaged(octets: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const interesting = fc.constantFrom(
    ...[0x00, 0x01, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x5b, 0x5c, 0x5d, 0x65, 0x75, 0x7b, 0x7d, 0x7f, 0x80],
    ...[0x81, 0x90, 0x9f, 0xa0, 0xa1, 0xbf, 0xc0, 0xc1, 0xc2, 0xc4, 0xd9, 0xdd, 0xed, 0xf4, 0xf6, 0xf8, 0xff],
  )
  const damage = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: fc.array(fc.oneof(interesting, fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
  })
  return fc.tuple(octets, fc.array(damage, { maxLength: 3 })).map(([whole, damages]) => {
    let bytes = [...whole]
    for (const { at, remove, insert } of damages) {
      const position = Math.floor(at * bytes.length)
      bytes = [...bytes.slice(0, position), ...insert, ...bytes.slice(position + remove)]
    }
    return Uint8Array.from(bytes)
  })
}
