import type { Load } from '../generator/load.js'
import { RawSession } from '../generator/raw-session.js'
import { measureInTurns } from '../measuring/windows.js'
import { startPeer } from '../peers.js'
import { openFanOutLoad, openRpcLoad } from '../wiring/open-load.js'
import { type Pattern, WampWiring } from '../wiring/wamp-wiring.js'
import { asMeasured, type Scenario, withOpened } from './scenario.js'

/** What is called or published to: one of many devices. */
const uriOf = (device: number) => `com.example.device${device}.unit.state.read`

const prefixOf = (device: number): Pattern => ({ uri: `com.example.device${device}.`, match: 'prefix' })

/** The components of such a URI that patterns leave open, in any combination but none: the device is always said. */
const OPEN = [1, 3, 4, 5]

/** Patterns of devices whose numbers follow each other have their wildcards in different places. */
function wildcardOf(device: number): Pattern {
  const arrangement = 1 + (device % (2 ** OPEN.length - 1))
  const components = uriOf(device).split('.')
  for (const [bit, place] of OPEN.entries()) if ((arrangement & (1 << bit)) !== 0) components[place] = ''
  return { uri: components.join('.'), match: 'wildcard' }
}

interface Case {
  readonly label: (count: string) => string
  /** What others have asked for, one for each of so many devices. */
  readonly others?: (device: number) => Pattern
  /** What callee or subscriber has asked for; the very URI by default. */
  readonly served?: (device: number) => Pattern
}

const CASES: readonly Case[] = [
  { label: () => 'no patterns' },
  { label: (count) => `${count} prefixes, one fits`, others: prefixOf, served: prefixOf },
  { label: (count) => `${count} wildcards, one fits`, others: wildcardOf, served: wildcardOf },
  { label: (count) => `${count} wildcards, none fits`, others: wildcardOf },
]

/** What it costs to find who serves a URI, where there are many patterns. */
export function patterns(kind: 'call' | 'event', count: number, isQuick = false): Scenario {
  const id = `patterns-${kind}`
  const title =
    kind === 'call'
      ? 'Matching of calls, json, 16 B, 64 in flight'
      : 'Matching of publications, 1 subscriber, json, 16 B, 16 in flight'
  return {
    id,
    title,
    isQuick,
    run: (bench) =>
      withOpened(async (opened) => {
        const lanes = []
        for (const one of CASES) {
          const { process, port } = await startPeer('wampkit', asMeasured(bench))
          opened(() => process.stop())
          const load = await openCase(kind, count, port, one, opened)
          lanes.push({ label: one.label(count.toLocaleString('en')), measured: process, load })
        }
        const rows = await measureInTurns(lanes, bench.windows)
        return { kind: 'windows', id, title, unit: kind, baseline: 'no patterns', rows }
      }),
  }
}

async function openCase(
  kind: 'call' | 'event',
  count: number,
  port: number,
  { others, served }: Case,
  opened: (close: () => unknown) => void,
): Promise<Load> {
  if (others !== undefined) {
    const holder = await RawSession.join({ port, framing: 'websocket', format: 'json', path: '/' })
    opened(() => holder.connection.close())
    await holder.each(count - 1, (device) => {
      const { uri, match } = others(device)
      return kind === 'call' ? holder.register(uri, match) : holder.subscribe(uri, match)
    })
  }
  // One that nobody of the others has asked for.
  const device = count - 1
  const uri = uriOf(device)
  const wiring = new WampWiring({
    port,
    framing: 'websocket',
    format: 'json',
    procedure: uri,
    topic: uri,
    served: served?.(device),
  })
  const load =
    kind === 'call'
      ? await openRpcLoad(wiring, { callers: 1, inFlight: 64, size: 16 })
      : await openFanOutLoad(wiring, { subscribers: 1, inFlight: 16, size: 16 })
  opened(() => load.close())
  return load
}
