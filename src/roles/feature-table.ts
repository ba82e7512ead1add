import type { Role } from '../sessions/features.js'

/**
 * Which role has which feature of the advanced profile: what HELLO and WELCOME announce, and no more.
 *
 * Spec: rfc/text/advanced/features.md, and "Feature Announcement" of each section.
 */
export const FEATURES = {
  // Remote procedure calls.
  progressive_call_results: ['caller', 'callee', 'dealer'],
  progressive_call_invocations: ['caller', 'callee', 'dealer'],
  call_timeout: ['caller', 'callee', 'dealer'],
  call_canceling: ['caller', 'callee', 'dealer'],
  call_reroute: ['callee', 'dealer'],
  caller_identification: ['caller', 'callee', 'dealer'],
  call_trustlevels: ['callee', 'dealer'],
  pattern_based_registration: ['callee', 'dealer'],
  shared_registration: ['callee', 'dealer'],
  sharded_registration: ['caller', 'callee', 'dealer'],
  registration_revocation: ['callee', 'dealer'],
  registration_meta_api: ['dealer'],
  // Publish and subscribe.
  subscriber_blackwhite_listing: ['publisher', 'broker'],
  publisher_exclusion: ['publisher', 'broker'],
  publisher_identification: ['publisher', 'subscriber', 'broker'],
  publication_trustlevels: ['subscriber', 'broker'],
  pattern_based_subscription: ['subscriber', 'broker'],
  sharded_subscription: ['publisher', 'subscriber', 'broker'],
  /** The same, as its section spells it. */
  shareded_subscriptions: ['publisher', 'subscriber', 'broker'],
  subscription_revocation: ['subscriber', 'broker'],
  event_history: ['broker'],
  event_retention: ['broker'],
  subscription_meta_api: ['broker'],
  // Sessions, and both of the above.
  session_meta_api: ['broker', 'dealer'],
  testament_meta_api: ['dealer'],
  payload_passthru_mode: ['caller', 'callee', 'publisher', 'subscriber', 'broker', 'dealer'],
} as const satisfies Readonly<Record<string, readonly Role[]>>

export type Feature = keyof typeof FEATURES

/** The features of a role. */
export function featuresOf(role: Role): readonly Feature[] {
  return (Object.keys(FEATURES) as Feature[]).filter((feature) =>
    (FEATURES[feature] as readonly Role[]).includes(role),
  )
}
