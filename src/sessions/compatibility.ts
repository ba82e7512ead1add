import { UsageError } from '../errors.js'
import { CLOSE_NORMAL, metaUri, NEXUS_COUNT_SUBSCRIBERS } from '../uris.js'

/**
 * Where peers in the field do otherwise than the spec says, and one who knows can meet them half way. All is off unless
 * it is asked for; what can be understood in two ways at no risk is understood in both, always.
 */
export interface Compatibility {
  /** The other peer counts the timeout of calls in seconds. Spec: rfc/text/advanced/rpc_call_timeout.md. */
  readonly timeoutsInSeconds?: boolean
  /**
   * The caller takes the ERROR that answers a CANCEL in any mode but `kill` for a violation: it gets none. Only clients that
   * announce no `call_canceling` as callees are taken for such ones; the others of the family want the ERROR.
   */
  readonly noErrorForCancel?: boolean
  /** The callee sends progressive results though it has not announced `call_canceling`, without which it must not. */
  readonly streamsWithoutCanceling?: boolean
  /** The callee sends progressive results though it announces nothing of the kind. */
  readonly streamsUnannounced?: boolean
  /** The subscriber announces `subscription_revocation`, and takes it for a violation: it is not told. */
  readonly noSubscriptionRevocation?: boolean
  /** The reason that a client gives when it leaves, in place of `wamp.close.close_realm`. */
  readonly closeReason?: string
  /** The router spells the meta procedure `wamp.subscription.count_subscribers` without its second b. */
  readonly countSuscribers?: boolean
}

/** Named sets of deviations, after the implementation that has them. */
export const COMPATIBILITY_PROFILES = {
  /** Clients made with autobahn, for JavaScript (22) or Python (22). */
  autobahn: {
    timeoutsInSeconds: true,
    noErrorForCancel: true,
    streamsWithoutCanceling: true,
    noSubscriptionRevocation: true,
  },
  /** The router crossbar. */
  crossbar: { timeoutsInSeconds: true, closeReason: CLOSE_NORMAL },
  /** The router nexus. */
  nexus: { countSuscribers: true },
  /** Clients made with wampy.js (8). */
  'wampy.js': { streamsUnannounced: true },
} as const satisfies Readonly<Record<string, Compatibility>>

export type CompatibilityProfile = keyof typeof COMPATIBILITY_PROFILES

const NONE: Compatibility = Object.freeze({})

/** The URI that the router has for one of the spec. */
export function respelled(uri: string, { countSuscribers }: Compatibility): string {
  const misspelled = countSuscribers && uri === metaUri('subscription', 'count_subscribers')
  return misspelled ? NEXUS_COUNT_SUBSCRIBERS : uri
}

/**
 * The deviations of a profile, or those that were named one by one.
 *
 * @throws UsageError if there is no such profile.
 */
export function compatibilityOf(wanted: CompatibilityProfile | Compatibility | undefined): Compatibility {
  if (typeof wanted !== 'string') return wanted ?? NONE
  if (Object.hasOwn(COMPATIBILITY_PROFILES, wanted)) return COMPATIBILITY_PROFILES[wanted]
  const known = Object.keys(COMPATIBILITY_PROFILES).join(', ')
  throw new UsageError(`there is no compatibility profile ${JSON.stringify(wanted)}; there are ${known}`)
}
