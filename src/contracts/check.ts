import type { Dict } from '../messages/dictionaries.js'
import { Payload } from '../messages/payload.js'
import { CallResult, fromPayload } from '../roles/call-result.js'
import { sentenceOf } from '../roles/error-classes.js'
import { isThenable } from '../roles/returned.js'
import type { Place } from './place.js'
import { failure, refusal } from './refusal.js'
import type { StandardSchema } from './standard-schema.js'

/** A value that is there at once, unless a schema has to be waited for. */
export type Soon<T> = T | Promise<T>

/** `next` of the value, at once if it is there. */
export function soon<T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/**
 * What the schema makes of a value.
 *
 * @throws ApplicationError, now or later, if the schema refuses it or fails.
 */
export function checked(schema: StandardSchema, value: unknown, place: Place): Soon<unknown> {
  const failed = (thrown: unknown) => failure(place, schema, `threw: ${sentenceOf(thrown)}`, thrown)
  let judged: unknown
  try {
    judged = schema['~standard'].validate(value)
  } catch (error) {
    throw failed(error)
  }
  if (!isThenable(judged)) return outcome(judged, schema, place)
  return Promise.resolve(judged).then(
    (result) => outcome(result, schema, place),
    (error: unknown) => {
      throw failed(error)
    },
  )
}

function outcome(judged: unknown, schema: StandardSchema, place: Place): unknown {
  if (typeof judged !== 'object' || judged === null)
    throw failure(place, schema, 'gave neither a value nor issues')
  const { value, issues } = judged as { readonly value?: unknown; readonly issues?: unknown }
  if (issues === undefined) return value
  throw refusal(place, Array.isArray(issues) ? issues : [])
}

/**
 * The same for a result, or a part of a call: what its receiver gets if it is one value, else all of it as a `CallResult`.
 * One that came with its details keeps them.
 *
 * @throws as `checked` does.
 */
export function checkedValue(
  schema: StandardSchema | undefined,
  value: unknown,
  place: Place,
): Soon<unknown> {
  if (schema === undefined) return value
  if (!(value instanceof CallResult)) return checked(schema, value, place)
  const whole = fromPayload(new Payload(value.args, value.kwargs), value.details)
  if (whole instanceof CallResult) return checked(schema, value, place)
  return soon(checked(schema, whole, place), (single) => new CallResult([single], {}, value.details))
}

/** Arguments, as a handler is to have them. */
export interface Arguments {
  readonly args: readonly unknown[]
  readonly kwargs: Dict
}

/** The schemas of what a message carries. */
export interface ArgumentSchemas {
  readonly args?: StandardSchema | undefined
  readonly kwargs?: StandardSchema | undefined
}

/**
 * What the schemas make of positional and keyword arguments; those that no schema knows stay as they are.
 *
 * @throws as `checked` does.
 */
export function checkedArguments(
  schemas: ArgumentSchemas,
  { args, kwargs }: Arguments,
  place: (of: string) => Place,
): Soon<Arguments> {
  const argsSchema = schemas.args
  const kwargsSchema = schemas.kwargs
  const positional =
    argsSchema === undefined
      ? args
      : soon(checked(argsSchema, args, place('args')), (list) => {
          if (Array.isArray(list)) return list as readonly unknown[]
          throw failure(place('args'), argsSchema, 'gave no list of arguments')
        })
  if (kwargsSchema === undefined) return soon(positional, (list) => ({ args: list, kwargs }))
  return soon(positional, (list) =>
    soon(checked(kwargsSchema, kwargs, place('kwargs')), (dict) => ({ args: list, kwargs: dict as Dict })),
  )
}

/**
 * How a handler is called: with the arguments, then one object of the keywords if the contract has any. Keywords that
 * nobody has checked must not take the place of an argument that was left out.
 */
export function handlerArgumentsBy(
  schemas: ArgumentSchemas,
  { args, kwargs }: Arguments,
): readonly unknown[] {
  if (schemas.kwargs !== undefined) return [...args, kwargs]
  return schemas.args !== undefined || Object.keys(kwargs).length === 0 ? args : [...args, kwargs]
}
