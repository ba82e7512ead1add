import type { ClientAuthentication } from '../../authentication/authentication-method.js'
import { UsageError } from '../../errors.js'
import { type Dict, EMPTY_DICT } from '../../messages/dictionaries.js'
import type { Authenticate, Challenge } from '../../messages/session-lifecycle.js'
import { Callee } from '../../roles/callee.js'
import { Caller } from '../../roles/caller.js'
import { Publisher } from '../../roles/publisher.js'
import { Subscriber } from '../../roles/subscriber.js'
import { announce } from '../../sessions/features.js'
import { AGENT } from '../../version.js'
import type { ClientOptions } from './client-options.js'

/** The details of a client's HELLO: what it is, what it can do, and how it can prove who it is. */
export function helloDetails({ auth = [], agent = AGENT, authid }: ClientOptions): Dict {
  const wanted = authid ?? auth.find((method) => method.authid !== undefined)?.authid
  const authextra: Dict = Object.assign({}, ...auth.map((method) => method.authextra))
  return {
    agent,
    roles: announce({
      caller: Caller.features,
      callee: Callee.features,
      publisher: Publisher.features,
      subscriber: Subscriber.features,
    }),
    ...(auth.length > 0 ? { authmethods: auth.map(({ method }) => method) } : EMPTY_DICT),
    ...(wanted === undefined ? EMPTY_DICT : { authid: wanted }),
    ...(Object.keys(authextra).length > 0 ? { authextra } : EMPTY_DICT),
  }
}

/**
 * The answer to a CHALLENGE, by the method that it names.
 *
 * @throws UsageError if the client has no such method.
 */
export async function answerChallenge(
  auth: readonly ClientAuthentication[],
  challenge: Challenge,
): Promise<Authenticate> {
  const found = auth.find(({ method }) => method === challenge.authmethod)
  if (found !== undefined) return found.answer(challenge)
  const known = auth.length === 0 ? 'no method' : auth.map(({ method }) => method).join(', ')
  throw new UsageError(
    `the router asks for authentication by ${challenge.authmethod}; the option auth of the client has ${known}`,
  )
}
