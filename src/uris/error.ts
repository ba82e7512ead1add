/** Predefined error URIs. Spec: rfc/text/basic/uri_reference.md, rfc/text/advanced/uris.md. */
export const invalidUri = 'wamp.error.invalid_uri'
export const noSuchProcedure = 'wamp.error.no_such_procedure'
export const procedureAlreadyExists = 'wamp.error.procedure_already_exists'
export const noSuchRegistration = 'wamp.error.no_such_registration'
export const noSuchSubscription = 'wamp.error.no_such_subscription'
export const noSuchSession = 'wamp.error.no_such_session'
export const invalidArgument = 'wamp.error.invalid_argument'
export const canceled = 'wamp.error.canceled'
/** How one section of the spec, and some peers, spell `canceled`: understood, never sent. */
export const cancelled = 'wamp.error.cancelled'
export const timeout = 'wamp.error.timeout'
export const payloadSizeExceeded = 'wamp.error.payload_size_exceeded'
export const protocolViolation = 'wamp.error.protocol_violation'
export const notAuthorized = 'wamp.error.not_authorized'
export const authorizationFailed = 'wamp.error.authorization_failed'
export const noSuchRealm = 'wamp.error.no_such_realm'
export const noSuchPrincipal = 'wamp.error.no_such_principal'
export const noMatchingAuthMethod = 'wamp.error.no_matching_auth_method'
export const authenticationDenied = 'wamp.error.authentication_denied'
export const authenticationFailed = 'wamp.error.authentication_failed'
export const authenticationRequired = 'wamp.error.authentication_required'
export const discloseMeDisallowed = 'wamp.error.option_disallowed.disclose_me'
export const featureNotSupported = 'wamp.error.feature_not_supported'
export const unavailable = 'wamp.error.unavailable'
export const noAvailableCallee = 'wamp.error.no_available_callee'
/** Not in the spec: somebody has, or wants, more than the router gives. */
export const limitExceeded = 'wampkit.error.limit_exceeded'
/** Not in the spec: crossbar's, for a subscription whose history is not kept. */
export const historyUnavailable = 'wamp.error.history_unavailable'
/** Not in the spec's lists; what every implementation sends for an exception without a URI of its own. */
export const runtimeError = 'wamp.error.runtime_error'
/** Not in the spec's lists: the reason given locally when a transport was lost. */
export const transportLost = 'wamp.error.transport_lost'
/** Not in the spec: a result, a progressive result or an error is not as the procedure's contract has it. */
export const invalidResult = 'wampkit.error.invalid_result'
/** Not in the spec: a schema of a contract threw, where it should have judged. */
export const schemaFailed = 'wampkit.error.schema_failed'
