import type { Clock, Timer } from '../clock.js'
import { CanceledError, UsageError } from '../errors.js'
import * as Code from '../messages/code.js'
import type { Dict, CallOptions as WireCallOptions } from '../messages/dictionaries.js'
import type { ErrorMessage } from '../messages/error-message.js'
import type { Payload } from '../messages/payload.js'
import { Call, Cancel, type Result } from '../messages/rpc.js'
import type { Session } from '../sessions/session.js'
import * as ERROR from '../uris/error.js'
import { toArguments } from './arguments.js'
import { type CallArguments, type CallOptions, callOptions } from './call-options.js'
import { firstPart, isInParts, sendParts } from './call-parts.js'
import { fromPayload, toPayload } from './call-result.js'
import type { ErrorClasses } from './error-classes.js'
import { expectUri } from './expectations.js'
import { featuresOf } from './feature-table.js'
import { openSession } from './open-session.js'
import { outcomeUnknown } from './outcome-unknown.js'
import { toldOfUnsent } from './oversized.js'

interface PendingCall {
  readonly procedure: string
  readonly options: CallOptions
  resolve(value: unknown): void
  reject(error: Error): void
  timer?: Timer | undefined
  onAbort?: (() => void) | undefined
  /** The parts of the call that have not been taken yet. */
  parts?: AsyncIterator<unknown, unknown> | undefined
  /** The call was given up, with the error that its caller gets, and waits for the callee's answer (`kill`). */
  canceled?: CanceledError
}

/** The role that calls procedures. Spec: rfc/text/basic/remote_procedure_call.md. */
export class Caller {
  static readonly features = featuresOf('caller')

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
      call.reject(call.canceled ?? outcomeUnknown(error, `the call of ${call.procedure}`))
    }
  }

  /**
   * Calls a procedure. Resolves to the only positional value of the result, to `undefined` if it has none, or to a
   * `CallResult`.
   *
   * Given an async iterable in place of the arguments, makes the call in parts: each value that it yields is one, and
   * what it returns is the last.
   *
   * @throws ApplicationError, or the class bound to its URI, if the call fails; CanceledError if it is canceled or
   * times out; SessionClosedError if the session ends first; UsageError if it cannot be sent; what an iterable throws.
   */
  call(
    procedure: string,
    args: CallArguments = [],
    kwargs?: Dict,
    options: CallOptions = {},
  ): Promise<unknown> {
    if (isInParts(args)) return this.#callInParts(procedure, args, kwargs, options)
    return new Promise((resolve, reject) => {
      const session = this.#open(procedure, options)
      const payload = toArguments(args, kwargs)
      const wireOptions = callOptions(options, payload, session)
      this.#send(session, procedure, wireOptions, payload, { procedure, options, resolve, reject })
    })
  }

  async #callInParts(
    procedure: string,
    iterable: AsyncIterable<unknown>,
    kwargs: Dict | undefined,
    options: CallOptions,
  ): Promise<unknown> {
    const session = this.#open(procedure, options)
    if (!session.peer.has('dealer', 'progressive_call_invocations'))
      throw new UsageError(
        `cannot call ${procedure} in parts: the router does not support progressive_call_invocations`,
      )
    const parts = iterable[Symbol.asyncIterator]()
    const first = await firstPart(parts, options.signal, (signal) => aborted(procedure, signal))
    return new Promise((resolve, reject) => {
      const call: PendingCall = { procedure, options, resolve, reject, parts }
      try {
        this.#open(procedure, options)
        const { args, kwargs: ownKwargs } = toPayload(first.value)
        const payload = toArguments(args, kwargs ?? ownKwargs)
        const wireOptions = callOptions(options, payload, session)
        if (!first.done) wireOptions.progress = true
        const requestId = this.#send(session, procedure, wireOptions, payload, call)
        if (first.done) return
        const hasEnded = () => this.#pending.get(requestId) !== call || call.canceled !== undefined
        const { timeout, passthru } = options
        const onSent = () => timeout && !hasEnded() && this.#startTimer(requestId, call, timeout)
        const isPassthru = passthru !== undefined
        const rest = { session, requestId, procedure, parts, isPassthru, hasEnded, onSent }
        sendParts(rest, this.clock).catch((error: unknown) => this.#abandon(requestId, call, error))
      } catch (error) {
        stopWaiting(call)
        throw error
      }
    })
  }

  /** Sends a CALL, and waits for what comes of it. */
  #send(
    session: Session,
    procedure: string,
    wireOptions: WireCallOptions,
    payload: Payload,
    call: PendingCall,
  ): number {
    const { signal, timeout } = call.options
    const requestId = this.#request(session, (id) => new Call(id, wireOptions, procedure, payload))
    this.#pending.set(requestId, call)
    if (timeout) this.#startTimer(requestId, call, timeout)
    if (signal !== undefined) {
      call.onAbort = () => this.#cancel(requestId, aborted(procedure, signal))
      signal.addEventListener('abort', call.onAbort, { once: true })
    }
    return requestId
  }

  /** @throws ApplicationError if the CALL is longer than the router takes; what `send` throws. */
  #request(session: Session, make: (requestId: number) => Call): number {
    try {
      return session.request(make)
    } catch (error) {
      throw toldOfUnsent(error, Code.CALL, this.errors)
    }
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

  /** The session to call in, if there is one and nothing speaks against it. */
  #open(procedure: string, { signal, timeout }: CallOptions): Session {
    expectUri('call', procedure)
    const session = openSession(this.#session, `call ${procedure}`)
    if (timeout !== undefined && !(Number.isInteger(timeout) && timeout >= 0))
      throw new UsageError(`timeout must be a whole number of milliseconds, not ${timeout}`)
    if (signal?.aborted) throw aborted(procedure, signal)
    return session
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

  /** The parts of a call failed: it cannot be completed, and its caller hears why. */
  #abandon(requestId: number, call: PendingCall, error: unknown): void {
    if (this.#pending.get(requestId) !== call) return
    this.#pending.delete(requestId)
    stopWaiting(call)
    const session = this.#session
    if (session?.peer.has('dealer', 'call_canceling'))
      session.send(new Cancel(requestId, { mode: 'killnowait' }))
    call.reject(toldOfUnsent(error, Code.CALL, this.errors) as Error)
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
  // A generator has an end of its own to come to, and what it throws there comes too late for anybody.
  void call.parts?.return?.().then(undefined, () => {})
  call.parts = undefined
}

function aborted(procedure: string, signal: AbortSignal): CanceledError {
  return new CanceledError(ERROR.canceled, `the call of ${procedure} was canceled`, { cause: signal.reason })
}

function timedOut(procedure: string, timeout: number): CanceledError {
  return new CanceledError(ERROR.timeout, `${procedure} did not answer within ${timeout} ms`)
}
