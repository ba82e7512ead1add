import type { IncomingMessage, ServerResponse } from 'node:http'
import { Fifo } from '../output/fifo.js'
import { answer } from './answers.js'
import { type Body, readBody } from './body.js'

/** One request of a client. */
export interface Exchange {
  readonly kind: 'send' | 'close'
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Whose the requests are. */
export interface SendsOwner {
  /** May requests be read now? */
  readonly isReading: boolean
  /** Octets that the body of one may have. */
  readonly bodyLimit: number
  /** This came, and is to be answered. */
  sent(body: Body, response: ServerResponse): void
  /** The client closes. */
  left(response: ServerResponse): void
}

/**
 * The requests by which a client says something. Each may come over a connection of its own, and all at once; they are
 * read one after the other, in the order in which they came. So the order of the messages is kept, no more than one
 * body is held, and a client from which nothing is read waits.
 */
export class Sends {
  readonly #waiting = new Fifo<Exchange>()
  #isReading = false

  constructor(private readonly owner: SendsOwner) {}

  add(exchange: Exchange): void {
    this.#waiting.push(exchange)
    this.next()
  }

  /** Reads the next request, if it may be. */
  next(): void {
    const { owner } = this
    for (;;) {
      const exchange = this.#waiting.first
      if (this.#isReading || exchange === undefined) return
      const { kind, request, response } = exchange
      if (kind === 'send' && !owner.isReading) return
      this.#waiting.shift()
      // Its client has gone in the meantime.
      if (response.destroyed) continue
      if (kind === 'close') owner.left(response)
      else {
        this.#isReading = true
        readBody(request, owner.bodyLimit, (body) => {
          this.#isReading = false
          owner.sent(body, response)
          this.next()
        })
      }
    }
  }

  /** Nothing more will be read: answers those that wait. */
  refuse(status: number, sentence: string): void {
    for (let exchange = this.#waiting.shift(); exchange !== undefined; exchange = this.#waiting.shift())
      answer(exchange.response, status, sentence)
  }
}
