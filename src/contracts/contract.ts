import { withEveryName } from '../every-name.js'
import type { ProcedureHandler } from '../roles/registration.js'
import { type Procedure, procedure } from './procedure.js'
import type { CalledByTypes, ServedByTypes } from './procedure-types.js'

/** A contract for each method of an interface. */
export type Contract<Api> = {
  readonly [Name in keyof Api as Api[Name] extends ProcedureHandler ? Name : never]: Procedure<
    CalledByTypes<Api[Name]>,
    ServedByTypes<Api[Name]>
  >
}

/**
 * Contracts in types alone for the methods of an interface, or of a class: each method is the procedure of its name
 * behind `prefix`.
 *
 *     const dates = contract<DateApi>('com.example.date.')
 *     await client.call(dates.getTodaysDate)
 *
 * Contracts of which each has its own schemas need no function: an object of them, or a module that exports them, is one.
 */
export function contract<Api extends object>(prefix = ''): Contract<Api> {
  const made = new Map<string, Procedure>()
  return withEveryName({}, (name) => {
    let one = made.get(name)
    if (one === undefined) {
      one = procedure(prefix + name)
      made.set(name, one)
    }
    return one
  }) as Contract<Api>
}
