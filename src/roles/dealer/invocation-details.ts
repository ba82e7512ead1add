import { EMPTY_DICT, type InvocationDetails } from '../../messages/dictionaries.js'
import type { Call } from '../../messages/rpc.js'
import type { Session } from '../../sessions/session.js'
import { disclose } from '../identity.js'
import { passthru } from '../passthru.js'
import type { RegisteredCallee, RegisteredProcedure } from './registry.js'

/** What an INVOCATION tells its callee of the CALL: what was asked for, as far as the callee can do it. */
export function invocationDetails(
  caller: Session,
  { options, procedure }: Call,
  registered: RegisteredProcedure,
  callee: RegisteredCallee,
): InvocationDetails {
  // The router knows who calls it.
  const disclosed = callee.session.isTrusted || (options.disclose_me ?? callee.disclosesCaller)
  const progressive = options.receive_progress === true && streams(callee.session)
  const timeout = callee.keepsTime ? (options.timeout ?? 0) : 0
  const reading = passthru(options)
  if (!disclosed && !progressive && timeout === 0 && registered.match === 'exact') return reading
  return {
    ...reading,
    ...(registered.match === 'exact' ? EMPTY_DICT : { procedure }),
    ...(progressive ? { receive_progress: true } : EMPTY_DICT),
    ...(timeout === 0 ? EMPTY_DICT : { timeout }),
    ...(disclosed ? disclose(caller, 'caller') : EMPTY_DICT),
  }
}

/** A callee that cannot be interrupted must not stream. Spec: rfc/text/advanced/rpc_progressive_call_results.md. */
function streams({ peer }: Session): boolean {
  return peer.has('callee', 'progressive_call_results') && peer.has('callee', 'call_canceling')
}
