import { describe, expect, it } from 'vitest'
import { Client } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { wire } from './fake-transport.js'
import { RawClient, routerWithRealm } from './raw-client.js'

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
