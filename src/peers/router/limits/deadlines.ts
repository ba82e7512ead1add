import type { Clock, Timer } from '../../../clock.js'

/**
 * Gives everybody the same time, with a single timer for all. Since the time is the same, who came first is due first:
 * a map keeps that order.
 */
export class Deadlines<T> {
  readonly #due = new Map<T, number>()
  #timer: Timer | undefined

  /** @param time milliseconds; `Infinity` for all the time in the world. */
  constructor(
    private readonly clock: Clock,
    private readonly time: number,
    /** Called when somebody's time is over, who is forgotten then. */
    private readonly onDue: (late: T) => void,
  ) {}

  get size(): number {
    return this.#due.size
  }

  /** The time of `who` begins, or begins anew. */
  add(who: T): void {
    if (this.time === Number.POSITIVE_INFINITY) return
    this.#due.delete(who)
    this.#due.set(who, this.clock.now() + this.time)
    this.#timer ??= this.#wait(this.time)
  }

  delete(who: T): void {
    if (!this.#due.delete(who) || this.#due.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #wait(time: number): Timer {
    return this.clock.after(time, () => this.#look())
  }

  #look(): void {
    const now = this.clock.now()
    for (const [who, due] of this.#due) {
      if (due > now) break
      this.#due.delete(who)
      this.onDue(who)
    }
    // Somebody may have come or gone in between.
    this.#timer?.cancel()
    const [next] = this.#due.values()
    this.#timer = next === undefined ? undefined : this.#wait(next - now)
  }
}
