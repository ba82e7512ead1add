import type { Side } from '../../messages/codes.js'
import type { Message } from '../../messages/message.js'
import { Conversation, type NamedId } from './conversation.js'

/** A message that was said. */
export interface Said {
  readonly conversation: Conversation
  readonly from: Side
  readonly message: Message
  /** The URI that it is about, if it is about one. */
  readonly about: string | undefined
}

/** Something whose messages can be recorded. */
export interface Watchable {
  /** What `record` listens to. */
  readonly wiretap: Wiretap
}

/** Hears what is said over some lines, and tells those who record it. */
export class Wiretap {
  readonly #listeners = new Set<(said: Said) => void>()
  readonly #ids = new Map<number, NamedId>()
  readonly #conversations = new Map<number, Conversation>()
  /** How clients are called, by their session. */
  readonly #names = new Map<number, string>()

  /** Begins to follow a line; what is returned has to be told of every message. */
  open(): (from: Side, message: Message) => void {
    const conversation = new Conversation((id, named, own) => {
      this.#ids.set(id, named)
      if (named.kind === 'session') this.#conversations.set(id, own)
    })
    return (from, message) => {
      const about = conversation.follow(from, message)
      for (const listener of this.#listeners) listener({ conversation, from, message, about })
    }
  }

  listen(listener: (said: Said) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What is said in a session, if it is one over these lines. */
  conversationOf(sessionId: number): Conversation | undefined {
    return this.#conversations.get(sessionId)
  }

  /** What this number is the id of, if it is one. */
  idOf(number: number): NamedId | undefined {
    return this.#ids.get(number)
  }

  /** Gives the client of a session a name. */
  name(sessionId: number, name: string): void {
    this.#names.set(sessionId, name)
  }

  nameOf(sessionId: number): string | undefined {
    return this.#names.get(sessionId)
  }
}
