import { type ListenerCounters, listenerCounters } from '../../../transports/listener-counters.js'

/** What happened to a router's connections and sessions so far, on all of its ports. */
export interface RouterCounters extends ListenerCounters {
  /** Connections and sessions that were more than a limit allows, and log-ins that did not wait as they had to. */
  refusedByLimit: number
  /** Connections that had no session in time. */
  timedOut: number
  /** Log-ins that an authentication method has refused. */
  failedLogins: number
  /** Times that a session sent too much at once, and was not read from for a while. */
  throttled: number
}

/** Nothing has happened yet. */
export function routerCounters(): RouterCounters {
  return { ...listenerCounters(), refusedByLimit: 0, timedOut: 0, failedLogins: 0, throttled: 0 }
}
