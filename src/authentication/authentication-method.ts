/**
 * How peers prove who they are: each method has a half for the client, which answers challenges, and a half for the
 * router, which sets and checks them. A file of this folder holds both halves of one method.
 *
 * Spec: rfc/text/advanced/authentication.md.
 */
import type { Dict } from '../messages/dictionaries.js'
import type { Authenticate, Challenge, Hello } from '../messages/session-lifecycle.js'

/** The client's half of a method. */
export interface ClientAuthentication {
  /** The spec's name of the method, as in HELLO's `authmethods`. */
  readonly method: string
  /** The identity to ask for, where the method fixes one. */
  readonly authid?: string
  /** What HELLO's `authextra` has to carry for the method. */
  readonly authextra?: Dict
  /** The answer to a CHALLENGE for this method. */
  answer(challenge: Challenge): Authenticate | Promise<Authenticate>
}

/** Who somebody has proved to be. */
export interface Principal {
  readonly authid: string
  readonly authrole: string
  /** Where the identity comes from, such as `static` or `dynamic`. */
  readonly authprovider?: string
  /** What WELCOME's `authextra` tells the client. */
  readonly authextra?: Dict
}

/** A session that wants to join a realm. */
export interface Attempt {
  readonly realm: string
  readonly hello: Hello
  /** The id that the session will have. */
  readonly sessionId: number
  /** Is the client on this machine? */
  readonly local: boolean
}

/** What the router's half of a method says next: another challenge, come in, or stay out. */
export type AuthenticationStep =
  | {
      readonly outcome: 'challenge'
      readonly challenge: Challenge
      /** Judges the answer. */
      check(answer: Authenticate): AuthenticationStep | Promise<AuthenticationStep>
    }
  | { readonly outcome: 'welcome'; readonly principal: Principal }
  | {
      readonly outcome: 'refusal'
      /** The URI for the ABORT. */
      readonly reason: string
      /** For the client: says what to do, and nothing about who exists. */
      readonly message: string
    }

/** The router's half of a method. */
export interface RouterAuthentication {
  readonly method: string
  begin(attempt: Attempt): AuthenticationStep | Promise<AuthenticationStep>
}
