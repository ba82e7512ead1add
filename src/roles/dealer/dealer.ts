import { ProtocolError, UsageError } from '../../errors.js'
import { Code } from '../../messages/codes.js'
import { ErrorMessage } from '../../messages/error-message.js'
import {
  type Call,
  type Cancel,
  Interrupt,
  Invocation,
  type Register,
  Result,
  type Unregister,
  type Yield,
} from '../../messages/rpc.js'
import type { Session } from '../../sessions/session.js'
import { ERROR, isReserved } from '../../uris.js'
import { featuresOf } from '../feature-table.js'
import { uriOfUnsendable } from '../oversized.js'
import { passthru, usesPassthru } from '../passthru.js'
import { sessionLimits } from '../session-limits.js'
import type { TrustLevels } from '../trust-levels.js'
import type { UriCheck } from '../uri-check.js'
import { type Ending, endingOf, fail, interruptible, unsendable } from './answers.js'
import { CallTimers, timeoutOf } from './call-timers.js'
import type { DealerOptions } from './dealer-options.js'
import { checkCallee, checkCaller, lackingFeature } from './demands.js'
import { invocationDetails } from './invocation-details.js'
import { CallKeeper, isPassedOn } from './kept-calls.js'
import { type PendingCall, PendingCalls } from './pending-calls.js'
import { Registrations } from './registrations.js'
import type { RegisteredCallee, RegisteredProcedure, Registry } from './registry.js'
import { partitionOf, refusedRunMode } from './run-mode.js'

/**
 * How a cancellation works that does not say: the spec leaves it open. `killnowait` answers the caller at once, as
 * one that cancels expects, and does not leave the callee working for nobody.
 */
const DEFAULT_CANCEL_MODE = 'killnowait'

/**
 * The role of a router that passes calls to callees and results back. It runs to the end in every turn, and waits for
 * nothing.
 *
 * Spec: rfc/text/basic/remote_procedure_call.md and the rpc_* sections of the advanced profile.
 */
export class Dealer {
  static readonly features = featuresOf('dealer')

  readonly #registrations: Registrations
  readonly #registry: Registry
  readonly #calls = new PendingCalls()

  readonly #timers: CallTimers
  readonly #keeper: CallKeeper
  readonly #uris: UriCheck
  readonly #trustLevels: TrustLevels | undefined
  readonly #mostCalls: number
  readonly #onLimit: (() => void) | undefined

