/** A timer that was set; `cancel` is harmless when it has already fired. */
export interface Timer {
  cancel(): void
}

/** Where time comes from. Everything that waits takes a clock, so that tests can turn the hands themselves. */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes back. */
  now(): number
  /**
   * Calls `callback` once, after `delay` milliseconds. A timer alone does not keep a Node process alive, unless
   * `keepsAlive`.
   */
  after(delay: number, callback: () => void, keepsAlive?: boolean): Timer
}

/** The longest delay that platforms take; beyond it they fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback, keepsAlive = false) {
    const handle: unknown = setTimeout(callback, Math.min(delay, LONGEST_DELAY))
    if (
      !keepsAlive &&
      typeof handle === 'object' &&
      handle !== null &&
      'unref' in handle &&
      typeof handle.unref === 'function'
    )
      handle.unref()
    return { cancel: () => clearTimeout(handle as Parameters<typeof clearTimeout>[0]) }
  },
}

/** Runs `callback` in another turn of the event loop, so that what is ready gets its turn in between. */
export const inNextTurn: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : (callback) => void setTimeout(callback, 0)

/**
 * Runs `callback` when this turn of the event loop has handled all that is ready: what a transport gathered in the
 * turn leaves in one write. Where the platform has no such moment, at the end of the current task.
 */
export const atEndOfTurn: (callback: () => void) => void =
  typeof setImmediate === 'function' ? (callback) => void setImmediate(callback) : queueMicrotask
