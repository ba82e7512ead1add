import type { InvocationDetails } from '../messages/dictionaries.js'
import type { Payload } from '../messages/payload.js'
import { type DisclosedPeer, disclosedPeer } from './identity.js'

/** What an invocation can do for its handler; implemented by the callee. */
export interface InvocationPort {
  readonly hasEnded: boolean
  sendProgress(value: unknown): boolean
  abortSignal(): AbortSignal
}

/** The invocation that a procedure serves. Spec: rfc/text/basic/remote_procedure_call.md, "INVOCATION". */
export class InvocationContext {
  constructor(
    /** The procedure that was called; with a pattern registration, the URI that the caller used. */
    readonly procedure: string,
    /** The details as the router sent them. */
    readonly details: InvocationDetails,
    private readonly payload: Payload,
    private readonly port: InvocationPort,
  ) {}

  /** The positional arguments, as the caller sent them. */
  get args(): readonly unknown[] {
    return this.payload.args
  }

  /** The keyword arguments; a handler cannot tell them from a dictionary that is its last positional argument. */
  get kwargs(): Readonly<Record<string, unknown>> {
    return this.payload.kwargs
  }

  /** Who calls, where the router discloses that. */
  get caller(): DisclosedPeer | undefined {
    return disclosedPeer(this.details, 'caller')
  }

  /**
   * Aborts when the caller cancels, the call times out, or the session ends. A procedure that has taken the signal is
   * trusted to end soon after; one that has not is answered for at once.
   */
  get signal(): AbortSignal {
    return this.port.abortSignal()
  }

  /** Has it been answered or given up, so that nobody wants the procedure to go on? To ask does not take the signal. */
  get hasEnded(): boolean {
    return this.port.hasEnded
  }

  /** Does the caller want progressive results? */
  get receivesProgress(): boolean {
    return this.details.receive_progress === true
  }

  /**
   * Sends a progressive result: one value, or a `CallResult`. False, and nothing sent, if the caller does not want
   * any or the invocation is over.
   *
   * Spec: rfc/text/advanced/rpc_progressive_call_results.md.
   */
  progress(value?: unknown): boolean {
    return this.port.sendProgress(value)
  }
}
