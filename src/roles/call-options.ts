import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import type { Payload } from '../messages/payload.js'
import type { Session } from '../sessions/session.js'
import { spellOut } from '../spelling.js'
import { type Passthru, passthruOptions } from './passthru.js'

/** How to give up a call. Spec: rfc/text/advanced/rpc_call_canceling.md. */
export type CancelMode = 'skip' | 'kill' | 'killnowait'

export interface CallOptions {
  /** Cancels the call when it aborts. */
  signal?: AbortSignal
  /** Milliseconds until the call fails with a `CanceledError`; with progressive results, between two of them. */
  timeout?: number
  /**
   * What a cancellation does: `killnowait` (the default) fails the call at once and interrupts the callee, `kill`
   * interrupts it and waits for its answer (but not beyond the timeout), `skip` fails the call and leaves the callee
   * alone.
   */
  cancelMode?: CancelMode
  /** Asks for progressive results, and is called with each. */
  onProgress?: (value: unknown) => void
  /** Asks the router to tell the callee who calls. */
  discloseMe?: boolean
  /** Resolves to a `CallResult` whatever the result looks like. */
  details?: boolean
  /**
   * Calls the callee of a sharded registration that this key belongs to: the same one for the same key, as long as it is
   * there. Spec: rfc/text/advanced/rpc_sharded_registration.md.
   */
  rkey?: string
  /** Sends a payload that only its ends can read: `args` is one `Uint8Array`, and there are no keywords. */
  passthru?: Passthru
  /** Further options, as the wire has them. */
  extra?: Dict
}

/** Positional arguments; or the parts of a call, one after the other. */
export type CallArguments = readonly unknown[] | AsyncIterable<unknown>

/**
 * The options of a CALL, as the wire has them; less what the router cannot do.
 *
 * @throws UsageError if the call would be another one without what it cannot do.
 */
export function callOptions(
  options: CallOptions,
  payload: Payload,
  { peer: router, compatibility }: Pick<Session, 'peer' | 'compatibility'>,
): Record<string, unknown> {
  const wire = spellOut(options.extra, options, ['discloseMe'])
  if (options.rkey !== undefined) {
    if (!router.has('dealer', 'sharded_registration'))
      throw new UsageError('rkey cannot be obeyed: the router does not support sharded_registration')
    wire.runmode = 'partition'
    wire.rkey = options.rkey
  }
  if (options.passthru !== undefined)
    Object.assign(wire, passthruOptions(options.passthru, payload, router, 'dealer'))
  if (options.onProgress !== undefined && router.has('dealer', 'progressive_call_results'))
    wire.receive_progress = true
  if (options.timeout && router.has('dealer', 'call_timeout'))
    wire.timeout = compatibility.timeoutsInSeconds ? Math.ceil(options.timeout / 1_000) : options.timeout
  return wire
}
