import { describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { anonymous } from '../../src/router.js'
import { META } from '../../src/uris.js'
import { turn } from './fake-transport.js'
import { RawClient, routerWithRealm } from './raw-client.js'

describe('a stranger who leaves before the router has looked at what he asked', () => {
  it('has no powers by then', async () => {
    const router = routerWithRealm({ realms: [{ name: 'realm1', auth: [anonymous()] }] })
    const victim = RawClient.join(router)
    const stranger = RawClient.join(router, { local: false })
    stranger.call(META.session.killAll)
    stranger.transport.sayWire([Code.GOODBYE, {}, 'wamp.close.close_realm'])
    await turn()
    victim.hearsNothing()
    expect(victim.transport.isClosed).toBe(false)
  })
})
