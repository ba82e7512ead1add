import { EMPTY_DICT } from '../../messages/dictionaries.js'
import { sizeOfMessage, sizeOfValue } from '../../messages/message-size.js'
import type { Call } from '../../messages/rpc.js'
import type { Session } from '../../sessions/session.js'
import type { CallsOfCaller, PendingCall } from './pending-calls.js'
import type { RegisteredProcedure } from './registry.js'

/** A CALL that is kept, because another callee may get it. */
export interface KeptCall {
  readonly message: Call
  /** Bytes of memory that it costs by itself. */
  readonly size: number
  /** What was read from the network with it: all of that lives as long as its payload does. */
  readonly chunk: ArrayBufferLike | undefined
}

/** What a call costs besides its options, its URI and what was read with it. */
const CALL = 512

/** The calls of one caller that are kept. */
export class KeptCalls {
  /** Bytes of memory that all of them cost. */
  bytes = 0
  /** How many of them hold each chunk. */
  readonly #chunks = new Map<ArrayBufferLike, number>()

  /** Keeps the call, if that is no more than `most` bytes in all. @returns whether it is kept. */
  add({ size, chunk }: KeptCall, most: number): boolean {
    const holders = chunk === undefined ? 0 : (this.#chunks.get(chunk) ?? 0)
    const cost = chunk === undefined || holders > 0 ? size : size + chunk.byteLength
    if (this.bytes + cost > most) return false
    this.bytes += cost
    if (chunk !== undefined) this.#chunks.set(chunk, holders + 1)
    return true
  }

  delete({ size, chunk }: KeptCall): void {
    this.bytes -= size
    if (chunk === undefined) return
    const holders = (this.#chunks.get(chunk) ?? 0) - 1
    if (holders > 0) this.#chunks.set(chunk, holders)
    else if (this.#chunks.delete(chunk)) this.bytes -= chunk.byteLength
  }
}

/**
 * Keeps CALLs that a callee may refuse as unavailable, for the callee that comes next. Of each caller so many bytes are
 * kept: a call beyond that is served like any other, but goes to nobody else.
 *
 * Spec: rfc/text/advanced/rpc_call_rerouting.md.
 */
export class CallKeeper {
  constructor(
    /** Bytes of one caller. */
    private readonly most: number,
    private readonly onLimit: (() => void) | undefined,
  ) {}

  /** The CALL as it is kept; `undefined` if nobody else can get it, or if its caller has too much of that. */
  keep(
    calls: CallsOfCaller,
    message: Call,
    { policy }: RegisteredProcedure,
    callee: Session,
  ): KeptCall | undefined {
    if (policy === 'single' || !passesOn(callee)) return undefined
    calls.kept ??= new KeptCalls()
    const kept = keptCall(message)
    if (calls.kept.add(kept, this.most)) return kept
    this.onLimit?.()
    return undefined
  }
}

/**
 * Does the word of its callee that it is unavailable have the call passed on? To nobody, if the procedure has no other
 * callee; but not if the call was not kept, or parts of it have gone to the callee.
 */
export function isPassedOn({ kept, registered, partDetails, callee }: PendingCall): boolean {
  if (kept !== undefined) return true
  return registered.policy === 'single' && partDetails === undefined && passesOn(callee)
}

function keptCall(message: Call): KeptCall {
  const { options, procedure, payload } = message
  const source = payload.encoded?.source
  if (source === undefined) return { message, size: sizeOfMessage(message), chunk: undefined }
  const size = CALL + 2 * procedure.length + (options === EMPTY_DICT ? 0 : sizeOfValue(options))
  return { message, size, chunk: source.buffer }
}

function passesOn({ peer }: Session): boolean {
  return peer.has('callee', 'call_reroute')
}
