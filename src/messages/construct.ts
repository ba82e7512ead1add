/** From checked fields to the class of the message. */
import * as Code from './code.js'
import type { MessageCode, MessageDefinition } from './codes.js'
import { ErrorMessage } from './error-message.js'
import type { Message } from './message.js'
import type { Payload } from './payload.js'
import {
  EventMessage,
  EventReceived,
  Publish,
  Published,
  Subscribe,
  Subscribed,
  Unsubscribe,
  Unsubscribed,
} from './pubsub.js'
import {
  Call,
  Cancel,
  Interrupt,
  Invocation,
  Register,
  Registered,
  Result,
  Unregister,
  Unregistered,
  Yield,
} from './rpc.js'
import { Abort, Authenticate, Challenge, Goodbye, Hello, Welcome } from './session-lifecycle.js'

/**
 * Builds the message of `definition` from `head`, whose elements have been checked against the definition: that is
 * why they are taken for what the table says they are.
 */
export function construct(
  definition: MessageDefinition,
  head: readonly unknown[],
  payload: Payload,
): Message {
  // biome-ignore lint/suspicious/noExplicitAny: the table has checked each element; see above
  const [, a, b, c, d] = head as any[]
  switch (definition.code as MessageCode) {
    case Code.CALL:
      return new Call(a, b, c, payload)
    case Code.INVOCATION:
      return new Invocation(a, b, c, payload)
    case Code.YIELD:
      return new Yield(a, b, payload)
    case Code.RESULT:
      return new Result(a, b, payload)
    case Code.PUBLISH:
      return new Publish(a, b, c, payload)
    case Code.EVENT:
      return new EventMessage(a, b, c, payload)
    case Code.ERROR:
      return new ErrorMessage(a, b, c, d, payload)
    case Code.PUBLISHED:
      return new Published(a, b)
    case Code.SUBSCRIBE:
      return new Subscribe(a, b, c)
    case Code.SUBSCRIBED:
      return new Subscribed(a, b)
    case Code.UNSUBSCRIBE:
      return new Unsubscribe(a, b)
    case Code.UNSUBSCRIBED:
      return new Unsubscribed(a, b)
    case Code.REGISTER:
      return new Register(a, b, c)
    case Code.REGISTERED:
      return new Registered(a, b)
    case Code.UNREGISTER:
      return new Unregister(a, b)
    case Code.UNREGISTERED:
      return new Unregistered(a, b)
    case Code.CANCEL:
      return new Cancel(a, b)
    case Code.INTERRUPT:
      return new Interrupt(a, b)
    case Code.HELLO:
      return new Hello(a, b)
    case Code.WELCOME:
      return new Welcome(a, b)
    case Code.ABORT:
      return new Abort(a, b, payload)
    case Code.CHALLENGE:
      return new Challenge(a, b)
    case Code.AUTHENTICATE:
      return new Authenticate(a, b)
    case Code.GOODBYE:
      return new Goodbye(a, b)
    case Code.EVENT_RECEIVED:
      return new EventReceived(a)
  }
}
