/** The router that the checks of a file go through. */
import { afterAll, beforeAll, expect } from 'vitest'
import { anonymous, checkTickets, type ListenOptions, Router, type RouterOptions } from '../../src/router.js'
import { TestClock } from '../transports/test-clock.js'

/** Where the checks take place. It is strict about URIs. */
export const REALM = 'interop'
/** Lets in `ada` with the ticket `secret`. */
export const GUARDED_REALM = 'guarded'

/** Where sessions ask the router about itself, and nobody else does. It keeps the history of `com.example.history`. */
export const META_REALM = 'meta'
/** Where the router discloses whoever calls or publishes. */
export const DISCLOSING_REALM = 'disclosing'

/** Who may join besides strangers. */
export const ADA = { authid: 'ada', ticket: 'secret' }
export const BOB = { authid: 'bob', ticket: 'secret' }
const TICKETS = checkTickets({
  ada: { ticket: 'secret', authrole: 'mathematician' },
  bob: { ticket: 'secret', authrole: 'poet' },
})
const EVERYBODY = [TICKETS, anonymous()]

/**
 * Starts a router before the tests of this file and closes it after them. It must have had nothing to complain of, save
 * for those whom it did not let in.
 */
export function testRouter(options: Partial<RouterOptions> = {}, place: ListenOptions = { port: 0 }): Router {
  const complaints: string[] = []
  const complain = (...what: unknown[]) => complaints.push(what.map(String).join(' '))
  const router = new Router({
    realms: [
      { name: REALM, uris: 'strict', auth: EVERYBODY },
      { name: 'realm1' },
      { name: GUARDED_REALM, auth: [TICKETS] },
      {
        name: META_REALM,
        auth: EVERYBODY,
        history: [{ topic: 'com.example.history', match: 'prefix' }],
      },
      {
        name: DISCLOSING_REALM,
        auth: EVERYBODY,
        authorizer: { authorize: () => ({ allow: true, disclose: 'always' }) },
      },
    ],
    logger: { debug: () => {}, info: () => {}, warn: complain, error: complain },
    ...options,
  })
  beforeAll(async () => {
    await router.listen(place)
  })
  afterAll(async () => {
    await router.close()
    expect(complaints.filter((complaint) => !complaint.startsWith('refused a log-in'))).toEqual([])
  })
  return router
}

/** A router whose clock the tests turn. */
export interface TimedRouter {
  readonly router: Router
  /** Time passes for the router. */
  pass(milliseconds: number): void
}

/** The same, with a clock that the tests turn; it does not ask whether its clients are alive. */
export function timedRouter(options: Partial<RouterOptions> = {}, place?: ListenOptions): TimedRouter {
  const clock = new TestClock()
  const router = testRouter({ ...options, clock, heartbeat: 2 ** 40 }, place)
  return { router, pass: (milliseconds) => clock.pass(milliseconds) }
}

/** Where a router listens. */
export function urlOf(router: Router): string {
  return router.urls[0] ?? ''
}
