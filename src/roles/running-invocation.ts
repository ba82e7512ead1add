import type { Clock, Timer } from '../clock.js'
import { ApplicationError, CanceledError, MessageTooLongError } from '../errors.js'
import * as Code from '../messages/code.js'
import { type Dict, EMPTY_DICT, type InterruptOptions } from '../messages/dictionaries.js'
import { ErrorMessage } from '../messages/error-message.js'
import { Payload } from '../messages/payload.js'
import { type Invocation, Yield } from '../messages/rpc.js'
import type { Session } from '../sessions/session.js'
import * as ERROR from '../uris/error.js'
import { isUri } from '../uris.js'
import { CallResult, toPayload } from './call-result.js'
import { runInvocation } from './current.js'
import { type ErrorClasses, sentenceOf } from './error-classes.js'
import { InvocationContext, type InvocationPort } from './invocation-context.js'
import { InvocationParts } from './invocation-parts.js'
import { handlerArguments } from './kwargs.js'
import { toldOfAnswer } from './oversized.js'
import { expectPassthru, expectSealed, passthru, usesPassthru } from './passthru.js'
import type { ProcedureHandler } from './registration.js'
import { type AnyIterator, isIterator, isThenable } from './returned.js'

/**
 * One execution of a procedure, from the INVOCATION to the one YIELD or ERROR that ends it.
 *
 * Spec: rfc/text/basic/remote_procedure_call.md, rfc/text/advanced/rpc_progressive_call_results.md.
 */
export class RunningInvocation implements InvocationPort {
  #ended = false
  #abort: AbortController | undefined
  #timer: Timer | undefined
  #iterator: AnyIterator | undefined
  /** The parts of the invocation, where the handler reads them. */
  #parts: InvocationParts | undefined
  /** Why nobody wants the handler to go on, if that is so. */
  #stopped: Error | undefined

  constructor(
    private readonly session: Session,
    private readonly message: Invocation,
    private readonly procedure: string,
    private readonly clock: Clock,
    private readonly errors: ErrorClasses,
    private readonly onEnd: () => void,
  ) {}

  get hasEnded(): boolean {
    return this.#ended || this.#stopped !== undefined
  }

  /** May further parts of the invocation come? */
  get awaitsParts(): boolean {
    return this.message.details.progress === true && this.#parts?.isComplete !== true
  }

  /** Runs the handler; the answer leaves when it has returned, or what it returned has settled. */
  run(handler: ProcedureHandler, readsParts = false): void {
    const { payload, details } = this.message
    if (details.progress === true && !readsParts) return this.#fail(refusedParts(this.procedure))
    const args = readsParts ? [this.#openParts()] : handlerArguments(payload.args, payload.kwargs)
    const context = new InvocationContext(details.procedure ?? this.procedure, details, payload, this)
    this.#startTimer()
    let returned: unknown
    try {
      returned = runInvocation(context, () => handler(...args))
    } catch (error) {
      this.#fail(error)
      return
    }
    if (isThenable(returned)) this.#settle(returned, context)
    else if (isIterator(returned)) this.#settle(this.#drive(returned, context), context)
    else this.#finish(returned)
  }

  /** A further part came. */
  takePart(message: Invocation): void {
    this.#parts?.take(message)
    this.#startTimer()
  }

  #openParts(): InvocationParts {
    this.#parts = new InvocationParts()
    this.#parts.take(this.message)
    return this.#parts
  }

