import { describe, expect, it } from 'vitest'
import { CallResult, Client } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { announce } from '../../src/sessions/features.js'
import { ERROR } from '../../src/uris.js'
import { wire } from './fake-transport.js'
import { expectError, expectViolation, RawClient, ROLES, routerWithRealm } from './raw-client.js'
import { joinedClient, stop } from './raw-router.js'

const OPAQUE = 'the ends alone can read this'
const ENCRYPTED = { enc_algo: 'cryptobox', enc_serializer: 'json', enc_key: 'key' }
const PASSED = { ppt_scheme: 'x_custom', ppt_serializer: 'cbor', ppt_cipher: 'aes256gcm', ppt_keyid: 'k1' }

describe('Payload Passthru Mode, and the older payload transparency (payload_passthru_mode.md)', () => {
  it.each([
    ['a payload that only its ends can read', ENCRYPTED, [OPAQUE]],
    ['a packed payload', PASSED, [['packed']]],
  ])(
    'router passes %s on, with what tells how to read it: CALL to INVOCATION, YIELD to RESULT',
    (_, keys, tail) => {
      const router = routerWithRealm()
      const [callee, caller] = [RawClient.join(router), RawClient.join(router)]
      const registration = callee.register('com.example.p')
      caller.transport.sayWire([Code.CALL, 1, { ...keys, disclose_me: false }, 'com.example.p', ...tail])
      expect(wire(callee.hears(Code.INVOCATION))).toEqual([Code.INVOCATION, 1, registration, keys, ...tail])
      callee.transport.sayWire([Code.YIELD, 1, keys, ...tail])
      expect(wire(caller.hears(Code.RESULT))).toEqual([Code.RESULT, 1, keys, ...tail])
    },
  )

  it('router passes it on with progressive results, and with errors', () => {
    const router = routerWithRealm()
    const [callee, caller] = [RawClient.join(router), RawClient.join(router)]
    callee.register('com.example.p')
    const call = caller.call('com.example.p', [], { receive_progress: true })
    const invocation = callee.invoked()
    callee.transport.sayWire([Code.YIELD, invocation, { progress: true, ...ENCRYPTED }, OPAQUE])
    const details = { progress: true, ...ENCRYPTED }
    expect(wire(caller.hears(Code.RESULT))).toEqual([Code.RESULT, call, details, OPAQUE])
    callee.transport.sayWire([
      Code.ERROR,
      Code.INVOCATION,
      invocation,
      ENCRYPTED,
      'com.example.error',
      OPAQUE,
    ])
    expect(wire(caller.hears(Code.ERROR))).toEqual([
      Code.ERROR,
      Code.CALL,
      call,
      ENCRYPTED,
      'com.example.error',
      OPAQUE,
    ])
  })

  it.each([
    ['a payload that only its ends can read', ENCRYPTED, [OPAQUE]],
    ['a packed payload', PASSED, [['packed']]],
  ])('router passes %s on, with what tells how to read it: PUBLISH to EVENT', (_, keys, tail) => {
    const router = routerWithRealm()
    const [exact, pattern, publisher] = [0, 1, 2].map(() => RawClient.join(router)) as RawClient[]
    exact?.subscribe('com.example.topic')
    pattern?.subscribe('com.', { match: 'prefix' })
    publisher?.transport.sayWire([
      Code.PUBLISH,
      1,
      { ...keys, acknowledge: true },
      'com.example.topic',
      ...tail,
    ])
    const publication = publisher?.hears(Code.PUBLISHED).publicationId
    expect(wire(exact?.hears(Code.EVENT) as never).slice(2)).toEqual([publication, keys, ...tail])
    expect(wire(pattern?.hears(Code.EVENT) as never).slice(2)).toEqual([
      publication,
      { ...keys, topic: 'com.example.topic' },
      ...tail,
    ])
  })

  it('a client that cannot read it is none the worse for it', async () => {
    await using router = routerWithRealm()
    await using client = await new Client({ router, realm: 'realm1' }).start()
    const heard: unknown[] = []
    await client.subscribe('com.example.topic', (...args) => heard.push(args))
    await client.register('com.example.p', (...args) => args.length)
    const raw = RawClient.join(router)
    raw.transport.sayWire([Code.PUBLISH, 1, ENCRYPTED, 'com.example.topic', OPAQUE])
    raw.transport.sayWire([Code.CALL, 2, ENCRYPTED, 'com.example.p', OPAQUE])
    expect((await raw.transport.hearsSoon(Code.RESULT)).payload.args).toEqual([0])
    expect(heard).toEqual([[]])
    raw.leave()
  })
})

