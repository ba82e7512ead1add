/** Where the router's halves of the methods know from who there is. */
import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import * as ERROR from '../uris/error.js'
import type { Attempt, AuthenticationStep, PeerCertificate, Principal } from './authentication-method.js'

/** What somebody gets who has proved to be who they say. */
export interface Membership {
  readonly authrole: string
  /** What WELCOME's `authextra` tells the client. */
  readonly authextra?: Dict
}

/** A membership, and whose it is. */
export interface Identity extends Membership {
  readonly authid: string
}

/** What a client has shown, when a principal is looked up. */
export interface Claims {
  readonly authmethod: string
  /** The answer to the first challenge of `ticket`; whether it is right is for the principal to say. */
  readonly ticket?: string
  /** The public key of `cryptosign`, in hex; the client has its private key. */
  readonly pubkey?: string
  /** The certificate of `tls`, which an authority has signed that the router trusts. */
  readonly certificate?: PeerCertificate
  /** The value of the cookie of `cookie`. */
  readonly cookie?: string
}

/**
 * Looks up a principal. `authid` is who the client asks to be, and no more than that. What it throws, or an answer that is
 * no principal of the method, refuses the client with `wamp.error.authentication_failed`.
 */
export type Lookup<P, Id extends string | undefined = string> = (
  authid: Id,
  attempt: Attempt,
  claims: Claims,
) => P | undefined | Promise<P | undefined>

/** The principals by their authid, or what looks them up. */
export type Principals<P> = Readonly<Record<string, P>> | Lookup<P>

/** Checks what came from outside of the types: makes a principal of it. @throws UsageError if it is none. */
export type Check<P> = (principal: Dict, where: string) => P

export interface Source<P, Id extends string | undefined> {
  /** What WELCOME tells of where identities come from. */
  readonly authprovider: 'static' | 'dynamic'
  readonly known: readonly P[]
  find: Lookup<P, Id>
}

/** Principals as they are given, made into what the method works with. */
export function sourceOf<Given, P>(
  principals: Principals<Given>,
  check: Check<P>,
  key: (authid: string) => string = (authid) => authid,
): Source<P, string> {
  if (typeof principals === 'function') return dynamicSource(principals, check)
  const known = new Map<string, P>()
  for (const [authid, principal] of Object.entries(principals)) {
    const name = key(authid)
    if (known.has(name)) throw new UsageError(`two principals have the authid ${name}`)
    known.set(name, checked(principal, check, `the principal ${authid}`))
  }
  return { authprovider: 'static', known: [...known.values()], find: (authid) => known.get(authid) }
}

export function dynamicSource<Given, P, Id extends string | undefined>(
  lookup: Lookup<Given, Id>,
  check: Check<P>,
): Source<P, Id> {
  return {
    authprovider: 'dynamic',
    known: [],
    find: (authid, attempt, claims) =>
      whenKnown(lookup(authid, attempt, claims), (found) =>
        found === undefined || found === null
          ? undefined
          : checked(found, check, `what was looked up as a principal of ${claims.authmethod}`),
      ),
  }
}

export function checked<P>(principal: unknown, check: Check<P>, where: string): P {
  if (typeof principal !== 'object' || principal === null)
    throw new UsageError(`${where} is not a dictionary`)
  return check(principal as Dict, where)
}

/** The part of a principal that all methods share. */
export function membershipOf({ authrole, authextra }: Dict, where: string): Membership {
  if (!isText(authrole)) throw new UsageError(`${where} needs authrole, a string that is not empty`)
  if (authextra === undefined || authextra === null) return { authrole }
  if (typeof authextra !== 'object' || Array.isArray(authextra))
    throw new UsageError(`authextra of ${where} must be a dictionary`)
  return { authrole, authextra: authextra as Dict }
}

export function identityOf(principal: Dict, where: string): Identity {
  const { authid } = principal
  if (!isText(authid)) throw new UsageError(`${where} needs authid, a string that is not empty`)
  return { authid, ...membershipOf(principal, where) }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** A number to count with, from `least` to `most`. */
export function isCount(value: unknown, least = 1, most = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

/** Goes on with a value, at once if it is there. */
export function whenKnown<T, R>(
  value: T | PromiseLike<T>,
  next: (value: T) => R | Promise<R>,
): R | Promise<R> {
  const isPromise = typeof value === 'object' && value !== null && 'then' in value
  return isPromise ? Promise.resolve(value).then(next) : next(value as T)
}

export function welcome(
  authid: string,
  { authrole, authextra }: Membership,
  authprovider: string,
  proof?: Dict,
): AuthenticationStep {
  const extra = authextra === undefined ? proof : { ...authextra, ...proof }
  const principal: Principal = { authid, authrole, authprovider }
  return {
    outcome: 'welcome',
    principal: extra === undefined ? principal : { ...principal, authextra: extra },
  }
}

/** Refuses wrong credentials. The sentence must be the same for who exists and who does not. */
export function deny(message: string): AuthenticationStep {
  return { outcome: 'refusal', reason: ERROR.authenticationDenied, message }
}

/** Refuses a HELLO without an authid. */
export function denyNameless(method: string): AuthenticationStep {
  return deny(`HELLO.Details.authid is needed for authentication by ${method}`)
}
