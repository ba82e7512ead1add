/**
 * What a router keeps of publications: the history of chosen topics, and retained events.
 *
 * Spec: rfc/text/advanced/pubsub_event_history.md, rfc/text/advanced/pubsub_event_retention.md.
 */
import type { Dict, EventDetails } from '../messages/dictionaries.js'
import type { EncodedPayload, Payload } from '../messages/payload.js'
import type { MatchPolicy } from '../uris.js'

/** An event as it is kept. */
export interface StoredEvent {
  readonly publicationId: number
  /** When the router got it, in milliseconds since 1970. */
  readonly timestamp: number
  readonly topic: string
  /** The details of the EVENT, less what depends on the subscription. */
  readonly details: EventDetails
  /** Has octets of its own: none of a buffer that somebody will use again. */
  readonly payload: Payload
  /** Who may have it: the lists of PUBLISH.Options that name subscribers (`eligible_authrole`, …), as they came. */
  readonly audience: Dict
  /**
   * Bytes of memory that all of it costs: an estimate, which is rather too high. What is on disk counts as much, for it
   * is in memory as long as it cannot be written.
   */
  readonly size: number
}

/** The topic, or pattern of topics, whose history is kept, and how much of it. What is older goes first. */
export interface HistoryOptions {
  readonly topic: string
  /** How the topic matches; `exact` by default. */
  readonly match?: MatchPolicy
  /** The most events that are kept; 1,000 by default. */
  readonly maxEvents?: number
  /**
   * The most bytes that are kept, by what events cost in memory: payload, topic, details and the lists of who may have
   * them, and about 900 bytes for each; 16 MiB by default.
   */
  readonly maxBytes?: number
  /** Milliseconds that an event is kept; for ever by default. */
  readonly maxAge?: number
}

/** Which events of a history are wanted. All conditions that are given must hold. */
export interface HistoryQuery {
  /** Newest first. */
  readonly reverse?: boolean
  /** The most events that are wanted. */
  readonly limit?: number
  /** Milliseconds since 1970: at or after, after, before, at or before. */
  readonly fromTime?: number
  readonly afterTime?: number
  readonly beforeTime?: number
  readonly untilTime?: number
  /** Publication ids, in the order in which the events came. One that is not in the history matches nothing. */
  readonly fromPublication?: number
  readonly afterPublication?: number
  readonly beforePublication?: number
  readonly untilPublication?: number
  /** Only events of this topic. */
  readonly topic?: string
  /** Only events that this says yes to: who asks may not have all. */
  readonly admits?: (event: StoredEvent) => boolean
}

/** The answer to a query. */
export interface HistoryPage {
  readonly events: readonly StoredEvent[]
  /** Are there more, that fit the query and were left out? */
  readonly hasMore: boolean
}

/** The history of one topic or pattern. */
export interface History {
  /** Adds an event, the newest by definition, and lets go of what is too much. Does not wait for a disk. */
  append(event: StoredEvent): void
  /** The events that fit, oldest first unless `reverse`; at most `limit` of them, and at most 4 MiB, or one. */
  read(query: HistoryQuery): HistoryPage | Promise<HistoryPage>
}

/** What is kept for one realm. */
export interface EventArchive {
  /** Opens the history of a topic, with what is there of it. */
  history(options: HistoryOptions): History
  /** Retained events, as they were when the archive was opened: each topic's, newest first. */
  retained(): Iterable<readonly [topic: string, events: readonly StoredEvent[]]>
  /** Keeps these, newest first, as the retained events of `topic`, in place of earlier ones; none forgets the topic. */
  retain(topic: string, events: readonly StoredEvent[]): void
}

/** Makes a payload of what `encoded` says of it, to be decoded on first use. */
export type RestorePayload = (encoded: Pick<EncodedPayload, 'format' | 'count' | 'bytes'>) => Payload

/**
 * Where a router keeps events. What is appended or retained before an acknowledgement (PUBLISHED) leaves the router has
 * to be safe by then from a crash of the process: `append` and `retain` may gather writes until the end of the current
 * turn's microtasks, and no longer.
 */
export interface EventStore {
  /** Opens what is kept for a realm. Called once for each realm of a router. */
  open(realm: string, restore: RestorePayload): EventArchive
  /** Lets go of files and the like. Harmless the second time. */
  close(): void | Promise<void>
}