const BYTES = '\u0000cGFja2Vk'
const FEATURE = 'payload_passthru_mode'

/** All four roles, of which these have not announced payload passthru mode. */
function without(...roles: string[]): Dict {
  return Object.fromEntries(
    Object.entries(ROLES as Record<string, { features: Dict }>).map(([role, { features }]) => {
      const { [FEATURE]: _, ...others } = features
      return [role, roles.includes(role) ? { features: others } : { features }]
    }),
  )
}

describe('Payload Passthru Mode: who may use it (payload_passthru_mode.md, "Feature Announcement")', () => {
  const PROCEDURE = 'com.example.p'

  it('caller that has not announced it breaks the protocol', () => {
    const router = routerWithRealm()
    const caller = RawClient.join(router, { roles: without('caller') })
    caller.transport.sayWire([Code.CALL, 1, PASSED, PROCEDURE, [BYTES]])
    expectViolation(caller, /payload_passthru_mode, which the caller/)
  })

  it('publisher that has not announced it breaks the protocol, and nobody gets the event', () => {
    const router = routerWithRealm()
    const subscriber = RawClient.join(router)
    subscriber.subscribe('com.example.topic')
    const publisher = RawClient.join(router, { roles: without('publisher') })
    publisher.transport.sayWire([Code.PUBLISH, 1, PASSED, 'com.example.topic', [BYTES]])
    expectViolation(publisher, /payload_passthru_mode, which the publisher/)
    subscriber.hearsNothing()
  })

  it('callee that has not announced it and answers with it breaks the protocol; its caller is told', () => {
    const router = routerWithRealm()
    const callee = RawClient.join(router, { roles: without('callee') })
    const caller = RawClient.join(router)
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE)
    callee.transport.sayWire([Code.YIELD, callee.invoked(), PASSED, [BYTES]])
    expectViolation(callee, /payload_passthru_mode, which the callee/)
    expectError(caller, Code.CALL, call, ERROR.canceled)
  })

  it('a call for a callee that cannot read it fails with feature_not_supported', () => {
    const router = routerWithRealm()
    const callee = RawClient.join(router, { roles: without('callee') })
    const caller = RawClient.join(router)
    callee.register(PROCEDURE)
    caller.transport.sayWire([Code.CALL, 1, PASSED, PROCEDURE, [BYTES]])
    expectError(caller, Code.CALL, 1, ERROR.featureNotSupported)
    callee.hearsNothing()
  })

  it('an answer that its caller cannot read fails for both: the callee is told why', () => {
    const router = routerWithRealm()
    const callee = RawClient.join(router)
    const caller = RawClient.join(router, { roles: without('caller') })
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE)
    const invocation = callee.invoked()
    callee.transport.sayWire([Code.YIELD, invocation, PASSED, [BYTES]])
    expectError(caller, Code.CALL, call, ERROR.featureNotSupported)
    expectError(callee, Code.YIELD, invocation, ERROR.featureNotSupported)
    callee.hearsNothing()
    callee.yield(invocation, ['late'])
    caller.hearsNothing()
  })

  it('a progressive answer that its caller cannot read ends the call, and the callee is interrupted', () => {
    const router = routerWithRealm()
    const callee = RawClient.join(router)
    const caller = RawClient.join(router, { roles: without('caller') })
    callee.register(PROCEDURE)
    const call = caller.call(PROCEDURE, [], { receive_progress: true })
    const invocation = callee.invoked()
    callee.transport.sayWire([Code.YIELD, invocation, { ...PASSED, progress: true }, [BYTES]])
    expectError(caller, Code.CALL, call, ERROR.featureNotSupported)
    expectError(callee, Code.YIELD, invocation, ERROR.featureNotSupported)
    expect(callee.hears(Code.INTERRUPT).requestId).toBe(invocation)
  })

  it('subscriber that has not announced it gets the event all the same: that is for it to see to', () => {
    const router = routerWithRealm()
    const subscriber = RawClient.join(router, { roles: without('subscriber') })
    subscriber.subscribe('com.example.topic')
    const publisher = RawClient.join(router)
    publisher.transport.sayWire([Code.PUBLISH, 1, PASSED, 'com.example.topic', [BYTES]])
    expect(subscriber.hears(Code.EVENT).details).toEqual(PASSED)
  })

  it('an empty scheme is none', () => {
    const router = routerWithRealm()
    const callee = RawClient.join(router, { roles: without('callee') })
    callee.register(PROCEDURE)
    const caller = RawClient.join(router, { roles: without('caller') })
    caller.transport.sayWire([Code.CALL, 1, { ppt_scheme: '' }, PROCEDURE, [BYTES]])
    callee.hears(Code.INVOCATION)
  })
})

