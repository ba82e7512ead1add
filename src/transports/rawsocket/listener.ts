import type { Socket } from 'node:net'
import { UsageError } from '../../errors.js'
import type { RelaySerializer } from '../../serializers/serializer.js'
import { Connections } from '../connections.js'
import type { ListenerOptions } from '../listener-options.js'
import { GatheredWriter, type WriterOwner } from '../output/gathered-writer.js'
import type { Transport } from '../transport.js'
import type { TrustedProxies } from '../websocket/trusted-proxies.js'
import { endInOrder } from './ending.js'
import { rawSocketFraming } from './framing.js'
import { type Greeting, isHandshake, readGreeting } from './greeting.js'
import {
  announceable,
  describeRefusal,
  REFUSAL,
  type RefusalCode,
  readHandshake,
  serializerIdOf,
  writeHandshake,
  writeRefusal,
} from './handshake.js'
import type { FrameWriter } from './raw-socket-end.js'
import { RawSocketTransport } from './raw-socket-transport.js'

/** What a listener of RawSockets is told besides. */
export interface RawSocketListenerOptions extends ListenerOptions {
  /** Called for each connection, when its handshake is done. Start the transport before the next heartbeat. */
  onTransport: (transport: Transport, socket: Socket) => void
  /** Says why there may be no further connection, if there may not. */
  refuse?: (socket: Socket) => string | undefined
  /** Reverse proxies in front of the port: who comes from one is not on this machine. */
  proxies?: TrustedProxies | undefined
}

interface Spoken {
  readonly serializer: RelaySerializer
  readonly openWriter: (socket: Socket, owner: WriterOwner) => FrameWriter
}

/**
 * Makes transports of RawSocket connections. It takes sockets that a server has accepted, TCP, TLS or Unix, so that the
 * port can be shared: RawSocket begins with an octet 0x7F, which nothing else does.
 *
 * Spec: rfc/text/advanced/transport_rawsocket.md.
 */
export class RawSocketListener {
  readonly connections: Connections

  readonly #options: RawSocketListenerOptions
  readonly #spoken = new Map<number, Spoken>()
  /** Those whose handshake has not come yet. */
  readonly #arriving = new Set<Socket>()
  /** Octets of the longest message, as it is announced. */
  readonly #taken: number

  /** @throws UsageError if there is no serializer. */
  constructor(options: RawSocketListenerOptions) {
    if (options.serializers.length === 0) throw new UsageError('a RawSocketListener needs a serializer')
    this.#options = options
    this.connections = new Connections(options)
    this.#taken = announceable(this.connections.maxMessageSize)
    for (const serializer of options.serializers) this.#speak(serializer)
  }

  /**
   * Takes a connected socket, of which `head` has been read already. A connection comes of it, or a refusal that says
   * what is wrong. For how long it may wait for the handshake is for the caller to say: it destroys the socket.
   */
  accept(socket: Socket, head?: Buffer): void {
    if (this.connections.isClosing || socket.destroyed) return void socket.destroy()
    socket.allowHalfOpen = true
    this.#arriving.add(socket)
    readGreeting(socket, head, (greeting) => {
      this.#arriving.delete(socket)
      this.#answer(socket, greeting)
    })
  }

  /** Takes no further connections, and closes those there are, in order. Resolves when the last one is closed. */
  close(): Promise<void> {
    const closed = this.connections.close()
    for (const socket of this.#arriving) socket.destroy()
    return closed
  }

  #speak(serializer: RelaySerializer): void {
    const { outbox, sendBufferLimit, slowConsumers } = this.connections
    const framer = outbox.createFramer(serializer, rawSocketFraming)
    const openWriter = (socket: Socket, owner: WriterOwner) => {
      const writer = new GatheredWriter(socket, framer, outbox, sendBufferLimit, owner)
      writer.slowConsumers = slowConsumers
      return writer
    }
    this.#spoken.set(serializerIdOf(serializer), { serializer, openWriter })
  }

  #answer(socket: Socket, greeting: Greeting): void {
    if (!isHandshake(greeting)) return this.#turnAway(socket, greeting)
    const { serializerId, limit, hasReservedBits } = readHandshake(greeting.octets)
    if (hasReservedBits) return this.#refuse(socket, REFUSAL.reservedBits)
    const spoken = this.#spoken.get(serializerId)
    if (spoken === undefined) return this.#refuse(socket, REFUSAL.serializerUnsupported, `id ${serializerId}`)
    const outside = this.#options.refuse?.(socket)
    if (outside !== undefined) return this.#refuse(socket, REFUSAL.tooManyConnections, outside)
    const { serializer, openWriter } = spoken
    socket.write(writeHandshake(serializer, this.#taken))
    const transport = new RawSocketTransport({
      side: 'server',
      proxies: this.#options.proxies,
      socket,
      serializer,
      taken: this.#taken,
      limit,
      host: this.connections,
      openWriter,
    })
    this.connections.add(transport)
    this.#options.onTransport(transport, socket)
  }

  #refuse(socket: Socket, code: RefusalCode, why?: string): void {
    const words = describeRefusal(code)
    this.#count(why === undefined ? words : `${words} (${why})`)
    socket.on('error', ignore)
    endInOrder(socket, this.connections.clock, writeRefusal(code))
  }

  /** To who does not speak RawSocket there is nothing to say. */
  #turnAway(socket: Socket, { octets }: Greeting): void {
    // Who has said nothing at all has only looked whether somebody is here.
    if (octets.length > 0) this.#count('no handshake came')
    socket.on('error', ignore)
    socket.destroy()
  }

  #count(why: string): void {
    this.connections.counters.refused++
    this.connections.logger.debug(`refused a RawSocket: ${why}`)
  }
}

function ignore(): void {}
