/**
 * How peers prove who they are: each method has a half for the client, which answers challenges, and a half for the
 * router, which sets and checks them. A file of this folder holds both halves of one method.
 *
 * Spec: rfc/text/advanced/authentication.md.
 */
import type { Dict } from '../messages/dictionaries.js'
import type { Authenticate, Challenge, Hello, Welcome } from '../messages/session-lifecycle.js'

/** What a method may want to know of the connection, at either end. */
export interface ConnectionTraits {
  /**
   * Octets that the two ends of a TLS connection know, and nobody else; `undefined` without TLS, and where the platform
   * does not tell. Spec: rfc/text/advanced/authentication_cryptosign.md, "TLS Channel Binding".
   */
  readonly channelBinding?: (type: ChannelBinding) => Uint8Array | undefined
}

export type ChannelBinding = 'tls-exporter' | 'tls-unique'

/** The client's half of a method. */
export interface ClientAuthentication {
  /** The spec's name of the method, as in HELLO's `authmethods`. */
  readonly method: string
  /** The identity to ask for, where the method fixes one. */
  readonly authid?: string
  /** Begins to log in. What is made up for it, such as a nonce, is made up for each session anew. */
  begin(connection: ConnectionTraits): ClientLogin
}

/** One log-in of a client. */
export interface ClientLogin {
  /** What HELLO's `authextra` has to carry for the method. */
  readonly authextra?: Dict
  /**
   * The answer to a CHALLENGE for this method. `sent` is the `authextra` that HELLO had, where it is not that of this
   * method alone: of methods that share a key only one could have its way.
   *
   * @throws UsageError if the challenge is none that may be answered.
   */
  answer(challenge: Challenge, sent?: Dict): Authenticate | Promise<Authenticate>
  /** Judges the WELCOME. @throws UsageError if the router has not proved who it is, where it must. */
  welcomed?(welcome: Welcome): void | Promise<void>
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
  readonly connection: ClientConnectionTraits
}

/** What a router knows of the connection that a client came by. */
export interface ClientConnectionTraits extends ConnectionTraits {
  /** The client's address where there is one, such as `127.0.0.1:52144`. */
  readonly address?: string
  /** The certificate that the client showed and TLS has checked. */
  readonly certificate?: PeerCertificate
  /** The cookies of the HTTP request that opened the connection. */
  readonly cookies?: Readonly<Record<string, string>>
}

/** A certificate that a trusted authority has signed. */
export interface PeerCertificate {
  /** The name of its owner: CN of its subject. */
  readonly commonName: string
  /** Names and addresses that it is for as well, as in `DNS:client.example`. */
  readonly alternativeNames: readonly string[]
  /** SHA-256 of the certificate, in hex, lower case, without colons. */
  readonly fingerprint: string
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