describe('Payload Passthru Mode, client', () => {
  const passthru = { scheme: 'x_mine', serializer: 'cbor', cipher: 'aes256gcm', keyid: 'k1' }

  it('says in the options how to read the one binary value that it sends', async () => {
    const joined = await joinedClient({ routerRoles: announce({ broker: [FEATURE], dealer: [FEATURE] }) })
    const { router, client } = joined
    const calling = client.call('com.example.p', [new Uint8Array([1, 2])], undefined, { passthru })
    const keys = { ppt_scheme: 'x_mine', ppt_serializer: 'cbor', ppt_cipher: 'aes256gcm', ppt_keyid: 'k1' }
    const call = await router.hears(Code.CALL)
    expect([call.options, call.payload.args]).toEqual([keys, [new Uint8Array([1, 2])]])
    router.result(call.requestId, [new Uint8Array([3])], keys)
    expect(await calling).toEqual(new Uint8Array([3]))
    await client.publish('com.example.topic', [new Uint8Array([4])], undefined, {
      passthru: { scheme: 'mqtt' },
    })
    expect((await router.hears(Code.PUBLISH)).options).toEqual({ ppt_scheme: 'mqtt' })
    await stop(joined)
  })

  it.each([
    ['no argument', [], undefined],
    ['two arguments', [new Uint8Array(), new Uint8Array()], undefined],
    ['text', ['text'], undefined],
    ['keywords', [new Uint8Array()], { a: 1 }],
  ])('refuses to send %s so', async (_, args, kwargs) => {
    const joined = await joinedClient({ routerRoles: announce({ broker: [FEATURE], dealer: [FEATURE] }) })
    const { client } = joined
    await expect(client.call('com.example.p', args, kwargs, { passthru })).rejects.toThrow(/Uint8Array/)
    await expect(client.publish('com.example.t', args, kwargs, { passthru })).rejects.toThrow(/Uint8Array/)
    await stop(joined)
  })

  it('refuses it for a router that has not announced it, and without a scheme', async () => {
    const plain = await joinedClient()
    const bytes = [new Uint8Array([1])]
    await expect(plain.client.call('com.example.p', bytes, undefined, { passthru })).rejects.toThrow(FEATURE)
    await expect(plain.client.publish('com.example.t', bytes, undefined, { passthru })).rejects.toThrow(
      FEATURE,
    )
    await stop(plain)
    const joined = await joinedClient({ routerRoles: announce({ broker: [FEATURE], dealer: [FEATURE] }) })
    const none = { passthru: { scheme: '' } }
    await expect(joined.client.call('com.example.p', bytes, undefined, none)).rejects.toThrow(/scheme/)
    await stop(joined)
  })

  it('answers with it where the result says so', async () => {
    const joined = await joinedClient({ routerRoles: announce({ broker: [], dealer: [FEATURE] }) })
    const { router, client } = joined
    const answer = new CallResult([new Uint8Array([9])], {}, { ppt_scheme: 'x_mine', other: 1 })
    const registering = client.register('com.example.p', () => answer)
    await router.registers(1)
    await registering
    router.invoke(1)
    const yielded = await router.hears(Code.YIELD)
    expect([yielded.options, yielded.payload.args]).toEqual([{ ppt_scheme: 'x_mine' }, [new Uint8Array([9])]])
    await stop(joined)
  })

  it('tells its user of an answer that its caller could not read', async () => {
    const joined = await joinedClient()
    joined.router.fails(Code.YIELD, 4711, ERROR.featureNotSupported, ['cannot read'])
    await joined.router.hearsNothing()
    expect(joined.errors).toEqual([expect.objectContaining({ uri: ERROR.featureNotSupported })])
    await stop(joined)
  })
})
