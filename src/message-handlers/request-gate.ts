import type { AuthorizationRequest, Authorizer, Decision } from '../authorization/authorization.js'
import type { Logger } from '../logger.js'
import { Code } from '../messages/codes.js'
import { ErrorMessage } from '../messages/error-message.js'
import type { Message } from '../messages/message.js'
import { Publish, type Subscribe } from '../messages/pubsub.js'
import { Call, type Register } from '../messages/rpc.js'
import type { Session } from '../sessions/session.js'
import { ERROR } from '../uris.js'
import { disclosing } from './disclosing.js'
import type { WaitingMessages } from './waiting-messages.js'

/** The requests that are judged. */
type Judged = Call | Register | Publish | Subscribe

/** What the requests of a session are judged by. */
export interface GatedRealm {
  /** Who judges, by now: another one may have been put in charge. */
  readonly authorizer?: Authorizer | undefined
  /** The longest URI that is one, in characters. */
  readonly longestUri: number
}

/**
 * Lets the requests of a session through that it may make. One that has to be asked about elsewhere waits here, and all
 * that the session says after it waits behind it: order is kept.
 */
export class RequestGate {
  #isWaiting = false
  #isClosed = false

  constructor(
    private readonly session: Session,
    private readonly realm: GatedRealm,
    private readonly logger: Logger,
    private readonly waiting: WaitingMessages,
    /** Gets what may pass. */
    private readonly pass: (message: Message) => void,
    /** Told what went wrong with a message that had waited. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** @throws ProtocolError if too much waits for a decision already. */
  take(message: Message): void {
    if (this.#isClosed) return
    if (this.#isWaiting) this.waiting.push(message)
    else this.#judge(message)
  }

  /** The session is over: nothing passes any more. */
  close(): void {
    this.#isClosed = true
    this.waiting.clear()
  }

  #judge(message: Message): void {
    const { authorizer, longestUri } = this.realm
    const request = authorizer && this.#requestOf(message)
    // What is too long to be a URI is refused by its role, and nobody has to remember it.
    if (authorizer === undefined || request === undefined || request.uri.length > longestUri)
      return this.pass(message)
    const judged = message as Judged
    let decision: Decision | Promise<Decision>
    try {
      decision = authorizer.authorize(request)
    } catch (error) {
      return this.#failed(judged, error)
    }
    if (decision instanceof Promise) this.#await(judged, decision)
    else this.#apply(judged, decision)
  }

  #await(message: Judged, decision: Promise<Decision>): void {
    this.#isWaiting = true
    decision
      .then(
        (made) => this.#unlessClosed(() => this.#apply(message, made)),
        (error: unknown) => this.#unlessClosed(() => this.#failed(message, error)),
      )
      .then(() => this.#goOn())
      .catch((error: unknown) => this.onFailure(error))
  }

  /** A session that was sent away while it waited does nothing any more. */
  #unlessClosed(act: () => void): void {
    const { state } = this.session
    if (!this.#isClosed && state !== 'dismissed' && state !== 'aborted') act()
  }

  /** Takes what has waited, up to the next message that has to wait. */
  #goOn(): void {
    this.#isWaiting = false
    while (!this.#isWaiting && !this.#isClosed) {
      const message = this.waiting.shift()
      if (message === undefined) return
      if (message.code === Code.GOODBYE || message.code === Code.ABORT) this.pass(message)
      else this.#unlessClosed(() => this.#judge(message))
    }
  }

  #apply(message: Judged, { allow, disclose }: Decision): void {
    if (!allow) return this.#refuse(message, ERROR.notAuthorized, 'this is not allowed to you')
    if (!(message instanceof Call || message instanceof Publish)) return this.pass(message)
    const passed = disclosing(message, disclose)
    if (passed !== undefined) return this.pass(passed)
    this.#refuse(message, ERROR.discloseMeDisallowed, 'you may not be made known here')
  }

  #failed(message: Judged, error: unknown): void {
    this.logger.error('an authorizer failed', error)
    this.#refuse(message, ERROR.authorizationFailed, 'the router could not decide whether this is allowed')
  }

  #refuse(message: Judged, error: string, sentence: string): void {
    const { authid, authrole } = this.session.details
    const { action, uri } = described(message)
    const who = `${printable(String(authid))} (${printable(String(authrole))})`
    this.logger.warn(`refused ${action} of ${printable(uri)} by ${who}: ${error}`)
    // Without an acknowledgment asked for, a refusal is not told either.
    if (message instanceof Publish && message.options.acknowledge !== true) return
    this.session.send(ErrorMessage.saying(message.code, message.requestId, error, sentence))
  }

  /** What is to be judged of the message; `undefined` for one that nobody has to allow. */
  #requestOf(message: Message): AuthorizationRequest | undefined {
    switch (message.code) {
      case Code.CALL:
      case Code.PUBLISH:
      case Code.SUBSCRIBE:
      case Code.REGISTER:
        return authorizationRequest(this.session, described(message))
    }
    return undefined
  }
}

/** Text of anybody's, for a line of a log. */
export function printable(text: string): string {
  return text.slice(0, 200).replace(/[\p{C}\p{Z}]/gu, ' ')
}

/** What somebody has to judge: who asks for what. */
export function authorizationRequest(
  { id, realm, details }: Session,
  asked: Pick<AuthorizationRequest, 'action' | 'uri' | 'match'>,
): AuthorizationRequest {
  return {
    ...asked,
    realm,
    session: id,
    authid: String(details.authid),
    authrole: String(details.authrole),
    authmethod: String(details.authmethod),
    authprovider: String(details.authprovider),
  }
}

function described(message: Judged): Pick<AuthorizationRequest, 'action' | 'uri' | 'match'> {
  switch (message.code) {
    case Code.CALL:
      return { action: 'call', uri: message.procedure, match: 'exact' }
    case Code.PUBLISH:
      return { action: 'publish', uri: message.topic, match: 'exact' }
    case Code.SUBSCRIBE:
      return { action: 'subscribe', uri: message.topic, match: message.options.match ?? 'exact' }
    case Code.REGISTER:
      return { action: 'register', uri: message.procedure, match: message.options.match ?? 'exact' }
  }
}
