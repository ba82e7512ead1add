import type { AuthorizationRequest, Authorizer, Decision } from './authorization.js'
import { PermissionAuthorizer, type Roles } from './permissions.js'

/**
 * Judges roles that have permissions by those, and all others by `authorizer`; without one they may do nothing.
 * `undefined` if there is nothing to judge by.
 */
export function byRole(roles: Roles | undefined, authorizer: Authorizer | undefined): Authorizer | undefined {
  if (roles === undefined) return authorizer
  const fixed = new PermissionAuthorizer(roles)
  if (authorizer === undefined) return fixed
  return {
    authorize: (request) =>
      Object.hasOwn(roles, request.authrole) ? fixed.authorize(request) : authorizer.authorize(request),
  }
}

/** Calls a procedure, and resolves to the only value of its result. */
export type CallProcedure = (procedure: string, args: readonly unknown[]) => Promise<unknown>

/**
 * Asks a WAMP procedure: it is called with the identity of who asks (a dictionary of `session`, `authid`, `authrole`,
 * `authmethod`, `authprovider`, `realm`), the URI, the action and a dictionary with `match`, and answers true, false or a
 * dictionary of `allow` and `disclose`. Anything else refuses the request.
 */
export function byProcedure(call: CallProcedure, procedure: string): Authorizer {
  return {
    async authorize({ action, uri, match, ...identity }: AuthorizationRequest): Promise<Decision> {
      return decisionOf(await call(procedure, [identity, uri, action, { match }]), procedure)
    },
  }
}

function decisionOf(answer: unknown, procedure: string): Decision {
  if (typeof answer === 'boolean') return { allow: answer }
  const { allow, disclose } = (answer ?? {}) as { allow?: unknown; disclose?: unknown }
  if (typeof allow !== 'boolean')
    throw new TypeError(`${procedure} must answer true, false or a dictionary with allow`)
  if (disclose === undefined || disclose === null) return { allow }
  // As crossbar has it: true makes known, false does not unless it is asked for.
  if (typeof disclose === 'boolean') return { allow, disclose: disclose ? 'always' : 'on-request' }
  if (disclose === 'always' || disclose === 'never' || disclose === 'on-request') return { allow, disclose }
  throw new TypeError(`${procedure} must answer disclose as always, never or on-request`)
}
