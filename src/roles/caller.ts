import type { Clock, Timer } from '../clock.js'
import { CanceledError, UsageError } from '../errors.js'
import type { Dict, CallOptions as WireCallOptions } from '../messages/dictionaries.js'
import type { ErrorMessage } from '../messages/error-message.js'
import { Call, Cancel, type Result } from '../messages/rpc.js'
import type { Session } from '../sessions/session.js'
import { ERROR, isUri } from '../uris.js'
import { toArguments } from './arguments.js'
import { fromPayload } from './call-result.js'
import type { ErrorClasses } from './error-classes.js'
import { openSession } from './open-session.js'

/** How to give up a call. Spec: rfc/text/advanced/rpc_call_canceling.md. */
export type CancelMode = 'skip' | 'kill' | 'killnowait'

export interface CallOptions {
  /** Cancels the call when it aborts. */
  signal?: AbortSignal
  /** Milliseconds until the call fails with a `CanceledError`; with progressive results, between two of them. */
  timeout?: number
  /**
   * What a cancellation does: `killnowait` (the default) fails the call at once and interrupts the callee, `kill`
   * interrupts it and waits for its answer (but not beyond the timeout), `skip` fails the call and leaves the callee
   * alone.
   */
  cancelMode?: CancelMode
  /** Asks for progressive results, and is called with each. */
  onProgress?: (value: unknown) => void
  /** Asks the router to tell the callee who calls. */
  discloseMe?: boolean
  /** Resolves to a `CallResult` whatever the result looks like. */
  details?: boolean
  /** Further options, as the wire has them. */
  extra?: Dict
}

interface PendingCall {
  readonly procedure: string
  readonly options: CallOptions
  resolve(value: unknown): void
  reject(error: Error): void
  timer?: Timer | undefined
  onAbort?: (() => void) | undefined
  /** The call was given up, with the error that its caller gets, and waits for the callee's answer (`kill`). */
  canceled?: CanceledError
}

/** The role that calls procedures. Spec: rfc/text/basic/remote_procedure_call.md. */
export class Caller {
  static readonly features = [
    'caller_identification',
    'call_canceling',
    'call_timeout',
    'progressive_call_results',
  ] as const

  #session: Session | undefined
  readonly #pending = new Map<number, PendingCall>()

  constructor(
    private readonly clock: Clock,
    private readonly errors: ErrorClasses,
    /** Told what a caller's `onProgress` threw. */
    private readonly onError: (error: unknown) => void,
  ) {}

  open(session: Session): void {
    this.#session = session
  }

