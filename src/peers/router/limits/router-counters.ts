import { type ListenerCounters, listenerCounters } from '../../../transports/listener-counters.js'

/** What happened to a router's connections and sessions so far, on all of its ports. */
export interface RouterCounters extends ListenerCounters {
  /**
   * What was more than a limit allows: connections, sessions, registrations, subscriptions, calls, testaments, calls that
   * were to be kept for another callee, and log-ins that did not wait as they had to.
   */
  refusedByLimit: number
  /** Connections that had no session in time. */
  timedOut: number
  /** Log-ins that an authentication method has refused. */
  failedLogins: number
  /** Times that a session sent too much at once, and was not read from for a while. */
  throttled: number
  /** Times that so much of a session waited for an authorizer that it was not read from for a while. */
  undecided: number
  /** Messages that were longer than the router takes; each has ended its connection. */
  messagesTooLong: number
  /** Messages that nested deeper than the router takes; each has ended its session. */
  messagesTooDeep: number
  /** URIs that were longer than the router takes, in requests that were refused for it. */
  urisTooLong: number
}

/** Nothing has happened yet. */
export function routerCounters(): RouterCounters {
  return {
    ...listenerCounters(),
    refusedByLimit: 0,
    timedOut: 0,
    failedLogins: 0,
    throttled: 0,
    undecided: 0,
    messagesTooLong: 0,
    messagesTooDeep: 0,
    urisTooLong: 0,
  }
}
