import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import type { Lookup } from './principals.js'

/** Calls a procedure, and resolves to the only value of its result. */
type CallProcedure = (procedure: string, args: readonly unknown[]) => Promise<unknown>

/**
 * Looks up principals by a WAMP procedure, for any method that takes a function: it is called with the realm, the authid
 * that is asked for (or null) and a dictionary of
 *
 * - `authmethod`, `session` (the id that the session will have), `local`, `address`, `authextra` (as in HELLO);
 * - what the client has shown: `ticket`, which it is for the procedure to check, `pubkey`, `certificate` or `cookie`.
 *
 * It answers null for nobody, or a dictionary that is a principal of the method, such as `{ authrole, verified: true }` for a
 * ticket that is right. An answer that is none, and an error, refuse the client with `wamp.error.authentication_failed`; what
 * the log tells of an error is its URI.
 *
 * Spec: rfc/text/advanced/authentication_dynamic.md names such a procedure, and says no more; its arguments are those of
 * crossbar.
 */
export function principalsByProcedure<P, Id extends string | undefined = string>(
  call: CallProcedure,
  procedure: string,
): Lookup<P, Id> {
  return async (authid, attempt, claims) => {
    const { sessionId, local, connection, realm, hello } = attempt
    const details: Dict = {
      ...claims,
      session: sessionId,
      local,
      ...(connection.address === undefined ? {} : { address: connection.address }),
      ...(hello.details.authextra === undefined ? {} : { authextra: hello.details.authextra }),
    }
    // The method checks it, as it checks whatever is looked up.
    return (await answerOf(call, procedure, [realm, authid ?? null, details])) as P | undefined
  }
}

async function answerOf(call: CallProcedure, procedure: string, args: readonly unknown[]): Promise<unknown> {
  try {
    return await call(procedure, args)
  } catch (error) {
    throw new UsageError(`${procedure}, which looks up principals, failed with ${nameOf(error)}`)
  }
}

/** What may be told of an error: its arguments and its message could hold what the procedure was called with. */
function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error
  if ('uri' in error && typeof error.uri === 'string') return error.uri
  return error instanceof Error ? error.name : 'an error'
}
