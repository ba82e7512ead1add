import { expect, it } from 'vitest'
import { Router } from '../../../src/router.js'
import { GUARDED_REALM, REALM, urlOf } from '../router.js'
import type { Side } from '../side.js'
import { failure, serve } from './check.js'

/** How a session of the library begins and ends. */
export function checkSessions(router: Router, { library, serializer }: Side): void {
  const check = (what: string, run: () => Promise<void>) =>
    it(`${library.name} over ${serializer} ${what}`, run)
  const url = () => urlOf(router)

  check('joins with a ticket', async () => {
    const ticket = { authid: 'ada', ticket: 'secret' }
    const peer = await library.join({ url: url(), realm: GUARDED_REALM, serializer, ticket })
    expect(peer).toMatchObject({ authid: 'ada', authrole: 'mathematician' })
    expect(router.realms.get(GUARDED_REALM)?.sessions.has(peer.session)).toBe(true)
    await peer.leave()
  })
  check('is refused with a wrong ticket', async () => {
    const ticket = { authid: 'ada', ticket: 'guessed' }
    const error = await failure(library.join({ url: url(), realm: GUARDED_REALM, serializer, ticket }))
    expect(error.uri).toBe('wamp.error.authentication_denied')
  })
  check('is refused without a ticket', async () => {
    const error = await failure(library.join({ url: url(), realm: GUARDED_REALM, serializer }))
    expect(error.uri).toBe('wamp.error.no_matching_auth_method')
  })
  check('is refused where there is no such realm', async () => {
    const error = await failure(library.join({ url: url(), realm: 'nowhere', serializer }))
    expect(error.uri).toBe('wamp.error.no_such_realm')
  })
  check('says GOODBYE, and all that it had goes', async () => {
    const realm = router.realms.get(REALM)
    const peer = await library.join({ url: url(), realm: REALM, serializer })
    const uri = await serve(peer, 'echo')
    await peer.subscribe(uri)
    expect(realm?.sessions.has(peer.session)).toBe(true)
    await peer.leave()
    expect(realm?.sessions.has(peer.session)).toBe(false)
    expect([...(realm?.dealer.registrations() ?? [])].some(({ procedure }) => procedure === uri)).toBe(false)
    expect([...(realm?.broker.subscriptions() ?? [])].some(({ topic }) => topic === uri)).toBe(false)
  })
  check('hears GOODBYE, answers it and does not come back', async () => {
    const closing = new Router({ realms: [{ name: REALM }], closeTimeout: 60_000 })
    // Whoever comes by long-poll may take no other status.
    await closing.listen({ port: 0, longPoll: { doneStatus: 204 } })
    const peer = await library.join({ url: urlOf(closing), realm: REALM, serializer, reconnects: true })
    // It would wait for the answer for a minute.
    await closing.close()
    expect(['wamp.close.system_shutdown', undefined]).toContain(await peer.ended)
  })
}
