import { type Clock, inNextTurn, type Timer } from '../clock.js'

interface Alarm {
  readonly at: number
  readonly callback: () => void
}

/**
 * A clock whose hands the test turns: for the option `clock` of a client, of a router and of `testRouter`. It begins at 0,
 * and no time passes by itself.
 */
export class TestClock implements Clock {
  #now = 0
  #alarms: Alarm[] = []

  /** Milliseconds that have passed. */
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

  /** How many timers are set, and have not fired yet. */
  get alarms(): number {
    return this.#alarms.length
  }

  /**
   * So many milliseconds pass in one go: what is due is called in order. Promises that are resolved by that go on later,
   * when the test waits for something.
   */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) this.#ring(next)
    this.#now = end
  }

  /**
   * So many milliseconds pass, and all that follows from one timer has happened before the next is due: what was said over a
   * transport in this process has arrived and was answered. Resolves when that is so of the last as well.
   */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await settled()
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#ring(next)
      await settled()
    }
    this.#now = Math.max(this.#now, end)
  }

  /** The next that is due by then. */
  #due(end: number): Alarm | undefined {
    let first: Alarm | undefined
    for (const alarm of this.#alarms)
      if (alarm.at <= end && (first === undefined || alarm.at < first.at)) first = alarm
    return first
  }

  #ring(alarm: Alarm): void {
    this.#now = Math.max(this.#now, alarm.at)
    this.#alarms = this.#alarms.filter((other) => other !== alarm)
    alarm.callback()
  }
}

/** A clock whose hands the test turns: `await clock.advance(500)`. */
export function testClock(): TestClock {
  return new TestClock()
}

/** Resolves when everything has run that was ready. */
function settled(): Promise<void> {
  return new Promise(inNextTurn)
}
