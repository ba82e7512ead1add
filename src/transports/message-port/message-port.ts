import { systemClock } from '../../clock.js'
import { TransportError, UsageError } from '../../errors.js'
import { type Serializer, subprotocolOf } from '../../serializers/serializer.js'
import { DEFAULT_MAX_MESSAGE_SIZE } from '../message-limit.js'
import type { Transport } from '../transport.js'
import { DEFAULT_HANDSHAKE_TIMEOUT, type DialOptions } from '../websocket/dial.js'
import { type PortEvent, type PortLike, PortTransport } from './port-transport.js'

export type { PortLike } from './port-transport.js'

/**
 * Joins a router in another thread over a `MessagePort`, whose other end was given to `router.accept(port)`: for the
 * option `transport` of a client in a worker.
 *
 *     const client = new Client({ realm: 'realm1', transport: messagePort(port) })
 *
 * A port carries one session. A client that is to come back needs a function that gets it a new one each time.
 */
export function messagePort(
  port: PortLike | (() => PortLike | Promise<PortLike>),
): (serializers: readonly Serializer[], options?: DialOptions) => Promise<Transport> {
  let isUsed = false
  return async (serializers, options) => {
    if (typeof port === 'function') return open(await port(), serializers, options)
    if (isUsed) throw new UsageError('a MessagePort carries one session; give a function that gets a new one')
    isUsed = true
    return open(port, serializers, options)
  }
}

/** Offers the formats, and waits for the other end to choose one. */
function open(
  port: PortLike,
  serializers: readonly Serializer[],
  options: DialOptions = {},
): Promise<Transport> {
  const { signal, clock = systemClock, handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT } = options
  const { maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE } = options
  return new Promise((resolve, reject) => {
    const settle = () => {
      timer.cancel()
      signal?.removeEventListener('abort', giveUp)
      port.removeEventListener('message', onAnswer)
      port.removeEventListener('close', onClose)
    }
    const fail = (sentence: string, cause?: unknown) => {
      settle()
      port.close()
      reject(new TransportError(`cannot open a MessagePort: ${sentence}`, { cause }))
    }
    const giveUp = () => fail('the attempt was given up', signal?.reason)
    const onClose = () => fail('the thread at the other end is gone')
    const timer = clock.after(handshakeTimeout, () => fail(`no answer within ${handshakeTimeout} ms`))
    const onAnswer = ({ data }: PortEvent) => {
      const serializer = serializers.find((offered) => subprotocolOf(offered) === data)
      if (serializer === undefined) return fail('the other end speaks none of the formats that were offered')
      settle()
      resolve(new PortTransport(port, serializer, maxMessageSize))
    }
    if (signal?.aborted) return giveUp()
    signal?.addEventListener('abort', giveUp)
    port.addEventListener('message', onAnswer)
    port.addEventListener('close', onClose)
    port.start?.()
    port.postMessage(serializers.map(subprotocolOf))
  })
}
