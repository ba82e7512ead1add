import type { Clock } from '../../clock.js'
import type { CallOptions } from '../../messages/dictionaries.js'
import type { Session } from '../../sessions/session.js'
import type { PendingCall } from './pending-calls.js'

const SECOND = 1_000

/** How long the caller waits for an answer, in milliseconds; 0 for ever. */
export function timeoutOf({ compatibility }: Session, { timeout = 0 }: CallOptions): number {
  return compatibility.timeoutsInSeconds ? timeout * SECOND : timeout
}

/** A timeout as this callee counts it. */
export function timeoutFor({ compatibility }: Session, timeout: number): number {
  return compatibility.timeoutsInSeconds ? Math.ceil(timeout / SECOND) : timeout
}

/** Keeps the time of calls. Spec: rfc/text/advanced/rpc_call_timeout.md. */
export class CallTimers {
  constructor(
    private readonly clock: Clock,
    /** Called with a call whose time is over. */
    private readonly onLate: (call: PendingCall) => void,
  ) {}

  /** When an answer is due that may take this long. */
  dueIn(timeout: number): number {
    return timeout === 0 ? 0 : this.clock.now() + timeout
  }

  /** Waits until the next answer is due. */
  start(call: PendingCall): void {
    if (call.timeout === 0) return
    call.timer?.cancel()
    call.timer = this.clock.after(Math.max(0, call.due - this.clock.now()), () => this.onLate(call))
  }

  /** The call goes on: the time for its next answer begins again. */
  restart(call: PendingCall): void {
    if (call.timeout === 0) return
    call.due = this.dueIn(call.timeout)
    this.start(call)
  }
}
