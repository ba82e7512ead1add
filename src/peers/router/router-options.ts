import type { RouterAuthentication } from '../../authentication/authentication-method.js'
import type { Authorizer } from '../../authorization/authorization.js'
import type { Roles } from '../../authorization/permissions.js'
import type { Clock } from '../../clock.js'
import type { EventStore, HistoryOptions } from '../../event-store/event-store.js'
import type { Logger } from '../../logger.js'
import type { Dict } from '../../messages/dictionaries.js'
import type { RetentionLimits } from '../../roles/broker/retention.js'
import type { SessionLimits } from '../../roles/session-limits.js'
import type { TrustRule } from '../../roles/trust-levels.js'
import type { Compatibility, CompatibilityProfile } from '../../sessions/compatibility.js'
import type { SlowConsumerPolicy } from '../../transports/slow-consumer-policy.js'
import type { UriRule } from '../../uris.js'
import type { RouterLimits } from './limits/router-limits.js'

export interface RealmOptions {
  /** The realm's URI, such as `realm1`. */
  name: string
  /** How strictly URIs are checked; `loose` by default. Spec: rfc/text/basic/building_blocks.md#uris. */
  uris?: UriRule
  /**
   * The ways to log in. By default anonymous clients are let in, but only from this machine; `[anonymous()]` lets
   * everybody in.
   */
  auth?: readonly RouterAuthentication[]
  /**
   * What members of each authrole may do. With roles, what no permission allows is refused: calls, registrations,
   * publications and subscriptions, those of the meta API included.
   */
  roles?: Roles
  /**
   * Judges what members of roles that `roles` does not name ask for. With neither, everybody may do everything: that is
   * for development.
   */
  authorizer?: Authorizer
  /**
   * The levels of trust that calls and publications have, of the first rule that fits; none has one by default.
   * Spec: rfc/text/advanced/rpc_call_trustlevels.md, rfc/text/advanced/pubsub_publication_trustlevels.md.
   */
  trustLevels?: readonly TrustRule[]
  /** The topics whose history is kept; none by default. Spec: rfc/text/advanced/pubsub_event_history.md. */
  history?: readonly HistoryOptions[]
  /**
   * Where clients do otherwise than the spec says: `autobahn`, `wampy.js`, or the deviations one by one. It holds for
   * every client of the realm that does not call itself wampkit; a function chooses for each.
   */
  compatibility?: CompatibilityProfile | Compatibility | ChooseCompatibility
  /** How many retained events are kept. Spec: rfc/text/advanced/pubsub_event_retention.md. */
  retention?: RetentionLimits
}

/** What is known of a client when it says HELLO; nothing of it is proven yet. */
export interface ClientDescription {
  /** How it names itself, where it does: `Wampy.js v8.0.2`. */
  readonly agent: string | undefined
  readonly authid: string | undefined
  /** HELLO.Details.roles, as they came. */
  readonly roles: Dict
}

export type ChooseCompatibility = (
  client: ClientDescription,
) => CompatibilityProfile | Compatibility | undefined

export interface RouterOptions {
  realms: readonly RealmOptions[]
  /** How the router names itself to clients; the package's name and version by default. */
  agent?: string
  /** The longest message that is taken from a client, in bytes; 16 MiB by default. */
  maxMessageSize?: number
  /** How deep lists and dictionaries of a message may nest; 128 by default. */
  maxDepth?: number
  /** Bytes that may wait for a slow client before it is disconnected; 64 MiB by default. */
  sendBufferLimit?: number
  /** What becomes of clients that read too slowly; `disconnect` by default. */
  slowConsumers?: SlowConsumerPolicy
  /** Milliseconds between two pings of a silent client; it is dropped if it misses two. 8,000 by default. */
  heartbeat?: number
  /** Milliseconds that `close()` waits for clients to answer GOODBYE; 2,000 by default. */
  closeTimeout?: number
  /** What strangers, addresses and clients may have of the router: time, connections, sessions, messages a second. */
  limits?: RouterLimits
  /** How much one session may have at once: registrations, subscriptions, calls that wait, and what is kept for it. */
  sessionLimits?: SessionLimits
  /** Where histories and retained events are kept: in memory by default. It is closed with the router. */
  store?: EventStore
  /** Silent by default, except for errors. */
  logger?: Logger
  clock?: Clock
}
