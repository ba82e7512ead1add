/**
 * The meta API of a router, typed: `client.meta.session.count()`, `client.meta.registration.onCreate((…) => …)`.
 *
 * Spec: rfc/text/advanced/meta_api_*.md, pubsub_testament.md.
 */
import { withEveryName } from '../../every-name.js'
import type { Dict } from '../../messages/dictionaries.js'
import { withoutTrailingGaps } from '../../roles/arguments.js'
import type { InvocationPolicy } from '../../roles/registration.js'
import type { EventHandler, Subscription } from '../../roles/subscription.js'
import { snakeCase, spellOut } from '../../spelling.js'
import { type MatchPolicy, metaUri } from '../../uris.js'

/** A session as the router tells of it. What it does not say is not there. */
export interface SessionInfo {
  readonly session: number
  readonly authid?: string
  readonly authrole?: string
  readonly authmethod?: string
  readonly authprovider?: string
}

export interface RegistrationInfo {
  readonly id: number
  /** When it was made, as ISO 8601 has it. */
  readonly created: string
  readonly uri: string
  readonly match: MatchPolicy
  readonly invoke: InvocationPolicy
}

export interface SubscriptionInfo {
  readonly id: number
  /** When it was made, as ISO 8601 has it. */
  readonly created: string
  readonly uri: string
  readonly match: MatchPolicy
}

/** Ids by how they match. */
export type IdsByMatch = { readonly [Match in MatchPolicy]: readonly number[] }

export interface KillOptions {
  /** The reason as a URI; `wamp.close.killed` by default. */
  readonly reason?: string
  /** The reason in words. */
  readonly message?: string
}

export interface TestamentOptions {
  /** When it is published: `destroyed` by default. Without resumption both come at the end of the session. */
  readonly scope?: 'detached' | 'destroyed'
  /** PUBLISH.Options, as the wire has them. */
  readonly publishOptions?: Dict
}

export interface RemoveOptions {
  /** Why, in words. */
  readonly reason?: string
}

type Match = { readonly match?: MatchPolicy }
type Call = (procedure: string, args?: readonly unknown[], kwargs?: Dict) => Promise<unknown>
type Subscribe = (topic: string, handler: EventHandler) => Promise<Subscription>

export interface SessionMetaApi {
  count(authroles?: readonly string[]): Promise<number>
  list(authroles?: readonly string[]): Promise<number[]>
  get(session: number): Promise<SessionInfo>
  kill(session: number, options?: KillOptions): Promise<void>
  /** Resolves to the ids of the sessions that were ended. */
  killByAuthid(authid: string, options?: KillOptions): Promise<number[]>
  /** Resolves to how many sessions were ended. */
  killByAuthrole(authrole: string, options?: KillOptions): Promise<number>
  /** Ends all sessions but ours; resolves to how many. */
  killAll(options?: KillOptions): Promise<number>
  /** Has the router publish an event when our session is over. */
  addTestament(
    topic: string,
    args?: readonly unknown[],
    kwargs?: Dict,
    options?: TestamentOptions,
  ): Promise<void>
  flushTestaments(scope?: 'detached' | 'destroyed'): Promise<void>
  onJoin(handler: (session: SessionInfo) => unknown): Promise<Subscription>
  onLeave(
    handler: (session: number, authid: string | undefined, authrole: string | undefined) => unknown,
  ): Promise<Subscription>
}

export interface RegistrationMetaApi {
  list(): Promise<IdsByMatch>
  /** The registration of exactly this URI or pattern; `null` if there is none. */
  lookup(procedure: string, options?: Match): Promise<number | null>
  /** The registration that a call of this procedure goes to; `null` if there is none. */
  match(procedure: string): Promise<number | null>
  get(registration: number): Promise<RegistrationInfo>
  listCallees(registration: number): Promise<number[]>
  countCallees(registration: number): Promise<number>
  /** Takes a registration from one callee, or from all; resolves to from how many. Not in the spec. */
  removeCallee(registration: number, session?: number, options?: RemoveOptions): Promise<number>
  onCreate(handler: (session: number, registration: RegistrationInfo) => unknown): Promise<Subscription>
  onRegister(handler: (session: number, registration: number) => unknown): Promise<Subscription>
  onUnregister(handler: (session: number, registration: number) => unknown): Promise<Subscription>
  onDelete(handler: (session: number, registration: number) => unknown): Promise<Subscription>
}

export interface SubscriptionMetaApi {
  list(): Promise<IdsByMatch>
  /** The subscription to exactly this topic or pattern; `null` if there is none. */
  lookup(topic: string, options?: Match): Promise<number | null>
  /** All subscriptions that an event of this topic reaches; `null` if there are none. */
  match(topic: string): Promise<number[] | null>
  get(subscription: number): Promise<SubscriptionInfo>
  listSubscribers(subscription: number): Promise<number[]>
  countSubscribers(subscription: number): Promise<number>
  /** Takes a subscription from one subscriber, or from all; resolves to from how many. Not in the spec. */
  removeSubscriber(subscription: number, session?: number, options?: RemoveOptions): Promise<number>
  onCreate(handler: (session: number, subscription: SubscriptionInfo) => unknown): Promise<Subscription>
  onSubscribe(handler: (session: number, subscription: number) => unknown): Promise<Subscription>
  onUnsubscribe(handler: (session: number, subscription: number) => unknown): Promise<Subscription>
  onDelete(handler: (session: number, subscription: number) => unknown): Promise<Subscription>
}

export interface MetaApi {
  readonly session: SessionMetaApi
  readonly registration: RegistrationMetaApi
  readonly subscription: SubscriptionMetaApi
}

/** @param respell gives the URI that the router has for one of the spec. */
export function metaApi(call: Call, subscribe: Subscribe, respell: (uri: string) => string): MetaApi {
  /** Procedures become functions that call them, topics functions that subscribe to them. */
  const group = (of: keyof MetaApi) =>
    withEveryName({}, (name) => {
      const uri = metaUri(of, snakeCase(name))
      if (/^on[A-Z]/.test(name)) return (handler: EventHandler) => subscribe(uri, handler)
      return (...given: unknown[]) => {
        const [args, kwargs] = callOf(name, given)
        return call(respell(uri), withoutTrailingGaps(args), kwargs)
      }
    }) as unknown
  return {
    session: group('session') as SessionMetaApi,
    registration: group('registration') as RegistrationMetaApi,
    subscription: group('subscription') as SubscriptionMetaApi,
  }
}

/** The arguments of a procedure; some take their options as keywords, those of all others are positional. */
function callOf(name: string, given: readonly unknown[]): [args: readonly unknown[], kwargs?: Dict] {
  if (name === 'addTestament') {
    const [topic, args = [], kwargs = {}, options = {}] = given
    return [[topic, args, kwargs], spellOut({}, options as TestamentOptions, ['scope', 'publishOptions'])]
  }
  if (name === 'flushTestaments') return [[], given[0] === undefined ? {} : { scope: given[0] }]
  const last = given.at(-1)
  const hasOptions = /^(kill|remove)/.test(name) && typeof last === 'object' && last !== null
  return hasOptions ? [given.slice(0, -1), last as Dict] : [given]
}
