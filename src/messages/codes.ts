/**
 * The table of messages: code, name, fields in wire order, who says it and who hears it. No message number stands
 * anywhere else.
 *
 * Spec: rfc/text/basic/messages.md, "Message Definitions" and "Message Codes and Direction".
 */

/** What a field of a message holds. `dict:…` names the table of known keys that the dictionary is checked by. */
export type FieldKind =
  /** An integer from 1 to 2^53. */
  | 'id'
  /** An id, or 0 where a router speaks unasked (revocation). */
  | 'id-or-zero'
  /** The code of the request that an ERROR answers. */
  | 'request-type'
  /** A string that names something; its grammar is checked where it is used, since a bad one deserves an ERROR. */
  | 'uri'
  | 'string'
  | 'dict'

export interface Field {
  /** The spec's name, such as `CALL.Options`; used in errors. */
  readonly name: string
  readonly kind: FieldKind
}

export type Side = 'client' | 'router'

export interface MessageDefinition {
  readonly code: number
  readonly name: string
  readonly fields: readonly Field[]
  /** How many of the fields may be missing at the end. */
  readonly optionalFields: number
  /** Do `Arguments|list, ArgumentsKw|dict` follow the fields? */
  readonly payload: boolean
  readonly sentBy: readonly Side[]
}

type FieldSpec = `${string}|${FieldKind}`

function define<Code extends number>(
  code: Code,
  name: string,
  sentBy: Side | 'both',
  fields: readonly FieldSpec[],
) {
  const optional = fields.filter((field) => field.startsWith('?')).length
  const payload = PAYLOAD_MESSAGES.has(name)
  return {
    code,
    name,
    fields: fields.map((field): Field => {
      const [fieldName, kind] = field.replace('?', '').split('|') as [string, FieldKind]
      return { name: `${name}.${fieldName}`, kind }
    }),
    optionalFields: optional,
    payload,
    sentBy: sentBy === 'both' ? ['client', 'router'] : [sentBy],
  } as const satisfies MessageDefinition
}

const PAYLOAD_MESSAGES: ReadonlySet<string> = new Set([
  'ABORT',
  'ERROR',
  'PUBLISH',
  'EVENT',
  'CALL',
  'RESULT',
  'INVOCATION',
  'YIELD',
])

export const DEFINITIONS = {
  HELLO: define(1, 'HELLO', 'client', ['Realm|uri', 'Details|dict']),
  WELCOME: define(2, 'WELCOME', 'router', ['Session|id', 'Details|dict']),
  ABORT: define(3, 'ABORT', 'both', ['Details|dict', 'Reason|uri']),
  CHALLENGE: define(4, 'CHALLENGE', 'router', ['AuthMethod|string', 'Extra|dict']),
  AUTHENTICATE: define(5, 'AUTHENTICATE', 'client', ['Signature|string', 'Extra|dict']),
  GOODBYE: define(6, 'GOODBYE', 'both', ['Details|dict', 'Reason|uri']),
  ERROR: define(8, 'ERROR', 'both', ['Type|request-type', 'Request|id', 'Details|dict', 'Error|uri']),
  PUBLISH: define(16, 'PUBLISH', 'client', ['Request|id', 'Options|dict', 'Topic|uri']),
  PUBLISHED: define(17, 'PUBLISHED', 'router', ['Request|id', 'Publication|id']),
  SUBSCRIBE: define(32, 'SUBSCRIBE', 'client', ['Request|id', 'Options|dict', 'Topic|uri']),
  SUBSCRIBED: define(33, 'SUBSCRIBED', 'router', ['Request|id', 'Subscription|id']),
  UNSUBSCRIBE: define(34, 'UNSUBSCRIBE', 'client', ['Request|id', 'Subscription|id']),
  UNSUBSCRIBED: define(35, 'UNSUBSCRIBED', 'router', ['Request|id-or-zero', '?Details|dict']),
  EVENT: define(36, 'EVENT', 'router', ['Subscription|id', 'Publication|id', 'Details|dict']),
  CALL: define(48, 'CALL', 'client', ['Request|id', 'Options|dict', 'Procedure|uri']),
  CANCEL: define(49, 'CANCEL', 'client', ['Request|id', 'Options|dict']),
  RESULT: define(50, 'RESULT', 'router', ['Request|id', 'Details|dict']),
  REGISTER: define(64, 'REGISTER', 'client', ['Request|id', 'Options|dict', 'Procedure|uri']),
  REGISTERED: define(65, 'REGISTERED', 'router', ['Request|id', 'Registration|id']),
  UNREGISTER: define(66, 'UNREGISTER', 'client', ['Request|id', 'Registration|id']),
  UNREGISTERED: define(67, 'UNREGISTERED', 'router', ['Request|id-or-zero', '?Details|dict']),
  INVOCATION: define(68, 'INVOCATION', 'router', ['Request|id', 'Registration|id', 'Details|dict']),
  INTERRUPT: define(69, 'INTERRUPT', 'router', ['Request|id', 'Options|dict']),
  YIELD: define(70, 'YIELD', 'client', ['Request|id', 'Options|dict']),
  /**
   * Not in the spec: the conformance vectors carry it, provisionally, for acknowledged event delivery. It can be
   * read and written; no session sends it.
   */
  EVENT_RECEIVED: define(337, 'EVENT_RECEIVED', 'client', ['Publication|id']),
} as const

export type MessageName = keyof typeof DEFINITIONS

/** The number that stands first in a message on the wire. */
export const Code = Object.freeze(
  Object.fromEntries(Object.entries(DEFINITIONS).map(([name, { code }]) => [name, code])),
) as { readonly [Name in MessageName]: (typeof DEFINITIONS)[Name]['code'] }

export type MessageCode = (typeof DEFINITIONS)[MessageName]['code']

/**
 * What an ERROR can answer: requests (rfc/text/basic/messages.md, "ERROR"), and a YIELD in payload passthru mode for a
 * caller that cannot read it (rfc/text/advanced/payload_passthru_mode.md).
 */
export const REQUEST_CODES: ReadonlySet<number> = new Set([
  Code.PUBLISH,
  Code.SUBSCRIBE,
  Code.UNSUBSCRIBE,
  Code.CALL,
  Code.REGISTER,
  Code.UNREGISTER,
  Code.INVOCATION,
  Code.YIELD,
])

const byCode: ReadonlyMap<number, MessageDefinition> = new Map(
  Object.values(DEFINITIONS).map((definition) => [definition.code, definition]),
)

/** The definition of the message with this code, if there is one. */
export function definitionOf(code: number): MessageDefinition | undefined {
  return byCode.get(code)
}
