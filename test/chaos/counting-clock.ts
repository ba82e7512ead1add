import { type Clock, systemClock, type Timer } from '../../src/clock.js'

/** The system's clock, which knows the timers that are set and have not fired, and who has set them. */
export class CountingClock implements Clock {
  readonly #live = new Map<object, Error>()

  now(): number {
    return systemClock.now()
  }

  after(delay: number, callback: () => void, keepsAlive?: boolean): Timer {
    const timer = systemClock.after(
      delay,
      () => {
        this.#live.delete(timer)
        callback()
      },
      keepsAlive,
    )
    this.#live.set(timer, new Error(`a timer of ${delay} ms`))
    return {
      cancel: () => {
        this.#live.delete(timer)
        timer.cancel()
      },
    }
  }

  /** Where each timer that is left was set. */
  get left(): readonly string[] {
    return [...this.#live.values()].map(({ stack = '' }) => stack)
  }
}
