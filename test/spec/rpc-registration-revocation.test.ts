import { beforeEach, describe, expect, it } from 'vitest'
import { Code } from '../../src/messages/codes.js'
import { Subscribed, Unsubscribed } from '../../src/messages/pubsub.js'
import { Registered, Unregister, Unregistered } from '../../src/messages/rpc.js'
import { anonymous, type Realm, type Router } from '../../src/router.js'
import { ERROR, META } from '../../src/uris.js'
import { wire } from './fake-transport.js'
import { BASIC_ROLES, expectError, expectResult, RawClient, routerWithRealm } from './raw-client.js'
import { joinedClient, stop } from './raw-router.js'

const PROCEDURE = 'com.example.p'
const TOPIC = 'com.example.topic'

let router: Router
let realm: Realm
let client: RawClient

beforeEach(() => {
  router = routerWithRealm({ realms: [{ name: 'realm1', auth: [anonymous()] }] })
  realm = router.realms.get('realm1') as Realm
  client = RawClient.join(router)
})

describe('Registration Revocation, dealer (rpc_registration_revocation.md)', () => {
  it('callee hears UNREGISTERED with request 0, the registration and the reason', () => {
    const registration = client.register(PROCEDURE)
    expect(realm.revokeRegistration(registration, { reason: 'moving' })).toBe(1)
    expect(wire(client.hears(Code.UNREGISTERED))).toEqual([
      Code.UNREGISTERED,
      0,
      { registration, reason: 'moving' },
    ])
    const call = RawClient.join(router)
    expectError(call, Code.CALL, call.call(PROCEDURE), ERROR.noSuchProcedure)
  })

  it('callee that has not announced it is not told', () => {
    const basic = RawClient.join(router, { roles: BASIC_ROLES })
    expect(realm.revokeRegistration(basic.register(PROCEDURE))).toBe(1)
    basic.hearsNothing()
    basic.register(PROCEDURE)
  })

  it('calls under way go on', () => {
    const registration = client.register(PROCEDURE)
    const caller = RawClient.join(router)
    const call = caller.call(PROCEDURE)
    const invocation = client.invoked()
    realm.revokeRegistration(registration)
    client.hears(Code.UNREGISTERED)
    client.yield(invocation, ['after all'])
    expectResult(caller, call, 'after all')
  })

  it('of a shared registration one callee can lose its part', () => {
    const other = RawClient.join(router)
    const registration = client.register(PROCEDURE, { invoke: 'first' })
    other.register(PROCEDURE, { invoke: 'first' })
    expect(realm.revokeRegistration(registration, { session: client.sessionId })).toBe(1)
    client.hears(Code.UNREGISTERED)
    other.hearsNothing()
    RawClient.join(router).call(PROCEDURE)
    other.invoked()
  })

  it('an UNREGISTER that crosses it is answered with no_such_registration', () => {
    const registration = client.register(PROCEDURE)
    realm.revokeRegistration(registration)
    const unregister = client.request((id) => new Unregister(id, registration))
    client.hears(Code.UNREGISTERED)
    expectError(client, Code.UNREGISTER, unregister, ERROR.noSuchRegistration)
  })

  it('meta events tell of it as of any other end: unregister before delete', () => {
    const watcher = RawClient.join(router)
    watcher.subscribe('wamp.registration', { match: 'prefix' })
    const registration = client.register(PROCEDURE)
    realm.revokeRegistration(registration)
    const topics = watcher.transport.unread
      .splice(0)
      .map((message) => ('details' in message && message.details?.topic) as string)
    expect(topics).toEqual([
      META.registration.onCreate,
      META.registration.onRegister,
      META.registration.onUnregister,
      META.registration.onDelete,
    ])
  })

  it('nothing is revoked that is not there, nor what the router has registered itself', () => {
    const own = realm.dealer.registry.exact(META.session.count)?.id as number
    expect(realm.revokeRegistration(own)).toBe(0)
    expect(realm.revokeRegistration(4711)).toBe(0)
    expect(realm.revokeSubscription(4711)).toBe(0)
  })

  it('a client asks for it by remove_callee, and gets how many lost it; a stranger is refused', async () => {
    const registration = client.register(PROCEDURE)
    const stranger = RawClient.join(router, { local: false })
    stranger.call(META.registration.removeCallee, [registration])
    stranger.call(META.subscription.removeSubscriber, [registration])
    await Promise.resolve()
    expect(stranger.hears(Code.ERROR).error).toBe(ERROR.notAuthorized)
    expect(stranger.hears(Code.ERROR).error).toBe(ERROR.notAuthorized)
    const admin = RawClient.join(router)
    const call = admin.call(
      META.registration.removeCallee,
      [registration, client.sessionId],
      {},
      { reason: 'x' },
    )
    await Promise.resolve()
    expectResult(admin, call, 1)
    expect(client.hears(Code.UNREGISTERED).details).toEqual({ registration, reason: 'x' })
  })
})

