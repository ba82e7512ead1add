/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The protocol door of wampkit, for those who build a peer of their own: messages, serializers, sessions, the roles of
 * a client and the joint of all three. Deeper than the other doors, and so quicker to change.
 */
export { Code, DEFINITIONS, type MessageCode, type MessageName, type Side } from './messages/codes.js'
export type * from './messages/dictionaries.js'
export { EMPTY_DICT } from './messages/dictionaries.js'
export { ErrorMessage } from './messages/error-message.js'
export type { Message, PayloadMessage } from './messages/message.js'
export { type EncodedPayload, Payload } from './messages/payload.js'
export {
  EventMessage,
  EventReceived,
  Publish,
  Published,
  Subscribe,
  Subscribed,
  Unsubscribe,
  Unsubscribed,
} from './messages/pubsub.js'
export {
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
} from './messages/rpc.js'
export { Abort, Authenticate, Challenge, Goodbye, Hello, Welcome } from './messages/session-lifecycle.js'
export { fromWire } from './messages/wire.js'
export { Peer, type PeerHandler } from './peers/peer.js'
export {
  type Batch,
  type Batching,
  DEFAULT_MAX_DEPTH,
  type EncodedParts,
  type RelaySerializer,
  type Serializer,
  type SerializerName,
  subprotocolOf,
} from './serializers/serializer.js'
export { announce, Features, type Role } from './sessions/features.js'
export { IdSequence, idOf, randomId } from './sessions/ids.js'
export { RequestOrder } from './sessions/request-order.js'
export { type MessageOutput, type MessageReceiver, Session } from './sessions/session.js'
export { type SessionState, STATES, type Transition, transition } from './sessions/states.js'
export { createMemoryTransports } from './transports/memory/memory-transport.js'
export type { Transport, TransportInfo, TransportReceiver } from './transports/transport.js'
export { isReserved, isUri, isUriPattern, type UriRule } from './uris.js'
