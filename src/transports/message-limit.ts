import { MessageTooLongError } from '../errors.js'
import * as Code from '../messages/code.js'
import { definitionOf } from '../messages/codes.js'
import type { Message } from '../messages/message.js'
import { Hello, Welcome } from '../messages/session-lifecycle.js'
import type { TransportReceiver } from './transport.js'

/**
 * How long a message may be is agreed upon between transports. RawSocket has this in its handshake; WebSocket has no
 * place for it, so that it travels in the first message that each side says, under a key of our own.
 *
 * Spec: rfc/text/basic/messages.md, "Extensibility".
 */
const KEY = '_max_message_size'

/** Octets of the longest message that is taken, if nothing else is asked for: what RawSocket can carry at most. */
export const DEFAULT_MAX_MESSAGE_SIZE = 16 * 1024 * 1024

/** The messages that are refused when they are too long: for each there is somebody who hears of it. */
const REFUSED: ReadonlySet<number> = new Set([
  Code.ERROR,
  Code.PUBLISH,
  Code.EVENT,
  Code.SUBSCRIBE,
  Code.CALL,
  Code.RESULT,
  Code.REGISTER,
  Code.INVOCATION,
  Code.YIELD,
])

/** What sends, and keeps to what the other end takes. */
export interface Limited {
  /** Octets; Infinity where the other end has not said. */
  limit: number
}

/** Hands on what comes, and notes the limit that a HELLO or a WELCOME announces. */
export class LimitReader implements TransportReceiver {
  constructor(
    private readonly receiver: TransportReceiver,
    private readonly limited: Limited,
  ) {}

  receive(message: Message): void {
    const { code } = message
    if (code === Code.HELLO || code === Code.WELCOME) {
      const announced = message.details[KEY]
      this.limited.limit =
        Number.isSafeInteger(announced) && Number(announced) > 0 ? Number(announced) : Infinity
    }
    this.receiver.receive(message)
  }

  reject(...error: Parameters<TransportReceiver['reject']>): void {
    this.receiver.reject(...error)
  }

  closed(...error: Parameters<TransportReceiver['closed']>): void {
    this.receiver.closed(...error)
  }
}

/** A HELLO or a WELCOME that says as well what this end takes; any other message as it is. */
export function announcing(message: Message, maxMessageSize: number): Message {
  const { code } = message
  if ((code !== Code.HELLO && code !== Code.WELCOME) || !(maxMessageSize > 0)) return message
  const details = { ...message.details, [KEY]: maxMessageSize }
  return code === Code.HELLO ? new Hello(message.realm, details) : new Welcome(message.sessionId, details)
}

/** @throws MessageTooLongError if the other end does not take a message of so many octets. */
export function expectTaken(message: Message, octets: number, limit: number): void {
  if (octets <= limit || !REFUSED.has(message.code)) return
  // That something failed has to be told, be it without a word more.
  if (message.code === Code.ERROR && message.payload.isEmpty) return
  throw new MessageTooLongError(tooLong(message, octets, limit))
}

/** Says what is wrong with a message of so many octets. */
export function tooLong(message: Message, octets: number, limit: number): string {
  const name = definitionOf(message.code)?.name
  return `${name} is ${octets} bytes long, and the other end takes ${limit} at most`
}

/** The same for a message as a client's serializer writes it. @throws MessageTooLongError */
export function expectWrittenTaken(message: Message, written: string | Uint8Array, limit: number): void {
  const { length } = written
  if (typeof written !== 'string') {
    if (length > limit) expectTaken(message, length, limit)
  } else if (length * 3 > limit) {
    // No character takes more than three octets: only here are they counted.
    expectTaken(message, new TextEncoder().encode(written).length, limit)
  }
}
