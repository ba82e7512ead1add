/** Messages that are longer than the other end takes: they fail alone. At unit level; see payload-size-sockets.test.ts. */
import { describe, expect, it } from 'vitest'
import { MessageTooLongError, UsageError } from '../../src/errors.js'
import { ApplicationError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import type { Message } from '../../src/messages/message.js'
import { Payload } from '../../src/messages/payload.js'
import { EventMessage, Published, Subscribe } from '../../src/messages/pubsub.js'
import { Call, Result } from '../../src/messages/rpc.js'
import { Goodbye, Hello, Welcome } from '../../src/messages/session-lifecycle.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import {
  announcing,
  expectTaken,
  expectWrittenTaken,
  LimitReader,
} from '../../src/transports/message-limit.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { Recorder } from '../transports/recorder.js'
import type { FakeTransport } from './fake-transport.js'
import { expectError, expectResult, RawClient, routerWithRealm } from './raw-client.js'
import { joinedClient, type RawRouter, stop } from './raw-router.js'

const PROCEDURE = 'com.example.p'
const TOPIC = 'com.example.t'
const LIMIT = 400
const LONG = 'x'.repeat(500)

/** From now on, the peer at this transport is not to send more than `limit` octets in one message. */
function limit(transport: FakeTransport, limit: number): void {
  const send = transport.send.bind(transport)
  transport.send = (message) => {
    expectWrittenTaken(message, json().encode(message), limit)
    send(message)
  }
}

describe('the length of messages', () => {
  const lengthOf = (message: Message) => String(json().encode(message)).length
  const call = (length: number) => new Call(1, {}, PROCEDURE, new Payload(['x'.repeat(length)]))

  it('is bounded by what the other end takes, to the octet', () => {
    const message = call(100)
    const length = lengthOf(message)
    expectTaken(message, length, length)
    expect(() => expectTaken(message, length, length - 1)).toThrow(MessageTooLongError)
    expect(() => expectTaken(message, length, length - 1)).toThrow(UsageError)
    expect(() => expectTaken(message, length, length - 1)).toThrow(
      `CALL is ${length} bytes long, and the other end takes ${length - 1} at most`,
    )
  })

  it('is counted in octets, not in characters', () => {
    const message = new Call(1, {}, PROCEDURE, new Payload(['€'.repeat(100)]))
    const text = json().encode(message) as string
    const octets = Buffer.byteLength(text)
    expect(octets).toBe(text.length + 200)
    expectWrittenTaken(message, text, octets)
    expect(() => expectWrittenTaken(message, text, octets - 1)).toThrow(`${octets} bytes`)
    expect(() => expectWrittenTaken(message, text, 10)).toThrow(MessageTooLongError)
    const binary = msgpack().encode(message) as Uint8Array
    expectWrittenTaken(message, binary, binary.length)
    expect(() => expectWrittenTaken(message, binary, binary.length - 1)).toThrow(MessageTooLongError)
  })

  it('is no matter where a message opens or ends a session, or answers without a payload', () => {
    for (const message of [
      new Hello('realm1', {}),
      new Welcome(1, {}),
      new Goodbye({ message: LONG }, CLOSE.realm),
      new Published(1, 1),
    ])
      expectTaken(message, 1000, 10)
    expect(() => expectTaken(new Subscribe(1, {}, LONG), 1000, 10)).toThrow(MessageTooLongError)
    expect(() => expectTaken(new EventMessage(1, 1, {}), 1000, 10)).toThrow(MessageTooLongError)
  })

  it('is not bounded where nothing was announced', () => {
    expectTaken(call(1), 2 ** 40, Number.POSITIVE_INFINITY)
    expectWrittenTaken(call(1), LONG, Number.POSITIVE_INFINITY)
  })
})

describe('the announcement of a limit', () => {
  const read = (details: Record<string, unknown>, before = Number.POSITIVE_INFINITY) => {
    const limited = { limit: before }
    const recorder = new Recorder()
    const reader = new LimitReader(recorder, limited)
    reader.receive(new Hello('realm1', details))
    const ofHello = limited.limit
    limited.limit = before
    reader.receive(new Welcome(1, details))
    expect(limited.limit).toBe(ofHello)
    expect(recorder.messages.length).toBe(2)
    return limited.limit
  }

  it('stands in HELLO and in WELCOME, beside what is there', () => {
    expect(announcing(new Hello('realm1', { agent: 'me' }), 1000)).toEqual(
      new Hello('realm1', { agent: 'me', _max_message_size: 1000 } as never),
    )
    expect(announcing(new Welcome(7, { realm: 'realm1' }), 1000)).toEqual(
      new Welcome(7, { realm: 'realm1', _max_message_size: 1000 } as never),
    )
  })

  it('stands nowhere else, and not where there is no limit', () => {
    const result = new Result(1, {})
    expect(announcing(result, 1000)).toBe(result)
    const hello = new Hello('realm1', {})
    expect(announcing(hello, 0)).toBe(hello)
  })

  it('is understood, if it is one', () => {
    expect(read({ _max_message_size: 1000 })).toBe(1000)
    for (const wrong of [0, -1, 1.5, '1000', null, [], Number.NaN])
      expect(read({ _max_message_size: wrong })).toBe(Number.POSITIVE_INFINITY)
  })

  it('holds for one session: the next may say nothing', () => {
    expect(read({}, 1000)).toBe(Number.POSITIVE_INFINITY)
  })

  it('changes nothing else of what comes', () => {
    const recorder = new Recorder()
    const limited = { limit: 1000 }
    const reader = new LimitReader(recorder, limited)
    reader.receive(new Result(1, {}))
    reader.reject(new Error('no message') as never)
    reader.closed()
    expect(recorder.order).toEqual(['message', 'rejection', 'closing'])
    expect(limited.limit).toBe(1000)
  })
})

