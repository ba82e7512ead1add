import type { Clock, Timer } from '../../clock.js'

/** What has a heart. */
export interface Beating {
  beat(): void
}

/** A period is cut in so many parts, so that ten thousand connections are not pinged all at once. */
const PARTS = 16

/** Beats the hearts of all connections of a listener, once a period each, with a single timer. */
export class Heartbeats<Heart extends Beating> {
  readonly #parts: Set<Heart>[] = Array.from({ length: PARTS }, () => new Set())
  #size = 0
  #next = 0
  #part = 0
  #timer: Timer | undefined

  /** @param period milliseconds; 0 for no heartbeat. */
  constructor(
    private readonly clock: Clock,
    private readonly period: number,
  ) {}

  get size(): number {
    return this.#size
  }

  add(heart: Heart): void {
    this.#next = (this.#next + 1) % PARTS
    this.#parts[this.#next]?.add(heart)
    this.#size++
    if (this.#timer === undefined) this.#wait()
  }

  delete(heart: Heart): void {
    if (!this.#parts.some((part) => part.delete(heart))) return
    this.#size--
    if (this.#size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  *[Symbol.iterator](): IterableIterator<Heart> {
    for (const part of this.#parts) yield* part
  }

  #wait(): void {
    if (this.period > 0) this.#timer = this.clock.after(this.period / PARTS, () => this.#beat())
  }

  #beat(): void {
    this.#wait()
    this.#part = (this.#part + 1) % PARTS
    for (const heart of this.#parts[this.#part] ?? []) heart.beat()
  }
}
