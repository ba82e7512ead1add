import { isClientRequest } from '../../messages/client-request.js'
import { Code } from '../../messages/codes.js'
import type { Message } from '../../messages/message.js'
import { describeKind, isOfKind, type MessageKind } from '../message-kind.js'
import { inTime, type WaitOptions } from '../time-limit.js'
import type { FaultyPassage, Rule } from './rules.js'

/** Messages that are kept back until the test lets them go. */
export interface Held extends Disposable {
  /** What waits, in the order in which it was said. */
  readonly messages: readonly Message[]
  /** Octets that wait. */
  readonly octets: number
  /**
   * Resolves as soon as so many messages wait, one unless told otherwise; at once if they do.
   *
   * @throws CanceledError (`wamp.error.timeout`) if they are not said in time.
   */
  until(count?: number, options?: WaitOptions): Promise<readonly Message[]>
  /** Lets the next messages arrive, one unless told otherwise; what is said later waits as before. */
  next(count?: number): void
  /** Lets everything arrive, in order, and holds nothing back from now on. */
  release(): void
}

export class Hold implements Rule, Held {
  readonly #waiting: FaultyPassage[] = []
  #isOver = false
  #onTaken = () => {}

  constructor(
    private readonly kind: MessageKind,
    /** Octets that may wait on one line; with more than that it is cut. */
    private readonly limit = Number.POSITIVE_INFINITY,
  ) {}

  get messages(): readonly Message[] {
    return this.#waiting.map(({ message }) => message)
  }

  get octets(): number {
    return octetsOf(this.#waiting)
  }

  async until(count = 1, options?: WaitOptions): Promise<readonly Message[]> {
    const waiting = async () => {
      while (this.#waiting.length < count)
        await new Promise<void>((resolve) => {
          const before = this.#onTaken
          this.#onTaken = () => {
            before()
            resolve()
          }
        })
      return this.messages
    }
    const sentence = (timeout: number) =>
      `after ${timeout} ms ${this.#waiting.length} of ${count} messages wait: ${describeKind(this.kind)}`
    return inTime(waiting(), sentence, options)
  }

  next(count = 1): void {
    for (const passage of this.#waiting.splice(0, count)) {
      if (passage.from === 'client') passage.line.keptBack -= passage.octets
      passage.deliver()
    }
  }

  release(): void {
    this.#isOver = true
    this.next(this.#waiting.length)
  }

  [Symbol.dispose](): void {
    this.release()
  }

  get isSpent(): boolean {
    return this.#isOver
  }

  take(passage: FaultyPassage): boolean {
    const { line, message, from, octets } = passage
    if (this.#isOver || !(isOfKind(this.kind, message, from) || this.#isBehindRequest(passage))) return false
    this.#waiting.push(passage)
    this.#onTaken()
    this.#onTaken = () => {}
    if (from === 'client') line.keptBack += octets
    if (octetsOf(this.#waiting.filter((waiting) => waiting.line === line)) > this.limit) line.cut()
    return true
  }

  end(): void {
    this.release()
  }

  /** A router insists on the order of requests: none may overtake one that waits, and neither may a CANCEL. */
  #isBehindRequest({ line, message, from }: FaultyPassage): boolean {
    if (from === 'router' || !(isClientRequest(message) || message.code === Code.CANCEL)) return false
    return this.#waiting.some((waiting) => waiting.line === line && isClientRequest(waiting.message))
  }
}

function octetsOf(passages: readonly FaultyPassage[]): number {
  return passages.reduce((sum, { octets }) => sum + octets, 0)
}
