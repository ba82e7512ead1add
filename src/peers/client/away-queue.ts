import type { Clock, Timer } from '../../clock.js'
import { CanceledError, SessionClosedError } from '../../errors.js'
import * as ERROR from '../../uris/error.js'
import { errorOf, type StateChange } from './client-state.js'

/** What a call that waits keeps to. */
export interface Patience {
  /** Milliseconds. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

interface Waiting {
  go(): void
  fail(error: unknown): void
}

/** Calls and publications that wait for a session, in their order. */
export class AwayQueue {
  readonly #waiting = new Set<Waiting>()

  /** Is there a session, or a client that wants one? */
  #state: 'open' | 'away' | 'stopped' = 'stopped'

  constructor(
    /** How many may wait. */
    private readonly limit: number,
    private readonly clock: Clock,
  ) {}

  /** There is a session: what has waited goes first. */
  open(): void {
    this.#state = 'open'
    for (const waiting of [...this.#waiting]) waiting.go()
  }

  /** There is none any more. */
  close(): void {
    if (this.#state === 'open') this.#state = 'away'
  }

  /** The client does something else. */
  follow(change: StateChange): void {
    const { state } = change
    if (state === 'connecting' && this.#state === 'stopped') this.#state = 'away'
    if (state !== 'stopped' && state !== 'stopping') return
    this.#state = 'stopped'
    for (const waiting of [...this.#waiting]) waiting.fail(errorOf(change))
  }

  /**
   * Does `act` now, or, if one is allowed to wait, in the next session; with the options as they are by then.
   *
   * @throws what `act` throws; CanceledError if the time of the options is over before there is a session, or their signal
   * aborts; SessionClosedError if too many wait, or there will be no session.
   */
  pass<T, Options extends Patience>(
    doing: string,
    options: Options | undefined,
    act: (options: Options | undefined) => Promise<T>,
  ): Promise<T> {
    if (this.#state !== 'away' || this.limit === 0) return act(options)
    return new Promise((resolve, reject) => {
      const { timeout = 0, signal } = options ?? {}
      if (signal?.aborted) return reject(canceled(doing, signal))
      if (this.#waiting.size >= this.limit) return reject(tooMany(doing, this.limit))
      const since = this.clock.now()
      let timer: Timer | undefined
      const settle = () => {
        this.#waiting.delete(waiting)
        timer?.cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      const fail = (error: unknown) => {
        settle()
        reject(error)
      }
      const onAbort = () => fail(canceled(doing, signal))
      const waiting: Waiting = {
        go: () => {
          settle()
          const waited = Math.floor(this.clock.now() - since)
          const left = timeout > 0 ? { ...options, timeout: Math.max(1, timeout - waited) } : options
          act(left as Options | undefined).then(resolve, reject)
        },
        fail,
      }
      this.#waiting.add(waiting)
      signal?.addEventListener('abort', onAbort)
      if (timeout > 0) timer = this.clock.after(timeout, () => fail(timedOut(doing, timeout)))
    })
  }
}

function tooMany(doing: string, limit: number): SessionClosedError {
  const sentence = `cannot ${doing}: there is no session, and ${limit} wait for one already (reconnect.queue)`
  return new SessionClosedError(ERROR.transportLost, sentence)
}

function timedOut(doing: string, timeout: number): CanceledError {
  return new CanceledError(ERROR.timeout, `cannot ${doing}: there was no session within ${timeout} ms`)
}

function canceled(doing: string, signal: AbortSignal | undefined): CanceledError {
  const sentence = `cannot ${doing}: it was canceled while there was no session`
  return new CanceledError(ERROR.canceled, sentence, { cause: signal?.reason })
}