  close(error: Error): void {
    this.#session = undefined
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const call of pending) {
      stopWaiting(call)
      call.reject(call.canceled ?? error)
    }
  }

  /**
   * Calls a procedure. Resolves to the only positional value of the result, to `undefined` if it has none, or to a
   * `CallResult`.
   *
   * @throws ApplicationError, or the class bound to its URI, if the call fails; CanceledError if it is canceled or
   * times out; SessionClosedError if the session ends first; UsageError if it cannot be sent.
   */
  call(
    procedure: string,
    args: readonly unknown[] = [],
    kwargs?: Dict,
    options: CallOptions = {},
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const session = this.#open(procedure)
      const { signal, timeout } = options
      if (timeout !== undefined && !(Number.isInteger(timeout) && timeout >= 0))
        throw new UsageError(`timeout must be a whole number of milliseconds, not ${timeout}`)
      if (signal?.aborted) throw aborted(procedure, signal)
      const wireOptions = this.#wireOptions(session, options)
      const payload = toArguments(args, kwargs)
      const requestId = session.request((id) => new Call(id, wireOptions, procedure, payload))
      const call: PendingCall = { procedure, options, resolve, reject }
      this.#pending.set(requestId, call)
      if (timeout) this.#startTimer(requestId, call, timeout)
      if (signal !== undefined) {
        call.onAbort = () => this.#cancel(requestId, aborted(procedure, signal))
        signal.addEventListener('abort', call.onAbort, { once: true })
      }
    })
  }

  /** A RESULT came. One for a call that has ended is dropped. */
  result(message: Result): void {
    const call = this.#pending.get(message.requestId)
    if (call === undefined) return
    const { details, payload } = message
    if (details.progress === true) {
      if (call.canceled === undefined) this.#progress(message.requestId, call, message)
      return
    }
    const value = fromPayload(payload, details, call.options.details)
    this.#pending.delete(message.requestId)
    stopWaiting(call)
    call.resolve(value)
  }

  /** An ERROR came for a CALL. One for a call that has ended is dropped. */
  error(message: ErrorMessage): void {
    const call = this.#pending.get(message.requestId)
    if (call === undefined) return
    const error = this.#errorOf(call, message)
    this.#pending.delete(message.requestId)
    stopWaiting(call)
    call.reject(error)
  }

  #open(procedure: string): Session {
    if (!isUri(procedure)) throw new UsageError(`cannot call ${JSON.stringify(procedure)}: it is no URI`)
    return openSession(this.#session, `call ${procedure}`)
  }

  #wireOptions(session: Session, options: CallOptions): WireCallOptions {
    const wire: Record<string, unknown> = { ...options.extra }
    if (options.onProgress !== undefined && session.peer.has('dealer', 'progressive_call_results'))
      wire.receive_progress = true
    if (options.timeout && session.peer.has('dealer', 'call_timeout')) wire.timeout = options.timeout
    if (options.discloseMe !== undefined) wire.disclose_me = options.discloseMe
    return wire
  }

  /** The time of the caller runs here whether or not the dealer keeps one too: the dealer may be gone. */
  #startTimer(requestId: number, call: PendingCall, timeout: number): void {
    call.timer?.cancel()
    call.timer = this.clock.after(timeout, () => this.#cancel(requestId, timedOut(call.procedure, timeout)))
  }

  #progress(requestId: number, call: PendingCall, { payload, details }: Result): void {
    const { onProgress, timeout } = call.options
    if (timeout) this.#startTimer(requestId, call, timeout)
    try {
      onProgress?.(fromPayload(payload, details, call.options.details))
    } catch (error) {
      this.onError(error)
    }
  }

  #cancel(requestId: number, error: CanceledError): void {
    const call = this.#pending.get(requestId)
    const session = this.#session
    if (call === undefined || session === undefined || call.canceled !== undefined) return
    const mode = call.options.cancelMode ?? 'killnowait'
    const dealerCancels = session.peer.has('dealer', 'call_canceling')
    stopWaiting(call)
    // A timeout is the end of waiting, and a dealer that cannot cancel never answers for the callee.
    const waits = mode === 'kill' && dealerCancels && error.uri !== ERROR.timeout
    if (waits) call.canceled = error
    else this.#pending.delete(requestId)
    if (dealerCancels) session.send(new Cancel(requestId, { mode }))
    if (!waits) call.reject(error)
  }

  #errorOf(call: PendingCall, message: ErrorMessage): Error {
    if (call.canceled !== undefined && CANCELED.has(message.error)) return call.canceled
    // The dealer's timer may have run out before ours: the same thing has happened.
    if (call.options.timeout && message.error === ERROR.timeout)
      return timedOut(call.procedure, call.options.timeout)
    return this.errors.fromMessage(message)
  }
}

const CANCELED: ReadonlySet<string> = new Set([ERROR.canceled, ERROR.cancelled])

function stopWaiting(call: PendingCall): void {
  call.timer?.cancel()
  call.timer = undefined
  if (call.onAbort !== undefined) call.options.signal?.removeEventListener('abort', call.onAbort)
  call.onAbort = undefined
}

function aborted(procedure: string, signal: AbortSignal): CanceledError {
  return new CanceledError(ERROR.canceled, `the call of ${procedure} was canceled`, { cause: signal.reason })
}

function timedOut(procedure: string, timeout: number): CanceledError {
  return new CanceledError(ERROR.timeout, `${procedure} did not answer within ${timeout} ms`)
}
