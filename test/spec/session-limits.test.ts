import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Subscribe } from '../../src/messages/pubsub.js'
import { Register } from '../../src/messages/rpc.js'
import type { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { expectError, expectResult, RawClient, routerWithRealm } from './raw-client.js'

let router: Router
let client: RawClient

beforeEach(() => {
  router = routerWithRealm({ sessionLimits: { registrations: 2, subscriptions: 2, calls: 2 } })
  client = RawClient.join(router)
})

describe('what one session may have at once', () => {
  it('registrations: one too many is refused, and there is room again when one is taken back', () => {
    const first = client.register('com.example.a')
    client.register('com.example.b')
    const third = client.request((id) => new Register(id, {}, 'com.example.c'))
    expectError(client, Code.REGISTER, third, ERROR.limitExceeded)
    client.unregister(first)
    client.register('com.example.c')
    RawClient.join(router).register('com.example.a')
  })

  it('subscriptions: one too many is refused, and there is room again when one is taken back', () => {
    const first = client.subscribe('com.example.a')
    client.subscribe('com.example.b')
    const third = client.request((id) => new Subscribe(id, {}, 'com.example.c'))
    expectError(client, Code.SUBSCRIBE, third, ERROR.limitExceeded)
    client.unsubscribe(first)
    client.subscribe('com.example.c')
    RawClient.join(router).subscribe('com.example.a')
  })

  it('calls that wait: one too many is refused, and there is room again when one is answered', () => {
    const callee = RawClient.join(router)
    callee.register('com.example.p')
    const first = client.call('com.example.p')
    client.call('com.example.p')
    expectError(client, Code.CALL, client.call('com.example.p'), ERROR.limitExceeded)
    callee.yield(callee.invoked(), ['done'])
    expectResult(client, first, 'done')
    callee.invoked()
    client.call('com.example.p')
    callee.invoked()
    callee.hearsNothing()
  })

  it('the router itself has as many registrations as it needs', () => {
    expect(router.realms.get('realm1')?.dealer.registry.exact('wamp.session.count')).toBeDefined()
  })
})
