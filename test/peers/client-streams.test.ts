import { describe, expect, it } from 'vitest'
import {
  CallResult,
  CanceledError,
  Client,
  type ReceivedEvent,
  SessionClosedError,
  UsageError,
} from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Goodbye } from '../../src/messages/session-lifecycle.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { joinedClient, stop } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'

const TOPIC = 'com.example.topic'

/** All that a loop over `values` sees, and how the loop ends. */
async function read<T>(values: AsyncIterable<T>): Promise<{ seen: T[]; error: unknown }> {
  const seen: T[] = []
  try {
    for await (const value of values) seen.push(value)
  } catch (error) {
    return { seen, error }
  }
  return { seen, error: undefined }
}

describe('a stream of results', () => {
  async function streaming(options: Parameters<Client['stream']>[3] = {}) {
    const joined = await joinedClient()
    const stream = joined.client.stream<number>(PROCEDURE, [1], { a: 2 }, options)
    const call = await joined.router.hears(Code.CALL)
    expect(call.options).toEqual({ receive_progress: true })
    return { ...joined, stream, requestId: call.requestId }
  }

  it('gives the progressive results in order, then the final one', async () => {
    const { router, stream, requestId } = await streaming()
    for (const n of [1, 2, 3]) router.result(requestId, [n], { progress: true })
    router.result(requestId, [4])
    expect(await read(stream)).toEqual({ seen: [1, 2, 3, 4], error: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('leaves out a final result that says nothing, but not a progressive one', async () => {
    const { router, stream, requestId } = await streaming()
    router.result(requestId, [], { progress: true })
    router.result(requestId, [1, 2], { progress: true })
    router.result(requestId)
    const several = new CallResult([1, 2], {}, { progress: true })
    expect(await read(stream)).toEqual({ seen: [undefined, several], error: undefined })
  })

  it('waits for what has not come yet', async () => {
    const { router, stream, requestId } = await streaming()
    const reading = read(stream)
    for (const n of [1, 2]) {
      router.result(requestId, [n], { progress: true })
      await router.hearsNothing()
    }
    router.result(requestId)
    expect(await reading).toEqual({ seen: [1, 2], error: undefined })
  })

  it('gives what had come before the call failed, then the error', async () => {
    const { router, stream, requestId } = await streaming()
    router.result(requestId, [1], { progress: true })
    router.fails(Code.CALL, requestId, 'com.example.error')
    const { seen, error } = await read(stream)
    expect([seen, error]).toMatchObject([[1], { uri: 'com.example.error' }])
  })

  it('cancels the call when its loop is left', async () => {
    const { router, stream, requestId } = await streaming()
    router.result(requestId, [1], { progress: true })
    router.result(requestId, [2], { progress: true })
    for await (const value of stream) {
      expect(value).toBe(1)
      break
    }
    expect(await router.hears(Code.CANCEL)).toMatchObject({ requestId, options: { mode: 'killnowait' } })
    router.result(requestId, [3], { progress: true })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('says nothing when its loop is left after the end', async () => {
    const { router, stream, requestId } = await streaming()
    router.result(requestId, [1])
    for await (const _ of stream) break
    await router.hearsNothing()
  })

  it('ends with the signal of its caller', async () => {
    const controller = new AbortController()
    const { router, stream } = await streaming({ signal: controller.signal })
    const reading = read(stream)
    controller.abort('enough')
    const { error } = await reading
    expect(error).toBeInstanceOf(CanceledError)
    expect(error).toMatchObject({ uri: ERROR.canceled, cause: 'enough' })
    await router.hears(Code.CANCEL)
  })

  it('fails, and cancels the call, when its reader falls behind its limit', async () => {
    const { router, stream, requestId, errors } = await streaming({ limit: 2 })
    for (const n of [1, 2, 3, 4]) router.result(requestId, [n], { progress: true })
    expect((await router.hears(Code.CANCEL)).requestId).toBe(requestId)
    const { seen, error } = await read(stream)
    expect(seen).toEqual([1, 2])
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toContain('2 values behind')
    expect(errors).toEqual([])
  })

  it('fails when the session ends', async () => {
    const joined = await streaming()
    const reading = read(joined.stream)
    await stop(joined)
    expect((await reading).error).toBeInstanceOf(SessionClosedError)
  })

  it('fails in its loop if it cannot be called, and nowhere else', async () => {
    const client = new Client({ realm: 'realm1', url: 'ws://127.0.0.1:1' })
    client.stream(PROCEDURE)
    expect((await read(client.stream(PROCEDURE))).error).toBeInstanceOf(SessionClosedError)
    expect((await read(client.stream('no uri'))).error).toBeInstanceOf(UsageError)
  })

  it('is read by several readers at once, each value by one', async () => {
    const { router, stream, requestId } = await streaming()
    const [a, b, c] = [stream.next(), stream.next(), stream.next()]
    router.result(requestId, [1], { progress: true })
    router.result(requestId, [2])
    expect(await a).toEqual({ done: false, value: 1 })
    expect(await b).toEqual({ done: false, value: 2 })
    expect(await c).toEqual({ done: true, value: undefined })
  })
})

describe('a stream of events', () => {
  async function streaming(options: { limit?: number } = {}) {
    const joined = await joinedClient()
    const opening = joined.client.subscribe(TOPIC, options)
    await joined.router.subscribes(7)
    return { ...joined, stream: await opening }
  }

  const numbers = (seen: ReceivedEvent[]) => seen.map(({ args }) => args[0])

  it('gives the events in order', async () => {
    const { router, stream } = await streaming()
    router.event(7, [1], {}, { a: 1 })
    router.event(7, [2])
    const { value } = await stream.next()
    expect(value).toMatchObject({ topic: TOPIC, args: [1], kwargs: { a: 1 }, publicationId: 4711 })
    expect((await stream.next()).value?.args).toEqual([2])
    expect(stream.subscription.id).toBe(7)
  })

  it('unsubscribes when its loop is left', async () => {
    const { router, stream, client } = await streaming()
    router.event(7, [1])
    const looping = (async () => {
      for await (const event of stream) if (event.args[0] === 1) break
    })()
    expect((await router.unsubscribes()).subscriptionId).toBe(7)
    await looping
    expect(client.subscriptions).toEqual([])
    router.event(7, [2])
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('unsubscribes when it is disposed of', async () => {
    const { router, stream } = await streaming()
    const scope = (async () => {
      await using _events = stream
    })()
    await router.unsubscribes()
    await scope
  })

  it('shares its subscription with other handlers of the topic', async () => {
    const heard: unknown[] = []
    const { router, client, stream } = await streaming()
    await client.subscribe(TOPIC, (n) => heard.push(n))
    router.event(7, [1])
    await stream.return?.()
    router.event(7, [2])
    await router.hearsNothing()
    expect(heard).toEqual([1, 2])
  })

  it('ends when the client stops', async () => {
    const joined = await streaming()
    joined.router.event(7, [1])
    const reading = read(joined.stream)
    await stop(joined)
    const { seen, error } = await reading
    expect([numbers(seen), error]).toEqual([[1], undefined])
  })

  it('fails when the session ends otherwise and the client gives up, after the events that had come', async () => {
    const { router, stream } = await streaming()
    router.event(7, [1])
    router.say(new Goodbye({}, CLOSE.killed))
    const { seen, error } = await read(stream)
    expect(numbers(seen)).toEqual([1])
    expect(error).toMatchObject({ name: 'SessionClosedError', reason: CLOSE.killed })
  })

  it('goes on in the next session when the client comes back', async () => {
    const { client, router, stream } = await streaming()
    router.event(7, [1])
    router.transport.lose()
    const again = client.start()
    await router.welcome()
    await router.subscribes(8)
    await again
    router.event(8, [2])
    for (const n of [1, 2]) expect((await stream.next()).value?.args).toEqual([n])
    expect(stream.subscription.id).toBe(8)
  })

  it('does not come back when the client was stopped', async () => {
    const joined = await streaming()
    await stop(joined)
    const again = joined.client.start()
    await joined.router.welcome()
    await again
    await joined.router.hearsNothing()
  })

  it.each(['answers', 'refuses', 'leaves'])(
    'fails, and unsubscribes, when its reader falls behind its limit and the router %s',
    async (way) => {
      const joined = await streaming({ limit: 2 })
      const { router, stream, errors } = joined
      for (const n of [1, 2, 3, 4]) router.event(7, [n])
      const { requestId } = await router.hears(Code.UNSUBSCRIBE)
      if (way === 'refuses') router.fails(Code.UNSUBSCRIBE, requestId, ERROR.noSuchSubscription)
      if (way === 'leaves') router.transport.end()
      const { seen, error } = await read(stream)
      expect(numbers(seen)).toEqual([1, 2])
      expect(error).toBeInstanceOf(UsageError)
      expect(errors).toEqual([])
    },
  )

  it('unsubscribes when it has fallen behind before it was handed out', async () => {
    const { client, router } = await joinedClient()
    const opening = client.subscribe(TOPIC, { limit: 1 })
    await router.subscribes(7)
    for (const n of [1, 2]) router.event(7, [n])
    await router.unsubscribes()
    expect((await read(await opening)).error).toBeInstanceOf(UsageError)
  })
})