  constructor({ realm, clock, uris, observer, trustLevels, limits, onLimit }: DealerOptions) {
    const { registrations, calls, reroutedBytes } = sessionLimits(limits)
    this.#mostCalls = calls
    this.#onLimit = onLimit
    this.#timers = new CallTimers(clock, (call) => {
      const mode = endingOf(call, true)
      const sentence = `${call.procedure} did not answer within ${call.timeout} ms`
      this.#giveUp(call, mode, ERROR.timeout, sentence)
    })
    this.#keeper = new CallKeeper(reroutedBytes, onLimit)
    this.#uris = uris
    this.#trustLevels = trustLevels
    this.#registrations = new Registrations(realm, uris, observer, registrations, onLimit)
    this.#registry = this.#registrations.registry
  }

  /** All registrations. */
  get registry(): Registry {
    return this.#registry
  }

  /** Every registration of a client: what the router has registered itself is not among them. */
  registrations(): RegisteredProcedure[] {
    return [...this.#registry.all()].filter(({ procedure }) => !isReserved(procedure))
  }

  /** REGISTER: offers a procedure. */
  register(session: Session, message: Register): void {
    this.#registrations.register(session, message)
  }

  /** UNREGISTER: takes it back. */
  unregister(session: Session, message: Unregister): void {
    this.#registrations.unregister(session, message)
  }

  /** Takes a registration from one callee or from all, and returns from how many; see `Registrations`. */
  revoke(registrationId: number, sessionId?: number, reason?: string): number {
    return this.#registrations.revoke(registrationId, sessionId, reason)
  }

  /** CALL: finds the registration, chooses a callee and sends it an INVOCATION; or passes on a further part. */
  call(caller: Session, message: Call): void {
    const { procedure, requestId, options } = message
    const calls = this.#calls.of(caller)
    if (requestId <= calls.latest) return this.#continue(calls.pending.get(requestId), message)
    checkCaller(caller, options)
    calls.latest = requestId
    if (calls.pending.size >= this.#mostCalls) {
      this.#onLimit?.()
      return fail(
        caller,
        requestId,
        ERROR.limitExceeded,
        `${this.#mostCalls} calls of this session wait already`,
      )
    }
    const exact = this.#registry.exact(procedure)
    const wrong = exact === undefined ? this.#uris.refusalOf(procedure) : undefined
    if (wrong !== undefined) return fail(caller, requestId, ERROR.invalidUri, wrong)
    // The protocol keeps wamp.* for itself: no pattern is so wide that it serves that too.
    const registered = exact ?? (isReserved(procedure) ? undefined : this.#registry.best(procedure))
    const refusal = refusedRunMode(options)
    if (refusal !== undefined) return fail(caller, requestId, ...refusal)
    const callee = registered?.choose(partitionOf(options))
    if (registered === undefined || callee === undefined)
      return fail(caller, requestId, ERROR.noSuchProcedure, `nobody has registered ${procedure}`)
    this.#invoke(caller, message, registered, callee, this.#timers.dueIn(timeoutOf(caller, options)))
  }

  /**
   * A further part of a call: goes to the callee that has the others. One for a call that has ended is dropped, since
   * its caller may not have heard of the end yet.
   *
   * Spec: rfc/text/advanced/rpc_progressive_call_invocations.md, "Continuations on Completed Calls".
   */
  #continue(call: PendingCall | undefined, message: Call): void {
    if (call === undefined || call.procedure !== message.procedure) return
    if (!call.hasParts || call.partDetails === undefined)
      throw new ProtocolError(`CALL.Request ${call.requestId} is that of a call whose last part has come`)
    call.hasParts = message.options.progress === true
    if (call.killed) return
    const { progress, ...last } = call.partDetails
    const details = call.hasParts ? call.partDetails : last
    try {
      const invocation = new Invocation(call.invocationId, call.registered.id, details, message.payload)
      call.callee.send(invocation)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      return this.#giveUp(call, 'killnowait', uriOfUnsendable(error), unsendable(error))
    }
    this.#timers.restart(call)
  }

  /** Sends the callee an INVOCATION for the call. */
  #invoke(
    caller: Session,
    message: Call,
    registered: RegisteredProcedure,
    callee: RegisteredCallee,
    due: number,
    unavailable?: ReadonlySet<Session>,
  ): void {
    const { procedure, requestId, options, payload } = message
    const lacking = lackingFeature(callee.session, options)
    if (lacking !== undefined)
      return fail(caller, requestId, ERROR.featureNotSupported, `the callee of ${procedure} lacks ${lacking}`)
    const level = this.#trustLevels?.('call', procedure, caller)
    const details = invocationDetails(caller, message, registered, callee, level)
    let invocationId: number
    try {
      invocationId = callee.session.request((id) => new Invocation(id, registered.id, details, payload))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      return fail(caller, requestId, uriOfUnsendable(error), unsendable(error))
    }
    const inParts = options.progress === true
    const call: PendingCall = {
      procedure,
      kept: inParts
        ? undefined
        : this.#keeper.keep(this.#calls.of(caller), message, registered, callee.session),
      registered,
      caller,
      requestId,
      callee: callee.session,
      invocationId,
      progressive: details.receive_progress === true,
      partDetails: inParts ? details : undefined,
      hasParts: inParts,
      timeout: callee.keepsTime ? 0 : timeoutOf(caller, options),
      due,
      timer: undefined,
      killed: false,
      progressed: false,
      unavailable,
    }
    this.#calls.add(call)
    this.#timers.start(call)
  }

  /** CANCEL. One for a call that has ended is ignored. Spec: rfc/text/advanced/rpc_call_canceling.md. */
  cancel(caller: Session, message: Cancel): void {
    const call = this.#calls.ofCaller(caller, message.requestId)
    if (call === undefined) return
    const mode = interruptible(call) ? (message.options.mode ?? DEFAULT_CANCEL_MODE) : 'skip'
    if (mode !== 'kill') {
      const told = !(caller.compatibility.noErrorForCancel && !caller.peer.has('callee', 'call_canceling'))
      return this.#giveUp(call, mode, ERROR.canceled, `the call of ${call.procedure} was canceled`, told)
    }
    if (call.killed) return
    call.killed = true
    call.callee.send(new Interrupt(call.invocationId, { mode }))
  }

  /** YIELD. One for an invocation that has ended is dropped. */
  yield(callee: Session, message: Yield): void {
    checkCallee(callee, message.options, 'YIELD.Options')
    const call = this.#calls.servedBy(callee, message.requestId, 'YIELD')
    if (call === undefined) return
    if (usesPassthru(message.options) && !call.caller.peer.has('caller', 'payload_passthru_mode'))
      return this.#refuseUnreadable(call, message.options.progress === true)
    if (message.options.progress === true) {
      if (!call.progressive) return
      call.progressed = true
      this.#timers.restart(call)
      const details = { ...passthru(message.options), progress: true }
      this.#answer(call, new Result(call.requestId, details, message.payload), false)
      return
    }
    this.#calls.remove(call)
    this.#answer(call, new Result(call.requestId, passthru(message.options), message.payload))
  }

  /** ERROR for an INVOCATION: becomes one for the CALL, with everything in it. */
  error(callee: Session, message: ErrorMessage): void {
    const call = this.#calls.servedBy(callee, message.requestId, 'ERROR')
    if (call === undefined) return
    this.#calls.remove(call)
    // Not once the caller has had a part of the answer, or wants none.
    if (message.error === ERROR.unavailable && !call.progressed && !call.killed && isPassedOn(call))
      return this.#reroute(call)
    this.#answer(
      call,
      new ErrorMessage(Code.CALL, call.requestId, message.details, message.error, message.payload),
    )
  }

  /** The session is over: its registrations go, and nobody is left waiting for it. */
  remove(session: Session): void {
    this.#registrations.remove(session)
    const { made, served } = this.#calls.takeOf(session)
    for (const call of made)
      if (interruptible(call)) call.callee.send(new Interrupt(call.invocationId, { mode: 'killnowait' }))
    // A caller that called itself is gone as well.
    for (const { caller, requestId, procedure } of served)
      if (caller !== session) fail(caller, requestId, ERROR.canceled, `the callee of ${procedure} left`)
  }

  /** The caller cannot read the answer: both it and the callee are told. Spec: payload_passthru_mode.md. */
  #refuseUnreadable(call: PendingCall, goesOn: boolean): void {
    const { callee, invocationId, procedure } = call
    const sentence = `the caller of ${procedure} lacks payload_passthru_mode, and cannot read the answer`
    callee.send(ErrorMessage.saying(Code.YIELD, invocationId, ERROR.featureNotSupported, sentence))
    this.#giveUp(call, endingOf(call, goesOn), ERROR.featureNotSupported, sentence)
  }

  /** Has another callee serve the call. Spec: rfc/text/advanced/rpc_call_rerouting.md. */
  #reroute({ caller, registered, callee, due, kept, ...call }: PendingCall): void {
    if (kept !== undefined) {
      const unavailable = new Set(call.unavailable).add(callee)
      const other = registered.chooseOther(unavailable, partitionOf(kept.message.options))
      if (other !== undefined) return this.#invoke(caller, kept.message, registered, other, due, unavailable)
    }
    fail(caller, call.requestId, ERROR.noAvailableCallee, `no callee of ${call.procedure} is available`)
  }

  /** Sends the caller an answer. One that its serializer cannot carry fails the call, with a reason. */
  #answer(call: PendingCall, message: Result | ErrorMessage, final = true): void {
    try {
      call.caller.send(message)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      const sentence = `the answer of ${call.procedure} cannot be sent to its caller: ${error.message}`
      this.#giveUp(call, endingOf(call, !final), uriOfUnsendable(error), sentence)
      // What cannot be read after all is the callee's fault; the caller is told all the same.
      if (!(error instanceof UsageError)) throw error
    }
  }

  /** Ends the call for its caller; the callee is interrupted or not, and what it says later is dropped. */
  #giveUp(call: PendingCall, mode: Ending, error: string, sentence: string, told = true): void {
    this.#calls.remove(call)
    if (mode === 'killnowait') call.callee.send(new Interrupt(call.invocationId, { mode, reason: error }))
    if (told) fail(call.caller, call.requestId, error, sentence)
  }
}
