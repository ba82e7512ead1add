/** What happened to a listener's connections so far. */
export interface ListenerCounters {
  accepted: number
  /** Requests that no connection came of. */
  refused: number
  /** Of these, the ones that came from a page whose origin is not allowed. */
  refusedByOrigin: number
  slowConsumersDropped: number
  /** Connections that went silent. */
  lost: number
}

/** Nothing has happened yet. */
export function listenerCounters(): ListenerCounters {
  return { accepted: 0, refused: 0, refusedByOrigin: 0, slowConsumersDropped: 0, lost: 0 }
}
