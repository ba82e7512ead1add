import type { Clock } from '../clock.js'
import * as Code from '../messages/code.js'
import { type Dict, EMPTY_DICT, type RevocationDetails } from '../messages/dictionaries.js'
import { ErrorMessage } from '../messages/error-message.js'
import {
  type Interrupt,
  type Invocation,
  Register,
  type Registered,
  Unregister,
  type Unregistered,
} from '../messages/rpc.js'
import type { Session } from '../sessions/session.js'
import { spellOut } from '../spelling.js'
import * as ERROR from '../uris/error.js'
import type { ProcedureContract } from './contract.js'
import { type ErrorClasses, isErrorOf } from './error-classes.js'
import { expectHandler, expectUri } from './expectations.js'
import { featuresOf } from './feature-table.js'
import { EndedInParts } from './invocation-parts.js'
import { openSession } from './open-session.js'
import type { ProcedureHandler, RegisterOptions, Registration } from './registration.js'
import { Requests } from './requests.js'
import type { Revocation } from './revocation.js'
import { RunningInvocation } from './running-invocation.js'

/** The role that serves procedures. Spec: rfc/text/basic/remote_procedure_call.md. */
export class Callee {
  static readonly features = featuresOf('callee')

  #session: Session | undefined
  /** What is offered, registered or not: it outlives sessions. */
  readonly #offered = new Set<OfferedProcedure>()
  readonly #byId = new Map<number, OfferedProcedure>()
  readonly #running = new Map<number, RunningInvocation>()
  readonly #ended = new EndedInParts()
  readonly #registering = new Requests<Registered>()
  readonly #unregistering = new Requests<Unregistered>()

  constructor(
    private readonly clock: Clock,
    private readonly errors: ErrorClasses,
    /** Told that the router has taken a registration back. */
    private readonly onRevoked: (revocation: Revocation) => void = () => {},
  ) {}

  open(session: Session): void {
    this.#session = session
  }

