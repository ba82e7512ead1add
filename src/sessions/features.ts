/**
 * What the peer at the other end of a session announced: which roles it plays and which advanced features each has.
 * No optional message goes to a peer that did not announce the feature it belongs to.
 *
 * Spec: rfc/text/basic/sessions.md, "Role & Feature announcement"; rfc/text/advanced/features.md.
 */

import { isDict } from '../messages/checks.js'
import type { Dict } from '../messages/dictionaries.js'

export type ClientRole = 'caller' | 'callee' | 'publisher' | 'subscriber'
export type RouterRole = 'broker' | 'dealer'
export type Role = ClientRole | RouterRole

/** Some sections of the spec spell a key in another way than the rest; peers in the field follow either. */
const SPELLINGS: Readonly<Record<string, string>> = {
  call_cancelling: 'call_canceling',
  shareded_subscriptions: 'sharded_subscription',
}

export class Features {
  static readonly none = new Features({})

  readonly #roles = new Set<string>()
  readonly #features = new Set<string>()

  /** @param roles The `roles` dictionary of a HELLO or WELCOME. What is no dictionary in it counts as empty. */
  constructor(roles: Dict) {
    for (const [role, description] of Object.entries(roles)) {
      this.#roles.add(role)
      if (!isDict(description) || !isDict(description.features)) continue
      for (const [key, announced] of Object.entries(description.features))
        if (announced === true) this.#features.add(`${role}.${SPELLINGS[key] ?? key}`)
    }
  }

  plays(role: Role): boolean {
    return this.#roles.has(role)
  }

  has(role: Role, feature: string): boolean {
    return this.#features.has(`${role}.${feature}`)
  }
}

/** The `roles` dictionary that announces these features of each role. */
export function announce(roles: { readonly [R in Role]?: readonly string[] }): Dict {
  return Object.fromEntries(
    Object.entries(roles).map(([role, features]) => [
      role,
      features.length === 0
        ? {}
        : { features: Object.fromEntries(features.map((feature) => [feature, true])) },
    ]),
  )
}
