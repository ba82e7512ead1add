import { anonymous } from '../authentication/anonymous.js'
import { TransportError } from '../errors.js'
import { Router } from '../peers/router/router.js'
import { Failure } from './failure.js'
import { type Terminal, terminalLogger } from './terminal.js'

/** A router with these realms, that does not listen yet. */
export function createRouter(realms: readonly string[], letsInAll: boolean, terminal: Terminal): Router {
  return new Router({
    realms: realms.map((name) => ({ name, ...(letsInAll ? { auth: [anonymous()] } : {}) })),
    logger: terminalLogger(terminal),
  })
}

/**
 * Has the router listen; returns the URL.
 *
 * @throws Failure if the address cannot be had.
 */
export async function listen(router: Router, host: string, port: number): Promise<string> {
  try {
    await router.listen({ host, port })
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    const { code } = (error.cause ?? {}) as { code?: unknown }
    if (code !== 'EADDRINUSE') throw error
    throw new Failure(`port ${port} on ${host} is in use; choose another with --port`, { cause: error })
  }
  return router.urls.at(-1) as string
}
