import { META } from '../../src/uris.js'
import { FrameTemplate } from '../generator/frame-template.js'
import type { Load } from '../generator/load.js'
import { messageIds } from '../generator/message-ids.js'
import { RawSession } from '../generator/raw-session.js'
import { FanOutLoad } from '../loads/fan-out-load.js'
import { EchoingCallee } from '../loads/rpc-load.js'
import { NodeProcess, numberOf } from '../measuring/measured-process.js'
import { median } from '../measuring/median.js'
import { startPeer } from '../peers.js'
import { openCallers } from '../wiring/open-load.js'
import { WampWiring } from '../wiring/wamp-wiring.js'
import { asMeasured, type Bench, type Scenario, withOpened } from './scenario.js'

type Kind = 'registrations' | 'subscriptions'

const COLUMNS = [
  'join µs each',
  'match µs a message',
  'leave µs each',
  'leaving blocks ms',
  'KiB each',
] as const

/** How often all of it is done; once more before, to warm up. */
const ROUNDS = 3

const address = (port: number) => ({ port, framing: 'websocket', format: 'json', path: '/' }) as const
const uriOf = (index: number) => `com.example.entry${index}`

/** One session that has more and more: what it costs to get it, to find one of them, and to leave with all. CPU
 * time. */
export function growth(kind: Kind, counts: readonly number[], quickCounts: readonly number[] = []): Scenario {
  const id = `growth-${kind}`
  const title = `One session with many ${kind}`
  return {
    id,
    title,
    isQuick: quickCounts.length > 0,
    async run(bench) {
      const rows = []
      for (const count of bench.isQuick ? quickCounts : counts) {
        const label = `${count.toLocaleString('en')} ${kind}`
        const measured = await measure(kind, count, bench).catch((error: unknown) => ({
          values: COLUMNS.map(() => Number.NaN),
          failure: error instanceof Error ? error.message : String(error),
        }))
        rows.push({ label, ...measured })
      }
      return { kind: 'values', id, title, columns: COLUMNS, rows }
    },
  }
}

function measure(kind: Kind, count: number, bench: Bench): Promise<{ values: number[] }> {
  return withOpened(async (opened) => {
    const { process, port } = await startPeer('wampkit', asMeasured(bench))
    opened(() => process.stop())
    if (!(process instanceof NodeProcess)) throw new Error('our router cannot be asked')
    const watcher = await RawSession.join(address(port))
    opened(() => watcher.connection.close())
    const all: number[][] = []
    for (let round = 0; round <= (bench.isQuick ? 1 : ROUNDS); round++)
      all.push(await once(kind, count, process, port, watcher, bench.windows.window))
    const rounds = all.slice(1)
    return {
      values: COLUMNS.map((_, column) => median(rounds.map((values) => values[column] ?? Number.NaN))),
    }
  })
}

async function once(
  kind: Kind,
  count: number,
  process: NodeProcess,
  port: number,
  watcher: RawSession,
  window: number,
): Promise<number[]> {
  const holder = await RawSession.join(address(port))
  const before = await process.leastUsage()
  await holder.each(count, (index) =>
    kind === 'registrations' ? holder.register(uriOf(index)) : holder.subscribe(uriOf(index)),
  )
  const joined = await process.usage()
  const full = await process.leastUsage()
  const load = await openMatching(kind, holder, port, uriOf(count >> 1))
  const prepared = await process.usage()
  const { messages } = await load.run(window)
  const matched = await process.usage()
  await process.ask('watchLoop')
  const watched = await process.usage()
  load.close()
  // The holder, the callers or publishers: all but the watcher have left when the router says so.
  while ((await watcher.call(META.session.count)) !== 1);
  const left = await process.usage()
  const block = numberOf(await process.ask('longestBlock'), 'milliseconds')
  return [
    (joined.cpu - before.cpu) / count,
    (matched.cpu - prepared.cpu) / messages,
    (left.cpu - watched.cpu) / count,
    block,
    (full.rss - before.rss) / 1024 / count,
  ]
}

/** Work that reaches the holder through one of its many registrations or subscriptions. It closes the holder as well. */
async function openMatching(kind: Kind, holder: RawSession, port: number, uri: string): Promise<Load> {
  const wiring = new WampWiring({ port, framing: 'websocket', format: 'json', procedure: uri, topic: uri })
  const ids = messageIds('json')
  if (kind === 'registrations') {
    const answer = new FrameTemplate('[70,1,{},["x"]]', ids)
    const callee = new EchoingCallee(holder.connection, ids, answer)
    return openCallers(wiring, { callers: 1, inFlight: 64, size: 16 }, callee)
  }
  const { connection, message, requestId } = await wiring.publisher(16)
  return new FanOutLoad(connection, [holder.connection], ids, new FrameTemplate(message, ids), requestId, 16)
}
