import type { WebSocket } from 'ws'

/** What `ws` keeps to itself: its receiver looks at this number whenever the header of a frame has come. */
interface Insides {
  readonly _receiver?: { _maxPayload?: number } | null
}

/**
 * From now on, messages of at most `octets` are taken: of a longer one no more than the header of its frame is read.
 * `ws` knows one limit, for all time; the tests say if it keeps it elsewhere one day. What Bun has in its place cannot
 * be told another one: there the whole message comes, and whoever gets it has to look how long it is.
 */
export function limitMessages(ws: WebSocket, octets: number): void {
  const { _receiver } = ws as unknown as Insides
  if (_receiver?._maxPayload !== undefined) _receiver._maxPayload = octets
}
