/**
 * The table of messages: code, name, fields in wire order, who says it and who hears it. No message number stands
 * anywhere else.
 *
 * Spec: rfc/text/basic/messages.md, "Message Definitions" and "Message Codes and Direction".
 */

import * as Code from './code.js'

// What clients say and hear imports the numbers from there: bundlers then write them as numbers.
export * as Code from './code.js'

/** What a field of a message holds. */
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

/** The sentences of the spec, with the code of each and who says it. A field with a question mark may be missing. */
const MESSAGES = {
  HELLO: [Code.HELLO, 'client', 'Realm|uri, Details|dict'],
  WELCOME: [Code.WELCOME, 'router', 'Session|id, Details|dict'],
  ABORT: [Code.ABORT, 'client, router', 'Details|dict, Reason|uri, Arguments|list, ArgumentsKw|dict'],
  CHALLENGE: [Code.CHALLENGE, 'router', 'AuthMethod|string, Extra|dict'],
  AUTHENTICATE: [Code.AUTHENTICATE, 'client', 'Signature|string, Extra|dict'],
  GOODBYE: [Code.GOODBYE, 'client, router', 'Details|dict, Reason|uri'],
  ERROR: [
    Code.ERROR,
    'client, router',
    'Type|request-type, Request|id, Details|dict, Error|uri, Arguments|list, ArgumentsKw|dict',
  ],
  PUBLISH: [Code.PUBLISH, 'client', 'Request|id, Options|dict, Topic|uri, Arguments|list, ArgumentsKw|dict'],
  PUBLISHED: [Code.PUBLISHED, 'router', 'Request|id, Publication|id'],
  SUBSCRIBE: [Code.SUBSCRIBE, 'client', 'Request|id, Options|dict, Topic|uri'],
  SUBSCRIBED: [Code.SUBSCRIBED, 'router', 'Request|id, Subscription|id'],
  UNSUBSCRIBE: [Code.UNSUBSCRIBE, 'client', 'Request|id, Subscription|id'],
  UNSUBSCRIBED: [Code.UNSUBSCRIBED, 'router', 'Request|id-or-zero, Details|dict?'],
  EVENT: [
    Code.EVENT,
    'router',
    'Subscription|id, Publication|id, Details|dict, Arguments|list, ArgumentsKw|dict',
  ],
  CALL: [Code.CALL, 'client', 'Request|id, Options|dict, Procedure|uri, Arguments|list, ArgumentsKw|dict'],
  CANCEL: [Code.CANCEL, 'client', 'Request|id, Options|dict'],
  RESULT: [Code.RESULT, 'router', 'Request|id, Details|dict, Arguments|list, ArgumentsKw|dict'],
  REGISTER: [Code.REGISTER, 'client', 'Request|id, Options|dict, Procedure|uri'],
  REGISTERED: [Code.REGISTERED, 'router', 'Request|id, Registration|id'],
  UNREGISTER: [Code.UNREGISTER, 'client', 'Request|id, Registration|id'],
  UNREGISTERED: [Code.UNREGISTERED, 'router', 'Request|id-or-zero, Details|dict?'],
  INVOCATION: [
    Code.INVOCATION,
    'router',
    'Request|id, Registration|id, Details|dict, Arguments|list, ArgumentsKw|dict',
  ],
  INTERRUPT: [Code.INTERRUPT, 'router', 'Request|id, Options|dict'],
  YIELD: [Code.YIELD, 'client', 'Request|id, Options|dict, Arguments|list, ArgumentsKw|dict'],
  /**
   * Not in the spec: the conformance vectors carry it, provisionally, for acknowledged event delivery. It can be
   * read and written; no session sends it.
   */
  EVENT_RECEIVED: [Code.EVENT_RECEIVED, 'client', 'Publication|id'],
} as const satisfies Readonly<Record<string, readonly [code: number, sentBy: string, fields: string]>>

export type MessageName = keyof typeof MESSAGES
type Codes = { readonly [Name in MessageName]: (typeof MESSAGES)[Name][0] }
export type MessageCode = Codes[MessageName]

/** What a row of the table says. */
function define([name, [code, sentBy, sentence]]: [
  string,
  readonly [number, string, string],
]): MessageDefinition {
  const fields = sentence.split(', ')
  const payload = fields.indexOf('Arguments|list')
  return {
    code,
    name,
    fields: fields.slice(0, payload < 0 ? undefined : payload).map((field) => {
      const [fieldName, kind] = field.replace('?', '').split('|') as [string, FieldKind]
      return { name: `${name}.${fieldName}`, kind }
    }),
    optionalFields: sentence.split('?').length - 1,
    payload: payload > 0,
    sentBy: sentBy.split(', ') as Side[],
  }
}

const definitions = Object.entries(MESSAGES).map(define)

export const DEFINITIONS = Object.fromEntries(
  definitions.map((definition) => [definition.name, definition]),
) as { readonly [Name in MessageName]: MessageDefinition & { readonly code: Codes[Name] } }

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

const byCode: ReadonlyMap<unknown, MessageDefinition> = new Map(
  definitions.map((definition) => [definition.code, definition]),
)

/** The definition of the message with this code, if there is one. */
export function definitionOf(code: unknown): MessageDefinition | undefined {
  return byCode.get(code)
}
