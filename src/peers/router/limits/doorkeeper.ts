import type { Clock } from '../../../clock.js'
import type { Logger } from '../../../logger.js'
import { ERROR } from '../../../uris.js'
import type { Peer } from '../../peer.js'
import { addressGroup, hostOf } from './address-group.js'
import { Deadlines } from './deadlines.js'
import { FailedLogins } from './failed-logins.js'
import type { RouterCounters } from './router-counters.js'
import type { RouterLimits } from './router-limits.js'
import { Tally } from './tally.js'

/** What a client asks for with its HELLO. */
export interface Login {
  readonly realm: string
  readonly authid: string | undefined
  /** The authentication method, as soon as one is found. */
  readonly method: string | undefined
}

/** The method that asks for no secret. */
const ANONYMOUS = 'anonymous'
/** Characters of what a client calls itself that are worth a place in the log. */
const LONGEST_NAME = 64

/**
 * Watches over who comes into the router: in time, not too many, and not by guessing. Knows peers from when they are
 * attached until they are gone.
 */
export class Doorkeeper {
  readonly #waiting: Deadlines<Peer>
  /** Who is in, and what their authid is counted under, if it is. */
  readonly #members = new Map<Peer, string | undefined>()
  readonly #authids = new Tally()
  readonly #logins: FailedLogins

  constructor(
    private readonly limits: Required<RouterLimits>,
    private readonly counters: RouterCounters,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    const { handshakeTimeout, failedLogins, failedLoginsPerAddress } = limits
    this.#waiting = new Deadlines(clock, handshakeTimeout, (peer) => this.#giveUp(peer))
    this.#logins = new FailedLogins(clock, failedLogins, failedLoginsPerAddress)
  }

  /** There is a transport, and no session yet. */
  arrived(peer: Peer): void {
    this.#waiting.add(peer)
  }

  /** The transport is gone. */
  gone(peer: Peer): void {
    this.left(peer)
    this.#waiting.delete(peer)
  }

  /** A session may be established, and counts from now on; or the sentence says why not. */
  enter(peer: Peer, realm: string, authid: string): string | undefined {
    const { sessions, sessionsPerAuthid } = this.limits
    if (this.#members.size >= sessions)
      return this.#full(`this router is full: it is limited to ${sessions} sessions`)
    const counted = sessionsPerAuthid === Number.POSITIVE_INFINITY ? undefined : `${realm} ${authid}`
    if (counted !== undefined) {
      if (this.#authids.of(counted) >= sessionsPerAuthid)
        return this.#full(`there are too many sessions of this authid: it is limited to ${sessionsPerAuthid}`)
      this.#authids.add(counted)
    }
    this.#members.set(peer, counted)
    this.#waiting.delete(peer)
    peer.transport.admit?.(true)
    return undefined
  }

  /** The session has ended, if there was one. Where the client may say HELLO once more, its time runs again. */
  left(peer: Peer): void {
    if (!this.#members.has(peer)) return
    const counted = this.#members.get(peer)
    if (counted !== undefined) this.#authids.remove(counted)
    this.#members.delete(peer)
    if (!peer.session.isLeaving) return
    peer.transport.admit?.(false)
    this.#waiting.add(peer)
  }

  /** Calls `judge` when it is the turn of this peer's log-in: see `FailedLogins.inTurn`. */
  inTurn(peer: Peer, judge: (done: () => void) => void): void {
    const address = addressOf(peer)
    if (address === undefined) judge(() => {})
    else this.#logins.inTurn(address, judge)
  }

  /** Why a log-in may not be tried now, if it may not. */
  hasToWait(peer: Peer, login: Login): string | undefined {
    // Who offers no secret guesses none.
    const address = login.method === ANONYMOUS ? undefined : addressOf(peer)
    const wait = address === undefined ? 0 : this.#logins.wait(address, accountOf(login))
    if (wait === 0) return undefined
    return this.#full(`too many log-ins have failed; try again in ${Math.ceil(wait / 1000)} s`)
  }

  /** A method has let a client in, as `authid`: who it asked to be, unless the method thinks little of that. */
  succeeded(peer: Peer, login: Login, authid: string): void {
    const address = addressOf(peer)
    if (address !== undefined && authid === login.authid) this.#logins.succeeded(address, accountOf(login))
  }

  /** A method has refused a client, which may have guessed. */
  failed(peer: Peer, login: Login, reason: string): void {
    this.counters.failedLogins++
    const address = addressOf(peer)
    if (address === undefined || reason === ERROR.authenticationRequired) return
    this.#logins.failed(address, accountOf(login))
  }

  /** Writes down who was refused, and nothing of what they tried. */
  log(peer: Peer, { realm, authid, method }: Login, reason: string): void {
    const who = `realm ${printable(realm)}, authid ${authid === undefined ? 'none' : printable(authid)}`
    const from = peer.transport.info.address ?? 'this process'
    this.logger.warn(`refused a log-in: ${who}, method ${method ?? 'none'}, from ${from}: ${reason}`)
  }

  #full(sentence: string): string {
    this.counters.refusedByLimit++
    return sentence
  }

  #giveUp(peer: Peer): void {
    this.counters.timedOut++
    const { handshakeTimeout } = this.limits
    peer.session.abort(ERROR.timeout, `there was no session within ${handshakeTimeout} ms`)
    peer.close()
  }
}

/** What counts as the address of a peer; in the router's own process there is none. */
function addressOf({ transport }: Peer): string | undefined {
  const { address } = transport.info
  return address === undefined ? undefined : addressGroup(hostOf(address))
}

function accountOf({ realm, authid }: Login): string | undefined {
  return authid === undefined ? undefined : `${realm} ${authid}`
}

/** In quotes, short, and without anything that a terminal would take for a command. */
function printable(name: string): string {
  const short = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name
  return JSON.stringify(short).replace(
    /[^\x20-\x7e…]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
