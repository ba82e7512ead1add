import { dial } from '#dial'
import { UsageError } from '../../errors.js'
import type { Serializer } from '../../serializers/serializer.js'
import type { Transport } from '../../transports/transport.js'
import type { ClientOptions } from './client-options.js'

/**
 * Opens a transport by the one option that says where the router is; gives up when `signal` aborts.
 *
 * @throws UsageError if it is not exactly one option, or no URL that can be dialed; TransportError if nobody answers.
 */
export async function openTransport(
  options: ClientOptions,
  serializers: readonly Serializer[],
  signal: AbortSignal,
): Promise<Transport> {
  const { url, router, transport, handshakeTimeout } = options
  const [first] = serializers
  if (first === undefined) throw new UsageError('serializers must name one at least, such as [json()]')
  if ([url, router, transport].filter((given) => given !== undefined).length !== 1)
    throw new UsageError(
      'a Client needs one of the options url, router and transport, to know where its router is',
    )
  if (router !== undefined) return router.connect(first)
  const dialOptions = {
    signal,
    ...(handshakeTimeout === undefined ? {} : { handshakeTimeout }),
    ...options.connection,
  }
  if (transport !== undefined) return transport(serializers, dialOptions)
  return dial(url ?? '', serializers, dialOptions)
}
