/** The router that the checks of a file go through. */
import { afterAll, beforeAll, expect } from 'vitest'
import { checkTickets, Router } from '../../src/router.js'

/** Where the checks take place. It is strict about URIs. */
export const REALM = 'interop'
/** Lets in `ada` with the ticket `secret`. */
export const GUARDED_REALM = 'guarded'

/** Starts a router before the tests of this file and closes it after them. It must have had nothing to complain of. */
export function testRouter(): Router {
  const complaints: string[] = []
  const complain = (...what: unknown[]) => complaints.push(what.map(String).join(' '))
  const router = new Router({
    realms: [
      { name: REALM, uris: 'strict' },
      { name: 'realm1' },
      { name: GUARDED_REALM, auth: [checkTickets({ ada: { ticket: 'secret', authrole: 'mathematician' } })] },
    ],
    logger: { debug: () => {}, info: () => {}, warn: complain, error: complain },
  })
  beforeAll(async () => {
    await router.listen({ port: 0 })
  })
  afterAll(async () => {
    await router.close()
    expect(complaints).toEqual([])
  })
  return router
}

/** Where a router listens. */
export function urlOf(router: Router): string {
  return router.urls[0] ?? ''
}
