import { type Dict, EMPTY_DICT } from '../messages/dictionaries.js'
import type { Session } from '../sessions/session.js'

/** Who called, or who published, as far as the router discloses it. */
export interface DisclosedPeer {
  /** The id of the session. */
  readonly session: number
  readonly authid?: string
  readonly authrole?: string
}

/**
 * Reads `caller`, `caller_authid`, `caller_authrole` (or the same of a publisher) from a details dictionary.
 *
 * Spec: rfc/text/advanced/rpc_caller_identification.md, rfc/text/advanced/pubsub_publisher_identification.md.
 */
export function disclosedPeer(details: Dict, who: 'caller' | 'publisher'): DisclosedPeer | undefined {
  const session = details[who]
  if (typeof session !== 'number') return undefined
  const authid = details[`${who}_authid`]
  const authrole = details[`${who}_authrole`]
  return {
    session,
    ...(typeof authid === 'string' ? { authid } : {}),
    ...(typeof authrole === 'string' ? { authrole } : {}),
  }
}

/**
 * What a router tells of `session` to a callee or to subscribers: its id, authid and authrole.
 *
 * Spec: rfc/text/advanced/rpc_caller_identification.md, rfc/text/advanced/pubsub_publisher_identification.md.
 */
export function disclose({ id, details }: Session, who: 'caller' | 'publisher'): Dict {
  const { authid, authrole } = details
  return {
    [who]: id,
    ...(typeof authid === 'string' ? { [`${who}_authid`]: authid } : EMPTY_DICT),
    ...(typeof authrole === 'string' ? { [`${who}_authrole`]: authrole } : EMPTY_DICT),
  }
}
