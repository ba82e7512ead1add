/**
 * Array to message and back: the one place where the shape of what came in is checked. What leaves here is a valid
 * message; inside, nobody checks again.
 *
 * Spec: rfc/text/basic/messages.md and "Protocol Errors" in rfc/text/basic/building_blocks.md.
 */
import { ProtocolError } from '../errors.js'
import { checkField, isDict, wrong } from './checks.js'
import { definitionOf, type MessageDefinition } from './codes.js'
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
  if (array.length === 0) throw new ProtocolError('a WAMP message must not be an empty list')
  const definition = definitionOf(array[0])
  if (definition === undefined)
    throw new ProtocolError(
      `the first element of a message must be a known message code, not ${show(array[0])}`,
    )
  const first = definition.fields.length + 1
  const most = definition.payload ? first + 2 : first
  if (array.length > most)
    throw new ProtocolError(
      `${definition.name} is too long: ${array.length} elements, at most ${most} were expected`,
    )
  const head = array.slice(0, first)
  return messageFromHead(definition, head, payloadFromWire(definition.name, head, array.slice(first)))
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
    if (field !== undefined) head[i + 1] = checkField(definition.name, field, head[i + 1])
  }
  return construct(definition, head, payload)
}

function payloadFromWire(name: string, head: unknown[], rest: unknown[]): Payload {
  if (rest.length === 0) return Payload.none
  const [args, kwargs] = rest
  if (rest.length === 1 && isTransparent(head) && (typeof args === 'string' || args instanceof Uint8Array))
    return Payload.fromTransparent(args)
  if (!Array.isArray(args)) throw wrong(`${name}.Arguments`, 'a list', args)
  if (rest.length === 1) return new Payload(args)
  if (!isDict(kwargs)) throw wrong(`${name}.ArgumentsKw`, 'a dictionary', kwargs)
  return new Payload(args, kwargs)
}

/** Does the message with this head carry, in place of args and kwargs, one value that only its ends can read? */
function isTransparent(head: readonly unknown[]): boolean {
  return head.some((element) => isDict(element) && 'enc_algo' in element)
}
