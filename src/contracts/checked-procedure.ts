import { ApplicationError } from '../errors.js'
import { Payload } from '../messages/payload.js'
import { fromPayload } from '../roles/call-result.js'
import * as ERROR from '../uris/error.js'
import { type Arguments, checked, checkedArguments, checkedValue, type Soon, soon } from './check.js'
import type { Place } from './place.js'
import type { ProcedureSchemas } from './procedure-types.js'

/** A procedure and its schemas: each method gives what a schema makes of a value, now or later, or throws a refusal. */
export class CheckedProcedure {
  constructor(
    readonly uri: string,
    readonly schemas: ProcedureSchemas,
  ) {}

  arguments(given: Arguments): Soon<Arguments> {
    return checkedArguments(this.schemas, given, (of) => this.#place(of, ERROR.invalidArgument))
  }

  part(value: unknown): Soon<unknown> {
    return checkedValue(this.schemas.part, value, this.#place('part', ERROR.invalidArgument))
  }

  /** Arguments that stand for the only part of a call. */
  onlyPart({ args, kwargs }: Arguments): Soon<unknown> {
    return this.part(fromPayload(new Payload(args, kwargs), {}))
  }

  progress(value: unknown): Soon<unknown> {
    return checkedValue(this.schemas.progress, value, this.#place('progress', ERROR.invalidResult))
  }

  result(value: unknown): Soon<unknown> {
    return checkedValue(this.schemas.result, value, this.#place('result', ERROR.invalidResult))
  }

  /** The arguments of an error, where the contract knows the error; `undefined` where not. */
  errorArguments(error: unknown): Soon<readonly unknown[] | undefined> {
    if (!(error instanceof ApplicationError)) return undefined
    const { errors = {} } = this.schemas
    const schema = Object.hasOwn(errors, error.uri) ? errors[error.uri] : undefined
    if (schema === undefined) return undefined
    const place = this.#place(`errors[${JSON.stringify(error.uri)}]`, ERROR.invalidResult)
    return soon(checked(schema, error.args, place), (list) => (Array.isArray(list) ? list : error.args))
  }

  #place(of: string, error: string): Place {
    return { kind: 'procedure', uri: this.uri, of, error }
  }
}
