/** What the methods have in common that ask nothing, since the transport has shown all there is. */
import { UsageError } from '../errors.js'
import type { AuthenticationStep, ClientAuthentication } from './authentication-method.js'
import { deny, type Identity, welcome } from './principals.js'

export interface TransportLoginOptions {
  /** Who to be. What the transport shows says that too; a router that finds somebody else refuses. */
  authid?: string
}

/** The client's half of a method that asks nothing. */
export function withoutChallenge(method: string, { authid }: TransportLoginOptions): ClientAuthentication {
  return {
    method,
    ...(authid === undefined ? {} : { authid }),
    begin: () => ({
      answer() {
        throw new UsageError(`the router sent a CHALLENGE, where ${method} has none`)
      },
    }),
  }
}

/** Lets in whom the transport has shown, if the client has not asked to be somebody else. */
export function admit(
  identity: Identity | undefined,
  wanted: string | undefined,
  authprovider: string,
  refusal: string,
): AuthenticationStep {
  if (identity === undefined || (wanted !== undefined && wanted !== identity.authid)) return deny(refusal)
  return welcome(identity.authid, identity, authprovider)
}
