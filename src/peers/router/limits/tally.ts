/** Counts how many there are of each kind; of kinds that are gone it remembers nothing. */
export class Tally {
  readonly #counts = new Map<string, number>()

  of(kind: string): number {
    return this.#counts.get(kind) ?? 0
  }

  /** One more. @returns how many there are now. */
  add(kind: string): number {
    const count = this.of(kind) + 1
    this.#counts.set(kind, count)
    return count
  }

  remove(kind: string): void {
    const count = this.of(kind) - 1
    if (count > 0) this.#counts.set(kind, count)
    else this.#counts.delete(kind)
  }

  /** How many kinds there are. */
  get size(): number {
    return this.#counts.size
  }
}
