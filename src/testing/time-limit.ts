import { type Clock, systemClock } from '../clock.js'
import { CanceledError } from '../errors.js'
import * as ERROR from '../uris/error.js'

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds; 1,000 by default. */
  readonly timeout?: number
  /** What measures them; the system's clock by default, since the hands of a test clock may stand still. */
  readonly clock?: Clock
}

const DEFAULT_TIMEOUT = 1_000

/**
 * Waits for something, and not for ever. `sentence` says what there is instead.
 *
 * @throws CanceledError (`wamp.error.timeout`) if it takes too long; what `promise` rejects with.
 */
export function inTime<T>(
  promise: Promise<T>,
  sentence: (timeout: number) => string | Promise<string>,
  { timeout = DEFAULT_TIMEOUT, clock = systemClock }: WaitOptions = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = async () => reject(new CanceledError(ERROR.timeout, await sentence(timeout)))
    // A test that waits for nothing else must not end before it has heard of this.
    const timer = clock.after(timeout, () => void late().catch(reject), true)
    const settle = () => timer.cancel()
    promise.then(resolve, reject).then(settle)
  })
}
