import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../../clock.js'
import { isLoopback } from '../../../transports/loopback.js'
import type { Refusal } from '../../../transports/websocket/refusal.js'
import { addressGroup } from './address-group.js'
import { Deadlines } from './deadlines.js'
import type { RouterCounters } from './router-counters.js'
import type { RouterLimits } from './router-limits.js'
import type { Tally } from './tally.js'

/** What all ports of a router have in common. */
export interface ArrivalRules {
  readonly clock: Clock
  readonly limits: Required<RouterLimits>
  readonly counters: RouterCounters
  /** Connections, by address. */
  readonly connections: Tally
}

interface Arrival {
  readonly ends: string
  readonly group: string
  /** Is it one more than its address may have? */
  readonly isTooMuch: boolean
  isUpgraded: boolean
}

/**
 * The connections of one port, from the moment that they are accepted: counts those of each address, and ends those that
 * do not become a WebSocket in time, whether they say nothing, or not enough, or do not get TLS done.
 *
 * A connection is known by its ends, since a TLS socket does not tell which socket it is made of.
 */
export class Arrivals {
  readonly #arrivals = new Map<Socket, Arrival>()
  readonly #sockets = new Map<string, Socket>()
  readonly #deadlines: Deadlines<string>
  /** A listener is told its socket as `this`: one function will do, however many connections there are. */
  readonly #onClose: (this: Socket) => void

  constructor(private readonly rules: ArrivalRules) {
    const { clock, limits, counters } = rules
    this.#deadlines = new Deadlines(clock, limits.handshakeTimeout, (ends) => {
      counters.timedOut++
      this.#sockets.get(ends)?.destroy()
    })
    const forget = (socket: Socket) => this.#forget(socket)
    this.#onClose = function () {
      forget(this)
    }
  }

  /** A TCP connection was accepted. */
  arrive(socket: Socket): void {
    const { limits, counters, connections } = this.rules
    const { remoteAddress, localAddress } = socket
    // It is gone already.
    if (remoteAddress === undefined) return void socket.destroy()
    const isLocal = isLoopback(remoteAddress) || remoteAddress === localAddress
    const most = isLocal ? limits.localConnections : limits.connectionsPerAddress
    const group = addressGroup(remoteAddress)
    if (connections.of(group) >= 2 * most) {
      counters.refused++
      counters.refusedByLimit++
      return void socket.destroy()
    }
    const isTooMuch = connections.add(group) > most
    const ends = endsOf(socket)
    this.#arrivals.set(socket, { ends, group, isTooMuch, isUpgraded: false })
    this.#sockets.set(ends, socket)
    this.#deadlines.add(ends)
    socket.once('close', this.#onClose)
  }

  /** The answer to a request of a connection that is one too many. */
  refusalOf({ socket }: IncomingMessage): Refusal | undefined {
    if (this.#arrivalOf(socket)?.isTooMuch !== true) return undefined
    this.rules.counters.refusedByLimit++
    return [503, 'There are too many connections from your address; close some, or try again later.']
  }

  /** The connection has become a WebSocket. */
  upgraded({ socket }: IncomingMessage): void {
    const arrival = this.#arrivalOf(socket)
    if (arrival === undefined) return
    arrival.isUpgraded = true
    this.#deadlines.delete(arrival.ends)
  }

  /** Ends all connections that are no WebSocket yet. */
  close(): void {
    for (const [socket, { isUpgraded }] of this.#arrivals) if (!isUpgraded) socket.destroy()
  }

  /** Of the socket that `socket` is, or is made of. */
  #arrivalOf(socket: Socket): Arrival | undefined {
    const own = this.#sockets.get(endsOf(socket))
    return own === undefined ? undefined : this.#arrivals.get(own)
  }

  #forget(socket: Socket): void {
    const arrival = this.#arrivals.get(socket)
    if (arrival === undefined) return
    this.#arrivals.delete(socket)
    // The next one with the same ends may be there before the word of this one's end.
    if (this.#sockets.get(arrival.ends) === socket) {
      this.#sockets.delete(arrival.ends)
      this.#deadlines.delete(arrival.ends)
    }
    this.rules.connections.remove(arrival.group)
  }
}

/** No two connections of a port have both ends in common. */
function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
