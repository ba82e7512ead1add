import type { Soon } from './check.js'

/**
 * Keeps what waits for its schema in the order in which it came: checked side by side, said one after the other.
 */
export class InOrder {
  #last: Promise<unknown> | undefined

  /**
   * Calls `act` with the value once it is there and all before it have had their turn: at once, if nothing has to be
   * waited for. What `act` returns is not waited for by those behind it, and a value that never comes is only left out.
   *
   * @throws what `act` throws, now or later; why the value does not come.
   */
  run<T, R>(value: Soon<T>, act: (value: T) => Soon<R>): Soon<R> {
    const before = this.#last
    if (before === undefined && !(value instanceof Promise)) return act(value)
    const turn = Promise.allSettled([value, before]).then(([settled]) => {
      if (settled.status === 'rejected') throw settled.reason
      // In a list, so that a promise in it is not waited for.
      return [act(settled.value)] as const
    })
    const last: Promise<void> = turn.then(
      () => this.#rest(last),
      () => this.#rest(last),
    )
    this.#last = last
    return turn.then(([returned]) => returned)
  }

  #rest(last: Promise<unknown>): void {
    if (this.#last === last) this.#last = undefined
  }
}

/** One order for each owner, for as long as the owner lives. */
export class Orders {
  readonly #orders = new WeakMap<object, InOrder>()

  of(owner: object): InOrder {
    let order = this.#orders.get(owner)
    if (order === undefined) {
      order = new InOrder()
      this.#orders.set(owner, order)
    }
    return order
  }
}
