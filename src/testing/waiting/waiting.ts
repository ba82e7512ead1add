import type { Client } from '../../peers/client/client.js'
import type { RegistrationInfo, SessionInfo, SubscriptionInfo } from '../../peers/client/meta-api.js'
import { Router } from '../../peers/router/router.js'
import type { MatchPolicy } from '../../uris.js'
import { TestRouter } from '../test-router.js'
import { inTime, type WaitOptions } from '../time-limit.js'
import { ClientView } from './client-view.js'
import type { Answer, Kind, RealmView } from './realm-view.js'
import { RouterView } from './router-view.js'

/** Where to look: at a router of this process, or, by the meta API, at the realm that a client has joined. */
export type WaitTarget = TestRouter | Router | Client

export interface RealmWaitOptions extends WaitOptions {
  /** Of a router: the name of the realm, if it has several. */
  readonly realm?: string
}

export interface RegistrationWaitOptions extends RealmWaitOptions {
  /** Waits for the registration of exactly this pattern; without it, for whichever serves calls of the URI. */
  readonly match?: MatchPolicy
  /** How many callees it must have; 1 by default. */
  readonly callees?: number
}

export interface SubscriptionWaitOptions extends RealmWaitOptions {
  /** Waits for the subscription to exactly this pattern; without it, for any that events of the URI reach. */
  readonly match?: MatchPolicy
  /** How many subscribers there must be; 1 by default. */
  readonly subscribers?: number
}

/**
 * Resolves as soon as a procedure is registered, at once if it is. No polling: the router tells.
 *
 * @throws CanceledError (`wamp.error.timeout`), with what is registered instead, if it takes too long; of a client, what
 * `Client.call` throws.
 */
export function waitForRegistration(
  target: WaitTarget,
  procedure: string,
  { match, callees = 1, ...options }: RegistrationWaitOptions = {},
): Promise<RegistrationInfo> {
  const find = async (view: RealmView) => {
    const found = await view.registration(procedure, match)
    return found !== undefined && found.sessions >= callees ? found.info : undefined
  }
  const who = callees === 1 ? 'nobody' : `not as many as ${callees} callees`
  return waitFor(target, 'registration', find, `${who} registered ${procedure}`, options)
}

/**
 * Resolves as soon as somebody is subscribed to a topic, at once if so.
 *
 * @throws CanceledError (`wamp.error.timeout`), with the subscriptions that there are, if it takes too long; of a client,
 * what `Client.call` throws.
 */
export function waitForSubscription(
  target: WaitTarget,
  topic: string,
  { match, subscribers = 1, ...options }: SubscriptionWaitOptions = {},
): Promise<SubscriptionInfo> {
  const find = async (view: RealmView) => {
    const found = await view.subscriptions(topic, match)
    return found.reduce((sum, { sessions }) => sum + sessions, 0) >= subscribers ? found[0]?.info : undefined
  }
  const who = subscribers === 1 ? 'nobody' : `not as many as ${subscribers}`
  return waitFor(target, 'subscription', find, `${who} subscribed to ${topic}`, options)
}

/**
 * Resolves as soon as somebody has joined under this authid, at once if so.
 *
 * @throws CanceledError (`wamp.error.timeout`), with who has joined instead, if it takes too long; of a client, what
 * `Client.call` throws.
 */
export function waitForSession(
  target: WaitTarget,
  authid: string,
  options: RealmWaitOptions = {},
): Promise<SessionInfo> {
  return waitFor(target, 'session', async (view) => view.session(authid), `${authid} did not join`, options)
}

const THERE: Readonly<Record<Kind, string>> = {
  registration: 'registered is',
  subscription: 'subscribed to is',
  session: 'joined has',
}

/** How many of what there is are worth a place in a sentence. */
const MOST_LISTED = 20

async function waitFor<T>(
  target: WaitTarget,
  kind: Kind,
  find: (view: RealmView) => Promise<T | undefined>,
  sentence: string,
  { realm, ...options }: RealmWaitOptions,
): Promise<T> {
  const view = viewOf(target, realm)
  const late = async (timeout: number) =>
    `${sentence} within ${timeout} ms; ${THERE[kind]} ${listed(await view.list(kind))}`
  const following: { end?: () => Answer<void>; isOver?: boolean } = {}
  const found = async () => {
    const there = await find(view)
    if (there !== undefined) return there
    let hasChanged = () => {}
    let change = new Promise<void>((resolve) => {
      hasChanged = resolve
    })
    following.end = await view.follow(kind, () => hasChanged())
    if (following.isOver) await following.end()
    for (;;) {
      // It may have come before it was followed.
      const come = await find(view)
      if (come !== undefined) return come
      await change
      change = new Promise((resolve) => {
        hasChanged = resolve
      })
    }
  }
  try {
    return await inTime(found(), late, options)
  } finally {
    following.isOver = true
    await following.end?.()
  }
}

function viewOf(target: WaitTarget, realm: string | undefined): RealmView {
  if (target instanceof TestRouter) return new RouterView(target.router, realm ?? target.realm)
  return target instanceof Router ? new RouterView(target, realm) : new ClientView(target)
}

function listed(all: readonly string[]): string {
  if (all.length === 0) return 'nothing'
  const first = all.slice(0, MOST_LISTED).join(', ')
  return all.length > MOST_LISTED ? `${first}, and ${all.length - MOST_LISTED} more` : first
}
