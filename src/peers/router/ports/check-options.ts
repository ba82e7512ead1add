import { originRule } from '../../../transports/websocket/origins.js'
import { trustedProxies } from '../../../transports/websocket/trusted-proxies.js'
import type { ListenOptions } from './listen-options.js'
import { placeOf } from './place.js'
import { createTlsServer } from './tls-server.js'

/** Whether a router could listen like this, as far as can be told without doing so. @throws UsageError if it cannot. */
export function checkListenOptions(options: ListenOptions): void {
  placeOf(options)
  trustedProxies(options)
  originRule(options.origins)
  if (options.tls !== undefined) createTlsServer(options.tls)
}