describe('a client whose router takes no long messages', () => {
  async function joined() {
    const joined = await joinedClient()
    limit(joined.router.transport, LIMIT)
    return joined
  }

  /** The session goes on, with the next request id. */
  async function expectAlive({ router, client }: Awaited<ReturnType<typeof joined>>, requestId = 1) {
    const calling = client.call(PROCEDURE, [1])
    const call = await router.hears(Code.CALL)
    expect(call.requestId).toBe(requestId)
    router.result(call.requestId, ['alive'])
    expect(await calling).toBe('alive')
  }

  const refusal = { uri: ERROR.payloadSizeExceeded, name: 'ApplicationError' }

  it('fails a call with long arguments, alone', async () => {
    const it = await joined()
    const failing = it.client.call(PROCEDURE, [LONG])
    await expect(failing).rejects.toMatchObject(refusal)
    await expect(failing).rejects.toThrow(/CALL is \d+ bytes long, and the other end takes 400 at most/)
    await expectAlive(it)
    await stop(it)
  })

  it('fails it with the class that is bound to the URI', async () => {
    class TooMuch extends Error {}
    const it = await joined()
    it.client.bindError(ERROR.payloadSizeExceeded, TooMuch)
    await expect(it.client.call(PROCEDURE, [LONG])).rejects.toBeInstanceOf(TooMuch)
    await stop(it)
  })

  it('fails a call in parts of which one is long, and cancels it', async () => {
    const it = await joinedClient({
      routerRoles: { dealer: { features: { progressive_call_invocations: true, call_canceling: true } } },
    })
    limit(it.router.transport, LIMIT)
    async function* parts() {
      yield 1
      yield LONG
    }
    const failing = it.client.call(PROCEDURE, parts())
    failing.catch(() => {})
    const { requestId } = await it.router.hears(Code.CALL)
    expect((await it.router.hears(Code.CANCEL)).requestId).toBe(requestId)
    await expect(failing).rejects.toMatchObject(refusal)
    await expectAlive(it, 2)
    await stop(it)
  })

  for (const acknowledge of [true, false])
    it(`fails a publication that is long (acknowledge: ${acknowledge})`, async () => {
      const it = await joined()
      await expect(it.client.publish(TOPIC, [LONG], undefined, { acknowledge })).rejects.toMatchObject(
        refusal,
      )
      await expectAlive(it)
      await stop(it)
    })

  it('fails a registration and a subscription that are long, as a mistake of use', async () => {
    const it = await joined()
    await expect(it.client.register(LONG, () => {})).rejects.toThrow(UsageError)
    await expect(it.client.subscribe(LONG, () => {})).rejects.toThrow(UsageError)
    await expectAlive(it)
    await stop(it)
  })

  async function answered(handler: (...args: never[]) => unknown, details = {}) {
    const it = await joined()
    const registering = it.client.register(PROCEDURE, handler)
    await it.router.registers(1)
    await registering
    const requestId = it.router.invoke(1, [], details)
    return { it, requestId }
  }

  async function expectFailure(router: RawRouter, requestId: number, uri: string) {
    const error = await router.hears(Code.ERROR)
    expect([error.requestCode, error.requestId, error.error]).toEqual([Code.INVOCATION, requestId, uri])
    return error.payload.args
  }

  it('answers an invocation whose result is long with an ERROR', async () => {
    const { it, requestId } = await answered(() => LONG)
    const args = await expectFailure(it.router, requestId, ERROR.payloadSizeExceeded)
    expect(args).toEqual([expect.stringMatching(/^YIELD is \d+ bytes long/)])
    await expectAlive(it, 2)
    await stop(it)
  })

  it('answers one with a long progressive result with an ERROR', async () => {
    const { it, requestId } = await answered(
      function* () {
        yield 1
        yield LONG
      },
      { receive_progress: true },
    )
    expect((await it.router.hears(Code.YIELD)).options.progress).toBe(true)
    await expectFailure(it.router, requestId, ERROR.payloadSizeExceeded)
    await stop(it)
  })

  it('answers one whose error has long arguments by its URI and a sentence', async () => {
    const { it, requestId } = await answered(() => {
      throw new ApplicationError('com.example.wrong', ['short', LONG])
    })
    const [sentence] = await expectFailure(it.router, requestId, 'com.example.wrong')
    expect(sentence).toBe("the error's arguments cannot be sent: com.example.wrong: short")
    await stop(it)
  })

  it('answers one whose error has a long sentence by its URI alone', async () => {
    const { it, requestId } = await answered(() => {
      throw new Error(LONG)
    })
    expect(await expectFailure(it.router, requestId, ERROR.runtimeError)).toEqual([])
    await stop(it)
  })
})

