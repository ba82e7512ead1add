import { ProtocolError, SessionClosedError, UsageError } from '../errors.js'
import * as Code from '../messages/code.js'
import { definitionOf, type Side } from '../messages/codes.js'
import { type Dict, EMPTY_DICT } from '../messages/dictionaries.js'
import type { ErrorMessage } from '../messages/error-message.js'
import type { Message } from '../messages/message.js'
import { Abort, Goodbye, type Hello, type Welcome } from '../messages/session-lifecycle.js'
import * as ERROR from '../uris/error.js'
import { type Compatibility, compatibilityOf } from './compatibility.js'
import { Features } from './features.js'
import { IdSequence } from './ids.js'
import type { RequestOrder } from './request-order.js'
import { type SessionState, transition } from './states.js'

/** Where a session puts what it has to say: a transport, most often. */
export interface MessageOutput {
  /** Octets that were sent and have not left yet, where that is known. */
  readonly backlog?: number
  send(message: Message): void
}

/** Who hears what a session has let pass. */
export interface MessageReceiver {
  handleMessage(message: Message): void | Promise<void>
}

/**
 * One end of the conversation between a client and a router: it knows what may be said now, by whom, and under which
 * request id. It knows nothing of roles, sockets or octets.
 *
 * One object serves the sessions that follow each other on one transport; each begins with a HELLO, with ids from 1.
 *
 * Spec: rfc/text/basic/sessions.md.
 */
export class Session {
  /** The session's id; 0 while there is none. */
  id = 0
  realm = ''
  /** The details of the WELCOME: identity, and what the router says of itself. */
  details: Dict = EMPTY_DICT
  /** What the other peer announced. */
  peer: Features = Features.none
  state: SessionState = 'closed'
  /** Where the other peer is known to do otherwise than the spec says. */
  compatibility: Compatibility = compatibilityOf(undefined)
  /** Does it speak for the router itself? Such a session may use the URIs that the protocol keeps for itself. */
  isTrusted = false

  readonly #other: Side
  #requests = new IdSequence()

  constructor(side: 'client', output: MessageOutput, receiver: MessageReceiver)
  /** @param requests A router watches the order of what it is asked. */
  constructor(
    side: Side,
    output: MessageOutput,
    receiver: MessageReceiver,
    requests: RequestOrder | undefined,
  )
  constructor(
    readonly side: Side,
    private readonly output: MessageOutput,
    private readonly receiver: MessageReceiver,
    private readonly requests?: RequestOrder,
  ) {
    this.#other = side === 'client' ? 'router' : 'client'
  }

  /** Octets that were said and have not left yet; 0 where nobody knows. */
  get backlog(): number {
    return this.output.backlog ?? 0
  }

  get isEstablished(): boolean {
    return this.state === 'established'
  }

  /** Has the client said GOODBYE, and the router not yet? */
  get isLeaving(): boolean {
    return this.state === 'leaving'
  }

  /**
   * Makes a request (a client) or an invocation (a router): says what `make` returns for the next request id, and
   * returns that id. A message that could not be sent has not used up its id: none may be left out.
   *
   * @throws what `send` throws.
   */
  request(make: (requestId: number) => Message): number {
    const requestId = this.#requests.upcoming
    this.send(make(requestId))
    return this.#requests.next()
  }

  /** Has this side ever made a request with this id in this session? If so, it has ended or is under way. */
  hasRequested(requestId: number): boolean {
    return this.#requests.has(requestId)
  }

  /**
   * Says `message`. What is left to say in a session that has ended is dropped: late replies are nobody's fault.
   *
   * @throws UsageError if it must not be said now; SessionClosedError if there is no session yet.
   */
  send(message: Message): void {
    const next = transition(this.state, this.side, message.code)
    if (next === undefined) return this.#refuse(message)
    if (next === 'ignored') return
    if (message.code === Code.HELLO) this.#begin(message)
    else if (message.code === Code.WELCOME) this.#establish(message)
    this.state = next
    this.output.send(message)
  }

  /**
   * Takes what the other peer said, and hands it on if it may say it now.
   *
   * @throws ProtocolError if it may not.
   */
  receive(message: Message): void | Promise<void> {
    const next = transition(this.state, this.#other, message.code)
    if (next === undefined)
      throw new ProtocolError(`${nameOf(message)} was received ${WHEN[this.state]}, where it is not allowed`)
    if (next === 'ignored') return
    this.requests?.check(message, this.peer)
    if (message.code === Code.ERROR) this.#checkErrorType(message)
    else if (message.code === Code.HELLO) this.#begin(message)
    else if (message.code === Code.WELCOME) this.#establish(message)
    this.state = next
    return this.receiver.handleMessage(message)
  }

  /** Ends the session with an ABORT, which nobody answers. Harmless if it is over already. */
  abort(reason: string, sentence: string): void {
    if (this.state === 'aborted') return
    this.send(new Abort({ message: sentence }, reason))
    this.state = 'aborted'
  }

  /** Says GOODBYE: the first one, or the answer to one. Harmless if there is no session to end. */
  goodbye(reason: string, sentence?: string): void {
    if (transition(this.state, this.side, Code.GOODBYE) === undefined) return
    this.send(new Goodbye(sentence === undefined ? EMPTY_DICT : { message: sentence }, reason))
  }

  /** The transport is gone: nothing more is said or heard. */
  lose(): void {
    this.state = 'aborted'
  }

  #begin(hello: Hello): void {
    this.id = 0
    this.realm = hello.realm
    this.details = EMPTY_DICT
    this.#requests = new IdSequence()
    this.requests?.begin()
    this.peer = Features.none
    if (this.side === 'router') this.peer = new Features(hello.details.roles ?? EMPTY_DICT)
  }

  #establish(welcome: Welcome): void {
    this.id = welcome.sessionId
    this.details = welcome.details
    if (this.side === 'client') this.peer = new Features(welcome.details.roles ?? EMPTY_DICT)
  }

  /** A client fails invocations, and a router fails what a client asked for. */
  #checkErrorType(message: ErrorMessage): void {
    if ((message.requestCode === Code.INVOCATION) === (this.side === 'router')) return
    const name = definitionOf(message.requestCode)?.name
    throw new ProtocolError(`ERROR.Type must be the code of a request that was made, not ${name}`)
  }

  #refuse(message: Message): void {
    if (this.state === 'leaving' || this.state === 'dismissed') return
    if (this.state === 'closed')
      throw new SessionClosedError(
        ERROR.transportLost,
        `${nameOf(message)} needs a session, and there is none`,
      )
    throw new UsageError(`${nameOf(message)} must not be sent ${WHEN[this.state]}`)
  }
}

const WHEN: { readonly [State in SessionState]: string } = {
  closed: 'before the session was established',
  establishing: 'before the session was established',
  challenged: 'before the session was established',
  established: 'after the session was established',
  leaving: 'after GOODBYE',
  dismissed: 'after GOODBYE',
  aborted: 'after ABORT',
}

function nameOf(message: Message): string {
  return definitionOf(message.code)?.name ?? 'a message'
}
