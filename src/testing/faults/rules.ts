import { isClientRequest } from '../../messages/client-request.js'
import type { Passage } from '../line.js'
import { isOfKind, type MessageKind } from '../message-kind.js'

export interface FaultyPassage extends Passage {
  /** How many octets the message has. */
  readonly octets: number
}

/** What becomes of messages of one kind. */
export interface Rule {
  /** Takes the message, and sees to it from here on; false if it is not concerned. */
  take(passage: FaultyPassage): boolean
  /** Is there nothing more for it to do? */
  readonly isSpent: boolean
  /** Lets go of what it keeps back. */
  end(): void
}

const concerns = (kind: MessageKind, { message, from }: Passage) => isOfKind(kind, message, from)

/** The next messages of a kind get lost. */
export class Drop implements Rule {
  #left: number

  constructor(
    private readonly kind: MessageKind,
    count: number,
  ) {
    this.#left = count
  }

  get isSpent(): boolean {
    return this.#left <= 0
  }

  take(passage: FaultyPassage): boolean {
    if (this.isSpent || !concerns(this.kind, passage)) return false
    this.#left--
    const { message, from, line } = passage
    if (from === 'client' && isClientRequest(message)) line.replace({ ...passage, message })
    return true
  }

  end(): void {
    this.#left = 0
  }
}

/** The next messages of a kind wait for each other, and arrive in another order. */
export class Reorder implements Rule {
  readonly #waiting: Passage[] = []

  constructor(
    private readonly kind: MessageKind,
    /** Which of them comes first, second, …; counted from 0. */
    private readonly order: readonly number[],
  ) {}

  get isSpent(): boolean {
    return this.#waiting.length >= this.order.length
  }

  take(passage: FaultyPassage): boolean {
    if (this.isSpent || !concerns(this.kind, passage)) return false
    // A router insists on the order of requests, and ends the session.
    if (passage.from === 'client' && isClientRequest(passage.message)) return false
    this.#waiting.push(passage)
    if (this.isSpent) for (const index of this.order) this.#waiting[index]?.deliver()
    return true
  }

  end(): void {
    if (!this.isSpent) for (const passage of this.#waiting.splice(0)) passage.deliver()
  }
}

/** The line is cut by the next message of a kind, which still arrives, or does not. */
export class Cut implements Rule {
  isSpent = false

  constructor(
    private readonly kind: MessageKind,
    private readonly arrives: boolean,
  ) {}

  take(passage: FaultyPassage): boolean {
    if (this.isSpent || !concerns(this.kind, passage)) return false
    this.isSpent = true
    if (this.arrives) passage.deliver()
    passage.line.cut()
    return true
  }

  end(): void {
    this.isSpent = true
  }
}
