/** Procedures that look like methods: `client.rpc.com.example.add(2, 3)` and `client.proxy<DateService>()`. */
import { UsageError } from '../../errors.js'
import { withEveryName } from '../../every-name.js'
import type { Dict } from '../../messages/dictionaries.js'
import type { CallTypes, ProcedureContract, Streamed } from '../../roles/contract.js'
import { type Kwargs, splitKwargs } from '../../roles/kwargs.js'
import type { ResultStream } from '../../roles/result-stream.js'
import type { ProgressOf, ResultOf } from '../../roles/returned.js'

type Call = (procedure: string, args: readonly unknown[], kwargs: Dict | undefined) => Promise<unknown>

/** What the methods of a proxy do. */
interface RemoteVerbs {
  call(
    procedure: string | ProcedureContract,
    args: readonly unknown[],
    kwargs: Dict | undefined,
  ): Promise<unknown>
  stream(
    procedure: string | ProcedureContract,
    args: readonly unknown[],
    kwargs: Dict | undefined,
  ): ResultStream<unknown>
}

/** Any dotted URI, called like a function; keyword arguments go last, as `kwargs({ … })`. */
export interface RemoteProcedure {
  (...args: unknown[]): Promise<unknown>
  readonly [component: string]: RemoteProcedure
}

/** What calling a method remotely resolves to: the value behind promises, or what a generator returns. */
export type RemoteResult<Returned> = ResultOf<Returned>

/** What a generator yields, which its caller gets as progressive results; `never` for all else. */
export type RemoteProgress<Returned> = ProgressOf<Returned>

/**
 * How a method is called remotely: as it is called at home; and, where it takes an object last, this may be marked with
 * `kwargs(…)` to go as keyword arguments, since the method cannot tell the two apart.
 */
export type RemoteArguments<Args extends readonly unknown[]> = Args extends readonly []
  ? Args
  : Args extends readonly [...infer Rest, infer Last]
    ? [...Rest, Last | KwargsFor<Last>]
    : Args extends readonly [...infer Rest, (infer Last)?]
      ? number extends Args['length']
        ? Args
        : [...Rest, (Last | KwargsFor<Last>)?]
      : Args

type KwargsFor<T> = T extends readonly unknown[] ? never : T extends object ? Kwargs<T> : never

/** A procedure as a method. */
export type RemoteMethod<Args extends readonly unknown[], Result> = (...args: Args) => Promise<Result>

/** A procedure with progressive results as a method. */
export interface RemoteGenerator<Args extends readonly unknown[], Progress, Result>
  extends RemoteMethod<Args, Result> {
  /** Calls it, and gives its progressive results, and what is returned at the end, to read with `for await`. */
  stream(...args: Args): ResultStream<Streamed<Progress, Result>>
}

type RemoteOf<Args extends readonly unknown[], Progress, Result> = [Progress] extends [never]
  ? RemoteMethod<Args, Result>
  : RemoteGenerator<Args, Progress, Result>

/**
 * The methods of `T`, less those of `Base`, as procedures: the same arguments, and a promise of the same result. Of a method
 * with overloads, TypeScript sees the last one.
 */
export type Remote<T, Base = never> = {
  readonly [Name in Exclude<keyof T, keyof Base> as T[Name] extends (...args: never[]) => unknown
    ? Name
    : never]: T[Name] extends (...args: infer Args) => infer Returned
    ? RemoteOf<RemoteArguments<Args>, RemoteProgress<Returned>, RemoteResult<Returned>>
    : never
}

/** The contracts among the properties of an object, or of a module, as methods. */
export type RemoteContracts<Contracts> = {
  readonly [Name in keyof Contracts as Contracts[Name] extends ProcedureContract
    ? Name
    : never]: Contracts[Name] extends ProcedureContract<infer Called> ? RemoteContract<Called> : never
}

type RemoteContract<Called extends CallTypes> = RemoteOf<
  ContractArguments<Called>,
  Called['progress'],
  Called['result']
>

type ContractArguments<Called extends CallTypes> = Called['args'] extends readonly unknown[]
  ? Called['kwargs'] extends undefined
    ? [...Called['args']]
    : Record<never, never> extends Called['kwargs']
      ? [...Called['args']] | [...Called['args'], Kwargs<NonNullable<Called['kwargs']>>]
      : [...Called['args'], Kwargs<NonNullable<Called['kwargs']>>]
  : never

/** The root of all dotted URIs: each property adds a component, a call calls. */
export function remoteProcedures(call: Call, uri = ''): RemoteProcedure {
  const component = (name: string) => remoteProcedures(call, uri === '' ? name : `${uri}.${name}`)
  return withEveryName(calling(call, uri), component) as RemoteProcedure
}

/** An object whose methods are procedures: by a prefix for their names, or by the contracts of these names. */
export function remoteObject(verbs: RemoteVerbs, of: string | object): object {
  return withEveryName({}, (name) => {
    const procedure = typeof of === 'string' ? of + name : contractOf(of, name)
    const stream = calling((...given) => verbs.stream(...given), procedure)
    return Object.assign(
      calling((...given) => verbs.call(...given), procedure),
      { stream },
    )
  })
}

function contractOf(contracts: object, name: string): ProcedureContract {
  const contract = Reflect.get(contracts, name)
  if (typeof contract?.serve === 'function') return contract
  throw new UsageError(`there is no contract for a procedure ${name}`)
}

function calling<Procedure, Returned>(
  call: (procedure: Procedure, args: readonly unknown[], kwargs: Dict | undefined) => Returned,
  procedure: Procedure,
): (...given: unknown[]) => Returned {
  return (...given) => {
    const { args, kwargs } = splitKwargs(given)
    return call(procedure, args, kwargs)
  }
}
