import type { MatchPolicy } from '../uris.js'
import type { ProcedureContract } from './contract.js'

/** A procedure's implementation: called with the positional arguments, then one object of the keyword arguments. */
// biome-ignore lint/suspicious/noExplicitAny: any function can serve a procedure; what it takes is between it and its callers
export type ProcedureHandler = (...args: any[]) => unknown

/** How calls are spread over the callees of one registration. Spec: rfc/text/advanced/rpc_shared_registration.md. */
export type InvocationPolicy = 'single' | 'roundrobin' | 'random' | 'first' | 'last'

export interface RegisterOptions {
  /** How the procedure matches; `exact` by default. Spec: rfc/text/advanced/rpc_pattern_based_registration.md. */
  match?: MatchPolicy
  /** Shares the procedure with other callees; `single` (not shared) by default. */
  invoke?: InvocationPolicy
  /** Asks to be told who calls. Spec: rfc/text/advanced/rpc_caller_identification.md. */
  discloseCaller?: boolean
  /**
   * Has this client, and not the router, keep the time of calls that have a timeout: when it is over the invocation's
   * signal aborts, and the caller is told. Spec: rfc/text/advanced/rpc_call_timeout.md.
   */
  forwardTimeout?: boolean
  /**
   * The procedure reads calls that come in several parts: its handler is called with one async iterable, which gives
   * each part's only value (or `undefined`, or a `CallResult`), and ends with the call. Of a call in one part it gives
   * that. A procedure without this option refuses calls in several parts.
   *
   * Spec: rfc/text/advanced/rpc_progressive_call_invocations.md.
   */
  progressiveInvocations?: boolean
  /**
   * The name under which this callee takes its part of partitioned calls, such as that of the machine; by default the
   * session's id, which the next session has not. Spec: rfc/text/advanced/rpc_sharded_registration.md.
   */
  nkey?: string
  /**
   * A secret of this client by which it takes its registration back from a session of its own that is dead and that the
   * router has not missed yet: whoever shows it under the same authid takes the place. Ours, not of the spec.
   */
  ownerKey?: string
  /** Further options, as the wire has them. */
  extra?: Readonly<Record<string, unknown>>
}

/** A procedure that a client offers. It stays valid over sessions: each new one registers it again. */
export interface Registration extends AsyncDisposable {
  readonly procedure: string
  readonly options: RegisterOptions
  /** What it keeps to, if it was registered with a contract. */
  readonly contract: ProcedureContract | undefined
  /** The router's id for it; `undefined` while it is not registered. */
  readonly id: number | undefined
  /** Takes the procedure back; calls that are running go on. Harmless the second time. */
  unregister(): Promise<void>
}
