import { describe, expect, it } from 'vitest'
import { Client, ProtocolError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Abort, Welcome } from '../../src/messages/session-lifecycle.js'
import { ERROR } from '../../src/uris.js'
import { joinedClient, RawRouter, ROUTER_ROLES } from './raw-router.js'

type Joined = Awaited<ReturnType<typeof joinedClient>>

/** The client says ABORT, closes the transport, fails what waits and tells of it in `leave`. */
async function expectViolation({ client, router }: Joined, say: () => void, sentence: RegExp): Promise<void> {
  const pending = client.call('com.example.p')
  const published = client.publish('com.example.topic', [], {}, { acknowledge: true })
  await router.hears(Code.CALL)
  await router.hears(Code.PUBLISH)
  const left = client.once('leave')
  const failures = [pending, published].map((promise) => promise.catch((error: unknown) => error))
  say()
  const abort = await router.hears(Code.ABORT)
  expect(abort.reason).toBe(ERROR.protocolViolation)
  expect(abort.details.message).toMatch(sentence)
  expect(router.transport.isClosed).toBe(true)
  await router.hearsNothing()
  const { reason, error } = await left
  expect(reason).toBe(ERROR.protocolViolation)
  expect(error).toBeInstanceOf(ProtocolError)
  expect(error?.message).toMatch(sentence)
  for (const failure of await Promise.all(failures)) {
    expect(failure).toBeInstanceOf(ProtocolError)
    expect(failure).toMatchObject({ cause: error, outcome: 'unknown' })
  }
  expect(client.session).toBeUndefined()
}

describe('Protocol Errors, client: during a session (building_blocks.md)', () => {
  it.each([
    ['WELCOME', [Code.WELCOME, 5, { roles: {} }]],
    ['CHALLENGE', [Code.CHALLENGE, 'ticket', {}]],
    ['HELLO', [Code.HELLO, 'realm1', { roles: {} }]],
    ['CALL', [Code.CALL, 1, {}, 'com.example.p']],
    ['PUBLISH', [Code.PUBLISH, 1, {}, 'com.example.topic']],
    ['SUBSCRIBE', [Code.SUBSCRIBE, 1, {}, 'com.example.topic']],
    ['YIELD', [Code.YIELD, 1, {}]],
    ['CANCEL', [Code.CANCEL, 1, {}]],
    ['AUTHENTICATE', [Code.AUTHENTICATE, '', {}]],
  ])('client aborts when %s comes', async (name, message) => {
    const joined = await joinedClient()
    const sentence = new RegExp(`${name} was received after the session was established`)
    await expectViolation(joined, () => joined.router.transport.sayWire(message), sentence)
  })

  it.each([
    ['an INVOCATION, which only it may fail', Code.INVOCATION],
    ['what is no request', Code.EVENT],
  ])('client aborts when ERROR is for %s', async (_, type) => {
    const joined = await joinedClient()
    const say = () => joined.router.transport.sayWire([Code.ERROR, type, 1, {}, 'com.example.error'])
    await expectViolation(joined, say, /ERROR.Type/)
  })

  it.each([
    ['an empty list', '[]'],
    ['an unknown code', '[99, 1, {}]'],
    ['text that is no JSON', '[50,'],
    ['a RESULT that is too short', '[50, 1]'],
    ['an id that is none', '[36, 0, 1, {}]'],
    ['details that are none', '[50, 1, null]'],
    ['arguments that are no list', '[50, 1, {}, "text"]'],
    ['progress that is a number', '[50, 1, {"progress": 1}]'],
  ])('client aborts when %s comes', async (_, text) => {
    const joined = await joinedClient()
    await expectViolation(joined, () => joined.router.transport.sayText(text), /./)
  })

  it('client leaves without a word when the router says ABORT', async () => {
    const { client, router } = await joinedClient()
    const pending = client.call('com.example.p').catch((error: unknown) => error)
    await router.hears(Code.CALL)
    const left = client.once('leave')
    router.say(new Abort({ message: 'you did something wrong' }, ERROR.protocolViolation))
    const { reason, error } = await left
    expect(reason).toBe(ERROR.protocolViolation)
    expect(error?.message).toContain('you did something wrong')
    expect(await pending).toMatchObject({ reason, cause: error, outcome: 'unknown' })
    await router.hearsNothing()
    expect(router.transport.isClosed).toBe(true)
  })
})

describe('Protocol Errors, client: before the session was established (building_blocks.md)', () => {
  it.each([
    ['GOODBYE', [Code.GOODBYE, {}, 'wamp.close.close_realm']],
    ['ERROR', [Code.ERROR, Code.CALL, 1, {}, 'com.example.error']],
    ['SUBSCRIBED', [Code.SUBSCRIBED, 1, 1]],
    ['UNSUBSCRIBED', [Code.UNSUBSCRIBED, 1]],
    ['PUBLISHED', [Code.PUBLISHED, 1, 1]],
    ['RESULT', [Code.RESULT, 1, {}]],
    ['REGISTERED', [Code.REGISTERED, 1, 1]],
    ['UNREGISTERED', [Code.UNREGISTERED, 1]],
    ['INVOCATION', [Code.INVOCATION, 1, 1, {}]],
    ['EVENT', [Code.EVENT, 1, 1, {}]],
    ['INTERRUPT', [Code.INTERRUPT, 1, {}]],
  ])('client aborts when %s comes before WELCOME, and start() rejects', async (name, message) => {
    const router = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: router.connect })
    const left: unknown[] = []
    client.on('leave', (detail) => left.push(detail))
    const started = client.start().catch((error: unknown) => error)
    await router.hears(Code.HELLO)
    router.transport.sayWire(message)
    const error = await started
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ message: expect.stringMatching(`${name} was received before`) })
    expect((await router.hears(Code.ABORT)).reason).toBe(ERROR.protocolViolation)
    expect(router.transport.isClosed).toBe(true)
    expect(left).toEqual([])
  })

  it('client starts again after the router has broken the rules', async () => {
    const router = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: router.connect })
    const started = client.start().catch((error: unknown) => error)
    await router.hears(Code.HELLO)
    router.transport.sayText('nonsense')
    expect(await started).toBeInstanceOf(ProtocolError)
    await router.hears(Code.ABORT)
    const again = client.start()
    await router.welcome(ROUTER_ROLES)
    expect((await again).session?.realm).toBe('realm1')
  })

  it('client takes a WELCOME with more than it knows', async () => {
    const router = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: router.connect })
    const started = client.start()
    await router.hears(Code.HELLO)
    router.say(new Welcome(1, { roles: { broker: {}, _oracle: {} }, _extra: [1], authmethod: 'anonymous' }))
    expect((await started).session).toMatchObject({ id: 1, authmethod: 'anonymous', authid: undefined })
  })
})
