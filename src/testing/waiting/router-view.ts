import { UsageError } from '../../errors.js'
import { Code } from '../../messages/codes.js'
import { EMPTY_DICT } from '../../messages/dictionaries.js'
import { Subscribe } from '../../messages/pubsub.js'
import type { RegistrationInfo, SessionInfo, SubscriptionInfo } from '../../peers/client/meta-api.js'
import type { Realm } from '../../peers/router/realm.js'
import type { Router } from '../../peers/router/router.js'
import { trustedSession } from '../../peers/router/trusted-session.js'
import type { SubscribedTopic } from '../../roles/broker/topics.js'
import type { RegisteredProcedure } from '../../roles/dealer/registry.js'
import type { Session } from '../../sessions/session.js'
import { isReserved, type MatchPolicy, META } from '../../uris.js'
import { type Kind, patternText, type RealmView, type Shared } from './realm-view.js'

/** What tells that something was added. */
const ADDED = {
  registration: META.registration.onRegister,
  subscription: META.subscription.onSubscribe,
  session: META.session.onJoin,
} as const satisfies Readonly<Record<Kind, string>>

/** A realm as its router knows it: whatever clients may see. */
export class RouterView implements RealmView {
  readonly #realm: Realm

  /** @throws UsageError if there is no such realm, or several, and none was named. */
  constructor(router: Router, name?: string) {
    const { realms } = router
    const realm = name === undefined && realms.size === 1 ? [...realms.values()][0] : realms.get(name ?? '')
    if (realm === undefined)
      throw new UsageError(
        `the option realm must name a realm of the router: ${[...realms.keys()].join(', ')}; it is ${name}`,
      )
    this.#realm = realm
  }

  registration(procedure: string, match?: MatchPolicy): Shared<RegistrationInfo> | undefined {
    const { registry } = this.#realm.dealer
    const registered = match === undefined ? registry.best(procedure) : registry.find(match, procedure)
    return registered && { info: registrationInfo(registered), sessions: registered.callees.length }
  }

  subscriptions(topic: string, match?: MatchPolicy): readonly Shared<SubscriptionInfo>[] {
    const { topics } = this.#realm.broker
    const found: SubscribedTopic[] = []
    if (match === undefined) topics.forEachMatch(topic, (subscribed) => found.push(subscribed))
    else found.push(...[topics.find(match, topic)].filter((subscribed) => subscribed !== undefined))
    return found
      .map((subscribed) => ({ info: subscriptionInfo(subscribed), sessions: subscribersOf(subscribed) }))
      .filter(({ sessions }) => sessions > 0)
  }

  session(authid: string): SessionInfo | undefined {
    const session = [...this.#realm.sessions.values()].find(({ details }) => details.authid === authid)
    return session && sessionInfo(session)
  }

  list(kind: Kind): readonly string[] {
    const { dealer, broker, sessions } = this.#realm
    switch (kind) {
      case 'registration':
        return dealer.registrations().map(({ procedure, match }) => patternText(procedure, match))
      case 'subscription':
        return [...broker.subscriptions()]
          .filter(({ topic, subscribers }) => subscribers.size > 0 && !isReserved(topic))
          .map(({ topic, match }) => patternText(topic, match))
      case 'session':
        return [...sessions.values()].map(({ details }) => String(details.authid))
    }
  }

  follow(kind: Kind, onChange: () => void): () => void {
    const { name, broker } = this.#realm
    const follower = trustedSession(name, { subscriber: {} }, ({ code }) => {
      if (code === Code.EVENT) onChange()
    })
    broker.subscribe(follower, new Subscribe(1, EMPTY_DICT, ADDED[kind]))
    return () => broker.remove(follower)
  }
}

/** Clients that have subscribed: the router itself is not counted. */
function subscribersOf({ topic, subscribers }: SubscribedTopic): number {
  return isReserved(topic) ? [...subscribers].filter(({ isTrusted }) => !isTrusted).length : subscribers.size
}

function registrationInfo({ id, created, procedure, match, policy }: RegisteredProcedure): RegistrationInfo {
  return { id, created: created.toISOString(), uri: procedure, match, invoke: policy }
}

function subscriptionInfo({ id, created, topic, match }: SubscribedTopic): SubscriptionInfo {
  return { id, created: created.toISOString(), uri: topic, match }
}

function sessionInfo({ id, details }: Session): SessionInfo {
  const { authid, authrole, authmethod, authprovider } = details
  const told = Object.entries({ authid, authrole, authmethod, authprovider })
  return { session: id, ...Object.fromEntries(told.filter(([, value]) => typeof value === 'string')) }
}
