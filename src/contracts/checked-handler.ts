/** The callee's half of a contract: arguments are checked before the handler runs, and what it answers before it leaves. */
import { Payload } from '../messages/payload.js'
import { currentInvocation, runInvocation } from '../roles/current.js'
import { InvocationContext, type InvocationPort } from '../roles/invocation-context.js'
import type { ProcedureHandler } from '../roles/registration.js'
import { type AnyIterator, isIterator } from '../roles/returned.js'
import { handlerArgumentsBy } from './check.js'
import type { CheckedProcedure } from './checked-procedure.js'
import { InOrder } from './in-order.js'
import { CheckedParts } from './parts.js'

/** The handler to register: it gets what the schemas make of the arguments, and what it gave leaves as it is. */
export function checkedHandler(procedure: CheckedProcedure, handler: ProcedureHandler): ProcedureHandler {
  return async (...given: readonly unknown[]) => {
    const run = new CheckedRun(procedure, currentInvocation())
    try {
      return await run.answer(handler, given)
    } catch (error) {
      // One that is not as the contract has it is refused like a result; all others leave as they are.
      await procedure.errorArguments(error)
      throw error
    }
  }
}

/** One run of a handler. */
class CheckedRun implements InvocationPort {
  readonly #progress = new InOrder()
  readonly #context: InvocationContext
  /** Settles when the last progressive result has left, or was refused. */
  #last: Promise<unknown> | undefined
  /** Why a progressive result did not leave, if there was one. */
  #refusal: { readonly error: unknown } | undefined

  constructor(
    private readonly procedure: CheckedProcedure,
    private readonly invocation: InvocationContext,
  ) {
    const { details, args, kwargs } = invocation
    this.#context =
      procedure.schemas.progress === undefined
        ? invocation
        : new InvocationContext(invocation.procedure, details, new Payload(args, kwargs), this)
  }

  get hasEnded(): boolean {
    return this.invocation.hasEnded
  }

  abortSignal(): AbortSignal {
    return this.invocation.signal
  }

  /** @throws ApplicationError if the value is wrong, where that is known at once; otherwise the invocation fails. */
  sendProgress(value: unknown): boolean {
    if (!this.invocation.receivesProgress || this.hasEnded || this.#refusal !== undefined) return false
    const sent = this.#progress.run(this.procedure.progress(value), () => {
      if (this.#refusal === undefined) return this.invocation.progress(value)
      return false
    })
    if (!(sent instanceof Promise)) return sent
    this.#last = sent.catch((error: unknown) => {
      this.#refusal ??= { error }
    })
    return true
  }

  async answer(handler: ProcedureHandler, given: readonly unknown[]): Promise<unknown> {
    const { procedure, invocation } = this
    let args: readonly unknown[]
    if (procedure.schemas.part !== undefined)
      args = [new CheckedParts(given[0] as AsyncIterable<unknown>, (part) => procedure.part(part), true)]
    else {
      // What is known at once is not waited for: the handler then runs in the turn in which the INVOCATION came.
      const judged = procedure.arguments({ args: invocation.args, kwargs: invocation.kwargs })
      args = handlerArgumentsBy(procedure.schemas, judged instanceof Promise ? await judged : judged)
      if (judged instanceof Promise && this.hasEnded) return undefined
    }
    const returned: unknown = await runInvocation(this.#context, () => handler(...args))
    return isIterator(returned) ? this.#checkedGenerator(returned) : this.#result(returned)
  }

  async #result(value: unknown): Promise<unknown> {
    await this.#settle()
    await this.procedure.result(value)
    return value
  }

  /** Resolves when all that the handler has sent by itself has left. @throws why something did not. */
  async #settle(): Promise<void> {
    await this.#last
    if (this.#refusal !== undefined) throw this.#refusal.error
  }

  /** The same values, each of them checked before it is given on. */
  #checkedGenerator(generator: AnyIterator): AsyncIterableIterator<unknown, unknown> {
    const end = async () => {
      await generator.return?.()
      return { done: true as const, value: undefined }
    }
    const next = async () => {
      const result = await runInvocation(this.#context, () => generator.next())
      // A generator that is not asynchronous may yield promises.
      const value: unknown = await result.value
      if (result.done) return { done: true as const, value: await this.#result(value) }
      try {
        if (this.invocation.receivesProgress) await this.procedure.progress(value)
        await this.#settle()
      } catch (error) {
        await end()
        throw error
      }
      return { done: false as const, value }
    }
    return {
      next: () => next().catch((error: unknown) => this.#thrown(error)),
      return: end,
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  async #thrown(error: unknown): Promise<never> {
    await this.procedure.errorArguments(error)
    throw error
  }
}
