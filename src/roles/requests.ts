import type { Message } from '../messages/message.js'
import type { Session } from '../sessions/session.js'

interface Pending<Reply> {
  accept(reply: Reply): void
  reject(error: Error): void
}

/** Requests of one kind that wait for the router's answer, by request id. */
export class Requests<Reply> {
  readonly #pending = new Map<number, Pending<Reply>>()

  /**
   * Makes a request and resolves with what `accept` returns for the reply. `accept` runs as soon as the reply is
   * there, before the next message is looked at: a REGISTERED and the first INVOCATION may arrive together.
   *
   * If the message cannot be sent, the promise rejects and the session goes on.
   */
  send<T>(session: Session, make: (requestId: number) => Message, accept: (reply: Reply) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const requestId = session.request(make)
      this.#pending.set(requestId, { accept: (reply) => resolve(accept(reply)), reject })
    })
  }

  /** Hands the reply to who waits for it; a late one goes nowhere. */
  settle(requestId: number, reply: Reply): void {
    this.#take(requestId)?.accept(reply)
  }

  /** Fails the request; one that nobody waits for is dropped. */
  fail(requestId: number, error: Error): void {
    this.#take(requestId)?.reject(error)
  }

  /** Fails all that still wait. */
  close(error: Error): void {
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of pending) reject(error)
  }

  #take(requestId: number): Pending<Reply> | undefined {
    const pending = this.#pending.get(requestId)
    this.#pending.delete(requestId)
    return pending
  }
}
