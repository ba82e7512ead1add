import { openPacedLoad } from '../wiring/open-load.js'
import { measurePeers } from './against-peers.js'
import type { Scenario } from './scenario.js'

/** What a caller feels of a peer that has time: a call now and then, each by itself. */
export function latency(perSecond: number, isQuick = false): Scenario {
  const id = `latency-${perSecond}`
  const title = `RPC, json, 16 B, ${perSecond.toLocaleString('en')} calls a second`
  return {
    id,
    title,
    isQuick,
    run: (bench) =>
      measurePeers(bench, {
        id,
        title,
        unit: 'call',
        format: 'json',
        open: async (_, wiring) => (wiring === undefined ? undefined : openPacedLoad(wiring, 16, perSecond)),
      }),
  }
}
