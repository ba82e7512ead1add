/**
 * Array to message and back: the one place where the shape of what came in is checked. What leaves here is a valid
 * message; inside, nobody checks again.
 *
 * Spec: rfc/text/basic/messages.md and "Protocol Errors" in rfc/text/basic/building_blocks.md.
 */
import { ProtocolError } from '../errors.js'
import { checkDict, isDict, isId } from './checks.js'
import { definitionOf, type FieldKind, type MessageDefinition, REQUEST_CODES } from './codes.js'
import { construct } from './construct.js'
import type { Message } from './message.js'
import { Payload } from './payload.js'
import { show } from './show.js'

/**
 * The message that `array` stands for, args and kwargs included.
 *
 * @throws ProtocolError naming the element that is wrong and what was expected.
 */
export function fromWire(array: unknown): Message {
  if (!Array.isArray(array)) throw new ProtocolError(`a WAMP message must be a list, not ${show(array)}`)
  const definition = definitionForHead(array[0], array.length === 0)
  const { length } = definition.fields
  const head = array.slice(0, length + 1)
  const rest = array.slice(length + 1)
  if (rest.length > (definition.payload ? 2 : 0)) throw tooLong(definition, array.length)
  return messageFromHead(definition, head, payloadFromWire(definition, head, rest))
}

/**
 * Looks up the definition for the first element of a message.
 *
 * @throws ProtocolError if the list was empty, or no message has this code.
 */
export function definitionForHead(code: unknown, empty = false): MessageDefinition {
  if (empty) throw new ProtocolError('a WAMP message must not be an empty list')
  const definition = typeof code === 'number' ? definitionOf(code) : undefined
  if (definition === undefined)
    throw new ProtocolError(`the first element of a message must be a known message code, not ${show(code)}`)
  return definition
}

/**
 * The message made of the code and fields in `head` and of `payload`; for serializers that leave args and kwargs
 * undecoded.
 *
 * @throws ProtocolError naming the element that is wrong and what was expected.
 */
export function messageFromHead(definition: MessageDefinition, head: unknown[], payload: Payload): Message {
  const { fields } = definition
  const given = head.length - 1
  if (given < fields.length - definition.optionalFields)
    throw new ProtocolError(
      `${definition.name} is too short: ${given + 1} elements, and ${fields[given]?.name} is missing`,
    )
  for (let i = 0; i < given; i++) {
    const field = fields[i]
    if (field !== undefined) head[i + 1] = checkField(definition, field.name, field.kind, head[i + 1])
  }
  return construct(definition, head, payload)
}

/** Does the message with this head carry, in place of args and kwargs, one value that only its ends can read? */
export function isTransparent(head: readonly unknown[]): boolean {
  return head.some((element) => typeof element === 'object' && element !== null && 'enc_algo' in element)
}

/** @throws ProtocolError saying that the message has more elements than it can have. */
export function tooLong(definition: MessageDefinition, length: number): ProtocolError {
  const most = definition.fields.length + 1 + (definition.payload ? 2 : 0)
  return new ProtocolError(
    `${definition.name} is too long: ${length} elements, at most ${most} were expected`,
  )
}

function payloadFromWire(definition: MessageDefinition, head: unknown[], rest: unknown[]): Payload {
  if (rest.length === 0) return Payload.none
  const [args, kwargs] = rest
  if (rest.length === 1 && isTransparent(head) && (typeof args === 'string' || args instanceof Uint8Array))
    return Payload.fromTransparent(args)
  if (!Array.isArray(args)) throw wrong(`${definition.name}.Arguments`, 'a list', args)
  if (rest.length === 1) return new Payload(args)
  if (!isDict(kwargs)) throw wrong(`${definition.name}.ArgumentsKw`, 'a dictionary', kwargs)
  return new Payload(args, kwargs)
}

function checkField(definition: MessageDefinition, name: string, kind: FieldKind, value: unknown): unknown {
  switch (kind) {
    case 'id':
      return isId(value) ? Number(value) : raise(name, 'an integer from 1 to 2^53', value)
    case 'id-or-zero':
      return value === 0 || isId(value) ? Number(value) : raise(name, 'an integer from 0 to 2^53', value)
    case 'request-type':
      return typeof value === 'number' && REQUEST_CODES.has(value)
        ? value
        : raise(name, 'the code of a request that can fail', value)
    case 'uri':
    case 'string':
      return typeof value === 'string' ? value : raise(name, 'a string', value)
    case 'dict':
      return isDict(value) ? checkDict(definition, name, value) : raise(name, 'a dictionary', value)
  }
}

function raise(name: string, expected: string, value: unknown): never {
  throw wrong(name, expected, value)
}

function wrong(name: string, expected: string, value: unknown): ProtocolError {
  return new ProtocolError(`${name} must be ${expected}, not ${show(value)}`)
}
