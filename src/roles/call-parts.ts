import { type Clock, inNextTurn } from '../clock.js'
import { EMPTY_DICT } from '../messages/dictionaries.js'
import { Call } from '../messages/rpc.js'
import type { Session } from '../sessions/session.js'
import type { CallArguments } from './call-options.js'
import { toPayload } from './call-result.js'
import { expectSealed } from './passthru.js'

/** How many octets may wait to leave before the next part is taken. */
const MOST_BACKLOG = 1024 * 1024
/** Milliseconds between two looks at what waits. */
const PATIENCE = 10
/** How many parts are sent before other work gets its turn, be they there at once. */
const BURST = 16

const PART = Object.freeze({ progress: true })

/** A call that is made in several parts. */
export interface CallInParts {
  readonly session: Session
  readonly requestId: number
  readonly procedure: string
  readonly parts: AsyncIterator<unknown, unknown>
  /** Are the parts such that only their ends can read them? */
  readonly isPassthru: boolean
  /** Has the call ended, so that nobody wants more of it? */
  hasEnded(): boolean
  /** A part has left. */
  onSent(): void
}

/**
 * Sends what is left of the parts: one CALL with `progress` for each that is yielded, and one without, which is the
 * last, for what is returned. Takes the next part only when those before it are on their way.
 *
 * @throws what the parts throw; UsageError if one cannot be sent.
 *
 * Spec: rfc/text/advanced/rpc_progressive_call_invocations.md.
 */
export async function sendParts(call: CallInParts, clock: Clock): Promise<void> {
  const { session, requestId, procedure, parts } = call
  for (let sent = 1; ; sent++) {
    if (sent % BURST === 0) await new Promise<void>(inNextTurn)
    while (session.backlog > MOST_BACKLOG && !call.hasEnded())
      await new Promise<void>((resolve) => clock.after(PATIENCE, resolve))
    const { done, value } = await parts.next()
    if (call.hasEnded()) return
    const payload = toPayload(value)
    // A last part that says nothing is as good as sealed.
    if (call.isPassthru && !(done && payload.isEmpty)) expectSealed(payload)
    session.send(new Call(requestId, done ? EMPTY_DICT : PART, procedure, payload))
    if (done) return
    call.onSent()
  }
}

/** Are these the parts of a call, and not its arguments? */
export function isInParts(args: CallArguments): args is AsyncIterable<unknown> {
  return typeof args === 'object' && args !== null && Symbol.asyncIterator in args
}

/**
 * The first part of a call.
 *
 * @throws what the parts throw; what `aborted` makes of the signal if that aborts first.
 */
export async function firstPart(
  parts: AsyncIterator<unknown, unknown>,
  signal: AbortSignal | undefined,
  aborted: (signal: AbortSignal) => Error,
): Promise<IteratorResult<unknown, unknown>> {
  if (signal === undefined) return parts.next()
  let onAbort = () => {}
  const abort = new Promise<never>((_, reject) => {
    onAbort = () => reject(aborted(signal))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([parts.next(), abort])
  } catch (error) {
    void parts.return?.().then(undefined, () => {})
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
