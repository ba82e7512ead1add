import type { MatchPolicy } from '../../uris.js'
import { PrefixMap } from './prefix-map.js'
import { WildcardMap } from './wildcard-map.js'

interface PatternMap<T> {
  get(uri: string): T | undefined
  set(uri: string, value: T): unknown
  delete(uri: string): boolean
}

/**
 * Values by URI and match policy, found again by the URIs that they match.
 *
 * Spec: rfc/text/advanced/rpc_pattern_based_registration.md, rfc/text/advanced/pubsub_pattern_based_subscription.md.
 */
export class UriMap<T> {
  readonly #exact = new Map<string, T>()
  readonly #prefix = new PrefixMap<T>()
  readonly #wildcard = new WildcardMap<T>()

  /** The value under exactly this URI or pattern. */
  get(match: MatchPolicy, uri: string): T | undefined {
    return this.#mapOf(match).get(uri)
  }

  set(match: MatchPolicy, uri: string, value: T): void {
    this.#mapOf(match).set(uri, value)
  }

  /** Why this URI or pattern would make look-ups slow, as a sentence; `undefined` if it would not. */
  refusalOf(match: MatchPolicy, uri: string): string | undefined {
    return match === 'wildcard' ? this.#wildcard.refusalOf(uri) : undefined
  }

  delete(match: MatchPolicy, uri: string): void {
    this.#mapOf(match).delete(uri)
  }

  /** The exact match of `uri`, the most frequent one by far. */
  exact(uri: string): T | undefined {
    return this.#exact.get(uri)
  }

  /**
   * The one value that a call of `uri` goes to: exact, else the longest prefix, else the wildcard pattern whose
   * literal portions before each wildcard are longest, from left to right.
   *
   * A prefix matches as a string, as the section on matching has it (`com.app` matches `com.apple`), but "longest"
   * counts components: one that ends inside a component has not matched that component, and gives way to a wildcard
   * pattern. That is how all of the section's worked examples come out as it says.
   */
  best(uri: string): T | undefined {
    return (
      this.#exact.get(uri) ??
      this.#prefix.longest(uri, true) ??
      this.#wildcard.best(uri) ??
      this.#prefix.longest(uri, false)
    )
  }

  /** Calls `visit` with every value that matches `uri`: exact, prefixes, wildcard patterns. */
  forEachMatch(uri: string, visit: (value: T) => void): void {
    const exact = this.#exact.get(uri)
    if (exact !== undefined) visit(exact)
    this.#prefix.forEachMatch(uri, visit)
    this.#wildcard.forEachMatch(uri, visit)
  }

  #mapOf(match: MatchPolicy): PatternMap<T> {
    return match === 'exact' ? this.#exact : match === 'prefix' ? this.#prefix : this.#wildcard
  }
}
