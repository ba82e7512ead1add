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
export type { Realm } from './peers/router/realm.js'
export { Router } from './peers/router/router.js'
export type { ListenOptions, RealmOptions, RouterOptions } from './peers/router/router-options.js'
