/** The caller's half of a contract: arguments are checked before CALL, and what comes back before the caller has it. */
import { ApplicationError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import { withoutTrailingGaps } from '../roles/arguments.js'
import type { CallArguments, CallOptions } from '../roles/call-options.js'
import { isInParts } from '../roles/call-parts.js'
import type { ContractPeer } from '../roles/contract.js'
import { type Soon, soon } from './check.js'
import type { CheckedProcedure } from './checked-procedure.js'
import { InOrder } from './in-order.js'
import { CheckedParts } from './parts.js'

/**
 * Calls the procedure. What is sent is what was given; what is received is what the schemas make of it.
 *
 * @param order keeps calls in the order in which they were made, be some of them checked sooner.
 * @throws ApplicationError if a value is not as the contract has it, on its way there or back; what `peer.call` throws.
 */
export async function checkedCall(
  procedure: CheckedProcedure,
  order: InOrder,
  peer: ContractPeer,
  args: CallArguments = [],
  kwargs?: Dict,
  options: CallOptions = {},
): Promise<unknown> {
  const progress = new CheckedProgress(procedure, peer, options)
  try {
    const result = await order.run(outgoing(procedure, args, kwargs), (given) =>
      peer.call(procedure.uri, given, kwargs, progress.options),
    )
    await progress.settle()
    return await procedure.result(result)
  } catch (error) {
    if (progress.refusal !== undefined) throw progress.refusal
    throw await received(procedure, error)
  }
}

/** What is sent: as it was given, once it is known to be right. */
function outgoing(
  procedure: CheckedProcedure,
  args: CallArguments,
  kwargs: Dict | undefined,
): Soon<CallArguments> {
  const inParts = procedure.schemas.part !== undefined
  if (isInParts(args)) return inParts ? new CheckedParts(args, (part) => procedure.part(part), false) : args
  if (!Array.isArray(args)) return args
  const given = withoutTrailingGaps(args)
  const all = { args: given, kwargs: kwargs ?? {} }
  const judged: Soon<unknown> = inParts ? procedure.onlyPart(all) : procedure.arguments(all)
  return soon(judged, () => given)
}

/** The error as its caller has it: its arguments are checked, if the contract knows them. */
async function received(procedure: CheckedProcedure, error: unknown): Promise<unknown> {
  const args = await procedure.errorArguments(error)
  if (args === undefined || !(error instanceof ApplicationError)) return error
  const { uri, kwargs, details, cause } = error
  return new ApplicationError(uri, args, { kwargs, details, cause })
}

/** The progressive results of a call: each is checked before the caller has it, and one that is wrong ends the call. */
class CheckedProgress {
  readonly #order = new InOrder()
  readonly #ending = new AbortController()
  /** Settles when the last one has been told, or refused. */
  #last: Promise<unknown> | undefined
  /** What the call is made with. */
  readonly options: CallOptions
  /** Why the call was ended, if it was. */
  refusal: unknown

  constructor(
    private readonly procedure: CheckedProcedure,
    private readonly peer: ContractPeer,
    options: CallOptions,
  ) {
    const { onProgress, signal } = options
    const isWatched = onProgress !== undefined && procedure.schemas.progress !== undefined
    if (!isWatched) this.options = options
    else
      this.options = {
        ...options,
        signal: signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]),
        onProgress: (value) => this.#take(value, onProgress),
      }
  }

  /** Resolves when every progressive result has been told. @throws the refusal of one of them. */
  async settle(): Promise<void> {
    await this.#last
    if (this.refusal !== undefined) throw this.refusal
  }

  #take(value: unknown, onProgress: (value: unknown) => void): void {
    if (this.refusal !== undefined) return
    const tell = (checked: unknown) => {
      if (this.refusal !== undefined) return
      try {
        onProgress(checked)
      } catch (error) {
        this.peer.report(error)
      }
    }
    try {
      const told: unknown = this.#order.run(this.procedure.progress(value), tell)
      if (told instanceof Promise) this.#last = told.catch((error: unknown) => this.#refuse(error))
    } catch (error) {
      this.#refuse(error)
    }
  }

  #refuse(error: unknown): void {
    this.refusal ??= error
    this.#ending.abort(error)
  }
}
