import { ApplicationError, ProtocolError } from '../../../errors.js'
import type { HandledRealm } from '../../../message-handlers/router-message-handler.js'
import { Code } from '../../../messages/codes.js'
import { EMPTY_DICT } from '../../../messages/dictionaries.js'
import { ErrorMessage } from '../../../messages/error-message.js'
import type { Message } from '../../../messages/message.js'
import { Payload } from '../../../messages/payload.js'
import { Publish } from '../../../messages/pubsub.js'
import { type Invocation, Register, Yield } from '../../../messages/rpc.js'
import { toPayload } from '../../../roles/call-result.js'
import type { Session } from '../../../sessions/session.js'
import { ERROR } from '../../../uris.js'
import { trustedSession } from '../trusted-session.js'

/** A call of a meta procedure. */
export interface MetaCall {
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  /** The session id of the caller. */
  readonly caller: number
  /** The name of the serializer that the caller speaks, where the call came from the wire. */
  readonly format: string | undefined
}

/** Returns a value, a `CallResult`, a payload, or a promise of one. @throws ApplicationError for the caller. */
export type MetaProcedure = (call: MetaCall) => unknown

/**
 * The session in which a router speaks in a realm of its own: a callee and a publisher like any other, but trusted, and
 * with nothing between it and the realm.
 */
export class MetaSession {
  readonly #session: Session
  readonly #procedures = new Map<number, MetaProcedure>()
  /** What is being registered; the realm answers at once. */
  #registering: MetaProcedure | undefined
  #requestId = 0

  constructor(
    name: string,
    private readonly realm: Pick<HandledRealm, 'broker' | 'dealer'>,
  ) {
    this.#session = trustedSession(name, { callee: {}, publisher: {} }, (message) => this.#hear(message))
  }

  register(uri: string, procedure: MetaProcedure): void {
    this.#registering = procedure
    this.realm.dealer.register(this.#session, new Register(++this.#requestId, EMPTY_DICT, uri))
    this.#registering = undefined
  }

  publish(topic: string, args: readonly unknown[]): void {
    // Who leaves with ten thousand subscriptions would make as many events for nobody.
    if (!this.realm.broker.isHeard(topic)) return
    this.realm.broker.publish(
      this.#session,
      new Publish(++this.#requestId, EMPTY_DICT, topic, new Payload(args)),
    )
  }

  #hear(message: Message): void {
    if (message.code === Code.REGISTERED && this.#registering !== undefined)
      this.#procedures.set(message.registrationId, this.#registering)
    // The dealer has yet to note the call that it makes here.
    else if (message.code === Code.INVOCATION) queueMicrotask(() => this.#serve(message))
  }

  #serve({ requestId, registrationId, details, payload }: Invocation): void {
    const answer = (value: unknown) => {
      const result = value instanceof Payload ? value : toPayload(value)
      this.realm.dealer.yield(this.#session, new Yield(requestId, EMPTY_DICT, result))
    }
    try {
      const result = this.#procedures.get(registrationId)?.(callOf(payload, details.caller ?? 0))
      if (result instanceof Promise)
        result.then(answer).then(undefined, (error: unknown) => this.#fail(requestId, error))
      else answer(result)
    } catch (error) {
      this.#fail(requestId, error)
    }
  }

  #fail(requestId: number, thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const uri = error instanceof ApplicationError ? error.uri : ERROR.runtimeError
    const sentence = error instanceof ApplicationError ? error.args : [error.message]
    this.realm.dealer.error(
      this.#session,
      new ErrorMessage(Code.INVOCATION, requestId, EMPTY_DICT, uri, new Payload(sentence)),
    )
  }
}

/** @throws ApplicationError `wamp.error.invalid_argument` if the arguments cannot be read after all. */
function callOf(payload: Payload, caller: number): MetaCall {
  try {
    const { args, kwargs } = payload
    return { args, kwargs, caller, format: payload.encoded?.format }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new ApplicationError(ERROR.invalidArgument, [`the arguments cannot be read: ${error.message}`])
  }
}
