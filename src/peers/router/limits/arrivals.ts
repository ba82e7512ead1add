import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../../clock.js'
import { isLoopback } from '../../../transports/loopback.js'
import type { Refusal } from '../../../transports/websocket/refusal.js'
import type { TrustedProxies } from '../../../transports/websocket/trusted-proxies.js'
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
  /** The proxies of this port, whose connections count for their clients. */
  readonly proxies?: TrustedProxies | undefined
}

interface Arrival {
  readonly ends: string
  /** Whom it counts for: an address, or a network. */
  group: string
  /** Is it one more than its address may have? */
  isTooMuch: boolean
  /** Does it carry WAMP? */
  isServed: boolean
}

/** Connections of a Unix socket have no address; all of them count together. */
const UNIX = 'unix'

/**
 * The connections of one port, from the moment that they are accepted: counts those of each address, and ends those that
 * do not carry WAMP in time, whether they say nothing, or not enough, or do not get TLS done. On a server of the
 * application's own, those that ask for a WebSocket here, from when they do: what comes before is for the server to bound.
 *
 * A connection is known by its ends, since a TLS socket does not tell which socket it is made of.
 */
export class Arrivals {
  readonly #arrivals = new Map<Socket, Arrival>()
  readonly #sockets = new Map<string, Socket>()
  readonly #deadlines: Deadlines<string>
  #ofUnix = 0
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

  /** A connection was accepted. */
  arrive(socket: Socket): void {
    const { counters, connections } = this.rules
    const { remoteAddress, localAddress } = socket
    // A Unix socket has no address at either end; a TCP connection that is already reset has lost only its remote one.
    const isUnix = remoteAddress === undefined && localAddress === undefined
    if (remoteAddress === undefined && !isUnix) return void socket.destroy()
    const most = this.#most(remoteAddress, remoteAddress === localAddress)
    const group = groupOf(remoteAddress)
    if (connections.of(group) >= 2 * most) {
      counters.refused++
      counters.refusedByLimit++
      return void socket.destroy()
    }
    const isTooMuch = connections.add(group) > most
    const ends = isUnix ? `${UNIX} ${++this.#ofUnix}` : endsOf(socket)
    this.#arrivals.set(socket, { ends, group, isTooMuch, isServed: false })
    this.#sockets.set(ends, socket)
    this.#deadlines.add(ends)
    socket.once('close', this.#onClose)
  }

  /** The answer to a request of a connection that is one too many. */
  refusalOf(request: IncomingMessage): Refusal | undefined {
    const arrival = this.#arrivalOf(request.socket)
    if (arrival !== undefined) this.#findClient(arrival, request)
    return this.isTooMuch(request.socket) ? TOO_MANY : undefined
  }

  /** Is the connection one too many? If so, that is counted: it will be refused. */
  isTooMuch(socket: Socket): boolean {
    if (this.#arrivalOf(socket)?.isTooMuch !== true) return false
    this.rules.counters.refusedByLimit++
    return true
  }

  /** The connection carries WAMP. */
  served(socket: Socket): void {
    const arrival = this.#arrivalOf(socket)
    if (arrival === undefined) return
    arrival.isServed = true
    this.#deadlines.delete(arrival.ends)
  }

  /**
   * The answer to a request for a transport that is made of requests, of which one connection carries any number: as many
   * of these as of connections are for one address.
   */
  refusalOfTransport(request: IncomingMessage): Refusal | undefined {
    const { counters, connections } = this.rules
    const refusal = this.refusalOf(request)
    if (refusal !== undefined) return refusal
    const { remoteAddress, localAddress } = request.socket
    const client = this.rules.proxies?.clientOf(request)
    const most = this.#most(client ?? remoteAddress, client === undefined && remoteAddress === localAddress)
    if (connections.of(transportsOf(client ?? remoteAddress)) < most) return undefined
    counters.refusedByLimit++
    return TOO_MANY
  }

  /** Such a transport was opened. @returns what says that it is gone. */
  opened(request: IncomingMessage): () => void {
    const { connections, proxies } = this.rules
    const group = transportsOf(proxies?.clientOf(request) ?? request.socket.remoteAddress)
    connections.add(group)
    return () => connections.remove(group)
  }

  /** Ends all connections that do not carry WAMP yet. */
  close(): void {
    for (const [socket, { isServed }] of this.#arrivals) if (!isServed) socket.destroy()
  }

  /** Ends all connections. */
  closeAll(): void {
    for (const socket of this.#arrivals.keys()) socket.destroy()
  }

  /** How many connections may come from an address. */
  #most(address: string | undefined, isNear: boolean): number {
    const { limits, proxies } = this.rules
    const isLocal = isNear || address === undefined || isLoopback(address) || proxies?.has(address) === true
    return isLocal ? limits.localConnections : limits.connectionsPerAddress
  }

  /** From now on a connection counts for the client behind the proxy that it comes from. */
  #findClient(arrival: Arrival, request: IncomingMessage): void {
    const { limits, connections, proxies } = this.rules
    const client = proxies?.clientOf(request)
    const group = client === undefined ? arrival.group : addressGroup(client)
    if (client === undefined || group === arrival.group) return
    connections.remove(arrival.group)
    arrival.group = group
    arrival.isTooMuch = connections.add(group) > limits.connectionsPerAddress
  }

  /** Of the socket that `socket` is, or is made of. */
  #arrivalOf(socket: Socket): Arrival | undefined {
    const arrival = this.#arrivals.get(socket)
    if (arrival !== undefined) return arrival
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

const TOO_MANY: Refusal = [
  503,
  'There are too many connections from your address; close some, or try again later.',
]

/** What the connections of an address are counted under. */
function groupOf(address: string | undefined): string {
  return address === undefined ? UNIX : addressGroup(address)
}

/** What the transports of an address are counted under, apart from its connections. */
function transportsOf(address: string | undefined): string {
  return `transports of ${groupOf(address)}`
}

/** No two connections of a port have both ends in common. */
function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