  close(error: Error): void {
    this.#session = undefined
    this.#byId.clear()
    for (const offered of this.#offered) offered.id = undefined
    this.#registering.close(error)
    this.#unregistering.close(error)
    const running = [...this.#running.values()]
    this.#running.clear()
    this.#ended.clear()
    for (const invocation of running) invocation.abandon(error)
  }

  /** Everything that is offered, registered or not. */
  get offered(): readonly Registration[] {
    return [...this.#offered]
  }

  /**
   * Offers `handler` under `procedure`, or as its contract has it, and registers it at once.
   *
   * @throws ApplicationError if the router refuses; SessionClosedError if there is no session; UsageError if
   * `procedure` is no URI.
   */
  async register(
    procedure: string | ProcedureContract,
    handler: ProcedureHandler,
    options: RegisterOptions = {},
  ): Promise<Registration> {
    const offered =
      typeof procedure === 'object'
        ? this.#offer(procedure.uri, handler, { ...procedure.options, ...options }, procedure)
        : this.#offer(procedure, handler, options)
    // One that was revoked, and that this one takes the place of, must not come back beside it.
    for (const earlier of this.#offered)
      if (earlier.isRevoked && earlier.isSameAs(offered)) this.#offered.delete(earlier)
    this.#offered.add(offered)
    try {
      await this.#register(offered)
    } catch (error) {
      this.#offered.delete(offered)
      throw error
    }
    return offered
  }

  /** Registers, in a new session, everything that was offered in an earlier one. */
  async registerAgain(): Promise<void> {
    await Promise.all(
      [...this.#offered].filter(({ id }) => id === undefined).map((offered) => this.#register(offered)),
    )
  }

  /** A REGISTERED came. */
  registered(message: Registered): void {
    this.#registering.settle(message.requestId, message)
  }

  /** An UNREGISTERED came: the answer to a request, or, with request id 0, a revocation. */
  unregistered(message: Unregistered): void {
    if (message.requestId === 0) this.#revoked(message.details ?? EMPTY_DICT)
    else this.#unregistering.settle(message.requestId, message)
  }

  /** The router has taken a registration back. The next session asks for it again. */
  #revoked({ registration, reason }: RevocationDetails): void {
    const offered = registration === undefined ? undefined : this.#byId.get(registration)
    if (offered?.id === undefined) return
    this.#byId.delete(offered.id)
    offered.id = undefined
    offered.isRevoked = true
    this.onRevoked({ role: 'callee', uri: offered.procedure, reason })
  }

  /**
   * An ERROR came for a REGISTER or an UNREGISTER.
   *
   * @throws ApplicationError if it came for a YIELD: an answer in payload passthru mode that its caller cannot read.
   */
  error(message: ErrorMessage): void {
    if (message.requestCode === Code.YIELD) throw this.errors.fromMessage(message)
    const requests = message.requestCode === Code.REGISTER ? this.#registering : this.#unregistering
    requests.fail(message.requestId, this.errors.fromMessage(message))
  }

  /** An INVOCATION came: runs the handler. What it throws becomes one ERROR. */
  invocation(message: Invocation): void {
    const session = this.#session
    if (session === undefined) return
    const { requestId } = message
    const under = this.#running.get(requestId)
    if (under !== undefined) return under.takePart(message)
    if (this.#ended.isLate(message)) return
    const offered = this.#byId.get(message.registrationId)
    if (offered === undefined) {
      const sentence = `there is no registration ${message.registrationId} here any more`
      session.send(
        ErrorMessage.saying(Code.INVOCATION, message.requestId, ERROR.noSuchRegistration, sentence),
      )
      return
    }
    const running = new RunningInvocation(
      session,
      message,
      offered.procedure,
      this.clock,
      this.errors,
      () => {
        this.#running.delete(requestId)
        if (running.awaitsParts) this.#ended.add(requestId)
      },
    )
    this.#running.set(requestId, running)
    running.run(offered.handler, offered.options.progressiveInvocations)
  }

  /** An INTERRUPT came. One for an invocation that has been answered is dropped. */
  interrupt(message: Interrupt): void {
    this.#running.get(message.requestId)?.interrupt(message.options)
  }

  #offer(
    procedure: string,
    handler: ProcedureHandler,
    options: RegisterOptions,
    contract?: ProcedureContract,
  ): OfferedProcedure {
    expectUri('register', procedure, options.match)
    expectHandler('register', procedure, handler)
    const served = contract?.serve(handler) ?? handler
    return new OfferedProcedure(procedure, served, options, contract, (offered) => this.#unregister(offered))
  }

  async #register(offered: OfferedProcedure): Promise<void> {
    const session = openSession(this.#session, `register ${offered.procedure}`)
    const options = wireOptions(offered.options)
    offered.registering = this.#registering.send(
      session,
      (requestId) => new Register(requestId, options, offered.procedure),
      ({ registrationId }) => {
        offered.id = registrationId
        offered.isRevoked = false
        this.#byId.set(registrationId, offered)
      },
    )
    await offered.registering
  }

  async #unregister(offered: OfferedProcedure): Promise<void> {
    const session = this.#session
    if (!this.#offered.delete(offered) || session === undefined) return
    // One that is being registered can be taken back only when the router has answered.
    if (offered.id === undefined) await offered.registering?.catch(() => {})
    const { id } = offered
    if (id === undefined) return
    // Until the router has confirmed it, invocations may still arrive, and they are served.
    const unregistered = this.#unregistering.send(
      session,
      (requestId) => new Unregister(requestId, id),
      () => {
        if (this.#byId.get(id) === offered) this.#byId.delete(id)
        offered.id = undefined
      },
    )
    await unregistered.catch((error: unknown) => {
      // With its session, or by a revocation, the registration has gone all the same.
      if (this.#session === session && !isErrorOf(error, ERROR.noSuchRegistration)) throw error
    })
  }
}

class OfferedProcedure implements Registration {
  id: number | undefined
  /** Has the router taken it back, and has it not been registered since? */
  isRevoked = false
  /** Settles when the router has answered the last REGISTER. */
  registering: Promise<void> | undefined

  constructor(
    readonly procedure: string,
    readonly handler: ProcedureHandler,
    readonly options: RegisterOptions,
    readonly contract: ProcedureContract | undefined,
    private readonly onUnregister: (offered: OfferedProcedure) => Promise<void>,
  ) {}

  /** Does it stand for the same registration? */
  isSameAs({ procedure, options }: Registration): boolean {
    return procedure === this.procedure && (options.match ?? 'exact') === (this.options.match ?? 'exact')
  }

  unregister(): Promise<void> {
    return this.onUnregister(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.unregister()
  }
}

function wireOptions(options: RegisterOptions): Dict {
  const { match, invoke, extra } = options
  const wire = spellOut(extra, options, ['discloseCaller', 'forwardTimeout', 'nkey'])
  if (match !== undefined && match !== 'exact') wire.match = match
  if (invoke !== undefined && invoke !== 'single') wire.invoke = invoke
  return spellOut(wire, options, ['ownerKey'], '_')
}
