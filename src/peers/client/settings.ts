import { type Clock, systemClock } from '../../clock.js'
import { UsageError } from '../../errors.js'
import { errorsOnlyLogger, type Logger } from '../../logger.js'
import { type HandledClient, MessageHandler } from '../../message-handlers/message-handler.js'
import { json } from '../../serializers/json/json.js'
import type { Serializer } from '../../serializers/serializer.js'
import { type Compatibility, compatibilityOf } from '../../sessions/compatibility.js'
import { CLIENT_HEARTBEAT } from '../../transports/heartbeat/pulse.js'
import { DEFAULT_HANDSHAKE_TIMEOUT } from '../../transports/websocket/dial.js'
import { isUri } from '../../uris.js'
import type { ReconnectOptions } from './backoff.js'
import type { ClientOptions } from './client-options.js'
import { reconnectOptions } from './reconnecting.js'

/** What a client goes by: its options, with what they leave open. */
export interface ClientSettings {
  readonly clock: Clock
  readonly logger: Logger
  readonly serializers: readonly Serializer[]
  readonly messageHandler: new (client: HandledClient) => MessageHandler
  /** Milliseconds. */
  readonly handshakeTimeout: number
  /** Milliseconds; 0 for none. */
  readonly heartbeat: number
  readonly compatibility: Compatibility
  readonly reconnect: Required<ReconnectOptions>
  /** A secret by which the router knows the client when it comes back; `undefined` if it never will. */
  readonly ownerKey: string | undefined
}

/** @throws UsageError if the options cannot work. */
export function settingsOf(options: ClientOptions): ClientSettings {
  if (typeof options?.realm !== 'string' || !isUri(options.realm))
    throw new UsageError(
      `a Client needs the option realm, a URI such as 'realm1', not ${JSON.stringify(options?.realm)}`,
    )
  // A router of this process that was closed does not come back.
  const reconnect = reconnectOptions(options.reconnect ?? options.router === undefined)
  return {
    clock: options.clock ?? systemClock,
    logger: options.logger ?? errorsOnlyLogger,
    serializers: options.serializers ?? [json()],
    messageHandler: options.messageHandler ?? MessageHandler,
    handshakeTimeout: options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT,
    heartbeat: options.connection?.heartbeat ?? CLIENT_HEARTBEAT,
    compatibility: compatibilityOf(options.compatibility),
    reconnect,
    ownerKey: reconnect.maxAttempts > 0 ? randomText() : undefined,
  }
}

/** Text of 128 bits that nobody guesses. */
function randomText(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((octet) => octet.toString(36)).join('')
}
