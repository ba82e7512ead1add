/** Event history. Spec: rfc/text/advanced/pubsub_event_history.md. */
import { ApplicationError } from '../../errors.js'
import { isDict } from '../../messages/checks.js'
import type { Dict } from '../../messages/dictionaries.js'
import { Payload } from '../../messages/payload.js'
import type { CallResult } from '../../roles/call-result.js'
import { ReceivedEvent } from '../../roles/received-event.js'
import { spellOut } from '../../spelling.js'
import * as ERROR from '../../uris/error.js'
import { type MatchPolicy, metaUri } from '../../uris.js'

/** A point in time: a `Date`, milliseconds since 1970, or text as RFC 3339 has it. */
export type Time = Date | number | string

/** Which events are wanted. All conditions that are given must hold. */
export interface HistoryFilters {
  /** How the topic is subscribed to whose history it is; `exact` by default. */
  match?: MatchPolicy
  /** Newest first. */
  reverse?: boolean
  /** The most events that are wanted; by default all. */
  limit?: number
  /** At that time or later. */
  fromTime?: Time
  afterTime?: Time
  beforeTime?: Time
  /** At that time or earlier. */
  untilTime?: Time
  /** That publication, and those that followed it. */
  fromPublication?: number
  afterPublication?: number
  beforePublication?: number
  /** That publication, and those before it. */
  untilPublication?: number
  /** Of a pattern, only the events of this topic. */
  topic?: string
}

/** An event that was published some time ago. */
export class HistoricEvent extends ReceivedEvent {
  constructor(
    /** When the router got it. */
    readonly timestamp: Date,
    topic: string,
    publicationId: number,
    details: Dict,
    payload: Payload,
  ) {
    super(topic, publicationId, details, payload)
  }
}

type Call = (procedure: string, args: readonly unknown[], kwargs: Dict) => Promise<CallResult>

/**
 * The events that a router has kept of a topic or pattern, oldest first unless `reverse`. Asks as often as it takes.
 *
 * @throws ApplicationError `wamp.error.no_such_subscription` if nobody is subscribed to it and its history is not kept;
 * what the router answers.
 */
export async function readHistory(
  call: Call,
  topic: string,
  filters: HistoryFilters = {},
): Promise<HistoricEvent[]> {
  const { match = 'exact', limit = Number.POSITIVE_INFINITY, reverse = false } = filters
  const { args } = await call(metaUri('subscription', 'lookup'), [topic, { match }], {})
  const [subscription] = args
  if (typeof subscription !== 'number')
    throw new ApplicationError(ERROR.noSuchSubscription, [`there is no subscription to ${topic} (${match})`])
  const kwargs: Record<string, unknown> = wireFilters(filters)
  const events: HistoricEvent[] = []
  for (;;) {
    if (limit !== Number.POSITIVE_INFINITY) kwargs.limit = limit - events.length
    const page = await call(metaUri('subscription', 'get_events'), [subscription], kwargs)
    const found = eventsOf(page, topic)
    events.push(...found)
    const last = found.at(-1)
    if (last === undefined || events.length >= limit || page.kwargs.is_limit_reached !== true) return events
    kwargs[reverse ? 'before_publication' : 'after_publication'] = last.publicationId
  }
}

function wireFilters(filters: HistoryFilters): Record<string, unknown> {
  const { match: _, limit: __, ...others } = filters
  const wire = spellOut({}, others, Object.keys(others) as (keyof typeof others)[])
  for (const name in wire) if (name.endsWith('_time')) wire[name] = rfc3339(wire[name] as Time)
  return wire
}

function rfc3339(time: Time): string {
  return typeof time === 'string' ? time : new Date(time).toISOString()
}

/** The events of an answer: each a positional value, or, with some routers, all in one list. */
function eventsOf({ args }: CallResult, topic: string): HistoricEvent[] {
  const [first] = args
  const events = args.length === 1 && Array.isArray(first) ? (first as unknown[]) : args
  return events.filter(isDict).map(({ timestamp, publication, details, args, kwargs }) => {
    const told = isDict(details) ? details : {}
    return new HistoricEvent(
      new Date(String(timestamp)),
      typeof told.topic === 'string' ? told.topic : topic,
      Number(publication),
      told,
      new Payload(Array.isArray(args) ? args : [], isDict(kwargs) ? kwargs : undefined),
    )
  })
}
