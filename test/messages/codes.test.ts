import { describe, expect, test } from 'vitest'
import {
  Code,
  DEFINITIONS,
  definitionOf,
  type MessageDefinition,
  REQUEST_CODES,
} from '../../src/messages/codes.js'
import { construct } from '../../src/messages/construct.js'
import { ErrorMessage } from '../../src/messages/error-message.js'
import { Payload } from '../../src/messages/payload.js'

/** The sentences of rfc/text/basic/messages.md, "Message Definitions". */
const SENTENCES = `
  [HELLO, Realm|uri, Details|dict]
  [WELCOME, Session|id, Details|dict]
  [ABORT, Details|dict, Reason|uri, Arguments|list, ArgumentsKw|dict]
  [CHALLENGE, AuthMethod|string, Extra|dict]
  [AUTHENTICATE, Signature|string, Extra|dict]
  [GOODBYE, Details|dict, Reason|uri]
  [ERROR, Type|request-type, Request|id, Details|dict, Error|uri, Arguments|list, ArgumentsKw|dict]
  [PUBLISH, Request|id, Options|dict, Topic|uri, Arguments|list, ArgumentsKw|dict]
  [PUBLISHED, Request|id, Publication|id]
  [SUBSCRIBE, Request|id, Options|dict, Topic|uri]
  [SUBSCRIBED, Request|id, Subscription|id]
  [UNSUBSCRIBE, Request|id, Subscription|id]
  [UNSUBSCRIBED, Request|id-or-zero, Details|dict]
  [EVENT, Subscription|id, Publication|id, Details|dict, Arguments|list, ArgumentsKw|dict]
  [CALL, Request|id, Options|dict, Procedure|uri, Arguments|list, ArgumentsKw|dict]
  [CANCEL, Request|id, Options|dict]
  [RESULT, Request|id, Details|dict, Arguments|list, ArgumentsKw|dict]
  [REGISTER, Request|id, Options|dict, Procedure|uri]
  [REGISTERED, Request|id, Registration|id]
  [UNREGISTER, Request|id, Registration|id]
  [UNREGISTERED, Request|id-or-zero, Details|dict]
  [INVOCATION, Request|id, Registration|id, Details|dict, Arguments|list, ArgumentsKw|dict]
  [INTERRUPT, Request|id, Options|dict]
  [YIELD, Request|id, Options|dict, Arguments|list, ArgumentsKw|dict]
  [EVENT_RECEIVED, Publication|id]`

const definitions: readonly MessageDefinition[] = Object.values(DEFINITIONS)

describe('the table of messages [messages.md#message-definitions]', () => {
  test('says what the specification says', () => {
    const sentence = ({ name, fields, payload }: MessageDefinition) =>
      `  [${[
        name,
        ...fields.map((field) => `${field.name.replace(`${name}.`, '')}|${field.kind}`),
        ...(payload ? ['Arguments|list', 'ArgumentsKw|dict'] : []),
      ].join(', ')}]`
    expect(`\n${definitions.map(sentence).join('\n')}`).toBe(SENTENCES)
  })

  test('has the codes of the specification [messages.md#message-codes-and-direction]', () => {
    expect(definitions.map(({ code }) => code)).toEqual([
      1, 2, 3, 4, 5, 6, 8, 16, 17, 32, 33, 34, 35, 36, 48, 49, 50, 64, 65, 66, 67, 68, 69, 70, 337,
    ])
    for (const definition of definitions) expect(definitionOf(definition.code)).toBe(definition)
    for (const code of [0, 7, 9, 51, 71, 336, -1, 1.5, Number.NaN]) expect(definitionOf(code)).toBeUndefined()
  })

  test('a client says what a router hears, and the other way round', () => {
    const saidBy = (side: 'client' | 'router') =>
      definitions.filter(({ sentBy }) => sentBy.includes(side)).map(({ name }) => name)
    expect(saidBy('client')).toEqual([
      ...[
        'HELLO',
        'ABORT',
        'AUTHENTICATE',
        'GOODBYE',
        'ERROR',
        'PUBLISH',
        'SUBSCRIBE',
        'UNSUBSCRIBE',
        'CALL',
      ],
      ...['CANCEL', 'REGISTER', 'UNREGISTER', 'YIELD', 'EVENT_RECEIVED'],
    ])
    expect(saidBy('router')).toEqual([
      ...[
        'WELCOME',
        'ABORT',
        'CHALLENGE',
        'GOODBYE',
        'ERROR',
        'PUBLISHED',
        'SUBSCRIBED',
        'UNSUBSCRIBED',
        'EVENT',
      ],
      ...['RESULT', 'REGISTERED', 'UNREGISTERED', 'INVOCATION', 'INTERRUPT'],
    ])
  })

  test('an ERROR answers requests, and a YIELD that cannot be read [messages.md#error, payload_passthru_mode.md]', () => {
    expect([...REQUEST_CODES].sort((a, b) => a - b)).toEqual([16, 32, 34, 48, 64, 66, 68, 70])
  })

  test.each(definitions)('$name has a class, whose head is what it was made of', (definition) => {
    const VALUES = { id: 7, 'id-or-zero': 0, 'request-type': 48, uri: 'a.b', string: 's', dict: { key: 1 } }
    const head = [definition.code, ...definition.fields.map(({ kind }) => VALUES[kind])]
    const payload = new Payload([1])
    const message = construct(definition, head, payload)
    expect(message.code).toBe(definition.code)
    expect(message.head()).toEqual(head)
    expect('payload' in message ? message.payload : undefined).toBe(definition.payload ? payload : undefined)
    const short = head.slice(0, head.length - definition.optionalFields)
    expect(construct(definition, short, payload).head()).toEqual(short)
  })

  test('an ERROR can say a sentence to people', () => {
    const error = ErrorMessage.saying(Code.CALL, 5, 'a.b', 'No such thing.')
    expect([...error.head(), ...error.payload.toWire()]).toEqual([8, 48, 5, {}, 'a.b', ['No such thing.']])
  })
})
