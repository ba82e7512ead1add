import type { Clock, Timer } from '../../src/clock.js'

/** A clock whose hands the test turns. */
export class TestClock implements Clock {
  #now = 0
  #alarms: { at: number; callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(delay: number, callback: () => void): Timer {
    const alarm = { at: this.#now + delay, callback }
    this.#alarms.push(alarm)
    return {
      cancel: () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm)
      },
    }
  }

  get alarms(): number {
    return this.#alarms.length
  }

  /** Time passes; what is due is called in order. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (;;) {
      const next = this.#alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#now = next.at
      this.#alarms = this.#alarms.filter((other) => other !== next)
      next.callback()
    }
    this.#now = end
  }
}
