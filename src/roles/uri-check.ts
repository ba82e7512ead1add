import { isUri, isUriPattern, LONGEST_URI, type MatchPolicy, type UriRule } from '../uris.js'

/** The most components of a wildcard pattern: each costs memory, and time whenever it is looked at. */
const MOST_COMPONENTS = 64

/**
 * Judges the URIs that clients name, as a realm wants them.
 *
 * Spec: rfc/text/basic/building_blocks.md#uris.
 */
export class UriCheck {
  constructor(
    private readonly rule: UriRule = 'loose',
    /** The longest that is taken, in UTF-16 code units. */
    readonly longest = LONGEST_URI,
    /** Called for each one that is longer. */
    private readonly onTooLong: () => void = () => {},
  ) {}

  /** Why this cannot be called or published to, as a sentence; `undefined` if it can. */
  refusalOf(uri: string): string | undefined {
    if (isUri(uri, this.rule, this.longest)) return undefined
    return this.#tooLong(uri) ?? `${JSON.stringify(uri)} is no ${this.rule} URI`
  }

  /** Why this cannot be registered or subscribed to, as a sentence; `undefined` if it can. */
  refusalOfPattern(pattern: string, match: MatchPolicy): string | undefined {
    if (!isUriPattern(pattern, match, this.rule, this.longest))
      return this.#tooLong(pattern) ?? `${JSON.stringify(pattern)} is no ${this.rule} URI to match (${match})`
    if (match !== 'wildcard') return undefined
    const components = pattern.split('.').length
    if (components <= MOST_COMPONENTS) return undefined
    return `a wildcard pattern has ${MOST_COMPONENTS} components at most, and this one has ${components}`
  }

  #tooLong({ length }: string): string | undefined {
    if (length <= this.longest) return undefined
    this.onTooLong()
    return `a URI has ${this.longest} characters at most, and this one has ${length}`
  }
}
