/** What the compiler knows of a topic: from a list of types, or from schemas. */
import type { ReceivedEvent } from '../roles/received-event.js'
import type { HandlerArguments, List, Received, Sent } from './procedure-types.js'
import type { StandardSchema } from './standard-schema.js'

/** The schemas of a topic's events; what has none is not checked. */
export interface TopicSchemas {
  /** The list of positional arguments, such as a tuple. */
  readonly args?: StandardSchema<readonly unknown[], readonly unknown[]>
  /** The dictionary of keyword arguments. */
  readonly kwargs?: StandardSchema<object, object>
}

/** A topic in types alone, where its events have keyword arguments. */
export interface TopicTypes {
  readonly args?: readonly unknown[]
  readonly kwargs?: object
}

/** The positional arguments of a topic's events, or those and the keywords. */
export type TopicShape = readonly unknown[] | TopicTypes

/** An event of a topic with a contract. */
export interface ContractEvent<Args extends readonly unknown[], Kwargs> extends ReceivedEvent {
  readonly args: Args
  readonly kwargs: Kwargs extends undefined ? ReceivedEvent['kwargs'] : Kwargs & ReceivedEvent['kwargs']
}

/** An event of a topic with these schemas, to who publishes it. */
export type PublishedBySchemas<S extends TopicSchemas> = {
  readonly args: List<Sent<S, 'args', readonly unknown[]>>
  readonly kwargs: Extract<Sent<S, 'kwargs', undefined>, object | undefined>
}

type ReceivedArgs<S> = Received<S, 'args', readonly unknown[]>

type ReceivedKwargs<S> = Received<S, 'kwargs', undefined>

export type EventBySchemas<S extends TopicSchemas> = ContractEvent<
  Extract<ReceivedArgs<S>, readonly unknown[]>,
  ReceivedKwargs<S>
>

export type HandledBySchemas<S extends TopicSchemas> = (
  ...args: HandlerArguments<ReceivedArgs<S>, ReceivedKwargs<S>>
) => unknown

type ArgsOf<T> = T extends readonly unknown[]
  ? T
  : T extends { readonly args: infer Args extends readonly unknown[] }
    ? Args
    : []

type KwargsOf<T> = T extends readonly unknown[]
  ? undefined
  : T extends { readonly kwargs: infer Kwargs extends object }
    ? Kwargs
    : undefined

export type PublishedByTypes<T extends TopicShape> = {
  readonly args: Readonly<ArgsOf<T>>
  readonly kwargs: KwargsOf<T>
}

export type EventByTypes<T extends TopicShape> = ContractEvent<ArgsOf<T>, KwargsOf<T>>

export type HandledByTypes<T extends TopicShape> = (
  ...args: HandlerArguments<ArgsOf<T>, KwargsOf<T>>
) => unknown
