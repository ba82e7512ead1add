import { inspect } from 'node:util'
import { ApplicationError, SessionClosedError, TransportError } from '../../src/index.js'
import { ERROR } from '../../src/uris.js'

/** What a call has come to. */
interface Ending {
  readonly value?: unknown
  readonly error?: unknown
}

/** The events that one handler was called with. */
class Deliveries {
  readonly tokens = new Set<string>()
  /** The number of the newest one, by publisher. */
  readonly newest = new Map<string, number>()
}

/** Who has called, published, run and heard what; and what of it must not be. */
export class Ledger {
  readonly faults: string[] = []
  /** How often each thing came out. */
  readonly outcomes = new Map<string, number>()
  readonly #runs = new Map<string, number>()
  readonly #calls = new Map<string, Ending>()
  /** Publications that the router has acknowledged, with their topics. */
  readonly #acknowledged = new Map<string, string>()
  readonly #deliveries = new Map<string, Deliveries>()
  #tokens = 0

  fault(what: string, ...more: unknown[]): void {
    this.faults.push([what, ...more.map((thing) => inspect(thing, { depth: 4 }))].join(' '))
  }

  count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
  }

  /** What tells a call, or a publication, from all others: whose it is, and a number that grows. */
  token(who: string): string {
    return `${who}:${++this.#tokens}`
  }

  /** A procedure is carried out. */
  ran(token: string): void {
    this.#runs.set(token, (this.#runs.get(token) ?? 0) + 1)
  }

  /** Keeps what becomes of a call, which resolves to `expected` or fails; `undefined` if it always fails. */
  async called(token: string, making: Promise<unknown>, expected: unknown): Promise<void> {
    try {
      const value = await making
      this.#calls.set(token, { value })
      this.count('answered')
      if (inspect(value, { depth: 5 }) !== inspect(expected, { depth: 5 }))
        this.fault(`the call ${token} should have come to`, expected, 'and has come to', value)
    } catch (error) {
      this.#calls.set(token, { error })
      this.count(nameOf(error))
    }
  }

  async published(token: string, topic: string, publishing: Promise<number | undefined>): Promise<void> {
    try {
      if ((await publishing) === undefined) return
      this.#acknowledged.set(token, topic)
      this.count('acknowledged')
    } catch (error) {
      this.count(nameOf(error))
      const isWell = (error as { outcome?: string }).outcome === 'unknown' || wasNotSent(error)
      if (!isWell) this.fault(`the publication ${token} failed with`, error)
    }
  }

  /** A handler is called: by `subscriber`, of which there is one in all the time. */
  heard(subscriber: string, token: string): void {
    const deliveries = this.#deliveries.get(subscriber) ?? new Deliveries()
    this.#deliveries.set(subscriber, deliveries)
    if (deliveries.tokens.has(token)) this.fault(`${subscriber} was told twice of ${token}`)
    deliveries.tokens.add(token)
    const [publisher = '', number] = token.split(':')
    const before = deliveries.newest.get(publisher) ?? 0
    if (Number(number) < before)
      this.fault(`${subscriber} was told of ${token} after ${publisher}:${before}, which was said later`)
    deliveries.newest.set(publisher, Math.max(before, Number(number)))
  }

  hasHeard(subscriber: string, token: string): boolean {
    return this.#deliveries.get(subscriber)?.tokens.has(token) === true
  }

  /** `subscriber` was always there: it has heard all that the router has acknowledged of these topics. */
  expectHeardAll(subscriber: string, isOfIts: (topic: string) => boolean): void {
    for (const [token, topic] of this.#acknowledged)
      if (isOfIts(topic) && !this.hasHeard(subscriber, token))
        this.fault(`${subscriber} was always there, and was not told of ${token}, which was acknowledged`)
  }

  /** What every call has come to agrees with how often it was carried out. */
  expectCallsAddUp(): void {
    for (const [token, runs] of this.#runs)
      if (runs > 1) this.fault(`the call ${token} was carried out ${runs} times`)
    for (const [token, { error }] of this.#calls) {
      const runs = this.#runs.get(token) ?? 0
      if (error === undefined && runs === 0)
        this.fault(`the call ${token} was answered, and was not carried out`)
      if (runs > 0 && wasNotSent(error))
        this.fault(`the call ${token} was carried out, and failed as if it had not left:`, error)
      if (runs > 0 && error instanceof ApplicationError && error.uri === ERROR.noSuchProcedure)
        this.fault(`the call ${token} was carried out, and failed with`, error)
    }
  }
}

/** Says an error that nothing has left, so that it may be repeated? */
function wasNotSent(error: unknown): boolean {
  if (!(error instanceof TransportError || error instanceof SessionClosedError)) return false
  return error.outcome === undefined
}

function nameOf(error: unknown): string {
  if (error instanceof ApplicationError) return error.uri
  const { name, outcome } = error as { name?: string; outcome?: string }
  return `${name ?? typeof error}${outcome === undefined ? '' : `, outcome ${outcome}`}`
}
