import { anonymous } from '../authentication/anonymous.js'
import { TransportError } from '../errors.js'
import { durableEvents } from '../event-store/durable/durable-events.js'
import type { HistoryOptions } from '../event-store/event-store.js'
import type { ListenOptions } from '../peers/router/ports/listen-options.js'
import { Router } from '../peers/router/router.js'
import { Failure } from './failure.js'
import { type Terminal, terminalLogger } from './terminal.js'

export interface CreateRouterOptions {
  readonly terminal: Terminal
  /** Lets in anonymous clients from other machines too. */
  readonly anonymous?: boolean
  /** The topics whose history each realm keeps. */
  readonly history?: readonly HistoryOptions[]
  /** The folder in which events are kept; in memory by default. */
  readonly store?: string
}

/**
 * A router with these realms, that does not listen yet.
 *
 * @throws UsageError if the folder cannot be a store.
 */
export async function createRouter(
  realms: readonly string[],
  { terminal, anonymous: letsInAll = false, history = [], store: folder }: CreateRouterOptions,
): Promise<Router> {
  const logger = terminalLogger(terminal)
  const store = folder === undefined ? undefined : await durableEvents({ folder, logger })
  return new Router({
    realms: realms.map((name) => ({ name, history, ...(letsInAll ? { auth: [anonymous()] } : {}) })),
    logger,
    ...(store === undefined ? {} : { store }),
  })
}

/**
 * Has the router listen on a port, or on a Unix socket.
 *
 * @throws Failure if it cannot be had.
 */
export async function listen(
  router: Router,
  place: { readonly host: string; readonly port: number } | { readonly unix: string },
): Promise<void> {
  try {
    await router.listen(place)
  } catch (error) {
    if (!(error instanceof TransportError) || 'unix' in place) throw error
    const { code } = (error.cause ?? {}) as { code?: unknown }
    if (code !== 'EADDRINUSE') throw error
    const { host, port } = place
    throw new Failure(`port ${port} on ${host} is in use; choose another with --port`, { cause: error })
  }
}

/**
 * Has the router listen as a configuration says.
 *
 * @throws Failure if the address cannot be had.
 */
export async function listenAs(router: Router, options: ListenOptions): Promise<void> {
  try {
    await router.listen(options)
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    throw new Failure(error.message, { cause: error })
  }
}
