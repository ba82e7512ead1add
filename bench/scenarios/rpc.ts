import type { WampFormat } from '../generator/raw-session.js'
import { NatsRpcLoad } from '../loads/nats-load.js'
import { openRpcLoad, type RpcShape } from '../wiring/open-load.js'
import { measurePeers } from './against-peers.js'
import type { Scenario } from './scenario.js'

const sizeNames: Readonly<Record<number, string>> = { 16: '16 B', 1024: '1 KiB', 65536: '64 KiB' }

export const sizeName = (size: number): string => sizeNames[size] ?? `${size} B`

/** `16`, `1K`, `64K`, for ids. */
const shortSize = (size: number) => (size < 1024 ? String(size) : `${size / 1024}K`)

/** Calls to one callee: who routes them, and at what cost. */
export function rpc(format: WampFormat, shape: RpcShape, isQuick = false): Scenario {
  const { callers, inFlight, size } = shape
  const id = `rpc-${format}-${shortSize(size)}-${callers === 1 ? inFlight : `${callers}x${inFlight}`}`
  const flight = callers === 1 ? `${inFlight} in flight` : `${callers} callers, ${inFlight} in flight each`
  const title = `RPC, ${format}, ${sizeName(size)}, ${flight}`
  return {
    id,
    title,
    isQuick,
    run: (bench) =>
      measurePeers(bench, {
        id,
        title,
        unit: 'call',
        format,
        async open({ port }, wiring) {
          if (wiring === undefined) return NatsRpcLoad.open(port, size, callers, inFlight)
          return openRpcLoad(wiring, shape)
        },
      }),
  }
}
