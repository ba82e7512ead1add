/** How much one session may have at once. What is more is refused with `wampkit.error.limit_exceeded`; the session lives. */
export interface SessionLimits {
  /** 100,000 by default. */
  readonly registrations?: number
  /** 100,000 by default. */
  readonly subscriptions?: number
  /** Calls that wait for an answer; 10,000 by default. */
  readonly calls?: number
}

export const DEFAULT_SESSION_LIMITS: Required<SessionLimits> = Object.freeze({
  registrations: 100_000,
  subscriptions: 100_000,
  calls: 10_000,
})

/** The limits, each with its default where it is not given. */
export function sessionLimits(given: SessionLimits | undefined): Required<SessionLimits> {
  return { ...DEFAULT_SESSION_LIMITS, ...given }
}
