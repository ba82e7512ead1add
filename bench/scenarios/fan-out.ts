import { NatsFanOutLoad } from '../loads/nats-load.js'
import { openFanOutLoad } from '../wiring/open-load.js'
import { measurePeers } from './against-peers.js'
import { sizeName } from './rpc.js'
import type { Scenario } from './scenario.js'

/** Events of one publisher to many subscribers. */
export function fanOut(subscribers: number, inFlight: number, size: number, isQuick = false): Scenario {
  const id = `events-${subscribers}${size === 16 ? '' : `-${size / 1024}K`}`
  const to = subscribers === 1 ? '1 subscriber' : `${subscribers.toLocaleString('en')} subscribers`
  const title = `Events to ${to}, json, ${sizeName(size)}, ${inFlight} in flight`
  const shape = { subscribers, inFlight, size }
  return {
    id,
    title,
    isQuick,
    run: (bench) =>
      measurePeers(bench, {
        id,
        title,
        unit: 'event',
        format: 'json',
        async open({ port }, wiring) {
          if (wiring === undefined) return NatsFanOutLoad.open(port, size, subscribers, inFlight)
          return openFanOutLoad(wiring, shape)
        },
      }),
  }
}
