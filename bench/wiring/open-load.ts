import type { Connection } from '../generator/connection.js'
import { FrameTemplate } from '../generator/frame-template.js'
import { messageIds } from '../generator/message-ids.js'
import { BurstPublisher } from '../loads/burst-publisher.js'
import { FanOutLoad } from '../loads/fan-out-load.js'
import { PacedLoad } from '../loads/paced-load.js'
import { Caller, EchoingCallee, RpcLoad } from '../loads/rpc-load.js'
import type { Wired, Wiring } from './wiring.js'

/** How many subscribers are connected at once. */
const AT_ONCE = 50

export interface RpcShape {
  readonly callers: number
  /** Calls that each of them keeps in flight. */
  readonly inFlight: number
  /** Characters of the only argument, and of the result. */
  readonly size: number
}

/** A callee of the generator's own, for whoever calls. */
export async function openCallee(wiring: Wiring, size: number): Promise<EchoingCallee> {
  return echoing(await wiring.callee(size))
}

/** Publishes for subscribers that are not the generator's. */
export async function openBurstPublisher(
  wiring: Wiring,
  size: number,
  perSecond: number,
  atOnce: number,
): Promise<BurstPublisher> {
  const { connection, format, message, requestId } = await wiring.publisher(size)
  const ids = messageIds(format)
  const template = new FrameTemplate(message, ids)
  return new BurstPublisher(connection, ids, template, requestId, perSecond, atOnce)
}

/** Callers and their callee, both the generator's own. */
export async function openRpcLoad(wiring: Wiring, { callers, inFlight, size }: RpcShape): Promise<RpcLoad> {
  const callee = await openCallee(wiring, size)
  return await openCallers(wiring, { callers, inFlight, size }, callee)
}

/** Callers, where somebody else has registered the procedure. */
export async function openCallers(
  wiring: Wiring,
  { callers, inFlight, size }: RpcShape,
  callee?: EchoingCallee,
): Promise<RpcLoad> {
  const all: Caller[] = []
  const load: RpcLoad = new RpcLoad(all, callee, inFlight)
  for (let i = 0; i < callers; i++) all.push(callerOf(await wiring.caller(size), () => load.check()))
  return load
}

export async function openPacedLoad(wiring: Wiring, size: number, perSecond: number): Promise<PacedLoad> {
  const callee = await openCallee(wiring, size)
  const caller = callerOf(await wiring.caller(size), () => load.check())
  const load: PacedLoad = new PacedLoad(caller, callee, perSecond)
  return load
}

export interface FanOutShape {
  readonly subscribers: number
  /** Publications that are on their way at once. */
  readonly inFlight: number
  readonly size: number
}

export async function openFanOutLoad(
  wiring: Wiring,
  { subscribers, inFlight, size }: FanOutShape,
): Promise<FanOutLoad> {
  const connections: Connection[] = []
  while (connections.length < subscribers) {
    const next = Math.min(AT_ONCE, subscribers - connections.length)
    connections.push(...(await Promise.all(Array.from({ length: next }, () => wiring.subscriber()))))
  }
  const { connection, format, message, requestId } = await wiring.publisher(size)
  const ids = messageIds(format)
  return new FanOutLoad(connection, connections, ids, new FrameTemplate(message, ids), requestId, inFlight)
}

/** Every connection has ids of its own to scan, which keep where they stand. */
function echoing({ connection, format, message }: Wired): EchoingCallee {
  const ids = messageIds(format)
  return new EchoingCallee(connection, ids, new FrameTemplate(message, ids))
}

function callerOf({ connection, format, message, requestId }: Wired, onIdle: () => void): Caller {
  const ids = messageIds(format)
  return new Caller(connection, ids, new FrameTemplate(message, ids), requestId, onIdle)
}
