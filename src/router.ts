/// <reference lib="esnext.disposable" preserve="true" />
/** The router door of wampkit, for Node. */
export { type AnonymousOptions, anonymous } from './authentication/anonymous.js'
export type {
  Attempt,
  AuthenticationStep,
  Principal,
  RouterAuthentication,
} from './authentication/authentication-method.js'
export { checkTickets, type TicketPrincipal } from './authentication/ticket.js'
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
export type { Realm, RevokeOptions } from './peers/router/realm.js'
export { Router } from './peers/router/router.js'
export type {
  ChooseCompatibility,
  ClientDescription,
  ListenOptions,
  RealmOptions,
  RouterOptions,
} from './peers/router/router-options.js'
export type { RetentionLimits } from './roles/broker/retention.js'
export type { TrustRule } from './roles/trust-levels.js'
export type { Compatibility, CompatibilityProfile } from './sessions/compatibility.js'
