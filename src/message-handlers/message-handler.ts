import * as Code from '../messages/code.js'
import type { ErrorMessage } from '../messages/error-message.js'
import type { Message } from '../messages/message.js'
import type { EventMessage, Published, Subscribed, Unsubscribed } from '../messages/pubsub.js'
import type { Interrupt, Invocation, Registered, Result, Unregistered } from '../messages/rpc.js'
import type { Abort, Authenticate, Challenge, Goodbye, Welcome } from '../messages/session-lifecycle.js'
import type { Callee } from '../roles/callee.js'
import type { Caller } from '../roles/caller.js'
import type { Publisher } from '../roles/publisher.js'
import type { Subscriber } from '../roles/subscriber.js'
import type { Session } from '../sessions/session.js'
import * as CLOSE from '../uris/close.js'

/** What a message handler needs of the client it works for. */
export interface HandledClient {
  readonly session: Session
  readonly caller: Caller
  readonly callee: Callee
  readonly publisher: Publisher
  readonly subscriber: Subscriber
  /** Registers and subscribes everything that was declared. */
  registerRoles(): Promise<void>
  /** The answer to a CHALLENGE, by the authentication method that it names. */
  authenticate(challenge: Challenge): Promise<Authenticate>
  /** Judges the WELCOME by the method of authentication that was used. @throws if the router is not who it must be. */
  verify(welcome: Welcome): void | Promise<void>
  /** The session is established and all roles are registered. */
  joined(): void
  /** The session could not be established: gives up with this error. */
  failed(error: unknown): void
  /** The session was ended by the router. */
  left(reason: string, message?: string): void
}

/**
 * What a client does with each message: one method per message, named after it, and `handleMessage`, which all pass
 * through. The session has let a message pass before it comes here: it is valid, and allowed now.
 *
 * This is the plug of the protocol. An application subclasses it, overrides what it wants to see or to change, calls
 * `super` for the rest, and gives the class to its client: `new Client({ messageHandler: MyHandler, … })`. What a
 * handler throws, or rejects with, reaches the client's `error` event; the session goes on.
 */
export class MessageHandler {
  constructor(protected readonly client: HandledClient) {}

  /** Every message comes through here, and goes to the method that has its name. */
  handleMessage(message: Message): void | Promise<void> {
    switch (message.code) {
      case Code.EVENT:
        return this.handleEvent(message)
      case Code.INVOCATION:
        return this.handleInvocation(message)
      case Code.RESULT:
        return this.handleResult(message)
      case Code.ERROR:
        return this.handleError(message)
      case Code.PUBLISHED:
        return this.handlePublished(message)
      case Code.SUBSCRIBED:
        return this.handleSubscribed(message)
      case Code.UNSUBSCRIBED:
        return this.handleUnsubscribed(message)
      case Code.REGISTERED:
        return this.handleRegistered(message)
      case Code.UNREGISTERED:
        return this.handleUnregistered(message)
      case Code.INTERRUPT:
        return this.handleInterrupt(message)
      case Code.WELCOME:
        return this.handleWelcome(message)
      case Code.CHALLENGE:
        return this.handleChallenge(message)
      case Code.ABORT:
        return this.handleAbort(message)
      case Code.GOODBYE:
        return this.handleGoodbye(message)
    }
  }

  /** The session is established: its roles open, and what was declared is registered. */
  async handleWelcome(message: Welcome): Promise<void> {
    const { client } = this
    const { session } = client
    try {
      const verified = client.verify(message)
      if (verified !== undefined) await verified
      for (const role of [client.caller, client.callee, client.publisher, client.subscriber])
        role.open(session)
      await client.registerRoles()
      client.joined()
    } catch (error) {
      client.failed(error)
    }
  }

  /** The router wants to know who we are. */
  async handleChallenge(message: Challenge): Promise<void> {
    const { session } = this.client
    try {
      session.send(await this.client.authenticate(message))
    } catch (error) {
      this.client.failed(error)
    }
  }

  /** The router refuses the session, or ends it for a violation of the protocol. Nobody answers an ABORT. */
  handleAbort({ reason, details }: Abort): void | Promise<void> {
    this.client.left(reason, details.message)
  }

  /** The router ends the session, and is answered; or it answers the GOODBYE that we said. */
  handleGoodbye({ reason, details }: Goodbye): void | Promise<void> {
    this.client.session.goodbye(CLOSE.goodbyeAndOut)
    this.client.left(reason, details.message)
  }

  /** A request failed: the role that made it is told. */
  handleError(message: ErrorMessage): void | Promise<void> {
    const { caller, callee, publisher, subscriber } = this.client
    switch (message.requestCode) {
      case Code.CALL:
        return caller.error(message)
      case Code.PUBLISH:
        return publisher.error(message)
      case Code.SUBSCRIBE:
      case Code.UNSUBSCRIBE:
        return subscriber.error(message)
      case Code.REGISTER:
      case Code.UNREGISTER:
      case Code.YIELD:
        return callee.error(message)
    }
  }

  handleResult(message: Result): void | Promise<void> {
    this.client.caller.result(message)
  }

  handleRegistered(message: Registered): void | Promise<void> {
    this.client.callee.registered(message)
  }

  handleUnregistered(message: Unregistered): void | Promise<void> {
    this.client.callee.unregistered(message)
  }

  handleInvocation(message: Invocation): void | Promise<void> {
    this.client.callee.invocation(message)
  }

  handleInterrupt(message: Interrupt): void | Promise<void> {
    this.client.callee.interrupt(message)
  }

  handlePublished(message: Published): void | Promise<void> {
    this.client.publisher.published(message)
  }

  handleSubscribed(message: Subscribed): void | Promise<void> {
    this.client.subscriber.subscribed(message)
  }

  handleUnsubscribed(message: Unsubscribed): void | Promise<void> {
    this.client.subscriber.unsubscribed(message)
  }

  handleEvent(message: EventMessage): void | Promise<void> {
    this.client.subscriber.event(message)
  }
}
