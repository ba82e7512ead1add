import { ApplicationError, type ApplicationErrorOptions } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import type { CallArguments, CallOptions } from '../roles/call-options.js'
import type { CallTypes, ContractPeer, ProcedureContract } from '../roles/contract.js'
import type { ProcedureHandler, RegisterOptions } from '../roles/registration.js'
import { checkedCall } from './checked-call.js'
import { checkedHandler } from './checked-handler.js'
import { CheckedProcedure } from './checked-procedure.js'
import { expectContract } from './expect-contract.js'
import { Orders } from './in-order.js'
import type {
  CalledBySchemas,
  CalledByTypes,
  ContractError,
  ProcedureSchemas,
  ProcedureShape,
  ServedBySchemas,
  ServedByTypes,
} from './procedure-types.js'

/**
 * A procedure that both ends have agreed upon: give it to `client.call`, `client.stream`, `client.register` and `@callee`
 * in place of its URI.
 */
export interface Procedure<
  Called extends CallTypes = CallTypes,
  Handler extends ProcedureHandler = ProcedureHandler,
> extends ProcedureContract<Called, Handler> {
  /** The schemas that it was made with; none, if it was made of types alone. */
  readonly schemas: ProcedureSchemas
  /** Is this the error with that URI? Then the compiler knows its arguments. */
  isError<Uri extends keyof Called['errors'] & string>(
    error: unknown,
    uri: Uri,
  ): error is ContractError<Uri, Called['errors'][Uri]>
  /** An error with that URI, for a handler to throw. */
  error<Uri extends keyof Called['errors'] & string>(
    uri: Uri,
    args: Called['errors'][Uri],
    options?: ApplicationErrorOptions,
  ): ContractError<Uri, Called['errors'][Uri]>
}

/**
 * A contract for one procedure. With schemas of any library that follows Standard Schema, both ends check every value, and
 * the receiver gets what the schema makes of it; with types alone, the compiler checks and nothing else does.
 *
 *     const add = procedure('com.example.add', { args: z.tuple([z.number(), z.number()]), result: z.number() })
 *     const count = procedure<(to: number) => AsyncGenerator<number, number>>('com.example.count')
 *
 * @throws UsageError if `uri` is no string, or a schema is none.
 */
export function procedure<const Schemas extends ProcedureSchemas>(
  uri: string,
  schemas: Schemas,
): Procedure<CalledBySchemas<Schemas>, ServedBySchemas<Schemas>>
export function procedure<Shape extends ProcedureShape = ProcedureHandler>(
  uri: string,
): Procedure<CalledByTypes<Shape>, ServedByTypes<Shape>>
export function procedure(uri: string, schemas: ProcedureSchemas = {}): Procedure {
  const { errors = {}, ...values } = schemas
  expectContract(uri, { ...values, ...errors })
  return new AgreedProcedure(uri, schemas)
}

class AgreedProcedure implements Procedure {
  readonly options: RegisterOptions
  readonly #checked: CheckedProcedure | undefined
  readonly #orders = new Orders()

  constructor(
    readonly uri: string,
    readonly schemas: ProcedureSchemas,
  ) {
    this.options = schemas.part === undefined ? {} : { progressiveInvocations: true }
    this.#checked = Object.keys(schemas).length === 0 ? undefined : new CheckedProcedure(uri, schemas)
  }

  call(peer: ContractPeer, args?: CallArguments, kwargs?: Dict, options?: CallOptions): Promise<unknown> {
    if (this.#checked === undefined) return peer.call(this.uri, args, kwargs, options)
    return checkedCall(this.#checked, this.#orders.of(peer), peer, args, kwargs, options)
  }

  serve(handler: ProcedureHandler): ProcedureHandler {
    return this.#checked === undefined ? handler : checkedHandler(this.#checked, handler)
  }

  isError<Uri extends string, Args extends readonly unknown[]>(
    error: unknown,
    uri: Uri,
  ): error is ContractError<Uri, Args> {
    return error instanceof ApplicationError && error.uri === uri
  }

  error<Uri extends string, Args extends readonly unknown[]>(
    uri: Uri,
    args: Args,
    options?: ApplicationErrorOptions,
  ): ContractError<Uri, Args> {
    return new ApplicationError(uri, args, options) as ContractError<Uri, Args>
  }
}
