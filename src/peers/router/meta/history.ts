import { ApplicationError } from '../../../errors.js'
import type { HistoryPage, HistoryQuery, StoredEvent } from '../../../event-store/event-store.js'
import { isId } from '../../../messages/checks.js'
import type { Broker } from '../../../roles/broker/broker.js'
import { eligibilityOf } from '../../../roles/broker/eligibility.js'
import type { Session } from '../../../sessions/session.js'
import { ERROR, isUri, META } from '../../../uris.js'
import type { KeepPayload } from '../stored-payloads.js'
import { idArgument, wrong } from './arguments.js'
import { historyAnswer } from './history-answer.js'
import { ifAllowed, type Judge } from './judge.js'
import type { MetaCall, MetaSession } from './meta-session.js'

/** Event history. Spec: rfc/text/advanced/pubsub_event_history.md. */
export function registerHistoryProcedure(
  meta: MetaSession,
  broker: Broker,
  sessions: ReadonlyMap<number, Session>,
  judge: Judge,
  keep: KeepPayload,
): void {
  meta.register(META.subscription.getEvents, (call) => {
    const id = idArgument(call)
    const query = queryOf(call)
    const subscribed = broker.topics.get(id)
    if (subscribed === undefined)
      throw new ApplicationError(ERROR.noSuchSubscription, [`there is no subscription ${id}`])
    if (subscribed.history === undefined)
      throw new ApplicationError(ERROR.historyUnavailable, [`the history of ${subscribed.topic} is not kept`])
    const { history, topic, match } = subscribed
    const caller = sessions.get(call.caller)
    if (caller === undefined) return undefined
    const admits = ({ audience }: StoredEvent) => eligibilityOf(audience)?.(caller) ?? true
    const asked = { subscription: id, isPattern: match !== 'exact', format: call.format }
    const answer = (found: HistoryPage) => historyAnswer(found, asked, keep)
    // Who may not subscribe to it may not read what was published to it either.
    return ifAllowed(judge.decide(caller, 'subscribe', topic, match), () => {
      const page = history.read({ ...query, admits })
      return page instanceof Promise ? page.then(answer) : answer(page)
    })
  })
}

type Kwargs = MetaCall['kwargs']

/** @throws ApplicationError `wamp.error.invalid_argument` naming the filter that is wrong. */
function queryOf({ kwargs }: MetaCall): HistoryQuery {
  const { reverse, topic } = kwargs
  if (isGiven(reverse) && typeof reverse !== 'boolean') return wrong('reverse must be true or false', reverse)
  if (isGiven(topic) && !(typeof topic === 'string' && isUri(topic)))
    return wrong('topic must be a URI', topic)
  return withoutUndefined({
    reverse: reverse === true,
    topic: typeof topic === 'string' ? topic : undefined,
    limit: id(kwargs, 'limit', 'a positive integer'),
    fromTime: time(kwargs, 'from_time'),
    afterTime: time(kwargs, 'after_time'),
    beforeTime: time(kwargs, 'before_time'),
    untilTime: time(kwargs, 'until_time'),
    fromPublication: id(kwargs, 'from_publication'),
    afterPublication: id(kwargs, 'after_publication'),
    beforePublication: id(kwargs, 'before_publication'),
    untilPublication: id(kwargs, 'until_publication'),
  })
}

/** RFC 3339: a date, a time, and where on earth. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function time(kwargs: Kwargs, name: string): number | undefined {
  const value = kwargs[name]
  if (!isGiven(value)) return undefined
  const milliseconds = typeof value === 'string' && TIMESTAMP.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(milliseconds)
    ? wrong(`${name} must be a time such as 2026-01-31T12:00:00Z`, value)
    : milliseconds
}

function id(kwargs: Kwargs, name: string, expected = 'the id of a publication'): number | undefined {
  const value = kwargs[name]
  if (!isGiven(value)) return undefined
  return isId(value) ? Number(value) : wrong(`${name} must be ${expected}`, value)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function withoutUndefined(
  query: { [Name in keyof HistoryQuery]: HistoryQuery[Name] | undefined },
): HistoryQuery {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as HistoryQuery
}
