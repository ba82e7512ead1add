/**
 * What a peer knows of a contract, and asks of one. How a contract checks what crosses the wire is its own business, in
 * a room of its own: who brings none has nothing of that.
 */
import type { Dict } from '../messages/dictionaries.js'
import type { CallArguments, CallOptions } from './call-options.js'
import type { CallResult } from './call-result.js'
import type { PublishOptions } from './publisher.js'
import type { ReceivedEvent } from './received-event.js'
import type { ProcedureHandler, RegisterOptions } from './registration.js'
import type { ResultStreamOptions } from './result-stream.js'
import type { EventHandler } from './subscription.js'

/** What a contract needs of the client that uses it. */
export interface ContractPeer {
  call(procedure: string, args?: CallArguments, kwargs?: Dict, options?: CallOptions): Promise<unknown>
  publish(
    topic: string,
    args?: readonly unknown[],
    kwargs?: Dict,
    options?: PublishOptions,
  ): Promise<number | undefined>
  /** Tells an error that no promise tells. */
  report(error: unknown): void
}

/** What a procedure looks like to who calls it. */
export interface CallTypes {
  /** The positional arguments; of a call in several parts, the parts. */
  readonly args: CallArguments
  /** The keyword arguments; `undefined` where the procedure takes none. */
  readonly kwargs: object | undefined
  readonly result: unknown
  /** A progressive result; `never` where there are none. */
  readonly progress: unknown
  /** The positional arguments of each error that it is known to fail with, by URI. */
  readonly errors: Readonly<Record<string, readonly unknown[]>>
}

/** A procedure that both ends have agreed upon. */
export interface ProcedureContract<
  Called extends CallTypes = CallTypes,
  Handler extends ProcedureHandler = ProcedureHandler,
> {
  readonly uri: string
  /** What a registration must say so that the procedure can keep to the contract. */
  readonly options: RegisterOptions
  /** For the compiler alone: it is never there. */
  readonly '~types'?: { readonly called: Called; readonly handler: Handler } | undefined
  /** Calls the procedure as a peer, and checks both ways. For peers: users say `client.call(contract, …)`. */
  call(peer: ContractPeer, args?: CallArguments, kwargs?: Dict, options?: CallOptions): Promise<unknown>
  /** The handler to register, which checks both ways. For peers: users say `client.register(contract, …)`. */
  serve(handler: ProcedureHandler): ProcedureHandler
}

/** What an event looks like to who publishes it. */
export interface PublishTypes {
  readonly args: readonly unknown[]
  /** The keyword arguments; `undefined` where there are none. */
  readonly kwargs: object | undefined
}

/** A topic that both ends have agreed upon. */
export interface TopicContract<
  Published extends PublishTypes = PublishTypes,
  Event extends ReceivedEvent = ReceivedEvent,
  Handler extends EventHandler = EventHandler,
> {
  readonly uri: string
  /** For the compiler alone: it is never there. */
  readonly '~types'?:
    | { readonly published: Published; readonly event: Event; readonly handler: Handler }
    | undefined
  /** Publishes as a peer, once the event is checked. For peers: users say `client.publish(contract, …)`. */
  publish(
    peer: ContractPeer,
    args?: readonly unknown[],
    kwargs?: Dict,
    options?: PublishOptions,
  ): Promise<number | undefined>
  /** The handler to subscribe, which checks. For peers: users say `client.subscribe(contract, …)`. */
  handle(handler: EventHandler): EventHandler
  /** The same for one that takes each event as a whole. */
  sink(deliver: (event: ReceivedEvent) => unknown): (event: ReceivedEvent) => unknown
}

/** Options of a call whose progressive results are known. */
export type ContractCallOptions<Called extends CallTypes> = Omit<CallOptions, 'onProgress'> & {
  /** Asks for progressive results, and is called with each. */
  onProgress?: (value: Called['progress']) => void
}

/** What comes after the name of what is called or published to: arguments, keywords, options; what may be left out may. */
export type Given<
  What extends { readonly args: unknown; readonly kwargs: unknown },
  Options,
> = What['kwargs'] extends undefined
  ? [] extends What['args']
    ? [args?: What['args'] | undefined, kwargs?: undefined, options?: Options]
    : [args: What['args'], kwargs?: undefined, options?: Options]
  : Record<never, never> extends What['kwargs']
    ? [] extends What['args']
      ? [args?: What['args'] | undefined, kwargs?: What['kwargs'] | undefined, options?: Options]
      : [args: What['args'], kwargs?: What['kwargs'] | undefined, options?: Options]
    : [
        args: What['args'] | ([] extends What['args'] ? undefined : never),
        kwargs: What['kwargs'],
        options?: Options,
      ]

/** What follows the contract in `client.call(contract, …)`. */
export type CallGiven<Called extends CallTypes, Options = ContractCallOptions<Called>> = Given<
  Called,
  Options
>

/** What a call resolves to. */
export type Called<Types extends CallTypes, Options> = Options extends { readonly details: true }
  ? CallResult
  : Types['result']

/** What a stream of results gives: each progressive result, and the result, if there is anything in it. */
export type Streamed<Progress, Result> = Progress | Exclude<Result, void>

/** What follows the contract in `client.stream(contract, …)`. */
export type StreamGiven<Called extends CallTypes> = Given<Called, ResultStreamOptions>

/** What follows the contract in `client.publish(contract, …)`. */
export type PublishGiven<Published extends PublishTypes> = Given<Published, PublishOptions>
