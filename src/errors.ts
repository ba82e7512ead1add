/**
 * Every error of this package, and whose fault it was:
 *
 *     WampError
 *     ├── ApplicationError     crosses the wire: thrown by callees, received by callers
 *     ├── ProtocolError        the other peer broke the rules
 *     ├── UsageError           you did
 *     ├── SessionClosedError   the session ended, with the reason's URI
 *     ├── TransportError       the connection failed, with its `cause`
 *     └── CanceledError        a call ended by its timeout or its signal
 *
 * There is no class per URI: the `uri` is the machine-readable name, and messages start with it. An application
 * may bind classes of its own to URIs (see `ErrorClasses`).
 */
export class WampError extends Error {
  /** Is there if the session ended under a request: it may have been carried out, and to repeat it may do it twice. */
  declare outcome?: 'unknown'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

export interface ApplicationErrorOptions extends ErrorOptions {
  /** Keyword arguments that travel with the error. */
  kwargs?: Record<string, unknown>
  /** The details dictionary of the ERROR message it came in, or is to leave in. */
  details?: Record<string, unknown>
}

/**
 * An error that crosses the wire as an ERROR message: its `uri`, `args` and `kwargs` reach the caller as the callee
 * threw them.
 *
 * Spec: Remote Procedure Calls, "Failed Calls" (rfc/text/basic/remote_procedure_call.md).
 */
export class ApplicationError extends WampError {
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    readonly uri: string,
    args: readonly unknown[] = [],
    options: ApplicationErrorOptions = {},
  ) {
    super(describe(uri, args), options.cause === undefined ? undefined : { cause: options.cause })
    this.args = args
    this.kwargs = options.kwargs ?? {}
    this.details = options.details ?? {}
  }
}

/**
 * The other peer sent something that the protocol does not allow, here or now. The session is aborted with
 * `wamp.error.protocol_violation`.
 *
 * Spec: Protocol Errors (rfc/text/basic/building_blocks.md).
 */
export class ProtocolError extends WampError {
  /** What there was too much of, where a message was refused only for that. */
  readonly limit: MessageLimit | undefined

  constructor(message: string, options: ErrorOptions & { readonly limit?: MessageLimit } = {}) {
    super(message, options)
    this.limit = options.limit
  }
}

/** What a message may have only so much of: octets, or lists and dictionaries within each other. */
export type MessageLimit = 'size' | 'depth'

/** The API was used in a way that cannot work; the message says what to do instead. */
export class UsageError extends WampError {}

/** A message is longer than the other end takes. Roles tell it as `wamp.error.payload_size_exceeded`. */
export class MessageTooLongError extends UsageError {}

/** The session is over, or was refused; `reason` is the URI of its GOODBYE or ABORT. */
export class SessionClosedError extends WampError {
  constructor(
    readonly reason: string,
    message?: string,
    options?: ErrorOptions,
  ) {
    super(message ? `${reason}: ${message}` : reason, options)
  }
}

/** The transport could not be opened, or was lost. `cause` is the platform's own error where there is one. */
export class TransportError extends WampError {}

/** A call was ended by its timeout or by its `AbortSignal`. `uri` says which; `cause` is the signal's reason. */
export class CanceledError extends WampError {
  constructor(
    readonly uri: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${uri}: ${message}`, options)
  }
}

function describe(uri: string, args: readonly unknown[]): string {
  const [first] = args
  return typeof first === 'string' && first !== '' ? `${uri}: ${first}` : uri
}
