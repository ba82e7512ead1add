/** Every predefined URI of WAMP that this package says or understands, and the rules for all others. */

// What a client says and hears is imported from these modules themselves: bundlers then leave out what is never said.
/** Reasons for ending a session. */
export * as CLOSE from './uris/close.js'
/** Predefined error URIs. */
export * as ERROR from './uris/error.js'

/** Procedures and topics of the meta API. Spec: rfc/text/advanced/meta_api_*.md, pubsub_testament.md, pubsub_event_history.md. */
export const META = {
  session: {
    onJoin: 'wamp.session.on_join',
    onLeave: 'wamp.session.on_leave',
    count: 'wamp.session.count',
    list: 'wamp.session.list',
    get: 'wamp.session.get',
    kill: 'wamp.session.kill',
    killByAuthid: 'wamp.session.kill_by_authid',
    killByAuthrole: 'wamp.session.kill_by_authrole',
    killAll: 'wamp.session.kill_all',
    addTestament: 'wamp.session.add_testament',
    flushTestaments: 'wamp.session.flush_testaments',
  },
  registration: {
    onCreate: 'wamp.registration.on_create',
    onRegister: 'wamp.registration.on_register',
    onUnregister: 'wamp.registration.on_unregister',
    onDelete: 'wamp.registration.on_delete',
    list: 'wamp.registration.list',
    lookup: 'wamp.registration.lookup',
    match: 'wamp.registration.match',
    get: 'wamp.registration.get',
    listCallees: 'wamp.registration.list_callees',
    countCallees: 'wamp.registration.count_callees',
    /** Not in the spec, which has revocation and no way to ask for it: named as crossbar names it. */
    removeCallee: 'wamp.registration.remove_callee',
  },
  subscription: {
    onCreate: 'wamp.subscription.on_create',
    onSubscribe: 'wamp.subscription.on_subscribe',
    onUnsubscribe: 'wamp.subscription.on_unsubscribe',
    onDelete: 'wamp.subscription.on_delete',
    list: 'wamp.subscription.list',
    lookup: 'wamp.subscription.lookup',
    match: 'wamp.subscription.match',
    get: 'wamp.subscription.get',
    listSubscribers: 'wamp.subscription.list_subscribers',
    countSubscribers: 'wamp.subscription.count_subscribers',
    getEvents: 'wamp.subscription.get_events',
    /** Not in the spec: see `registration.removeCallee`. */
    removeSubscriber: 'wamp.subscription.remove_subscriber',
  },
} as const

/**
 * The URI of a procedure or topic of the meta API whose name is spelled as the wire has it: what `META` lists, for those
 * who need not have the list.
 */
export function metaUri(group: keyof typeof META, name: string): string {
  return `wamp.${group}.${name}`
}

/** How nexus spells `wamp.subscription.count_subscribers`. */
export const NEXUS_COUNT_SUBSCRIBERS = 'wamp.subscription.count_suscribers'

/** The reason that clients made with autobahn give when they leave. */
export const CLOSE_NORMAL = 'wamp.close.normal'

/** How strictly URIs are checked. Spec: rfc/text/basic/building_blocks.md#uris. */
export type UriRule = 'loose' | 'strict'

/** How a registration or a subscription matches URIs. Spec: pattern-based registrations and subscriptions. */
export type MatchPolicy = 'exact' | 'prefix' | 'wildcard'

/** What a URI must look like to match as its policy says, if its components are made of such characters. */
const shapes = (character: string): { readonly [Match in MatchPolicy]: RegExp } => ({
  exact: new RegExp(`^(?:${character}+\\.)*${character}+$`),
  prefix: new RegExp(`^(?:${character}+\\.)*${character}*$`),
  wildcard: new RegExp(`^(?:${character}*\\.)*${character}*$`),
})

const SHAPES: { readonly [Rule in UriRule]: { readonly [Match in MatchPolicy]: RegExp } } = {
  loose: shapes('[^\\s.#]'),
  strict: shapes('[0-9a-z_]'),
}

/** The longest URI accepted, in UTF-16 code units: a bound for every table that is keyed by URI. A router may set another. */
export const LONGEST_URI = 1024

/** Is `uri` a complete URI, one without empty components? Spec: rfc/text/basic/building_blocks.md#uris. */
export function isUri(uri: string, rule: UriRule = 'loose', longest = LONGEST_URI): boolean {
  return isUriPattern(uri, 'exact', rule, longest)
}

/**
 * Is `pattern` something that can be registered or subscribed to under `match`? A wildcard pattern may have empty
 * components; a prefix may end in a dot, and in nothing else unusual.
 */
export function isUriPattern(
  pattern: string,
  match: MatchPolicy,
  rule: UriRule = 'loose',
  longest = LONGEST_URI,
): boolean {
  return pattern.length <= longest && (SHAPES[rule][match]?.test(pattern) ?? false)
}

/** Does `uri` lie in the space that the protocol keeps for itself (first component `wamp`)? */
export function isReserved(uri: string): boolean {
  return uri === 'wamp' || uri.startsWith('wamp.')
}
