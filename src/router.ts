/// <reference lib="esnext.disposable" preserve="true" />
/** The router door of wampkit, for Node. */
export { type AnonymousOptions, anonymous } from './authentication/anonymous.js'
export type {
  Attempt,
  AuthenticationStep,
  ChannelBinding,
  ClientConnectionTraits,
  PeerCertificate,
  Principal,
  RouterAuthentication,
} from './authentication/authentication-method.js'
export { principalsByProcedure } from './authentication/by-procedure.js'
export { type CheckCookieOptions, type CookiePrincipals, checkCookie } from './authentication/cookie.js'
export {
  type CheckCryptosignOptions,
  type CryptosignPrincipal,
  type CryptosignPrincipals,
  checkCryptosign,
} from './authentication/cryptosign.js'
export {
  type CryptosignKeyPair,
  cryptosignKeyPair,
  type PrivateKeyOptions,
  type Sign,
} from './authentication/ed25519.js'
export type { Claims, Identity, Lookup, Membership, Principals } from './authentication/principals.js'
export { type CheckScramOptions, checkScram, type ScramPrincipal } from './authentication/scram.js'
export {
  type ScramCost,
  type ScramCredential,
  type ScramCredentialOptions,
  type ScramKdf,
  scramCredential,
} from './authentication/scram-credential.js'
export type { ScramNames } from './authentication/scram-exchange.js'
export { checkTickets, type TicketCheck, type TicketPrincipal } from './authentication/ticket.js'
export { checkTls, type TlsPrincipal, type TlsPrincipals } from './authentication/tls.js'
export {
  type CheckWampcraOptions,
  checkWampcra,
  type WampcraCredential,
  type WampcraCredentialOptions,
  type WampcraPrincipal,
  wampcraCredential,
} from './authentication/wampcra.js'
export type {
  Action,
  AuthorizationRequest,
  Authorizer,
  Decision,
  Disclosure,
} from './authorization/authorization.js'
export { byProcedure, type CallProcedure } from './authorization/by-role.js'
export { CachedAuthorizer, type CacheOptions } from './authorization/cached-authorizer.js'
export type { Permission, Roles } from './authorization/permissions.js'
export { type DurableEventsOptions, durableEvents } from './event-store/durable/durable-events.js'
export type {
  EventArchive,
  EventStore,
  History,
  HistoryOptions,
  HistoryPage,
  HistoryQuery,
  RestorePayload,
  StoredEvent,
} from './event-store/event-store.js'
export { memoryEvents } from './event-store/memory-events.js'
export type { RouterCounters } from './peers/router/limits/router-counters.js'
export type { RouterLimits } from './peers/router/limits/router-limits.js'
export type {
  AttachOptions,
  HttpOptions,
  HttpServer,
  KeyPair,
  ListenOptions,
  LongPollOptions,
  ServerTlsOptions,
} from './peers/router/ports/listen-options.js'
export type { Realm, RevokeOptions } from './peers/router/realm.js'
export { Router } from './peers/router/router.js'
export type {
  ChooseCompatibility,
  ClientDescription,
  RealmOptions,
  RouterOptions,
} from './peers/router/router-options.js'
export type { RetentionLimits } from './roles/broker/retention.js'
export type { SessionLimits } from './roles/session-limits.js'
export type { TrustRule } from './roles/trust-levels.js'
export type { Compatibility, CompatibilityProfile } from './sessions/compatibility.js'
export type { SlowConsumerCounters, SlowConsumerPolicy } from './transports/slow-consumer-policy.js'
export type { ProxyHeader, TrustedProxyOptions } from './transports/websocket/trusted-proxy-options.js'
