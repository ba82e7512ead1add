/**
 * Which of the callees of a sharded registration a call is for: `runmode` and `rkey` of its options.
 *
 * Spec: rfc/text/advanced/rpc_sharded_registration.md.
 */
import type { CallOptions } from '../../messages/dictionaries.js'
import { ERROR, LONGEST_URI } from '../../uris.js'

/** The key of a partitioned call: each key has its callee. */
export function partitionOf({ runmode, rkey }: CallOptions): string | undefined {
  return runmode === 'partition' ? rkey : undefined
}

/** Why a call cannot be made in the mode that it asks for, as an error URI and a sentence. */
export function refusedRunMode({
  runmode,
  rkey,
}: CallOptions): [error: string, sentence: string] | undefined {
  if (runmode === undefined) return undefined
  if (runmode !== 'partition') {
    // The spec names the mode `all` and leaves open what becomes of several results.
    const sentence = `the runmode must be partition, not ${JSON.stringify(runmode.slice(0, 40))}`
    return [ERROR.featureNotSupported, sentence]
  }
  if (rkey !== undefined && rkey.length <= LONGEST_URI) return undefined
  if (rkey !== undefined) return [ERROR.invalidArgument, `an rkey has ${LONGEST_URI} characters at most`]
  return [ERROR.invalidArgument, 'a call with runmode partition needs the option rkey']
}
