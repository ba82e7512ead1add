import { idOf } from '../../sessions/ids.js'
import type { MatchPolicy } from '../../uris.js'
import { UriMap } from './uri-map.js'

/** The registrations or the subscriptions of a realm, by what they match and by id. */
export class PatternTable<T extends { readonly id: number; readonly match: MatchPolicy }> {
  readonly #byUri = new UriMap<T>()
  readonly #byId = new Map<number, T>()

  constructor(
    private readonly realm: string,
    /** The URI or pattern that an entry stands under. */
    private readonly uriOf: (entry: T) => string,
  ) {}

  get(id: number): T | undefined {
    return this.#byId.get(id)
  }

  /** The entry under exactly this URI or pattern. */
  find(match: MatchPolicy, uri: string): T | undefined {
    return this.#byUri.get(match, uri)
  }

  /** The entry that matches this URI exactly: the most frequent one by far. */
  exact(uri: string): T | undefined {
    return this.#byUri.exact(uri)
  }

  /** The one entry that a call of this URI goes to. */
  best(uri: string): T | undefined {
    return this.#byUri.best(uri)
  }

  /** Calls `visit` with every entry that a publication to this topic reaches. */
  forEachMatch(uri: string, visit: (entry: T) => void): void {
    this.#byUri.forEachMatch(uri, visit)
  }

  /** Why this URI or pattern would make look-ups slow, as a sentence; `undefined` if it would not. */
  refusalOf(match: MatchPolicy, uri: string): string | undefined {
    return this.#byUri.refusalOf(match, uri)
  }

  /** Every entry there is. */
  all(): Iterable<T> {
    return this.#byId.values()
  }

  delete(entry: T): void {
    this.#byId.delete(entry.id)
    this.#byUri.delete(entry.match, this.uriOf(entry))
  }

  /** Adds what `make` makes for the id of this URI or pattern. */
  protected add(match: MatchPolicy, uri: string, make: (id: number) => T): T {
    let attempt = 0
    let id = idOf(this.realm, match, uri)
    while (this.#byId.has(id)) id = idOf(this.realm, match, uri, ++attempt)
    const entry = make(id)
    this.#byId.set(id, entry)
    this.#byUri.set(match, uri, entry)
    return entry
  }
}
