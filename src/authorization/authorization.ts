/**
 * Who may do what in a realm. Spec: rfc/text/advanced/authorization.md, which has the concepts and no wire format.
 */
import type { MatchPolicy } from '../uris.js'

/** What is judged: the four requests of a client that reach somebody else. */
export type Action = 'call' | 'register' | 'publish' | 'subscribe'

/** A request of a client, to be judged. */
export interface AuthorizationRequest {
  readonly action: Action
  readonly uri: string
  /** How a registration or a subscription matches; `exact` for a call or a publication. */
  readonly match: MatchPolicy
  readonly realm: string
  /** The session id of the client. */
  readonly session: number
  readonly authid: string
  readonly authrole: string
  readonly authmethod: string
  readonly authprovider: string
}

/**
 * Whether somebody who calls or publishes is made known to the other side: `on-request` if one of the two asks, `always`,
 * or `never`.
 */
export type Disclosure = 'on-request' | 'always' | 'never'

export interface Decision {
  readonly allow: boolean
  /** `on-request` by default. */
  readonly disclose?: Disclosure
}

/**
 * Judges requests. What it throws, or rejects with, refuses the request with `wamp.error.authorization_failed`; the log
 * says why, the client is not told.
 */
export interface Authorizer {
  authorize(request: AuthorizationRequest): Decision | Promise<Decision>
}
