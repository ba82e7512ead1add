/** What the compiler knows of a procedure: from a function type, from a list of types, or from schemas. */
import type { ApplicationError } from '../errors.js'
import type { ProcedureHandler } from '../roles/registration.js'
import type { ProgressOf, ResultOf } from '../roles/returned.js'
import type { InputOf, OutputOf, StandardSchema } from './standard-schema.js'

/** The schemas of a procedure; what has none is not checked. */
export interface ProcedureSchemas {
  /** The list of positional arguments, such as a tuple. */
  readonly args?: StandardSchema<readonly unknown[], readonly unknown[]>
  /** The dictionary of keyword arguments. */
  readonly kwargs?: StandardSchema<object, object>
  /** Each value of a call that comes in several parts, in place of `args`. */
  readonly part?: StandardSchema
  /** What the call resolves to. */
  readonly result?: StandardSchema
  /** Each progressive result. */
  readonly progress?: StandardSchema
  /** The list of positional arguments of each error, by URI. */
  readonly errors?: Readonly<Record<string, StandardSchema<readonly unknown[], readonly unknown[]>>>
}

/** A procedure in types alone, where a function type does not say enough. */
export interface ProcedureTypes {
  readonly args?: readonly unknown[]
  readonly kwargs?: object
  /** Each value of a call that comes in several parts, in place of `args`. */
  readonly part?: unknown
  readonly result?: unknown
  readonly progress?: unknown
  /** The positional arguments of each error, by URI. */
  readonly errors?: Readonly<Record<string, readonly unknown[]>>
}

/** The type of one of the schemas as its sender has it, or `Else` where there is none. */
export type Sent<Schemas, Name extends string, Else> = Schemas extends {
  readonly [N in Name]: infer S extends StandardSchema
}
  ? InputOf<S>
  : Else

/** The same as its receiver has it. */
export type Received<Schemas, Name extends string, Else> = Schemas extends {
  readonly [N in Name]: infer S extends StandardSchema
}
  ? OutputOf<S>
  : Else

/** A list that is not to be changed. */
export type List<T> = T extends readonly unknown[] ? Readonly<T> : never

type Lists<Errors> = { readonly [Uri in keyof Errors]: List<Errors[Uri]> }

type OutputLists<Errors> = {
  readonly [Uri in keyof Errors]: Errors[Uri] extends StandardSchema ? List<OutputOf<Errors[Uri]>> : never
}

/** A procedure with these schemas, to who calls it. */
export type CalledBySchemas<S extends ProcedureSchemas> = {
  readonly args: S extends { readonly part: StandardSchema }
    ? AsyncIterable<Sent<S, 'part', unknown>>
    : List<Sent<S, 'args', readonly unknown[]>>
  readonly kwargs: Extract<Sent<S, 'kwargs', undefined>, object | undefined>
  readonly result: Received<S, 'result', unknown>
  readonly progress: Received<S, 'progress', never>
  readonly errors: S extends { readonly errors: infer E } ? OutputLists<E> : NoErrors
}

/** The functions that can serve a procedure with these schemas. */
export type ServedBySchemas<S extends ProcedureSchemas> = (
  ...args: S extends { readonly part: StandardSchema }
    ? [parts: AsyncIterable<Received<S, 'part', unknown>>]
    : HandlerArguments<Received<S, 'args', readonly unknown[]>, Received<S, 'kwargs', undefined>>
) => Answer<Sent<S, 'result', unknown>, Sent<S, 'progress', never>>

/** A procedure of these types, to who calls it. */
export type CalledByTypes<T> = T extends (...args: infer Args) => infer Returned
  ? {
      readonly args: Args extends [AsyncIterable<infer Part>] ? AsyncIterable<Part> : Readonly<Args>
      readonly kwargs: undefined
      readonly result: ResultOf<Returned>
      readonly progress: ProgressOf<Returned>
      readonly errors: NoErrors
    }
  : {
      readonly args: T extends { readonly part: infer Part } ? AsyncIterable<Part> : List<Of<T, 'args', []>>
      readonly kwargs: Extract<Of<T, 'kwargs', undefined>, object | undefined>
      readonly result: Of<T, 'result', undefined>
      readonly progress: Of<T, 'progress', never>
      readonly errors: T extends { readonly errors: infer E } ? Lists<E> : NoErrors
    }

/** The functions that can serve a procedure of these types. */
export type ServedByTypes<T> = T extends (...args: infer Args) => infer Returned
  ? (...args: Args) => Answer<ResultOf<Returned>, ProgressOf<Returned>>
  : (
      ...args: T extends { readonly part: infer Part }
        ? [parts: AsyncIterable<Part>]
        : HandlerArguments<Of<T, 'args', []>, Of<T, 'kwargs', undefined>>
    ) => Answer<Of<T, 'result', undefined>, Of<T, 'progress', never>>

type Of<T, Name extends string, Else> = T extends { readonly [N in Name]: infer Type } ? Type : Else

// biome-ignore lint/complexity/noBannedTypes: a dictionary without any key, not one with every key
type NoErrors = {}

/** How a handler is called: positional arguments, then the keywords, if there are any in the contract. */
export type HandlerArguments<Args, Kwargs> = Args extends readonly unknown[]
  ? Kwargs extends undefined
    ? [...Args]
    : [...Shortenings<Args>, Kwargs]
  : never

/** What may be left out of a list is there or is not: what follows moves up. */
type Shortenings<Args extends readonly unknown[]> = Args extends readonly []
  ? []
  : Args extends readonly [infer First, ...infer Rest]
    ? [First, ...Shortenings<Rest>]
    : number extends Args['length']
      ? [...Args]
      : Args extends readonly [(infer First)?, ...infer Rest]
        ? [] | [First, ...Shortenings<Rest>]
        : [...Args]

/** What a handler may return: the result, now or later; or a generator, if there are progressive results. */
export type Answer<Result, Progress> =
  | Result
  | Promise<Result>
  | ([Progress] extends [never]
      ? never
      : Generator<Progress, Result, undefined> | AsyncGenerator<Progress, Result, undefined>)

/** An error of which the contract knows the arguments. */
export interface ContractError<Uri extends string, Args extends readonly unknown[]> extends ApplicationError {
  readonly uri: Uri
  readonly args: Args
}

/** Any function, or the types of one. */
export type ProcedureShape = ProcedureHandler | ProcedureTypes
