/** What the options of a message demand of the peers that it comes from and goes to. */
import { ProtocolError } from '../../errors.js'
import { type CallOptions, type Dict, EMPTY_DICT } from '../../messages/dictionaries.js'
import type { Session } from '../../sessions/session.js'
import type { Feature } from '../feature-table.js'
import { usesPassthru } from '../passthru.js'

/**
 * The caller must have announced what it uses.
 *
 * @throws ProtocolError naming the feature. Spec: rfc/text/advanced/rpc_progressive_call_invocations.md,
 * rfc/text/advanced/payload_passthru_mode.md.
 */
export function checkCaller({ peer }: Session, options: CallOptions): void {
  if (options === EMPTY_DICT) return
  if (options.progress === true && !peer.has('caller', 'progressive_call_invocations'))
    throw unannounced('caller', 'progressive_call_invocations', 'CALL.Options.progress')
  if (usesPassthru(options) && !peer.has('caller', 'payload_passthru_mode'))
    throw unannounced('caller', 'payload_passthru_mode', 'CALL.Options.ppt_scheme')
}

/** @throws ProtocolError if the callee has not announced what its answer uses. */
export function checkCallee({ peer }: Session, options: Dict, name: string): void {
  if (options === EMPTY_DICT || !usesPassthru(options) || peer.has('callee', 'payload_passthru_mode')) return
  throw unannounced('callee', 'payload_passthru_mode', `${name}.ppt_scheme`)
}

/** The feature that a callee would need for a call with these options, and has not. */
export function lackingFeature({ peer }: Session, options: CallOptions): Feature | undefined {
  if (options === EMPTY_DICT) return undefined
  // A callee that cannot be interrupted must not be streamed to.
  const takesParts =
    peer.has('callee', 'progressive_call_invocations') && peer.has('callee', 'call_canceling')
  if (options.progress === true && !takesParts) return 'progressive_call_invocations'
  if (usesPassthru(options) && !peer.has('callee', 'payload_passthru_mode')) return 'payload_passthru_mode'
  return undefined
}

function unannounced(role: string, feature: Feature, key: string): ProtocolError {
  return new ProtocolError(`${key} needs ${feature}, which the ${role} has not announced in HELLO`)
}
