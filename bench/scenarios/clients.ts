import type { Load } from '../generator/load.js'
import { ClientCallerLoad, ClientSubscriberLoad } from '../loads/client-loads.js'
import { NodeProcess } from '../measuring/measured-process.js'
import { measureInTurns } from '../measuring/windows.js'
import { startPeer } from '../peers.js'
import { openBurstPublisher, openCallee, openCallers } from '../wiring/open-load.js'
import { WampWiring } from '../wiring/wamp-wiring.js'
import { asMeasured, type Scenario, withOpened } from './scenario.js'

type Part = 'caller' | 'callee' | 'subscriber'

const LIBRARIES = ['wampkit', 'autobahn', 'wampy'] as const

/** What a subscriber gets: slower than any of them is. */
const EVENTS_PER_SECOND = 20_000
const AT_ONCE = 64

const SIZE = 16

/** Our client and others in one part, through our router: the client is measured, and all else is on the other core. */
export function clients(part: Part, inFlight: number, isQuick = false): Scenario {
  const id = `clients-${part}${inFlight === 64 ? '' : `-${inFlight}`}`
  const how =
    part === 'subscriber'
      ? `${EVENTS_PER_SECOND.toLocaleString('en')} events a second, ${AT_ONCE} at once`
      : `${inFlight} in flight`
  const title = `Clients as ${part}, json, 16 B, ${how}`
  return {
    id,
    title,
    isQuick,
    run: (bench) =>
      withOpened(async (opened) => {
        const router = await startPeer('wampkit', { core: bench.cores?.others })
        opened(() => router.process.stop())
        const lanes = []
        for (const label of LIBRARIES) {
          const parameters = [`ws://127.0.0.1:${router.port}/`]
          const client = await NodeProcess.start(`clients/${label}.js`, { ...asMeasured(bench), parameters })
          opened(() => client.stop())
          const load = await openLoad(part, inFlight, client, router.port, `com.example.${label}`)
          opened(() => load.close())
          lanes.push({ label, measured: client, load })
        }
        const rows = await measureInTurns(lanes, bench.windows)
        const unit = part === 'subscriber' ? 'event' : 'call'
        return { kind: 'windows', id, title, unit, baseline: 'autobahn', rows }
      }),
  }
}

async function openLoad(
  part: Part,
  inFlight: number,
  client: NodeProcess,
  port: number,
  uri: string,
): Promise<Load> {
  const wiring = new WampWiring({ port, framing: 'websocket', format: 'json', procedure: uri, topic: uri })
  if (part === 'caller') return new ClientCallerLoad(client, await openCallee(wiring, SIZE), uri, inFlight)
  if (part === 'callee') {
    await client.ask('register', { procedure: uri })
    return openCallers(wiring, { callers: 1, inFlight, size: SIZE })
  }
  await client.ask('subscribe', { topic: uri })
  return new ClientSubscriberLoad(client, await openBurstPublisher(wiring, SIZE, EVENTS_PER_SECOND, AT_ONCE))
}
