import type { Dict } from '../messages/dictionaries.js'
import type { CallArguments, CallOptions } from './call-options.js'
import type { ProcedureContract } from './contract.js'
import { Queue } from './queue.js'

export interface ResultStreamOptions extends Omit<CallOptions, 'onProgress' | 'details'> {
  /** How many results may wait for the reader before the call is canceled; 10,000 by default. */
  limit?: number
}

/** The results of one call, to be read with `for await`; leaving the loop cancels the call. */
export type ResultStream<T> = AsyncIterableIterator<T, undefined>

/** What follows the procedure. */
export type ResultStreamGiven = [args?: CallArguments, kwargs?: Dict, options?: ResultStreamOptions]

/** Whoever makes the call. */
interface Calls {
  call(
    procedure: string | ProcedureContract,
    args: CallArguments | undefined,
    kwargs: Dict | undefined,
    options: CallOptions,
  ): Promise<unknown>
}

/**
 * Calls a procedure for its progressive results. Spec: rfc/text/advanced/rpc_progressive_call_results.md.
 */
export function openResultStream<T>(
  caller: Calls,
  procedure: string | ProcedureContract,
  ...[args, kwargs, { limit, signal, ...options } = {}]: ResultStreamGiven
): ResultStream<T> {
  const reading = new AbortController()
  const results = new Queue<T>(limit, () => reading.abort(new Error('the reader stopped')))
  const signals = signal === undefined ? reading.signal : AbortSignal.any([signal, reading.signal])
  const called = caller.call(procedure, args, kwargs, {
    ...options,
    signal: signals,
    onProgress: (value) => results.push(value as T),
  })
  called.then(
    (value) => {
      // A final result that says nothing only tells that there are no more.
      if (value !== undefined) results.push(value as T)
      results.end()
    },
    (error: unknown) => results.fail(error),
  )
  return results
}
