import { beforeEach, describe, expect, it } from 'vitest'
import { Code, REQUEST_CODES } from '../../src/messages/codes.js'
import { ErrorMessage } from '../../src/messages/error-message.js'
import type { Message } from '../../src/messages/message.js'
import { Publish, Subscribe, Unsubscribe } from '../../src/messages/pubsub.js'
import { Call, Register, Unregister } from '../../src/messages/rpc.js'
import type { Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { bystanders, expectAbort, expectViolation, RawClient, routerWithRealm } from './raw-client.js'

let router: Router
let othersGoOn: () => void
let raw: RawClient

beforeEach(() => {
  router = routerWithRealm()
  othersGoOn = bystanders(router)
  raw = RawClient.join(router)
})

/** The router aborts this session alone, and nothing of it remains. */
function expectOnlyThisAborted(sentence: RegExp): void {
  expectViolation(raw, sentence)
  expect(router.realms.get('realm1')?.sessions.has(raw.sessionId)).toBe(false)
  othersGoOn()
}

describe('Protocol Errors, router: messages that must not come now (building_blocks.md)', () => {
  it('router aborts when a second HELLO comes during a session', () => {
    raw.hello()
    expectOnlyThisAborted(/HELLO was received after the session was established/)
  })

  it.each([
    ['WELCOME', [Code.WELCOME, 1, { roles: {} }]],
    ['CHALLENGE', [Code.CHALLENGE, 'ticket', {}]],
    ['AUTHENTICATE', [Code.AUTHENTICATE, 'secret', {}]],
    ['SUBSCRIBED', [Code.SUBSCRIBED, 1, 1]],
    ['UNSUBSCRIBED', [Code.UNSUBSCRIBED, 1]],
    ['PUBLISHED', [Code.PUBLISHED, 1, 1]],
    ['EVENT', [Code.EVENT, 1, 1, {}]],
    ['RESULT', [Code.RESULT, 1, {}]],
    ['REGISTERED', [Code.REGISTERED, 1, 1]],
    ['UNREGISTERED', [Code.UNREGISTERED, 1]],
    ['INVOCATION', [Code.INVOCATION, 1, 1, {}]],
    ['INTERRUPT', [Code.INTERRUPT, 1, {}]],
  ])('router aborts when %s comes during a session', (name, message) => {
    raw.transport.sayWire(message)
    expectOnlyThisAborted(new RegExp(`${name} was received after the session was established`))
  })

  it('router aborts a session that is being established when HELLO comes again', async () => {
    const slow = { method: 'anonymous', begin: () => new Promise<never>(() => {}) }
    const waiting = new RawClient(routerWithRealm({ realms: [{ name: 'realm1', auth: [slow] }] }))
    waiting.hello()
    waiting.hello()
    expectViolation(waiting, /HELLO/)
  })
})

describe('Protocol Errors, router: request ids (building_blocks.md)', () => {
  const requests: [string, (id: number) => Message][] = [
    ['SUBSCRIBE', (id) => new Subscribe(id, {}, 'com.example.topic')],
    ['UNSUBSCRIBE', (id) => new Unsubscribe(id, 4711)],
    ['PUBLISH', (id) => new Publish(id, {}, 'com.example.topic')],
    ['PUBLISH, acknowledged', (id) => new Publish(id, { acknowledge: true }, 'com.example.topic')],
    ['REGISTER', (id) => new Register(id, {}, 'com.example.p')],
    ['UNREGISTER', (id) => new Unregister(id, 4711)],
    ['CALL', (id) => new Call(id, {}, 'com.example.p')],
  ]

  it.each(requests)('router aborts when the request id of %s was used before', (name, make) => {
    raw.publish('com.example.topic')
    raw.publish('com.example.topic')
    raw.say(make(2))
    expectOnlyThisAborted(new RegExp(`${name.split(',')[0]}.Request must be 3, .*, not 2`))
  })

  it.each(requests)('router aborts when %s skips a request id', (name, make) => {
    raw.publish('com.example.topic')
    raw.say(make(3))
    expectOnlyThisAborted(new RegExp(`${name.split(',')[0]}.Request must be 2, .*, not 3`))
  })

  it.each(requests)('router aborts when the first request, %s, does not begin with 1', (_, make) => {
    raw.say(make(2))
    expectOnlyThisAborted(/must be 1/)
  })

  it('router counts the requests of all kinds in one sequence', () => {
    for (const [index, [, make]] of requests.entries()) raw.say(make(index + 1))
    raw.transport.unread.length = 0
    raw.say(new Call(requests.length + 1, {}, 'com.example.nobody'))
    expect(raw.hears(Code.ERROR).error).toBe(ERROR.noSuchProcedure)
  })

  it('router counts an unacknowledged PUBLISH that it refuses too', () => {
    raw.publish('not a uri')
    raw.publish('com.example.topic', [], { acknowledge: true })
    expect(raw.hears(Code.PUBLISHED).requestId).toBe(2)
  })

  it.each([0, -1, 1.5, 2 ** 53 + 2, '1', null])('router aborts when a request id is %j', (id) => {
    raw.transport.sayWire([Code.SUBSCRIBE, id, {}, 'com.example.topic'])
    expectOnlyThisAborted(/SUBSCRIBE.Request must be an integer from 1 to 2\^53/)
  })
})

describe('Protocol Errors, router: answers to invocations (building_blocks.md)', () => {
  it.each([
    ['YIELD', (id: number) => raw.yield(id)],
    ['a progressive YIELD', (id: number) => raw.yield(id, [], { progress: true })],
    ['ERROR', (id: number) => raw.fail(id, 'com.example.error')],
  ])('router aborts when %s names an invocation that never was', (name, say) => {
    say(1)
    expectOnlyThisAborted(new RegExp(`${name.split(' ').at(-1)}.Request`))
  })

  it('router aborts when YIELD names an invocation of another session only', () => {
    const [callee, caller] = [RawClient.join(router), RawClient.join(router)]
    callee.register('com.example.p')
    caller.call('com.example.p')
    const invocation = callee.invoked()
    raw.yield(invocation, ['not mine'])
    expectOnlyThisAborted(/YIELD.Request/)
    callee.yield(invocation, ['mine'])
    expect(caller.hears(Code.RESULT).payload.args).toEqual(['mine'])
  })

  it.each([
    ['YIELD', (id: number) => raw.yield(id, ['again'])],
    ['ERROR', (id: number) => raw.fail(id, 'com.example.error')],
  ])('router drops %s for an invocation that has ended', (_, say) => {
    const caller = RawClient.join(router)
    raw.register('com.example.p')
    caller.call('com.example.p')
    const invocation = raw.invoked()
    raw.yield(invocation, ['once'])
    caller.hears(Code.RESULT)
    say(invocation)
    caller.hearsNothing()
    raw.hearsNothing()
    expect(raw.transport.isClosed).toBe(false)
    othersGoOn()
  })

  it.each([...REQUEST_CODES].filter((code) => code !== Code.INVOCATION))(
    'router aborts when ERROR has the request type %i, which it never made',
    (code) => {
      raw.say(new ErrorMessage(code, 1, {}, 'com.example.error'))
      expectOnlyThisAborted(/ERROR.Type/)
    },
  )

  it.each([Code.HELLO, Code.YIELD, Code.EVENT, 0, 7, 'CALL'])(
    'router aborts when ERROR has the request type %j, which is no request',
    (code) => {
      raw.transport.sayWire([Code.ERROR, code, 1, {}, 'com.example.error'])
      expectOnlyThisAborted(/ERROR.Type/)
    },
  )
})

describe('Protocol Errors, router: what is no message (building_blocks.md)', () => {
  it.each([
    ['an empty list', '[]'],
    ['no list', '{"48": 1}'],
    ['a number', '48'],
    ['an unknown code', '[47, 1, {}]'],
    ['a code of the extension range', '[256, 1, {}]'],
    ['a code that is text', '["CALL", 1, {}, "com.example.p"]'],
    ['a message that is too short', '[48, 1]'],
    ['a message that is too long', '[48, 1, {}, "com.example.p", [], {}, 1]'],
    ['options that are no dictionary', '[48, 1, [], "com.example.p"]'],
    ['a URI that is no string', '[48, 1, {}, 5]'],
    ['arguments that are no list', '[48, 1, {}, "com.example.p", {"a": 1}]'],
    ['keyword arguments that are no dictionary', '[48, 1, {}, "com.example.p", [], [1]]'],
    ['a boolean option that is a number', '[48, 1, {"disclose_me": 1}, "com.example.p"]'],
    ['a timeout that is negative', '[48, 1, {"timeout": -1}, "com.example.p"]'],
    ['an unknown match policy', '[32, 1, {"match": "regex"}, "com.example.topic"]'],
    ['an unknown invocation policy', '[64, 1, {"invoke": "fair"}, "com.example.p"]'],
    ['an unknown mode of CANCEL', '[49, 1, {"mode": "softly"}]'],
    ['text that is no JSON', '[48, 1, {}, '],
    ['nothing', ''],
  ])('router aborts when %s comes', (_, text) => {
    raw.transport.sayText(text)
    expectOnlyThisAborted(/./)
  })

  it('router ignores options that it does not know', () => {
    const callee = RawClient.join(router)
    callee.register('com.example.p', { _priority: 'high' })
    raw.call('com.example.p', [1], { _trace: { id: 'x' }, something_new: [1] })
    expect(callee.hears(Code.INVOCATION).details).toEqual({})
  })

  it('router drops all that an aborted session had, and tells those who wait for it', () => {
    const caller = RawClient.join(router)
    raw.register('com.example.p')
    raw.subscribe('com.example.topic')
    const call = caller.call('com.example.p')
    raw.invoked()
    raw.transport.sayText('[]')
    expectAbort(raw, ERROR.protocolViolation)
    expect(caller.hears(Code.ERROR)).toMatchObject({ requestId: call, error: ERROR.canceled })
    caller.publish('com.example.topic')
    raw.hearsNothing()
    othersGoOn()
  })
})
