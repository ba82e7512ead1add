import { TransportError, UsageError } from '../../errors.js'
import type { ClientOptions, TransportSource } from '../../peers/client/client-options.js'
import type { Serializer } from '../../serializers/serializer.js'
import type { Transport } from '../../transports/transport.js'
import type { DialOptions } from '../../transports/websocket/dial.js'
import { Line, type Passage } from '../line.js'
import type { MessageKind } from '../message-kind.js'
import { type Watchable, Wiretap } from '../recording/wiretap.js'
import { type Held, Hold } from './held.js'
import { Cut, Drop, type FaultyPassage, Reorder, type Rule } from './rules.js'

/** Where transports come from: a router, the option `transport` of a client, or one that is open already. */
export type FaultySource = TransportSource | NonNullable<ClientOptions['transport']> | Transport

/** Makes a transport that fails when the test says so. It is in order until then. */
export function faulty(source: FaultySource): Faults {
  return new Faults(source)
}

/**
 * The lines between a client and its router, and what goes wrong with them: at exactly that message, and with no time
 * passing. Made by `faulty`; a client has it as its `router`, or its method `dial` as its `transport`:
 *
 *     const faults = faulty(router)
 *     const client = await connect({ router: faults, reconnect: { initialDelay: 100, jitter: 0 } })
 *     faults.disconnectAfter('CALL')
 *
 * It stays for as many connections as the client makes. A message is subject to the oldest fault that concerns it.
 */
export class Faults implements TransportSource, Watchable {
  /** What `record` listens to. */
  readonly wiretap = new Wiretap()
  readonly #lines = new Set<Line>()
  #rules: Rule[] = []
  #isAway = false

  constructor(private readonly source: FaultySource) {}

  /** How many connections are open. */
  get connections(): number {
    return this.#lines.size
  }

  /**
   * What a client calls whose option `router` this is.
   *
   * @throws TransportError while the router is away; UsageError if transports have to be dialed: see `dial`.
   */
  connect(serializer: Serializer): Transport {
    if (typeof this.source === 'function')
      throw new UsageError(
        'this is no router: give the client { transport: faults.dial } in place of { router: faults }',
      )
    this.#expectRouter()
    return this.#line('connect' in this.source ? this.source.connect(serializer) : this.source, serializer)
  }

  /** For the option `transport` of a client. */
  readonly dial = async (
    serializers: readonly Serializer[],
    options: DialOptions = {},
  ): Promise<Transport> => {
    const [first] = serializers
    if (first === undefined) throw new UsageError('there is no serializer to dial with')
    if (typeof this.source !== 'function') return this.connect(first)
    this.#expectRouter()
    return this.#line(await this.source(serializers, options), first)
  }

  /**
   * The next messages of this kind get lost, one unless told otherwise. In place of a request that gets lost the router hears
   * one that changes nothing, since it insists on request ids without gaps.
   */
  drop(kind: MessageKind, count = 1): void {
    this.#rules.push(new Drop(kind, count))
  }

  /**
   * Messages of this kind, or all of them both ways, are kept back until what is returned lets them go. What a client asks for
   * after a request that waits, waits behind it.
   */
  hold(kind: MessageKind = () => true): Held {
    return this.#add(new Hold(kind))
  }

  /**
   * The client reads nothing: what the router says waits for it. With more than `limit` octets waiting on a connection it
   * is cut, as a router does it with a client that is too slow; by default there is no limit.
   */
  stall(limit?: number): Held {
    return this.#add(new Hold('router', limit))
  }

  /**
   * The next messages of this kind wait for each other and arrive in another order: by default the second before the first.
   * `order` says which comes first, second, …, counted from 0. Requests of a client keep their order, since its router would end
   * the session.
   *
   * @throws UsageError if `order` does not name each of them once.
   */
  reorder(kind: MessageKind, order: readonly number[] = [1, 0]): void {
    if ([...order].sort((a, b) => a - b).some((index, place) => index !== place))
      throw new UsageError(`an order names each of its ${order.length} places once, from 0, not ${order}`)
    this.#rules.push(new Reorder(kind, order))
  }

  /** Cuts every connection, without a GOODBYE. */
  disconnect(): void {
    for (const line of this.#lines) line.cut()
  }

  /** Cuts the connection by the next message of this kind, which does not arrive. */
  disconnectBefore(kind: MessageKind): void {
    this.#rules.push(new Cut(kind, false))
  }

  /** Cuts the connection by the next message of this kind, once it has arrived. */
  disconnectAfter(kind: MessageKind): void {
    this.#rules.push(new Cut(kind, true))
  }

  /** The router is gone: connections are cut, and new ones fail. */
  goAway(): void {
    this.#isAway = true
    this.disconnect()
  }

  /** The router can be connected to again. */
  comeBack(): void {
    this.#isAway = false
  }

  /** Ends every fault: what was kept back arrives, and the router is there. */
  clear(): void {
    const rules = this.#rules
    this.#rules = []
    this.comeBack()
    for (const rule of rules) rule.end()
  }

  #add(held: Hold): Held {
    this.#rules.push(held)
    return held
  }

  #line(transport: Transport, serializer: Serializer): Line {
    const said = this.wiretap.open()
    const line = new Line(
      transport,
      'client',
      (passage) => {
        said(passage.from, passage.message)
        this.#pass(passage, serializer)
      },
      (ended) => this.#lines.delete(ended),
    )
    this.#lines.add(line)
    return line
  }

  #pass(passage: Passage, serializer: Serializer): void {
    if (this.#rules.length === 0) return passage.deliver()
    const lasting = lastingPassage(passage, serializer)
    const isTaken = this.#rules.some((rule) => rule.take(lasting))
    this.#rules = this.#rules.filter(({ isSpent }) => !isSpent)
    if (!isTaken) passage.deliver()
  }

  #expectRouter(): void {
    if (this.#isAway) throw new TransportError('the router is away: the test says so')
  }
}

/**
 * What waits must be what was said, whatever becomes of the arguments meanwhile; and what cannot be written fails at once.
 *
 * @throws UsageError if the message cannot be written.
 */
function lastingPassage(passage: Passage, serializer: Serializer): FaultyPassage {
  const encoded = serializer.encode(passage.message)
  const octets = Buffer.byteLength(encoded)
  if (passage.from === 'router') return { ...passage, octets }
  const message = serializer.decode(encoded)
  return { ...passage, message, octets, deliver: (instead = message) => passage.deliver(instead) }
}
