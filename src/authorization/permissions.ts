import type { MatchPolicy } from '../uris.js'
import type { Action, AuthorizationRequest, Authorizer, Decision, Disclosure } from './authorization.js'
import { covers, overlap, type UriPattern } from './pattern-relations.js'

/** What members of a role may do with some URIs. */
export interface Permission {
  readonly uri: string
  /** How `uri` matches; `exact` by default. */
  readonly match?: MatchPolicy
  /** What is allowed; all else is not. */
  readonly allow: readonly Action[]
  /** Whether who calls or publishes is made known; `on-request` by default. */
  readonly disclose?: Disclosure
}

/** The permissions of each role, by its name. A role that is not there may do nothing. */
export type Roles = Readonly<Record<string, readonly Permission[]>>

const DENIED: Decision = Object.freeze({ allow: false })

/** How many decisions are remembered for each role. */
const MOST_REMEMBERED = 10_000

/**
 * Judges by lists of permissions: for each URI the most specific one counts, as with registrations: exact, then the longest
 * prefix, then wildcards. Where there is none, nothing is allowed.
 *
 * A registration or a subscription of a pattern is allowed if that holds for every URI that the pattern matches.
 */
export class PermissionAuthorizer implements Authorizer {
  readonly #roles = new Map<string, RolePermissions>()

  constructor(roles: Roles) {
    for (const [name, permissions] of Object.entries(roles))
      this.#roles.set(name, new RolePermissions(permissions))
  }

  authorize({ action, uri, match, authrole }: AuthorizationRequest): Decision {
    return this.#roles.get(authrole)?.decide(action, uri, match) ?? DENIED
  }
}

interface RankedPermission extends UriPattern {
  readonly allow: ReadonlySet<Action>
  readonly disclose: Disclosure
}

class RolePermissions {
  readonly #permissions: readonly RankedPermission[]
  /** Decisions by what was asked; few URIs are asked for again and again. */
  readonly #remembered = new Map<string, Decision>()

  constructor(permissions: readonly Permission[]) {
    this.#permissions = permissions
      .map(({ uri, match = 'exact', allow, disclose = 'on-request' }) => ({
        uri,
        match,
        allow: new Set(allow),
        disclose,
      }))
      .sort(bySpecificity)
  }

  decide(action: Action, uri: string, match: MatchPolicy): Decision {
    const key = `${action} ${match} ${uri}`
    const remembered = this.#remembered.get(key)
    if (remembered !== undefined) return remembered
    const decision = this.#decide(action, { uri, match })
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(key, decision)
    return decision
  }

  /** Goes from the most specific permission to the first that covers all that is asked for. */
  #decide(action: Action, asked: UriPattern): Decision {
    for (const permission of this.#permissions) {
      if (!overlap(permission, asked)) continue
      if (!permission.allow.has(action)) return DENIED
      if (covers(permission, asked)) return { allow: true, disclose: permission.disclose }
    }
    return DENIED
  }
}

const KINDS: readonly MatchPolicy[] = ['exact', 'prefix', 'wildcard']

/** The more specific of two permissions first. */
function bySpecificity(a: UriPattern, b: UriPattern): number {
  if (a.match !== b.match) return KINDS.indexOf(a.match) - KINDS.indexOf(b.match)
  if (a.match === 'prefix') return b.uri.length - a.uri.length
  if (a.match === 'wildcard') return openings(a.uri) < openings(b.uri) ? -1 : 1
  return 0
}

/** A text that sorts patterns with literals further to the left before others. */
function openings(pattern: string): string {
  return pattern
    .split('.')
    .map((component) => (component === '' ? '1' : '0'))
    .join('')
}
