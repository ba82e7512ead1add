/**
 * Values by prefix. However many prefixes there are, they have few different lengths: a look-up cuts the URI once for
 * each length in use and asks a hash table.
 */
export class PrefixMap<T> {
  readonly #values = new Map<string, T>()
  /** How many prefixes have each length. */
  readonly #counts = new Map<number, number>()
  /** The lengths in use, longest first. */
  #lengths: number[] = []

  get(prefix: string): T | undefined {
    return this.#values.get(prefix)
  }

  set(prefix: string, value: T): void {
    if (!this.#values.has(prefix)) this.#count(prefix.length, 1)
    this.#values.set(prefix, value)
  }

  delete(prefix: string): boolean {
    if (!this.#values.delete(prefix)) return false
    this.#count(prefix.length, -1)
    return true
  }

  /** The value of the longest prefix of `uri`; if `whole`, only of those that end where a component ends. */
  longest(uri: string, whole: boolean): T | undefined {
    for (const length of this.#lengths) {
      if (length > uri.length || (whole && !endsComponent(uri, length))) continue
      const value = this.#values.get(uri.slice(0, length))
      if (value !== undefined) return value
    }
    return undefined
  }

  forEachMatch(uri: string, visit: (value: T) => void): void {
    for (const length of this.#lengths) {
      if (length > uri.length) continue
      const value = this.#values.get(uri.slice(0, length))
      if (value !== undefined) visit(value)
    }
  }

  #count(length: number, change: 1 | -1): void {
    const count = (this.#counts.get(length) ?? 0) + change
    if (count > 0) this.#counts.set(length, count)
    else this.#counts.delete(length)
    if (count === 0 || (count === 1 && change === 1))
      this.#lengths = [...this.#counts.keys()].sort((a, b) => b - a)
  }
}

const DOT = 46

/** Do the first `length` characters of `uri` hold whole components, with or without the dot behind them? */
function endsComponent(uri: string, length: number): boolean {
  return (
    length === 0 ||
    length === uri.length ||
    uri.charCodeAt(length) === DOT ||
    uri.charCodeAt(length - 1) === DOT
  )
}
