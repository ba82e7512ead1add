import type { EventArchive, StoredEvent } from '../../event-store/event-store.js'
import type { PublishOptions } from '../../messages/dictionaries.js'
import type { Session } from '../../sessions/session.js'
import type { MatchPolicy } from '../../uris.js'
import { matches } from '../uri-map/matches.js'
import { eligibilityOf } from './eligibility.js'

/** How many retained events of one topic are kept, where not everybody may have the newest. */
const MOST_OF_ONE_TOPIC = 16

/** How much is retained in a realm. When it is more, the topics that have been silent for longest are forgotten. */
export interface RetentionLimits {
  /** 10,000 by default. */
  readonly maxTopics?: number
  /**
   * Bytes, by what events cost in memory: payload, topic, details and the lists of who may have them, and about
   * 900 bytes for each; 64 MiB by default.
   */
  readonly maxBytes?: number
}

/**
 * The retained events of a realm. Of each topic those are kept that somebody may have who subscribes: the newest that
 * everybody may have, and newer ones for some.
 *
 * Spec: rfc/text/advanced/pubsub_event_retention.md.
 */
export class Retention {
  readonly #byTopic = new Map<string, readonly StoredEvent[]>()
  readonly #archive: EventArchive
  readonly #maxTopics: number
  readonly #maxBytes: number
  #bytes = 0

  constructor(
    archive: EventArchive,
    { maxTopics = 10_000, maxBytes = 64 * 1024 * 1024 }: RetentionLimits = {},
  ) {
    this.#archive = archive
    this.#maxTopics = maxTopics
    this.#maxBytes = maxBytes
    for (const [topic, events] of archive.retained()) this.#set(topic, events)
    this.#trim()
  }

  /** Keeps the event as the newest of its topic. */
  retain(event: StoredEvent): void {
    const { topic, size } = event
    // What is too large by itself costs its own topic what is there, and no other.
    const isTooLarge = size > this.#maxBytes
    const events = isTooLarge ? [] : stillWanted([event, ...(this.#byTopic.get(topic) ?? [])])
    this.#set(topic, events)
    this.#archive.retain(topic, events)
    this.#trim()
  }

  /** Calls `visit` with the newest event that `subscriber` may have of each topic that is subscribed to. */
  forEachMatch(
    match: MatchPolicy,
    pattern: string,
    subscriber: Session,
    visit: (event: StoredEvent) => void,
  ): void {
    const topics =
      match === 'exact' ? [pattern] : [...this.#byTopic.keys()].filter((t) => matches(match, pattern, t))
    for (const topic of topics) {
      const event = this.#byTopic
        .get(topic)
        ?.find(({ audience }) => eligibilityOf(audience as PublishOptions)?.(subscriber) ?? true)
      if (event !== undefined) visit(event)
    }
  }

  #set(topic: string, events: readonly StoredEvent[]): void {
    this.#bytes += sizeOf(events) - sizeOf(this.#byTopic.get(topic) ?? [])
    // Put in again, a topic is the last that will be forgotten.
    this.#byTopic.delete(topic)
    if (events.length > 0) this.#byTopic.set(topic, events)
  }

  #trim(): void {
    for (const topic of this.#byTopic.keys()) {
      if (this.#byTopic.size <= this.#maxTopics && this.#bytes <= this.#maxBytes) return
      this.#set(topic, [])
      this.#archive.retain(topic, [])
    }
  }
}

/** Of the events of a topic, newest first, those that are the newest for somebody. */
function stillWanted(events: readonly StoredEvent[]): StoredEvent[] {
  const wanted: StoredEvent[] = []
  /** The sessions that have nothing yet; `undefined` for all. */
  let without: ReadonlySet<unknown> | undefined
  for (const event of events) {
    const excepted = exceptedSessions(event)
    if (excepted !== undefined) {
      const left: ReadonlySet<unknown> = without === undefined ? excepted : intersection(without, excepted)
      if (left.size === without?.size) continue
      without = left
    }
    wanted.push(event)
    if (without?.size === 0 || wanted.length === MOST_OF_ONE_TOPIC) break
  }
  return wanted
}

/** The sessions that may not have the event; `undefined` if it is for some only. */
function exceptedSessions({ audience }: StoredEvent): ReadonlySet<unknown> | undefined {
  const { exclude, ...others } = audience
  return Object.keys(others).length === 0 ? new Set((exclude ?? []) as unknown[]) : undefined
}

function intersection(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): ReadonlySet<unknown> {
  return new Set([...a].filter((element) => b.has(element)))
}

function sizeOf(events: readonly StoredEvent[]): number {
  return events.reduce((bytes, { size }) => bytes + size, 0)
}
