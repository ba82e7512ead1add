import type { Load } from '../generator/load.js'
import type { WampFormat } from '../generator/raw-session.js'
import { type Lane, type Measured, measureInTurns } from '../measuring/windows.js'
import { peers, type StartedPeer, startPeer } from '../peers.js'
import type { WindowsResult } from '../report/results.js'
import { SocketIoWiring } from '../wiring/socket-io-wiring.js'
import { RelayWiring, WampWiring } from '../wiring/wamp-wiring.js'
import type { Wiring } from '../wiring/wiring.js'
import { asMeasured, type Bench, failed, withOpened } from './scenario.js'

export interface AgainstPeers {
  readonly id: string
  readonly title: string
  readonly unit: 'call' | 'event'
  readonly format: WampFormat
  /** Prepares the work; undefined if this peer cannot do it. */
  open(started: StartedPeer, wiring: Wiring | undefined): Promise<Load | undefined>
}

/** Has all peers that speak the format do the same work, in turns. */
export function measurePeers(bench: Bench, work: AgainstPeers): Promise<WindowsResult> {
  const { id, title, unit, format, open } = work
  const chosen = bench.peers.filter((name) => peers[name].formats.some((one) => one === format))
  return withOpened(async (opened) => {
    const started = await Promise.allSettled(
      chosen.map(async (name) => {
        const peer = await startPeer(name, asMeasured(bench))
        opened(() => peer.process.stop())
        return peer
      }),
    )
    const lanes: Lane[] = []
    const failures: Measured[] = []
    for (const [index, name] of chosen.entries()) {
      const { label } = peers[name]
      const one = started[index]
      try {
        if (one?.status !== 'fulfilled') throw one?.reason
        const load = await open(one.value, wiringOf(one.value, format))
        if (load === undefined) continue
        opened(() => load.close())
        lanes.push({ label, measured: one.value.process, load })
      } catch (error) {
        failures.push(failed(label, error))
      }
    }
    const rows = [...(await measureInTurns(lanes, bench.windows)), ...failures]
    return { kind: 'windows', id, title, unit, baseline: peers.ws.label, rows }
  })
}

/** How a peer is spoken to; undefined if by a protocol of its own. */
export function wiringOf({ peer, port }: StartedPeer, format: WampFormat): Wiring | undefined {
  const { protocol, framing } = peer
  if (protocol === 'wamp') return new WampWiring({ port, framing, format })
  if (protocol === 'relay') return new RelayWiring({ port, framing, format })
  return protocol === 'socket.io' ? new SocketIoWiring(port) : undefined
}
