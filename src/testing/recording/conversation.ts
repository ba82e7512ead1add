import { Code, type Side } from '../../messages/codes.js'
import type { Message } from '../../messages/message.js'
import { UrisByRequest } from './uris-by-request.js'

/** What there are ids of. */
export type NamedId =
  | { readonly kind: 'session' | 'publication' }
  | { readonly kind: 'registration' | 'subscription'; readonly uri: string }

/**
 * What is said over one line, followed from its beginning: so that of a RESULT, which names only a request, it is known
 * which procedure it is of.
 */
export class Conversation {
  /** 0 while there is no session. */
  sessionId = 0
  authid: string | undefined
  /** By which a client is known that comes back over another line. */
  ownerKey: string | undefined
  #asked = new UrisByRequest()
  #invoked = new UrisByRequest()
  readonly #registrations = new Map<number, string>()
  readonly #subscriptions = new Map<number, string>()

  /** @param learn is told of the ids that are given out. */
  constructor(private readonly learn: (id: number, named: NamedId, conversation: Conversation) => void) {}

  /** Follows a message; returns the URI that it is about. Every message passes here once. */
  follow(from: Side, message: Message): string | undefined {
    switch (message.code) {
      case Code.HELLO:
        this.#asked = new UrisByRequest()
        this.#invoked = new UrisByRequest()
        this.ownerKey = message.details._owner_key
        return message.realm
      case Code.WELCOME:
        this.sessionId = message.sessionId
        this.authid = message.details.authid
        this.learn(message.sessionId, { kind: 'session' }, this)
        return undefined
      case Code.CALL:
      case Code.REGISTER:
        return this.#asked.begin(message.requestId, message.procedure)
      case Code.PUBLISH:
        // Without an acknowledgment there is no answer.
        if (message.options.acknowledge !== true) return message.topic
        return this.#asked.begin(message.requestId, message.topic)
      case Code.SUBSCRIBE:
        return this.#asked.begin(message.requestId, message.topic)
      case Code.UNREGISTER:
        return this.#askedToEnd(message.requestId, this.#registrations.get(message.registrationId))
      case Code.UNSUBSCRIBE:
        return this.#askedToEnd(message.requestId, this.#subscriptions.get(message.subscriptionId))
      case Code.CANCEL:
        return this.#asked.textOf(message.requestId)
      case Code.RESULT:
        return message.details.progress === true
          ? this.#asked.textOf(message.requestId)
          : this.#asked.end(message.requestId)
      case Code.REGISTERED: {
        const uri = this.#asked.uriOf(message.requestId) ?? ''
        this.#registrations.set(message.registrationId, uri)
        this.learn(message.registrationId, { kind: 'registration', uri }, this)
        return this.#asked.end(message.requestId)
      }
      case Code.SUBSCRIBED: {
        const uri = this.#asked.uriOf(message.requestId) ?? ''
        this.#subscriptions.set(message.subscriptionId, uri)
        this.learn(message.subscriptionId, { kind: 'subscription', uri }, this)
        return this.#asked.end(message.requestId)
      }
      case Code.UNREGISTERED:
        return message.requestId === 0
          ? this.#registrations.get(message.details?.registration ?? 0)
          : this.#asked.end(message.requestId)
      case Code.UNSUBSCRIBED:
        return message.requestId === 0
          ? this.#subscriptions.get(message.details?.subscription ?? 0)
          : this.#asked.end(message.requestId)
      case Code.PUBLISHED:
        this.learn(message.publicationId, { kind: 'publication' }, this)
        return this.#asked.end(message.requestId)
      case Code.EVENT:
        this.learn(message.publicationId, { kind: 'publication' }, this)
        return message.details.topic ?? this.#subscriptions.get(message.subscriptionId)
      case Code.INVOCATION:
        return this.#invoked.begin(
          message.requestId,
          message.details.procedure ?? this.#registrations.get(message.registrationId) ?? '',
        )
      case Code.INTERRUPT:
        // Unless it is to be killed, its callee does not answer any more.
        return message.options.mode === 'kill'
          ? this.#invoked.textOf(message.requestId)
          : this.#invoked.end(message.requestId)
      case Code.YIELD:
        return message.options.progress === true
          ? this.#invoked.textOf(message.requestId)
          : this.#invoked.end(message.requestId)
      case Code.ERROR:
        return (from === 'client' ? this.#invoked : this.#asked).end(message.requestId)
      default:
        return undefined
    }
  }

  #askedToEnd(requestId: number, uri: string | undefined): string | undefined {
    return uri === undefined ? undefined : this.#asked.begin(requestId, uri)
  }
}
