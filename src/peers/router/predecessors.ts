import type { Peer } from '../peer.js'

/** A key that is shorter than this could be guessed. */
const SHORTEST_KEY = 16
/** One that is longer would cost more memory than it is worth. */
const LONGEST_KEY = 256

/** Who a client is, as far as the router has found out. */
export interface Identity {
  readonly realm: string
  readonly authid: string
  readonly authrole: string
  readonly authmethod: string
}

/**
 * Sessions whose client made up a secret of its own and said it with HELLO (`_owner_key`, a key of ours). When it comes
 * again, from a connection that is still taken for alive, that one is dead: it is ended at once, and with it all that it
 * had registered, so that nobody who comes back finds his place taken by himself.
 */
export class Predecessors {
  readonly #peers = new Map<string, Peer>()
  readonly #marks = new Map<Peer, string>()

  /** A client has been let in: its earlier session, if there is one, ends. */
  succeed(peer: Peer, { realm, authid, authrole, authmethod }: Identity, key: string | undefined): void {
    if (key === undefined || key.length < SHORTEST_KEY || key.length > LONGEST_KEY) return
    // An anonymous client has another authid each time; of one that is not, the key alone proves nothing.
    const who = authmethod === 'anonymous' ? [authrole] : [authrole, authid]
    const mark = JSON.stringify([realm, ...who, key])
    const earlier = this.#peers.get(mark)
    if (earlier !== undefined) {
      this.left(earlier)
      earlier.close()
    }
    this.#peers.set(mark, peer)
    this.#marks.set(peer, mark)
  }

  /** The session is over. */
  left(peer: Peer): void {
    const mark = this.#marks.get(peer)
    if (mark === undefined) return
    this.#marks.delete(peer)
    this.#peers.delete(mark)
  }
}
