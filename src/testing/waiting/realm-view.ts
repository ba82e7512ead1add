import type { RegistrationInfo, SessionInfo, SubscriptionInfo } from '../../peers/client/meta-api.js'
import type { MatchPolicy } from '../../uris.js'

/** A registration or a subscription, and how many sessions have a part in it. */
export interface Shared<Info> {
  readonly info: Info
  readonly sessions: number
}

/** What there is in a realm, and when that changes: as its router knows it, or as a client is told. */
export interface RealmView {
  /** The registration that a call of `procedure` goes to, or, with a policy, the one of exactly this pattern. */
  registration(procedure: string, match?: MatchPolicy): Answer<Shared<RegistrationInfo> | undefined>
  /** The subscriptions that an event of `topic` reaches, or, with a policy, the one to exactly this pattern. */
  subscriptions(topic: string, match?: MatchPolicy): Answer<readonly Shared<SubscriptionInfo>[]>
  session(authid: string): Answer<SessionInfo | undefined>
  /** What there is of this kind, for a sentence. */
  list(kind: Kind): Answer<readonly string[]>
  /** Calls `onChange` whenever something of this kind is added; until `onChange` is not interested any more. */
  follow(kind: Kind, onChange: () => void): Answer<() => Answer<void>>
}

export type Kind = 'registration' | 'subscription' | 'session'
export type Answer<T> = T | Promise<T>

/** A URI as lists have it. */
export function patternText(uri: string, match: MatchPolicy): string {
  return match === 'exact' ? uri : `${uri} (${match})`
}
