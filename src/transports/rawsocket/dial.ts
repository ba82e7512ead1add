/** Dials a RawSocket. Node only. */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { systemClock } from '../../clock.js'
import { type TransportError, UsageError } from '../../errors.js'
import type { Serializer } from '../../serializers/serializer.js'
import { CLIENT_HEARTBEAT } from '../heartbeat/pulse.js'
import { DEFAULT_MAX_MESSAGE_SIZE } from '../message-limit.js'
import type { WriterOwner } from '../output/gathered-writer.js'
import type { Transport } from '../transport.js'
import { whyUnreachable } from '../unreachable.js'
import { cannotReach, type DialOptions } from '../websocket/dial.js'
import { parseRawSocketUrl, type RawSocketAddress } from './address.js'
import { Attempt } from './attempt.js'
import { ClientWriter } from './client-writer.js'
import { type Greeting, isHandshake, readGreeting } from './greeting.js'
import {
  announceable,
  describeRefusal,
  REFUSAL,
  readHandshake,
  refusalIn,
  serializerIdOf,
  writeHandshake,
} from './handshake.js'
import { LoneConnection } from './lone-connection.js'
import { RawSocketTransport } from './raw-socket-transport.js'

/**
 * Opens a RawSocket to `rs://host:port`, `rss://host:port` (with TLS) or `unix+rs:///path`. A connection is offered one
 * serializer; if the router does not speak it, it is dialed again with the next.
 *
 * @throws UsageError if it is no URL of a RawSocket, there is no serializer, or there are headers to send;
 * TransportError if nobody answers there, or not as hoped.
 *
 * Spec: rfc/text/advanced/transport_rawsocket.md, "Handshake".
 */
export async function dialRawSocket(
  url: string,
  serializers: readonly Serializer[],
  options: DialOptions = {},
): Promise<Transport> {
  const address = parseRawSocketUrl(url)
  if (serializers.length === 0) throw new UsageError('to dial a router takes a serializer, such as json()')
  if (Object.keys(options.headers ?? {}).length > 0)
    throw new UsageError('RawSocket has no HTTP request, so it has no place for headers')
  const attempt = new Attempt(url, address, options)
  try {
    for (const serializer of serializers) {
      const transport = await dialWith(serializer, url, address, options, attempt)
      if (transport !== undefined) return transport
    }
  } finally {
    attempt.done()
  }
  const names = serializers.map(({ name }) => name).join(', ')
  throw cannotReach(url, `it refused the connection: serializer unsupported (${names})`)
}

/** @returns undefined if the router does not speak this serializer. */
function dialWith(
  serializer: Serializer,
  url: string,
  address: RawSocketAddress,
  options: DialOptions,
  attempt: Attempt,
): Promise<Transport | undefined> {
  const { clock = systemClock, heartbeat = CLIENT_HEARTBEAT } = options
  const { maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE } = options
  const taken = announceable(maxMessageSize)
  return new Promise((resolve, reject) => {
    const socket = connect(address, options)
    const ready = address.isSecured ? 'secureConnect' : 'connect'
    const settle = () => {
      attempt.unwatch()
      socket.off('error', unreached)
      socket.off(ready, greet)
    }
    const fail = (error: Error) => {
      settle()
      leave(socket)
      reject(error)
    }
    const unreached = (error: Error) => fail(cannotReach(url, whyUnreachable(error, url), error))
    const answered = (greeting: Greeting) => {
      if (!isHandshake(greeting)) return fail(noHandshake(url, greeting))
      const refusal = refusalIn(greeting.octets)
      if (refusal === REFUSAL.serializerUnsupported) {
        settle()
        leave(socket)
        return resolve(undefined)
      }
      const wrong = refusal === undefined ? whatIsWrong(greeting.octets, serializer) : refused(refusal)
      if (wrong !== undefined) return fail(cannotReach(url, wrong))
      settle()
      const { limit } = readHandshake(greeting.octets)
      const host = new LoneConnection(clock, heartbeat, Math.min(maxMessageSize, taken))
      const openWriter = (own: Socket, owner: WriterOwner) => new ClientWriter(own, serializer, owner)
      const end = { side: 'client', socket, serializer, taken, limit, host, openWriter } as const
      resolve(host.watch(new RawSocketTransport(end)))
    }
    const greet = () => {
      socket.off('error', unreached)
      socket.write(writeHandshake(serializer, taken))
      readGreeting(socket, undefined, answered)
    }
    socket.on('error', unreached)
    socket.on(ready, greet)
    attempt.watch(fail)
  })
}

function connect({ isSecured, target }: RawSocketAddress, { tls }: DialOptions): Socket {
  if (!isSecured) return connectTcp({ ...target, allowHalfOpen: true })
  const name = 'host' in target && isIP(target.host) === 0 ? { servername: target.host } : {}
  return connectTls({ ...name, ...(tls as ConnectionOptions | undefined), ...target })
}

/** The socket is of no more use. */
function leave(socket: Socket): void {
  socket.on('error', () => {})
  socket.destroy()
}

function refused(code: number): string {
  return `it refused the connection: ${describeRefusal(code)}`
}

/** What is wrong with an answer that accepts, if anything is. */
function whatIsWrong(octets: Buffer, serializer: Serializer): string | undefined {
  const { serializerId, hasReservedBits } = readHandshake(octets)
  if (hasReservedBits) return 'it answered with reserved bits set'
  if (serializerId !== serializerIdOf(serializer))
    return `it was asked to speak ${serializer.name}, and answered with serializer ${serializerId}`
  return undefined
}

function noHandshake(url: string, { octets, cause }: Greeting): TransportError {
  if (cause !== undefined) return cannotReach(url, whyUnreachable(cause, url), cause)
  if (octets.length === 0) return cannotReach(url, 'it closed the connection without an answer')
  if (octets.toString('latin1', 0, 5) === 'HTTP/')
    return cannotReach(url, 'an HTTP server answers there (the URL of a WebSocket begins with ws: or wss:)')
  if (octets[0] === TLS_ALERT)
    return cannotReach(url, 'TLS is spoken there (the URL of such a port begins with rss:)')
  return cannotReach(url, 'what answers there does not speak RawSocket')
}

/** The first octet of a TLS record that complains. */
const TLS_ALERT = 0x15
