import type { Logger } from '../logger.js'
import { Code } from '../messages/codes.js'
import type { Message } from '../messages/message.js'
import type { Authenticate, Hello } from '../messages/session-lifecycle.js'
import type { Broker } from '../roles/broker/broker.js'
import type { Dealer } from '../roles/dealer/dealer.js'
import type { Session } from '../sessions/session.js'
import { CLOSE } from '../uris.js'
import { type GatedRealm, RequestGate } from './request-gate.js'
import type { WaitingMessages } from './waiting-messages.js'

/** The part of a realm that a session's messages go to. */
export interface HandledRealm extends GatedRealm {
  readonly broker: Broker
  readonly dealer: Dealer
  /** The session is over: all that it had goes. */
  leave(session: Session): void
}

/** Lets a session into a realm, or does not. */
export interface Admission {
  hello(message: Hello): void
  authenticate(message: Authenticate): void
  /** Forgets what it waits for. */
  cancel(): void
}

/** What a handler asks of the peer that it is of. */
export interface HandlerHost {
  readonly logger: Logger
  /** Makes what keeps the messages that have to wait. */
  waiting(): WaitingMessages
  /** Hands a message on that passed late or early, to `handle`. */
  pass(message: Message, handle: (message: Message) => void): void
  /** Called when both sides have said GOODBYE and the router was the first. */
  dismissed(): void
  /** Told what went wrong with a message that had to wait. */
  failed(error: unknown): void
}

/**
 * What a router does with each message of one session: lets the session in, then hands each message to the broker or
 * to the dealer of its realm.
 */
export class RouterMessageHandler {
  #realm: HandledRealm | undefined
  #gate: RequestGate | undefined
  readonly #admission: Admission

  constructor(
    private readonly session: Session,
    /** Makes the admission; `enter` is for it to call when the session has joined a realm. */
    admission: (enter: (realm: HandledRealm) => void) => Admission,
    private readonly host: HandlerHost,
  ) {
    this.#admission = admission((realm) => {
      this.#realm = realm
    })
  }

  handleMessage(message: Message): void {
    const realm = this.#realm
    if (realm === undefined) return this.#handleOutsideRealm(message)
    const gate = this.#gate ?? this.#gateOf(realm)
    if (gate === undefined) this.#dispatch(realm, message)
    else gate.take(message)
  }

  /** Where somebody judges requests they pass a gate, from then on. */
  #gateOf(realm: HandledRealm): RequestGate | undefined {
    if (realm.authorizer === undefined || this.session.isTrusted) return undefined
    const { host } = this
    const dispatch = (message: Message) => this.#dispatch(realm, message)
    this.#gate = new RequestGate(
      this.session,
      realm,
      host.logger,
      host.waiting(),
      (message) => host.pass(message, dispatch),
      (error) => host.failed(error),
    )
    return this.#gate
  }

  #dispatch(realm: HandledRealm, message: Message): void {
    const { session } = this
    switch (message.code) {
      case Code.CALL:
        return realm.dealer.call(session, message)
      case Code.YIELD:
        return realm.dealer.yield(session, message)
      case Code.PUBLISH:
        return realm.broker.publish(session, message)
      case Code.ERROR:
        return realm.dealer.error(session, message)
      case Code.CANCEL:
        return realm.dealer.cancel(session, message)
      case Code.SUBSCRIBE:
        return realm.broker.subscribe(session, message)
      case Code.UNSUBSCRIBE:
        return realm.broker.unsubscribe(session, message)
      case Code.REGISTER:
        return realm.dealer.register(session, message)
      case Code.UNREGISTER:
        return realm.dealer.unregister(session, message)
      case Code.GOODBYE:
        return this.#handleGoodbye()
      case Code.ABORT:
        return this.#leave()
    }
  }

  /** The transport is gone, or the session was aborted. */
  handleClose(): void {
    this.#leave()
  }

  #handleOutsideRealm(message: Message): void {
    switch (message.code) {
      case Code.HELLO:
        return this.#admission.hello(message)
      case Code.AUTHENTICATE:
        return this.#admission.authenticate(message)
      case Code.GOODBYE:
        return this.host.dismissed()
    }
  }

  /** The client leaves, and is answered; the transport stays open for another HELLO. Or it answers our GOODBYE. */
  #handleGoodbye(): void {
    const dismissed = !this.session.isLeaving
    this.#leave()
    this.session.goodbye(CLOSE.goodbyeAndOut)
    if (dismissed) this.host.dismissed()
  }

  #leave(): void {
    this.#admission.cancel()
    this.#gate?.close()
    this.#gate = undefined
    this.#realm?.leave(this.session)
    this.#realm = undefined
  }
}