describe('a router, one of whose clients takes no long messages', () => {
  function three(limitOf: 'caller' | 'callee' | 'subscriber') {
    const router = routerWithRealm()
    const all = {
      caller: RawClient.join(router),
      callee: RawClient.join(router),
      subscriber: RawClient.join(router),
    }
    all.callee.register(PROCEDURE)
    limit(all[limitOf].transport, LIMIT)
    return { router, ...all }
  }

  /** Calls go through, both ways. */
  function expectAlive({ caller, callee }: ReturnType<typeof three>) {
    const call = caller.call(PROCEDURE, [1])
    callee.yield(callee.invoked(), [2])
    expectResult(caller, call, 2)
    caller.hearsNothing()
    callee.hearsNothing()
  }

  it('answers the caller of a callee for whom the INVOCATION is too long', () => {
    const all = three('callee')
    const call = all.caller.call(PROCEDURE, [LONG])
    const [sentence] = expectError(all.caller, Code.CALL, call, ERROR.payloadSizeExceeded)
    expect(sentence).toMatch(/^the callee cannot be sent these arguments: INVOCATION is \d+ bytes long/)
    all.callee.hearsNothing()
    expectAlive(all)
  })

  it('ends a call in parts of which one is too long for the callee', () => {
    const all = three('callee')
    const call = all.caller.call(PROCEDURE, [1], { progress: true })
    const invocation = all.callee.invoked()
    all.caller.say(new Call(call, { progress: true }, PROCEDURE, new Payload([LONG])))
    expectError(all.caller, Code.CALL, call, ERROR.payloadSizeExceeded)
    expect(all.callee.hears(Code.INTERRUPT).requestId).toBe(invocation)
    expectAlive(all)
  })

  it('answers the caller for whom the RESULT is too long; the callee has done nothing wrong', () => {
    const all = three('caller')
    const call = all.caller.call(PROCEDURE, [1])
    all.callee.yield(all.callee.invoked(), [LONG])
    expectError(all.caller, Code.CALL, call, ERROR.payloadSizeExceeded)
    expectAlive(all)
  })

  it('ends a call with a progressive RESULT that is too long for the caller', () => {
    const all = three('caller')
    const call = all.caller.call(PROCEDURE, [1], { receive_progress: true })
    const invocation = all.callee.invoked()
    all.callee.yield(invocation, [LONG], { progress: true })
    expectError(all.caller, Code.CALL, call, ERROR.payloadSizeExceeded)
    expect(all.callee.hears(Code.INTERRUPT).requestId).toBe(invocation)
    expectAlive(all)
  })

  it('answers the caller for whom the ERROR is too long', () => {
    const all = three('caller')
    const call = all.caller.call(PROCEDURE, [1])
    all.callee.fail(all.callee.invoked(), 'com.example.wrong', [LONG])
    expectError(all.caller, Code.CALL, call, ERROR.payloadSizeExceeded)
    expectAlive(all)
  })

  it('answers one that takes next to nothing with the URI alone, and spares the callee', () => {
    const all = three('subscriber')
    limit(all.caller.transport, 20)
    const call = all.caller.call(PROCEDURE, [1])
    all.callee.yield(all.callee.invoked(), ['more than that'])
    expect(expectError(all.caller, Code.CALL, call, ERROR.payloadSizeExceeded)).toEqual([])
    expect([all.caller.transport.isClosed, all.callee.transport.isClosed]).toEqual([false, false])
  })

  it('leaves out the subscriber for whom an EVENT is too long, and counts', () => {
    const all = three('subscriber')
    const { broker } = all.router.realms.get('realm1') ?? {}
    for (const raw of [all.caller, all.subscriber]) raw.subscribe(TOPIC)
    all.callee.publish(TOPIC, [LONG], { acknowledge: true })
    all.callee.hears(Code.PUBLISHED)
    expect(all.caller.hears(Code.EVENT).payload.args).toEqual([LONG])
    all.subscriber.hearsNothing()
    expect(broker?.counters).toEqual({ eventsTooLong: 1 })
    all.callee.publish(TOPIC, ['short'])
    expect(all.subscriber.hears(Code.EVENT).payload.args).toEqual(['short'])
    expect(broker?.counters.eventsTooLong).toBe(1)
  })

  it('leaves out a retained event that is too long', () => {
    const all = three('subscriber')
    all.callee.publish(TOPIC, [LONG], { retain: true })
    all.subscriber.subscribe(TOPIC, { get_retained: true })
    all.subscriber.hearsNothing()
    expect(all.router.realms.get('realm1')?.broker.counters.eventsTooLong).toBe(1)
  })
})
