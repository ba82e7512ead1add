import type { Socket } from 'node:net'
import type { Clock } from '../../clock.js'
import type { TransportError } from '../../errors.js'
import type { Message } from '../../messages/message.js'
import type { Serializer } from '../../serializers/serializer.js'
import type { Limited } from '../message-limit.js'
import type { WriterOwner } from '../output/gathered-writer.js'
import type { TrustedProxies } from '../websocket/trusted-proxies.js'
import type { RawSocketTransport } from './raw-socket-transport.js'

/** What looks after the connections of one end: a listener, or a client, which has one. */
export interface ConnectionHost {
  readonly clock: Clock
  /** Milliseconds; 0 for none. */
  readonly heartbeat: number
  /** Octets. */
  readonly maxMessageSize: number
  readonly maxMessageSizeBeforeLogin: number
  readonly sendBufferLimit: number
  /** A connection is given up because of `error`; it will end. */
  dropped(connection: RawSocketTransport, error: TransportError, why?: 'slow consumer' | 'lost'): void
  ended(connection: RawSocketTransport): void
}

/** Writes messages as frames. */
export interface FrameWriter extends Limited {
  /** @throws UsageError if the message cannot be serialized, or is longer than `limit`; nothing was written. */
  write(message: Message): void
  /** Hands everything to the socket: nothing will follow. */
  end(): void
  /** Forgets all that the socket has not been given. */
  discard(): void
  /** Has the socket taken any of what waits, since this was asked last? */
  hasMoved(): boolean
}

/** One end of a connection, after the handshake. */
export interface RawSocketEnd {
  readonly side: 'client' | 'server'
  /** The proxies whose clients may come this way. */
  readonly proxies?: TrustedProxies | undefined
  readonly socket: Socket
  readonly serializer: Serializer
  /** Octets of the longest message that this end has announced to take. */
  readonly taken: number
  /** The same of the other end. */
  readonly limit: number
  readonly host: ConnectionHost
  /** Makes the writer, whose `limit` is set afterwards. */
  readonly openWriter: (socket: Socket, owner: WriterOwner) => FrameWriter
}
