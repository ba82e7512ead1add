/** Who wants a command to stop: Ctrl-C, a supervisor, or the reader of its output that has gone away. */
export type Interrupter = 'SIGINT' | 'SIGTERM' | 'EPIPE'

/** The convention of shells: 128 and the number of the signal. A reader that has read enough is no failure. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, EPIPE: 0 } as const

/** Ends a command that was to run to an end of its own. Those that run until Ctrl-C take it for their good end. */
export class Interruption extends Error {
  override readonly name = 'Interruption'

  constructor(readonly by: Interrupter) {
    super(`interrupted by ${by}`)
  }

  get exitCode(): number {
    return EXIT_CODES[this.by]
  }
}

/** Resolves when `signal` aborts. */
export function untilInterrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** What `work` resolves to; rejects with the interruption as soon as there is one. */
export async function orInterruption<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = untilInterrupted(signal).then(() => {
    throw signal.reason
  })
  // Whichever loses the race may still reject, with nobody waiting for it.
  interrupted.catch(() => {})
  work.catch(() => {})
  return Promise.race([work, interrupted])
}

/** Does `work`, for which an interruption is the end that it is meant to have. */
export async function untilDone(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Interruption)) throw error
  }
}
