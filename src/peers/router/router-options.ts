import type { RouterAuthentication } from '../../authentication/authentication-method.js'
import type { Clock } from '../../clock.js'
import type { EventStore, HistoryOptions } from '../../event-store/event-store.js'
import type { Logger } from '../../logger.js'
import type { Dict } from '../../messages/dictionaries.js'
import type { RetentionLimits } from '../../roles/broker/retention.js'
import type { TrustRule } from '../../roles/trust-levels.js'
import type { Compatibility, CompatibilityProfile } from '../../sessions/compatibility.js'
import type { UriRule } from '../../uris.js'

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
  /** Milliseconds between two pings of a silent client; it is dropped if it misses two. 20,000 by default. */
  heartbeat?: number
  /** Milliseconds that `close()` waits for clients to answer GOODBYE; 2,000 by default. */
  closeTimeout?: number
  /** Where histories and retained events are kept: in memory by default. It is closed with the router. */
  store?: EventStore
  /** Silent by default, except for errors. */
  logger?: Logger
  clock?: Clock
}

export interface ListenOptions {
  /** The TCP port; 8080 by default, 0 for any that is free. */
  port?: number
  /** The address to listen on; `127.0.0.1` by default, so that nobody on another machine gets in. */
  host?: string
  /** Takes WebSockets on this path only; on any path by default. */
  path?: string
}
