/// <reference lib="esnext.disposable" preserve="true" />
/** The client door of wampkit. Nothing of the router, and nothing of Node, is reachable from here. */
export type {
  ChannelBinding,
  ClientAuthentication,
  ClientLogin,
  ConnectionTraits,
} from './authentication/authentication-method.js'
export { cookie } from './authentication/cookie.js'
export { type CryptosignOptions, cryptosign } from './authentication/cryptosign.js'
export {
  type CryptosignKeyPair,
  cryptosignKeyPair,
  type PrivateKeyOptions,
  type Sign,
} from './authentication/ed25519.js'
export { type ScramOptions, scram } from './authentication/scram.js'
export type { ScramBounds } from './authentication/scram-bounds.js'
export type { ScramNames } from './authentication/scram-exchange.js'
export { type TicketOptions, ticket } from './authentication/ticket.js'
export { tls } from './authentication/tls.js'
export type { TransportLoginOptions } from './authentication/transport-login.js'
export { type WampcraOptions, wampcra } from './authentication/wampcra.js'
export type { Clock, Timer } from './clock.js'
export {
  ApplicationError,
  type ApplicationErrorOptions,
  CanceledError,
  type MessageLimit,
  ProtocolError,
  SessionClosedError,
  TransportError,
  UsageError,
  WampError,
} from './errors.js'
export { errorsOnlyLogger, type Logger, silentLogger } from './logger.js'
export { type HandledClient, MessageHandler } from './message-handlers/message-handler.js'
export type { ReconnectOptions } from './peers/client/backoff.js'
export { Client } from './peers/client/client.js'
export type {
  ClientEvents,
  ClientOptions,
  SessionDetails,
  TransportSource,
} from './peers/client/client-options.js'
export type { ClientState, StateChange } from './peers/client/client-state.js'
export { HistoricEvent, type HistoryFilters, type Time } from './peers/client/history.js'
export type {
  IdsByMatch,
  KillOptions,
  MetaApi,
  RegistrationInfo,
  RegistrationMetaApi,
  RemoveOptions,
  SessionInfo,
  SessionMetaApi,
  SubscriptionInfo,
  SubscriptionMetaApi,
  TestamentOptions,
} from './peers/client/meta-api.js'
export type {
  Remote,
  RemoteArguments,
  RemoteContracts,
  RemoteGenerator,
  RemoteMethod,
  RemoteProcedure,
  RemoteProgress,
  RemoteResult,
} from './peers/client/remote.js'
export type { CallArguments, CallOptions, CancelMode } from './roles/call-options.js'
export { CallResult } from './roles/call-result.js'
export type {
  CallTypes,
  ContractCallOptions,
  ContractPeer,
  ProcedureContract,
  PublishTypes,
  TopicContract,
} from './roles/contract.js'
export { currentEvent, currentInvocation } from './roles/current.js'
export {
  type ContractDecorator,
  callee,
  type DeclaredRole,
  type RoleDecorator,
  subscriber,
} from './roles/decorators.js'
export type { ErrorClass } from './roles/error-classes.js'
export type { DisclosedPeer } from './roles/identity.js'
export type { InvocationContext } from './roles/invocation-context.js'
export { type Kwargs, kwargs } from './roles/kwargs.js'
export type { Passthru } from './roles/passthru.js'
export type { PublishOptions, SubscriberLists } from './roles/publisher.js'
export type { ReceivedEvent } from './roles/received-event.js'
export type {
  InvocationPolicy,
  ProcedureHandler,
  RegisterOptions,
  Registration,
} from './roles/registration.js'
export type { ResultStream, ResultStreamOptions } from './roles/result-stream.js'
export type { Revocation } from './roles/revocation.js'
export type {
  EventHandler,
  EventStream,
  StreamOptions,
  SubscribeOptions,
  Subscription,
} from './roles/subscription.js'
export { json } from './serializers/json/json.js'
export type { Serializer, SerializerName, SerializerOptions } from './serializers/serializer.js'
export type { Compatibility, CompatibilityProfile } from './sessions/compatibility.js'
export type { DialOptions, TlsOptions } from './transports/websocket/dial.js'
export { CLOSE, ERROR, type MatchPolicy } from './uris.js'
export { VERSION } from './version.js'
