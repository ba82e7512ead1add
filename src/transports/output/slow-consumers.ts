import { UsageError } from '../../errors.js'
import type { Logger } from '../../logger.js'
import type { SlowConsumerCounters, SlowConsumerPolicy } from '../slow-consumer-policy.js'
import type { Transport } from '../transport.js'
import type { Backlog, BacklogKeeper } from './backlog.js'

/** What sees to those connections of a router that read too slowly. */
export interface SlowConsumers extends BacklogKeeper {
  readonly counters: SlowConsumerCounters
  /** Handles a message that came over `transport`, now or earlier. */
  handle<M>(transport: Transport, message: M, handler: (message: M) => void): void
  /** The transport is closed. */
  left(transport: Transport): void
}

/** Nothing has been done yet. */
export function slowConsumerCounters(): SlowConsumerCounters {
  return { eventsDropped: 0, publishersPaused: 0 }
}

/**
 * Sees to slow consumers by `policy`; `undefined` where connections are to be ended, which they do themselves.
 *
 * @throws UsageError if there is no such policy.
 */
export function slowConsumers(
  policy: SlowConsumerPolicy,
  counters: SlowConsumerCounters,
  logger: Logger,
): SlowConsumers | undefined {
  switch (policy) {
    case 'disconnect':
      return undefined
    case 'drop-oldest':
      return new DropOldest(counters, logger)
    case 'pause-publisher':
      return new PausePublisher(counters, logger)
    default:
      throw new UsageError(
        `slowConsumers must be disconnect, drop-oldest or pause-publisher, not ${JSON.stringify(policy)}`,
      )
  }
}

class DropOldest implements SlowConsumers {
  /** How many EVENTs each of those has lost that have lost some. */
  readonly #dropped = new Map<Backlog, number>()

  constructor(
    readonly counters: SlowConsumerCounters,
    private readonly logger: Logger,
  ) {}

  grown(backlog: Backlog): void {
    const { limit, owner } = backlog
    while (backlog.octets > limit && backlog.eventOctets > 0) {
      backlog.dropEvent()
      this.#count(backlog)
    }
    if (backlog.octets > limit) owner.overflowed(backlog.octets)
  }

  shrunk(): void {}

  ended(backlog: Backlog): void {
    const dropped = this.#dropped.get(backlog)
    if (dropped === undefined) return
    this.#dropped.delete(backlog)
    const how = backlog.octets === 0 ? 'has caught up' : 'has ended'
    this.logger.info(`the connection of ${backlog.owner.name} ${how}: ${dropped} events were dropped`)
  }

  handle<M>(_: Transport, message: M, handler: (message: M) => void): void {
    handler(message)
  }

  left(): void {}

  #count(backlog: Backlog): void {
    const before = this.#dropped.get(backlog) ?? 0
    if (before === 0)
      this.logger.warn(
        `${backlog.owner.name} reads too slowly: the oldest events that wait for it are dropped`,
      )
    this.#dropped.set(backlog, before + 1)
    this.counters.eventsDropped++
  }
}

/** From this part of the limit on, those who send more are paused; from that on, they are read from again. */
const HIGH_WATER = 1 / 2
const LOW_WATER = 1 / 4

class PausePublisher implements SlowConsumers {
  /** Who sends what is being handled. */
  #sender: Transport | undefined
  /** Those that are not read from, and for whom they wait. */
  readonly #paused = new Map<Transport, Set<Backlog>>()
  /** The other way round; those that have been told of stay until they have caught up. */
  readonly #slow = new Map<Backlog, Set<Transport>>()

  constructor(
    readonly counters: SlowConsumerCounters,
    private readonly logger: Logger,
  ) {}

  handle<M>(transport: Transport, message: M, handler: (message: M) => void): void {
    const before = this.#sender
    this.#sender = transport
    try {
      handler(message)
    } finally {
      this.#sender = before
    }
  }

  grown(backlog: Backlog): void {
    const { limit, octets, owner } = backlog
    if (octets > limit) owner.overflowed(octets)
    else if (octets > limit * HIGH_WATER && this.#sender?.pause !== undefined)
      this.#hold(this.#sender, backlog)
  }

  shrunk(backlog: Backlog): void {
    if (backlog.octets <= backlog.limit * LOW_WATER) this.#release(backlog)
  }

  ended(backlog: Backlog): void {
    this.#release(backlog)
    if (!this.#slow.delete(backlog)) return
    const how = backlog.octets === 0 ? 'has caught up' : 'has ended'
    this.logger.info(`the connection of ${backlog.owner.name} ${how}: nobody waits for it`)
  }

  left(transport: Transport): void {
    for (const backlog of this.#paused.get(transport) ?? []) this.#slow.get(backlog)?.delete(transport)
    this.#paused.delete(transport)
    if (this.#sender === transport) this.#sender = undefined
  }

  #hold(sender: Transport, backlog: Backlog): void {
    let senders = this.#slow.get(backlog)
    if (senders === undefined) {
      senders = new Set()
      this.#slow.set(backlog, senders)
      this.logger.warn(`${backlog.owner.name} reads too slowly: those who send to it are paused`)
    }
    if (senders.has(sender)) return
    senders.add(sender)
    const awaited = this.#paused.get(sender)
    if (awaited !== undefined) {
      awaited.add(backlog)
      return
    }
    this.#paused.set(sender, new Set([backlog]))
    this.counters.publishersPaused++
    sender.pause?.()
  }

  #release(backlog: Backlog): void {
    const senders = this.#slow.get(backlog)
    for (const sender of senders ?? []) {
      const awaited = this.#paused.get(sender)
      awaited?.delete(backlog)
      if (awaited?.size !== 0) continue
      this.#paused.delete(sender)
      sender.resume?.()
    }
    senders?.clear()
  }
}
