import { definitionOf, type MessageName, type Side } from '../messages/codes.js'
import type { Message } from '../messages/message.js'

/**
 * Which messages are meant: those of one name (`'CALL'`), all that one side says (`'client'` or `'router'`), or those that a
 * function picks.
 */
export type MessageKind = MessageName | Side | ((message: Message, from: Side) => boolean)

export function isOfKind(kind: MessageKind, message: Message, from: Side): boolean {
  if (typeof kind === 'function') return kind(message, from)
  return kind === from || kind === nameOf(message)
}

/** The name of a message, as the spec writes it. */
export function nameOf({ code }: Message): string {
  return definitionOf(code)?.name ?? `message ${code}`
}

/** For sentences. */
export function describeKind(kind: MessageKind): string {
  if (typeof kind === 'function') return 'a message that a function picks'
  return kind === 'client' || kind === 'router' ? `a message of the ${kind}` : kind
}
