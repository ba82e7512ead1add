import { Connection } from '../generator/connection.js'
import { RawSession } from '../generator/raw-session.js'
import { NodeProcess } from '../measuring/measured-process.js'
import { type PeerName, peers, startPeer } from '../peers.js'
import { asMeasured, type Bench, type Scenario, withOpened } from './scenario.js'

/** Sessions that are there before memory is looked at, so that what the first ones bring about does not count. */
const BEFORE = 100
/** How many are opened at once. */
const AT_ONCE = 50

const COMPARED: readonly PeerName[] = ['wampkit', 'wampkit-rawsocket', 'ws', 'fox-wamp', 'socket.io']

/** What sessions cost that say nothing. For the relay and socket.io they are connections. */
export function idle(sessions: number, quickSessions: number, isQuick = false): Scenario {
  const id = 'idle'
  return {
    id,
    title: 'Memory of idle sessions',
    isQuick,
    async run(bench) {
      const count = bench.isQuick ? quickSessions : sessions
      const rows = []
      for (const name of COMPARED.filter((one) => bench.peers.includes(one))) {
        const { label } = peers[name]
        const measured = await perSession(name, count, bench).catch((error: unknown) => ({
          values: [Number.NaN, Number.NaN],
          failure: error instanceof Error ? error.message : String(error),
        }))
        rows.push({ label, ...measured })
      }
      const title = `Memory of ${count.toLocaleString('en')} idle sessions`
      return { kind: 'values', id, title, columns: ['KiB a session', 'CPU µs to join'], rows }
    },
  }
}

function perSession(name: PeerName, count: number, bench: Bench): Promise<{ values: number[] }> {
  return withOpened(async (opened) => {
    const { process, port, peer } = await startPeer(name, asMeasured(bench))
    opened(() => process.stop())
    if (!(process instanceof NodeProcess)) throw new Error('this peer cannot be asked')
    const connections: Connection[] = []
    opened(() => {
      for (const connection of connections) connection.close()
    })
    const { framing } = peer
    const join = async () => {
      if (peer.protocol === 'wamp') {
        connections.push((await RawSession.join({ port, framing, format: 'json', path: '/' })).connection)
        return
      }
      const path = peer.protocol === 'relay' ? '/subscriber' : '/socket.io/?EIO=4&transport=websocket'
      const format = peer.protocol === 'relay' ? 'json' : 'socket.io'
      connections.push(await Connection.open({ port, framing, format, path }))
    }
    await repeat(BEFORE, join)
    const before = await process.leastUsage()
    await repeat(count, join)
    const joined = await process.usage()
    const after = await process.leastUsage()
    return { values: [(after.rss - before.rss) / 1024 / count, (joined.cpu - before.cpu) / count] }
  })
}

async function repeat(count: number, join: () => Promise<void>): Promise<void> {
  for (let left = count; left > 0; left -= AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, join))
}
