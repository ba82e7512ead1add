/** Buckets for each doubling: values are told apart that differ by more than 3 %. */
const PER_DOUBLING = 32
const DOUBLINGS = 30

/** How long things took, in microseconds: any number of times in the same small room. */
export class Histogram {
  readonly #buckets = new Uint32Array(PER_DOUBLING * DOUBLINGS)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** @param microseconds from 1 up; less counts as 1. */
  record(microseconds: number): void {
    const place = microseconds <= 1 ? 0 : Math.floor(Math.log2(microseconds) * PER_DOUBLING)
    const last = this.#buckets.length - 1
    const bucket = place > last ? last : place
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1
    this.#count++
  }

  /** The time within which this share of all was done, in microseconds. @param share from 0 to 1. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(this.#count * share))
    let seen = 0
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      seen += this.#buckets[bucket] as number
      if (seen >= wanted) return 2 ** ((bucket + 0.5) / PER_DOUBLING)
    }
    return 0
  }
}
