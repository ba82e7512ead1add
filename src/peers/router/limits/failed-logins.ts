import { createHash } from 'node:crypto'
import type { Clock } from '../../../clock.js'

const SHORTEST_WAIT = 1_000
const LONGEST_WAIT = 60_000
/** Failures are forgotten when there was none for so long. */
const FORGIVEN_AFTER = 15 * 60_000
/** Whose failures are remembered; beyond that, the ones that are longest ago are forgotten. */
const MOST_REMEMBERED = 20_000
/** Log-ins from one address that are judged at the same time; others wait for their turn. */
const MOST_AT_ONCE = 100

interface Failures {
  count: number
  latest: number
  /** Nothing is tried before. */
  until: number
}

type Judge = (done: () => void) => void

interface Turns {
  underWay: number
  isCalling: boolean
  readonly waiting: Judge[]
}

/**
 * Makes who guesses secrets wait, longer each time. What counts is an address together with the account that it asks for,
 * an authid of a realm, and after more failures the address alone: a client with an outdated password does not shut out
 * those who share its address, and who tries one account after the other gets no further.
 */
export class FailedLogins {
  readonly #failures = new Map<string, Failures>()
  readonly #turns = new Map<string, Turns>()

  constructor(
    private readonly clock: Clock,
    private readonly perAccount: number,
    private readonly perAddress: number,
  ) {}

  /** How many addresses, and accounts asked for from them, are remembered. */
  get size(): number {
    return this.#failures.size
  }

  /**
   * Judges a log-in, when it is its turn: at once, unless many from this address are being judged. So a thousand guesses
   * cannot be under way before the first of them has failed. `judge` has to call `done` once, in the end.
   */
  inTurn(address: string, judge: Judge): void {
    const turns = this.#turns.get(address) ?? { underWay: 0, isCalling: false, waiting: [] }
    this.#turns.set(address, turns)
    turns.waiting.push(judge)
    this.#callNext(address, turns)
  }

  /** Milliseconds until the next log-in from `address` for `account` may be tried; 0 if it is now. */
  wait(address: string, account: string | undefined): number {
    if (this.#failures.size === 0) return 0
    const until = keysOf(address, account).map((key) => this.#failures.get(key)?.until ?? 0)
    return Math.max(0, Math.max(...until) - this.clock.now())
  }

  failed(address: string, account: string | undefined): void {
    const [together, alone] = keysOf(address, account)
    this.#fail(together, account === undefined ? this.perAddress : this.perAccount)
    if (together !== alone) this.#fail(alone, this.perAddress)
  }

  /** Who knows the secret need not wait the next time; the address is not trusted for it. */
  succeeded(address: string, account: string | undefined): void {
    if (account !== undefined && this.#failures.size > 0) this.#failures.delete(keysOf(address, account)[0])
  }

  #callNext(address: string, turns: Turns): void {
    // Who is done at once does not call the next one from within.
    if (turns.isCalling) return
    turns.isCalling = true
    while (turns.underWay < MOST_AT_ONCE) {
      const judge = turns.waiting.shift()
      if (judge === undefined) break
      turns.underWay++
      judge(() => {
        turns.underWay--
        this.#callNext(address, turns)
      })
    }
    turns.isCalling = false
    if (turns.underWay === 0) this.#turns.delete(address)
  }

  #fail(key: string, allowed: number): void {
    const now = this.clock.now()
    const before = this.#failures.get(key)
    const count = before === undefined || now - before.latest > FORGIVEN_AFTER ? 1 : before.count + 1
    const wait = count < allowed ? 0 : Math.min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** (count - allowed))
    this.#failures.delete(key)
    this.#failures.set(key, { count, latest: now, until: now + wait })
    if (this.#failures.size <= MOST_REMEMBERED) return
    for (const oldest of this.#failures.keys()) {
      this.#failures.delete(oldest)
      return
    }
  }
}

/** What is remembered under: the address with the account, and the address. An authid may be as long as a message. */
function keysOf(address: string, account: string | undefined): [together: string, alone: string] {
  if (account === undefined) return [address, address]
  return [`${address} ${createHash('sha256').update(account).digest('base64')}`, address]
}
