import { measureInTurns } from '../measuring/windows.js'
import { startPeer } from '../peers.js'
import { openRpcLoad } from '../wiring/open-load.js'
import { WampWiring } from '../wiring/wamp-wiring.js'
import { sizeName } from './rpc.js'
import { asMeasured, type Scenario, withOpened } from './scenario.js'

const PAIRS = [
  ['json', 'json'],
  ['json', 'msgpack'],
  ['msgpack', 'json'],
  ['json', 'cbor'],
  ['cbor', 'json'],
  ['msgpack', 'cbor'],
  ['cbor', 'msgpack'],
] as const

const labelOf = ([near, far]: (typeof PAIRS)[number]) => `${near} to ${far}`

/** Calls whose caller and callee write differently, so that the router has to read payloads. */
export function serializers(size: number, isQuick = false): Scenario {
  const id = `serializers-${size}`
  const title = `RPC between serializers, ${sizeName(size)}, 64 in flight`
  return {
    id,
    title,
    isQuick,
    run: (bench) =>
      withOpened(async (opened) => {
        const { process, port } = await startPeer('wampkit', asMeasured(bench))
        opened(() => process.stop())
        const lanes = []
        for (const pair of PAIRS) {
          const [format, farFormat] = pair
          const procedure = `com.example.${format}.${farFormat}`
          const wiring = new WampWiring({ port, framing: 'websocket', format, farFormat, procedure })
          const load = await openRpcLoad(wiring, { callers: 1, inFlight: 64, size })
          opened(() => load.close())
          lanes.push({ label: labelOf(pair), measured: process, load })
        }
        const rows = await measureInTurns(lanes, bench.windows)
        return { kind: 'windows', id, title, unit: 'call', baseline: labelOf(PAIRS[0]), rows }
      }),
  }
}
