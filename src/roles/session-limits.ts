/** How much one session may have at once. What is more is refused with `wampkit.error.limit_exceeded`; the session lives. */
export interface SessionLimits {
  /** 100,000 by default. */
  readonly registrations?: number
  /** 100,000 by default. */
  readonly subscriptions?: number
  /** Calls that wait for an answer; 10,000 by default. */
  readonly calls?: number
  /**
   * Bytes of calls that wait for callees which may pass them on; 16 MiB by default. A call beyond that goes to no other
   * callee: its caller gets what the first one answers.
   */
  readonly reroutedBytes?: number
  /** Bytes of the testaments that the session leaves, of which there may be 100; 1 MiB by default. */
  readonly testamentBytes?: number
}

export const DEFAULT_SESSION_LIMITS: Required<SessionLimits> = Object.freeze({
  registrations: 100_000,
  subscriptions: 100_000,
  calls: 10_000,
  reroutedBytes: 16 * 1024 * 1024,
  testamentBytes: 1024 * 1024,
})

/** The limits, each with its default where it is not given. */
export function sessionLimits(given: SessionLimits | undefined): Required<SessionLimits> {
  return { ...DEFAULT_SESSION_LIMITS, ...given }
}
