/** All messages of WAMP as one type; `code` tells them apart. */
import type { ErrorMessage } from './error-message.js'
import type {
  EventMessage,
  EventReceived,
  Publish,
  Published,
  Subscribe,
  Subscribed,
  Unsubscribe,
  Unsubscribed,
} from './pubsub.js'
import type {
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
import type { Abort, Authenticate, Challenge, Goodbye, Hello, Welcome } from './session-lifecycle.js'

export type Message =
  | Hello
  | Welcome
  | Abort
  | Challenge
  | Authenticate
  | Goodbye
  | ErrorMessage
  | Publish
  | Published
  | Subscribe
  | Subscribed
  | Unsubscribe
  | Unsubscribed
  | EventMessage
  | EventReceived
  | Call
  | Cancel
  | Result
  | Register
  | Registered
  | Unregister
  | Unregistered
  | Invocation
  | Interrupt
  | Yield

/** The messages that can carry arguments. */
export type PayloadMessage =
  | Abort
  | ErrorMessage
  | Publish
  | EventMessage
  | Call
  | Result
  | Invocation
  | Yield
