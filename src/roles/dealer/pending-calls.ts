import type { Timer } from '../../clock.js'
import type { Call } from '../../messages/rpc.js'
import type { Session } from '../../sessions/session.js'
import type { RegisteredProcedure } from './registry.js'

/** A call under way: which request of the caller, served by which invocation of the callee. */
export interface PendingCall {
  readonly procedure: string
  /** The CALL, where its callee may pass it on. */
  readonly message: Call | undefined
  readonly registered: RegisteredProcedure
  readonly caller: Session
  readonly requestId: number
  readonly callee: Session
  readonly invocationId: number
  /** Does the caller get progressive results? */
  readonly progressive: boolean
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

/** The calls under way in a realm, found from either end. */
export class PendingCalls {
  readonly #byCaller = new Map<Session, Map<number, PendingCall>>()
  readonly #byCallee = new Map<Session, Map<number, PendingCall>>()

  add(call: PendingCall): void {
    put(this.#byCaller, call.caller, call.requestId, call)
    put(this.#byCallee, call.callee, call.invocationId, call)
  }

  ofCaller(caller: Session, requestId: number): PendingCall | undefined {
    return this.#byCaller.get(caller)?.get(requestId)
  }

  ofCallee(callee: Session, invocationId: number): PendingCall | undefined {
    return this.#byCallee.get(callee)?.get(invocationId)
  }

  remove(call: PendingCall): void {
    call.timer?.cancel()
    call.timer = undefined
    this.#byCaller.get(call.caller)?.delete(call.requestId)
    this.#byCallee.get(call.callee)?.delete(call.invocationId)
  }

  /** Takes out, and returns, the calls that a session made and those that it serves. */
  takeOf(session: Session): { made: PendingCall[]; served: PendingCall[] } {
    const made = [...(this.#byCaller.get(session)?.values() ?? [])]
    for (const call of made) this.remove(call)
    const served = [...(this.#byCallee.get(session)?.values() ?? [])]
    for (const call of served) this.remove(call)
    this.#byCaller.delete(session)
    this.#byCallee.delete(session)
    return { made, served }
  }
}

function put(
  index: Map<Session, Map<number, PendingCall>>,
  session: Session,
  id: number,
  call: PendingCall,
): void {
  const calls = index.get(session)
  if (calls === undefined) index.set(session, new Map([[id, call]]))
  else calls.set(id, call)
}
