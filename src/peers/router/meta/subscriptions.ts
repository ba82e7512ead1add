import { ApplicationError } from '../../../errors.js'
import type { Broker } from '../../../roles/broker/broker.js'
import type { SubscribedTopic, SubscriptionObserver } from '../../../roles/broker/topics.js'
import { ERROR, META } from '../../../uris.js'
import { idArgument, matchArgument, sessionArgument, textArgument, wordsArgument } from './arguments.js'
import { idsByMatch } from './ids-by-match.js'
import type { MetaCall, MetaSession } from './meta-session.js'
import type { ExpectPowers } from './sessions.js'

/** Subscription Meta API: procedures. Spec: rfc/text/advanced/meta_api_subscriptions.md. */
export function registerSubscriptionProcedures(
  meta: MetaSession,
  broker: Broker,
  expectPowers: ExpectPowers,
): void {
  const { topics } = broker
  const uris = META.subscription
  const get = (call: MetaCall) => {
    const id = idArgument(call)
    const subscribed = topics.get(id)
    if (subscribed !== undefined) return subscribed
    throw new ApplicationError(ERROR.noSuchSubscription, [`there is no subscription ${id}`])
  }
  meta.register(uris.list, () => idsByMatch(broker.subscriptions()))
  meta.register(uris.lookup, (call) => topics.find(matchArgument(call), textArgument(call))?.id ?? null)
  meta.register(uris.match, (call) => {
    const ids: number[] = []
    topics.forEachMatch(textArgument(call), ({ id }) => ids.push(id))
    return ids.length === 0 ? null : ids
  })
  meta.register(uris.get, (call) => detailsOf(get(call)))
  meta.register(uris.listSubscribers, (call) => [...get(call).subscribers].map(({ id }) => id))
  meta.register(uris.countSubscribers, (call) => get(call).subscribers.size)
  meta.register(uris.removeSubscriber, (call) => {
    expectPowers(call)
    return broker.revoke(get(call).id, sessionArgument(call), wordsArgument(call))
  })
}

/** Subscription Meta API: events. */
export function subscriptionEvents(meta: () => MetaSession): SubscriptionObserver {
  const uris = META.subscription
  return {
    created: ({ id }, subscribed) => meta().publish(uris.onCreate, [id, detailsOf(subscribed)]),
    subscribed: ({ id }, subscribed) => meta().publish(uris.onSubscribe, [id, subscribed.id]),
    unsubscribed: ({ id }, subscribed) => meta().publish(uris.onUnsubscribe, [id, subscribed.id]),
    deleted: ({ id }, subscribed) => meta().publish(uris.onDelete, [id, subscribed.id]),
  }
}

function detailsOf({ id, created, topic, match }: SubscribedTopic): Record<string, unknown> {
  return { id, created: created.toISOString(), uri: topic, match }
}
