/** Every predefined URI of WAMP that this package says or understands, and the rules for all others. */

/** Reasons for ending a session. Spec: rfc/text/basic/uri_reference.md, rfc/text/advanced/uris.md. */
export const CLOSE = {
  realm: 'wamp.close.close_realm',
  systemShutdown: 'wamp.close.system_shutdown',
  goodbyeAndOut: 'wamp.close.goodbye_and_out',
  killed: 'wamp.close.killed',
} as const

/** Predefined error URIs. Spec: rfc/text/basic/uri_reference.md, rfc/text/advanced/uris.md. */
export const ERROR = {
  invalidUri: 'wamp.error.invalid_uri',
  noSuchProcedure: 'wamp.error.no_such_procedure',
  procedureAlreadyExists: 'wamp.error.procedure_already_exists',
  noSuchRegistration: 'wamp.error.no_such_registration',
  noSuchSubscription: 'wamp.error.no_such_subscription',
  noSuchSession: 'wamp.error.no_such_session',
  invalidArgument: 'wamp.error.invalid_argument',
  canceled: 'wamp.error.canceled',
  /** How one section of the spec, and some peers, spell `canceled`: understood, never sent. */
  cancelled: 'wamp.error.cancelled',
  timeout: 'wamp.error.timeout',
  payloadSizeExceeded: 'wamp.error.payload_size_exceeded',
  protocolViolation: 'wamp.error.protocol_violation',
  notAuthorized: 'wamp.error.not_authorized',
  authorizationFailed: 'wamp.error.authorization_failed',
  noSuchRealm: 'wamp.error.no_such_realm',
  noSuchPrincipal: 'wamp.error.no_such_principal',
  noMatchingAuthMethod: 'wamp.error.no_matching_auth_method',
  authenticationDenied: 'wamp.error.authentication_denied',
  authenticationFailed: 'wamp.error.authentication_failed',
  authenticationRequired: 'wamp.error.authentication_required',
  discloseMeDisallowed: 'wamp.error.option_disallowed.disclose_me',
  featureNotSupported: 'wamp.error.feature_not_supported',
  unavailable: 'wamp.error.unavailable',
  noAvailableCallee: 'wamp.error.no_available_callee',
  /** Not in the spec: somebody has, or wants, more than the router gives. */
  limitExceeded: 'wampkit.error.limit_exceeded',
  /** Not in the spec: crossbar's, for a subscription whose history is not kept. */
  historyUnavailable: 'wamp.error.history_unavailable',
  /** Not in the spec's lists; what every implementation sends for an exception without a URI of its own. */
  runtimeError: 'wamp.error.runtime_error',
  /** Not in the spec's lists: the reason given locally when a transport was lost. */
  transportLost: 'wamp.error.transport_lost',
} as const

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

/** How nexus spells `wamp.subscription.count_subscribers`. */
export const NEXUS_COUNT_SUBSCRIBERS = 'wamp.subscription.count_suscribers'

/** The reason that clients made with autobahn give when they leave. */
export const CLOSE_NORMAL = 'wamp.close.normal'

/** How strictly URIs are checked. Spec: rfc/text/basic/building_blocks.md#uris. */
export type UriRule = 'loose' | 'strict'

/** How a registration or a subscription matches URIs. Spec: pattern-based registrations and subscriptions. */
export type MatchPolicy = 'exact' | 'prefix' | 'wildcard'

const COMPLETE = { loose: /^(?:[^\s.#]+\.)*[^\s.#]+$/, strict: /^(?:[0-9a-z_]+\.)*[0-9a-z_]+$/ }
const WITH_EMPTY = {
  loose: /^(?:[^\s.#]+\.|\.)*(?:[^\s.#]+)?$/,
  strict: /^(?:[0-9a-z_]+\.|\.)*(?:[0-9a-z_]+)?$/,
}
const PREFIX = { loose: /^(?:[^\s.#]+\.)*[^\s.#]*$/, strict: /^(?:[0-9a-z_]+\.)*[0-9a-z_]*$/ }

/** The longest URI accepted, in UTF-16 code units: a bound for every table that is keyed by URI. */
export const LONGEST_URI = 1024

/** Is `uri` a complete URI, one without empty components? Spec: rfc/text/basic/building_blocks.md#uris. */
export function isUri(uri: string, rule: UriRule = 'loose'): boolean {
  return uri.length <= LONGEST_URI && COMPLETE[rule].test(uri)
}

/**
 * Is `pattern` something that can be registered or subscribed to under `match`? A wildcard pattern may have empty
 * components; a prefix may end in a dot, and in nothing else unusual.
 */
export function isUriPattern(pattern: string, match: MatchPolicy, rule: UriRule = 'loose'): boolean {
  if (pattern.length > LONGEST_URI) return false
  const rules = match === 'exact' ? COMPLETE : match === 'prefix' ? PREFIX : WITH_EMPTY
  return rules[rule].test(pattern)
}

/** Does `uri` lie in the space that the protocol keeps for itself (first component `wamp`)? */
export function isReserved(uri: string): boolean {
  return uri === 'wamp' || uri.startsWith('wamp.')
}
