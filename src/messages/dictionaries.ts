/**
 * The options and details dictionaries: which keys of each message are known, and what they hold. A known key with
 * the wrong kind of value is a protocol violation; unknown keys are kept and ignored.
 *
 * On the wire and in here keys keep their snake_case; roles translate them to and from what users write.
 *
 * Spec: rfc/text/basic/messages.md, "Extensibility" and the sections of each feature.
 */
import type { MessageName } from './codes.js'

/** A dictionary of the wire: string keys, any values. */
export type Dict = Readonly<Record<string, unknown>>

/** The dictionary without keys; options that are not there cost nothing. */
export const EMPTY_DICT: Dict & Record<never, never> = Object.freeze({})

interface Kinds {
  bool: boolean
  string: string
  /** A non-negative integer. */
  integer: number
  id: number
  dict: Dict
  strings: readonly string[]
  ids: readonly number[]
  dicts: readonly Dict[]
  match: 'exact' | 'prefix' | 'wildcard'
  invoke: 'single' | 'roundrobin' | 'random' | 'first' | 'last'
  mode: 'skip' | 'kill' | 'killnowait'
  /** A cipher of the older payload transparency, or an experimental `x_…`. */
  enc_algo: string
  enc_serializer: string
}

export type DictKind = keyof Kinds
type Keys = Readonly<Record<string, DictKind>>
type DictOf<K extends Keys> = { readonly [Key in keyof K]?: Kinds[K[Key]] } & Dict

const passthru = {
  ppt_scheme: 'string',
  ppt_serializer: 'string',
  ppt_cipher: 'string',
  ppt_keyid: 'string',
  enc_algo: 'enc_algo',
  enc_serializer: 'enc_serializer',
  enc_key: 'string',
} as const satisfies Keys

/** Keys that every message between routers and their clients may carry. */
const forwarded = { forward_for: 'dicts', transaction_hash: 'string' } as const satisfies Keys

export const HELLO_DETAILS = {
  /** Ours: who says it again, and is the same otherwise, has come back, and its earlier session is dead. */
  _owner_key: 'string',
  roles: 'dict',
  agent: 'string',
  authid: 'string',
  authrole: 'string',
  authmethods: 'strings',
  authextra: 'dict',
} as const satisfies Keys

export const WELCOME_DETAILS = {
  roles: 'dict',
  agent: 'string',
  realm: 'string',
  authid: 'string',
  authrole: 'string',
  authmethod: 'string',
  authprovider: 'string',
  authextra: 'dict',
} as const satisfies Keys

export const CLOSE_DETAILS = { message: 'string' } as const satisfies Keys

export const PUBLISH_OPTIONS = {
  acknowledge: 'bool',
  exclude_me: 'bool',
  exclude: 'ids',
  exclude_authid: 'strings',
  exclude_authrole: 'strings',
  eligible: 'ids',
  eligible_authid: 'strings',
  eligible_authrole: 'strings',
  disclose_me: 'bool',
  retain: 'bool',
  rkey: 'string',
  ...passthru,
  ...forwarded,
} as const satisfies Keys

export const SUBSCRIBE_OPTIONS = {
  match: 'match',
  get_retained: 'bool',
  nkey: 'string',
  ...forwarded,
} as const satisfies Keys

export const EVENT_DETAILS = {
  publisher: 'id',
  publisher_authid: 'string',
  publisher_authrole: 'string',
  topic: 'string',
  retained: 'bool',
  trustlevel: 'integer',
  timestamp: 'string',
  x_acknowledged_delivery: 'bool',
  ...passthru,
  ...forwarded,
} as const satisfies Keys

export const CALL_OPTIONS = {
  timeout: 'integer',
  receive_progress: 'bool',
  progress: 'bool',
  disclose_me: 'bool',
  runmode: 'string',
  rkey: 'string',
  ...passthru,
  ...forwarded,
} as const satisfies Keys

export const RESULT_DETAILS = {
  progress: 'bool',
  callee: 'id',
  callee_authid: 'string',
  callee_authrole: 'string',
  ...passthru,
  ...forwarded,
} as const satisfies Keys

export const REGISTER_OPTIONS = {
  match: 'match',
  invoke: 'invoke',
  disclose_caller: 'bool',
  forward_timeout: 'bool',
  /** Ours, after that of SUBSCRIBE: the spec names the nodes of a sharded subscription only. */
  nkey: 'string',
  /** Ours: who shows it may take the registration from a session of the same authid. */
  _owner_key: 'string',
  ...forwarded,
} as const satisfies Keys

export const INVOCATION_DETAILS = {
  procedure: 'string',
  timeout: 'integer',
  receive_progress: 'bool',
  progress: 'bool',
  caller: 'id',
  caller_authid: 'string',
  caller_authrole: 'string',
  trustlevel: 'integer',
  ...passthru,
  ...forwarded,
} as const satisfies Keys

export const YIELD_OPTIONS = { progress: 'bool', ...passthru, ...forwarded } as const satisfies Keys
export const CANCEL_OPTIONS = { mode: 'mode', ...forwarded } as const satisfies Keys
export const INTERRUPT_OPTIONS = { mode: 'mode', reason: 'string', ...forwarded } as const satisfies Keys
export const ERROR_DETAILS = { ...passthru, ...forwarded } as const satisfies Keys
export const REVOCATION_DETAILS = {
  registration: 'id',
  subscription: 'id',
  reason: 'string',
} as const satisfies Keys

export type HelloDetails = DictOf<typeof HELLO_DETAILS>
export type WelcomeDetails = DictOf<typeof WELCOME_DETAILS>
export type CloseDetails = DictOf<typeof CLOSE_DETAILS>
export type PublishOptions = DictOf<typeof PUBLISH_OPTIONS>
export type SubscribeOptions = DictOf<typeof SUBSCRIBE_OPTIONS>
export type EventDetails = DictOf<typeof EVENT_DETAILS>
export type CallOptions = DictOf<typeof CALL_OPTIONS>
export type ResultDetails = DictOf<typeof RESULT_DETAILS>
export type RegisterOptions = DictOf<typeof REGISTER_OPTIONS>
export type InvocationDetails = DictOf<typeof INVOCATION_DETAILS>
export type YieldOptions = DictOf<typeof YIELD_OPTIONS>
export type CancelOptions = DictOf<typeof CANCEL_OPTIONS>
export type InterruptOptions = DictOf<typeof INTERRUPT_OPTIONS>
export type ErrorDetails = DictOf<typeof ERROR_DETAILS>
export type RevocationDetails = DictOf<typeof REVOCATION_DETAILS>

/** The known keys of each message's dictionary; a message that is not here has a dictionary of free form. */
export const KNOWN_KEYS: { readonly [Name in MessageName]?: Keys } = {
  HELLO: HELLO_DETAILS,
  WELCOME: WELCOME_DETAILS,
  ABORT: CLOSE_DETAILS,
  GOODBYE: CLOSE_DETAILS,
  ERROR: ERROR_DETAILS,
  PUBLISH: PUBLISH_OPTIONS,
  SUBSCRIBE: SUBSCRIBE_OPTIONS,
  UNSUBSCRIBED: REVOCATION_DETAILS,
  EVENT: EVENT_DETAILS,
  CALL: CALL_OPTIONS,
  CANCEL: CANCEL_OPTIONS,
  RESULT: RESULT_DETAILS,
  REGISTER: REGISTER_OPTIONS,
  UNREGISTERED: REVOCATION_DETAILS,
  INVOCATION: INVOCATION_DETAILS,
  INTERRUPT: INTERRUPT_OPTIONS,
  YIELD: YIELD_OPTIONS,
}
