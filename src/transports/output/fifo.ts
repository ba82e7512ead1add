/** So many that were taken are let stand before the rest moves up. */
const MOST_TAKEN = 1024

/** First in, first out. */
export class Fifo<T> {
  #items: T[] = []
  #taken = 0

  get isEmpty(): boolean {
    return this.#taken === this.#items.length
  }

  /** The one that is next to be taken. */
  get first(): T | undefined {
    return this.#items[this.#taken]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#taken]
    if (item === undefined)
      return undefined
      // Nothing that was taken is kept from being freed.
    ;(this.#items as (T | undefined)[])[this.#taken++] = undefined
    if (this.isEmpty || (this.#taken > MOST_TAKEN && this.#taken * 2 > this.#items.length)) {
      this.#items = this.#items.slice(this.#taken)
      this.#taken = 0
    }
    return item
  }
}