describe('Subscription Revocation, broker (pubsub_subscription_revocation.md)', () => {
  it('subscriber hears UNSUBSCRIBED with request 0, the subscription and the reason', () => {
    const subscription = client.subscribe(TOPIC)
    expect(realm.revokeSubscription(subscription, { reason: 'no longer authorized' })).toBe(1)
    const details = { subscription, reason: 'no longer authorized' }
    expect(wire(client.hears(Code.UNSUBSCRIBED))).toEqual([Code.UNSUBSCRIBED, 0, details])
    RawClient.join(router).publish(TOPIC)
    client.hearsNothing()
  })

  it('subscriber that has not announced it is not told, and others keep theirs', () => {
    const basic = RawClient.join(router, { roles: BASIC_ROLES })
    const subscription = basic.subscribe(TOPIC)
    client.subscribe(TOPIC)
    expect(realm.revokeSubscription(subscription, { session: basic.sessionId })).toBe(1)
    RawClient.join(router).publish(TOPIC)
    basic.hearsNothing()
    client.hears(Code.EVENT)
  })
})

describe('Revocation, client', () => {
  it('a revoked registration is not served any more, its handle stays, and the client is told', async () => {
    const joined = await joinedClient()
    const { router, client } = joined
    const revoked: unknown[] = []
    client.on('revoke', (revocation) => revoked.push(revocation))
    const registering = client.register(PROCEDURE, () => 'served')
    await router.registers(7)
    const registration = await registering
    router.say(new Unregistered(0, { registration: 7, reason: 'moving' }))
    expect(revoked).toEqual([{ role: 'callee', uri: PROCEDURE, reason: 'moving' }])
    expect(registration.id).toBeUndefined()
    await registration.unregister()
    await router.hearsNothing()
    expect(client.registrations).toEqual([])
    await stop(joined)
  })

  it('an unregister() that crossed the revocation has had its way', async () => {
    const joined = await joinedClient()
    const { router, client } = joined
    const registering = client.register(PROCEDURE, () => 'served')
    await router.registers(7)
    const unregistered = (await registering).unregister()
    router.say(new Unregistered(0, { registration: 7 }))
    const { requestId } = await router.hears(Code.UNREGISTER)
    router.fails(Code.UNREGISTER, requestId, ERROR.noSuchRegistration)
    await unregistered
    await stop(joined)
  })

  it('a revoked subscription ends its streams with an error, and calls no handler any more', async () => {
    const joined = await joinedClient()
    const { router, client } = joined
    const streaming = client.subscribe(TOPIC)
    await router.subscribes(5)
    const stream = await streaming
    const heard: unknown[] = []
    await client.subscribe(TOPIC, (value) => heard.push(value))
    router.event(5, ['one'])
    router.say(new Unsubscribed(0, { subscription: 5, reason: 'no longer authorized' }))
    router.event(5, ['late'])
    expect((await stream.next()).value?.args).toEqual(['one'])
    await expect(stream.next()).rejects.toThrow(/no longer authorized/)
    expect(heard).toEqual(['one'])
    const again = client.subscribe(TOPIC, () => {})
    const subscribe = await router.hears(Code.SUBSCRIBE)
    router.say(new Subscribed(subscribe.requestId, 5))
    await again
    await stop(joined)
  })

  it('a revocation of what is not there is dropped', async () => {
    const joined = await joinedClient()
    joined.router.say(new Unregistered(0, { registration: 7 }))
    joined.router.say(new Unregistered(0))
    joined.router.say(new Unsubscribed(0, {}))
    joined.router.say(new Registered(4711, 7))
    expect(joined.errors).toEqual([])
    await stop(joined)
  })
})