  /**
   * The caller has given up, or its time is over. With `killnowait` the router has answered the caller already and
   * wants no answer; otherwise the answer is the handler's, or one at once where the handler has not taken the signal,
   * reads no parts, and so cannot know.
   */
  interrupt({ mode, reason = ERROR.canceled }: InterruptOptions): void {
    if (this.hasEnded) return
    const uri = isUri(reason) ? reason : ERROR.canceled
    const canceled = new CanceledError(uri, `${this.procedure} was interrupted`)
    if (mode === 'killnowait') this.#end()
    else if (this.#abort === undefined && this.#parts === undefined) this.#fail(canceled)
    this.#stop(canceled)
  }

  /** The session is gone: nobody waits for the answer. */
  abandon(error: Error): void {
    this.#ended = true
    this.#timer?.cancel()
    this.#stop(error)
  }

  abortSignal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#stopped !== undefined) this.#abort.abort(this.#stopped)
    }
    return this.#abort.signal
  }

  sendProgress(value: unknown): boolean {
    if (this.#ended || this.message.details.receive_progress !== true) return false
    const options = { ...this.#yieldOptions(value), progress: true }
    this.session.send(new Yield(this.message.requestId, options, toPayload(value)))
    this.#startTimer()
    return true
  }

  /**
   * Starts, or after a progressive result starts again, the time that a dealer has left to us: when it is over the
   * caller is told, and the handler by its signal. Spec: rfc/text/advanced/rpc_call_timeout.md.
   */
  #startTimer(): void {
    const { timeout: told } = this.message.details
    if (!told) return
    const timeout = this.session.compatibility.timeoutsInSeconds ? told * 1_000 : told
    this.#timer?.cancel()
    this.#timer = this.clock.after(timeout, () => {
      if (this.#ended) return
      const late = new CanceledError(ERROR.timeout, `${this.procedure} did not answer within ${timeout} ms`)
      this.#fail(late)
      this.#stop(late)
    })
  }

  #settle(promise: PromiseLike<unknown>, context: InvocationContext): void {
    promise.then(
      (value) =>
        isIterator(value) ? this.#settle(this.#drive(value, context), context) : this.#finish(value),
      (error: unknown) => this.#fail(error),
    )
  }

  /** Sends each value of a generator as a progressive result; what it returns is the result. */
  async #drive(iterator: AnyIterator, context: InvocationContext): Promise<unknown> {
    this.#iterator = iterator
    for (;;) {
      // A generator's body runs in here, not when the generator was made.
      const { done, value } = await runInvocation(context, () => iterator.next())
      if (done) {
        if (this.#stopped !== undefined) throw this.#stopped
        return value
      }
      try {
        this.sendProgress(isThenable(value) ? await value : value)
      } catch (error) {
        void this.#stopIterator()
        throw error
      }
    }
  }

  /** Nobody wants the handler to go on: what it listens to, or reads, tells it so. */
  #stop(reason: Error): void {
    this.#stopped ??= reason
    this.#abort?.abort(reason)
    this.#parts?.fail(reason)
    void this.#stopIterator()
  }

  /** Lets a generator run its `finally` blocks. What they throw comes too late for anybody. */
  async #stopIterator(): Promise<void> {
    try {
      await this.#iterator?.return?.()
    } catch {}
  }

  #finish(value: unknown): void {
    if (this.#ended) return
    try {
      this.session.send(new Yield(this.message.requestId, this.#yieldOptions(value), toPayload(value)))
    } catch (error) {
      // What the handler returned cannot be sent; its caller is told, rather than left waiting.
      this.#fail(error)
      return
    }
    this.#end()
    this.#parts?.end()
  }

  /** How to read a result in payload passthru mode, which says so itself. */
  #yieldOptions(value: unknown): Dict {
    if (!(value instanceof CallResult)) return EMPTY_DICT
    const options = passthru(value.details)
    if (usesPassthru(options)) {
      expectPassthru(this.session.peer, 'dealer')
      expectSealed(toPayload(value))
    }
    return options
  }

  #fail(thrown: unknown): void {
    if (this.#ended) return
    this.#end()
    // Once interrupted, whatever a handler throws means that it has stopped; unless it chose its words itself.
    const reason = thrown instanceof ApplicationError ? thrown : (this.#stopped ?? thrown)
    const { uri, payload, details } = this.errors.toWire(toldOfAnswer(reason))
    try {
      if (usesPassthru(details)) expectSealed(payload)
      this.#sendError(uri, payload, details)
    } catch {
      this.#failInWords(uri, `the error's arguments cannot be sent: ${sentenceOf(thrown)}`)
    }
  }

  /** What is too long to say is left away: the caller must hear that the call has failed. */
  #failInWords(uri: string, sentence: string): void {
    try {
      this.#sendError(uri, new Payload([sentence]))
    } catch (error) {
      if (!(error instanceof MessageTooLongError)) throw error
      this.#sendError(uri)
    }
  }

  #sendError(uri: string, payload?: Payload, details: Dict = EMPTY_DICT): void {
    this.session.send(new ErrorMessage(Code.INVOCATION, this.message.requestId, details, uri, payload))
  }

  #end(): void {
    this.#ended = true
    this.#timer?.cancel()
    this.onEnd()
  }
}

function refusedParts(procedure: string): ApplicationError {
  return new ApplicationError(ERROR.featureNotSupported, [
    `${procedure} takes no calls in several parts; it would need the option progressiveInvocations`,
  ])
}
