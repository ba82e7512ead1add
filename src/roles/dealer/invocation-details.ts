import { EMPTY_DICT, type InvocationDetails } from '../../messages/dictionaries.js'
import type { Call } from '../../messages/rpc.js'
import type { Session } from '../../sessions/session.js'
import { disclose } from '../identity.js'
import { passthru } from '../passthru.js'
import { timeoutFor, timeoutOf } from './call-timers.js'
import type { RegisteredCallee, RegisteredProcedure } from './registry.js'

/** What an INVOCATION tells its callee of the CALL: what was asked for, as far as the callee can do it. */
export function invocationDetails(
  caller: Session,
  { options, procedure }: Call,
  registered: RegisteredProcedure,
  callee: RegisteredCallee,
  trustlevel?: number,
): InvocationDetails {
  // The router knows who calls it.
  const disclosed = callee.session.isTrusted || (options.disclose_me ?? callee.disclosesCaller)
  const progressive = options.receive_progress === true && streams(callee.session)
  const timeout = callee.keepsTime ? timeoutFor(callee.session, timeoutOf(caller, options)) : 0
  const reading = passthru(options)
  const plain = !disclosed && !progressive && timeout === 0 && registered.match === 'exact'
  if (plain && trustlevel === undefined && options.progress !== true) return reading
  return {
    ...reading,
    ...(registered.match === 'exact' ? EMPTY_DICT : { procedure }),
    ...(options.progress === true ? { progress: true } : EMPTY_DICT),
    ...(progressive ? { receive_progress: true } : EMPTY_DICT),
    ...(timeout === 0 ? EMPTY_DICT : { timeout }),
    ...(disclosed ? disclose(caller, 'caller') : EMPTY_DICT),
    ...(trustlevel === undefined ? EMPTY_DICT : { trustlevel }),
  }
}

/** A callee that cannot be interrupted must not stream. Spec: rfc/text/advanced/rpc_progressive_call_results.md. */
function streams({ peer, compatibility }: Session): boolean {
  if (compatibility.streamsUnannounced) return true
  if (compatibility.streamsWithoutCanceling && peer.has('callee', 'progressive_call_results')) return true
  return peer.has('callee', 'progressive_call_results') && peer.has('callee', 'call_canceling')
}
