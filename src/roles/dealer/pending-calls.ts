import type { Timer } from '../../clock.js'
import { ProtocolError } from '../../errors.js'
import type { InvocationDetails } from '../../messages/dictionaries.js'
import type { Session } from '../../sessions/session.js'
import type { KeptCall, KeptCalls } from './kept-calls.js'
import type { RegisteredProcedure } from './registry.js'

/** A call under way: which request of the caller, served by which invocation of the callee. */
export interface PendingCall {
  readonly procedure: string
  /** The CALL, where its callee may pass it on and another one may get it. */
  readonly kept: KeptCall | undefined
  readonly registered: RegisteredProcedure
  readonly caller: Session
  readonly requestId: number
  readonly callee: Session
  readonly invocationId: number
  /** Does the caller get progressive results? */
  readonly progressive: boolean
  /** What every INVOCATION of a call in several parts tells; `undefined` for a call in one. */
  readonly partDetails: InvocationDetails | undefined
  /** May further parts of the call come? */
  hasParts: boolean
  /** Milliseconds until the next answer is due; 0 for any time, or if the callee keeps it. */
  readonly timeout: number
  /** When the next answer is due, by the clock. */
  due: number
  timer: Timer | undefined
  /** The caller canceled it with `kill` and waits for the callee's answer. */
  killed: boolean
  /** Has the caller had a progressive result? */
  progressed: boolean
  /** Callees that have said that they cannot serve it. */
  readonly unavailable: ReadonlySet<Session> | undefined
}

/** The calls of one session. */
export interface CallsOfCaller {
  /** The request id of its latest new call: a CALL with a lower id, or this one, is a further part of an earlier one. */
  latest: number
  readonly pending: Map<number, PendingCall>
  /** Those that are kept for other callees, where there were any. */
  kept: KeptCalls | undefined
}

/** The calls under way in a realm, found from either end. */
export class PendingCalls {
  readonly #byCaller = new Map<Session, CallsOfCaller>()
  readonly #byCallee = new Map<Session, Map<number, PendingCall>>()

  add(call: PendingCall): void {
    this.of(call.caller).pending.set(call.requestId, call)
    const served = this.#byCallee.get(call.callee)
    if (served === undefined) this.#byCallee.set(call.callee, new Map([[call.invocationId, call]]))
    else served.set(call.invocationId, call)
  }

  /** The calls of a caller, to be added to. */
  of(caller: Session): CallsOfCaller {
    let calls = this.#byCaller.get(caller)
    if (calls === undefined) {
      calls = { latest: 0, pending: new Map(), kept: undefined }
      this.#byCaller.set(caller, calls)
    }
    return calls
  }

  ofCaller(caller: Session, requestId: number): PendingCall | undefined {
    return this.#byCaller.get(caller)?.pending.get(requestId)
  }

  ofCallee(callee: Session, invocationId: number): PendingCall | undefined {
    return this.#byCallee.get(callee)?.get(invocationId)
  }

  /**
   * The call that an answer of the callee is for. Invocation ids are given out one after the other, so one that was
   * given out and is not pending has ended (answered, canceled, timed out): its late answer is legal.
   */
  servedBy(callee: Session, invocationId: number, name: string): PendingCall | undefined {
    const call = this.ofCallee(callee, invocationId)
    if (call === undefined && !callee.hasRequested(invocationId))
      throw new ProtocolError(`${name}.Request must be that of an INVOCATION; ${invocationId} never was one`)
    return call
  }

  remove(call: PendingCall): void {
    call.timer?.cancel()
    call.timer = undefined
    const calls = this.#byCaller.get(call.caller)
    if (calls?.pending.delete(call.requestId) && call.kept !== undefined) calls.kept?.delete(call.kept)
    this.#byCallee.get(call.callee)?.delete(call.invocationId)
  }

  /** Takes out, and returns, the calls that a session made and those that it serves. */
  takeOf(session: Session): { made: PendingCall[]; served: PendingCall[] } {
    const made = [...(this.#byCaller.get(session)?.pending.values() ?? [])]
    for (const call of made) this.remove(call)
    const served = [...(this.#byCallee.get(session)?.values() ?? [])]
    for (const call of served) this.remove(call)
    this.#byCaller.delete(session)
    this.#byCallee.delete(session)
    return { made, served }
  }
}
