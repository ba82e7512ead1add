import type { Session } from '../sessions/session.js'
import type { MatchPolicy } from '../uris.js'
import { matches } from './uri-map/matches.js'

/** A rule that gives calls or publications a level of trust. What it does not name, it does not ask for. */
export interface TrustRule {
  /** An integer from 0, the lowest. */
  readonly level: number
  /** The procedure or topic, and how it matches: `exact` by default. */
  readonly uri?: string
  readonly match?: MatchPolicy
  /** What the caller or publisher does; both by default. */
  readonly action?: 'call' | 'publish'
  /** Who it is. */
  readonly authrole?: string
  readonly authid?: string
}

/** Which level of trust a call or publication has: that of the first rule that fits. */
export type TrustLevels = (action: 'call' | 'publish', uri: string, session: Session) => number | undefined

/**
 * Spec: rfc/text/advanced/rpc_call_trustlevels.md, rfc/text/advanced/pubsub_publication_trustlevels.md.
 */
export function trustLevels(rules: readonly TrustRule[]): TrustLevels {
  return (action, uri, { details }) =>
    rules.find(
      (rule) =>
        (rule.action === undefined || rule.action === action) &&
        (rule.authrole === undefined || rule.authrole === details.authrole) &&
        (rule.authid === undefined || rule.authid === details.authid) &&
        (rule.uri === undefined || matches(rule.match ?? 'exact', rule.uri, uri)),
    )?.level
}
