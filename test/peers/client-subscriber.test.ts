import { describe, expect, it } from 'vitest'
import {
  Client,
  currentEvent,
  currentInvocation,
  type ReceivedEvent,
  SessionClosedError,
  UsageError,
} from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Published, Subscribed, Unsubscribed } from '../../src/messages/pubsub.js'
import { ERROR } from '../../src/uris.js'
import { turn, wire } from '../spec/fake-transport.js'
import { joinedClient, stop } from '../spec/raw-router.js'
import { Pair } from './pair.js'

const TOPIC = 'com.example.topic'

/** A client that has subscribed at a scripted router, as subscription 7. */
async function subscribed(handler: (...args: never[]) => unknown) {
  const joined = await joinedClient()
  const subscribing = joined.client.subscribe(TOPIC, handler)
  await joined.router.subscribes(7)
  return { ...joined, subscription: await subscribing }
}

describe('publishing', () => {
  it('client says PUBLISH with its options, and leaves out what is empty', async () => {
    const { client, router } = await joinedClient()
    expect(await client.publish(TOPIC)).toBeUndefined()
    await client.publish(TOPIC, [1], { a: 2 }, { excludeMe: false, discloseMe: true, extra: { _x: 1 } })
    expect(wire(await router.hears(Code.PUBLISH))).toEqual([Code.PUBLISH, 1, {}, TOPIC])
    const options = { exclude_me: false, disclose_me: true, _x: 1 }
    expect(wire(await router.hears(Code.PUBLISH))).toEqual([Code.PUBLISH, 2, options, TOPIC, [1], { a: 2 }])
  })

  it('acknowledged, resolves to the id of the publication, or rejects', async () => {
    const { client, router } = await joinedClient()
    const options = { acknowledge: true }
    const accepted = client.publish(TOPIC, [], {}, options)
    const refused = client.publish(TOPIC, [], {}, options)
    for (const id of [1, 2])
      expect(await router.hears(Code.PUBLISH)).toMatchObject({ requestId: id, options })
    router.fails(Code.PUBLISH, 2, ERROR.notAuthorized, ['no'])
    router.say(new Published(1, 4711))
    expect(await accepted).toBe(4711)
    await expect(refused).rejects.toMatchObject({ uri: ERROR.notAuthorized })
  })

  it.each<[string, string, unknown, unknown]>([
    ['to what is no URI', 'com..topic', [], undefined],
    ['what cannot be sent', TOPIC, [() => {}], undefined],
    ['arguments that are no list', TOPIC, 'text', undefined],
    ['keywords that are none', TOPIC, [], ['text']],
  ])('%s is refused where it is made, and the session goes on', async (_, topic, args, kwargs) => {
    await using pair = await Pair.join()
    const { caller } = pair
    await expect(caller.publish(topic, args as unknown[], kwargs as never)).rejects.toThrow(UsageError)
    expect(await caller.publish(TOPIC, [], undefined, { acknowledge: true })).toBeTypeOf('number')
  })

  it('without a session is refused', async () => {
    const client = new Client({ realm: 'realm1', url: 'ws://127.0.0.1:1' })
    await expect(client.publish(TOPIC)).rejects.toThrow(SessionClosedError)
    await expect(client.subscribe(TOPIC, () => {})).rejects.toThrow(SessionClosedError)
  })
})

describe('an event handler', () => {
  it('is called with the positional arguments, then one object of the keywords if there are any', async () => {
    const heard: unknown[] = []
    const { router } = await subscribed((...args) => heard.push(args))
    router.event(7, [1, 2])
    router.event(7, [1], {}, { a: 2 })
    router.event(7, [], {}, { a: 2 })
    router.event(7)
    expect(heard).toEqual([[1, 2], [1, { a: 2 }], [{ a: 2 }], []])
  })

  it('is told of the event by currentEvent()', async () => {
    let event: ReceivedEvent | undefined
    await using pair = await Pair.join()
    const handler = () => {
      event = currentEvent()
      expect(() => currentInvocation()).toThrow(UsageError)
    }
    await pair.callee.subscribe('com.', handler, { match: 'prefix' })
    const options = { acknowledge: true, discloseMe: true }
    const publicationId = await pair.caller.publish(TOPIC, [1], { a: 2 }, options)
    const { session } = pair.caller
    expect(event).toMatchObject({
      topic: TOPIC,
      publicationId,
      args: [1],
      kwargs: { a: 2 },
      publisher: { session: session?.id, authid: session?.authid, authrole: 'anonymous' },
    })
    expect(() => currentEvent()).toThrow(UsageError)
  })

  it('may take its time: the next event does not wait', async () => {
    const heard: unknown[] = []
    const { router } = await subscribed(async (n) => {
      heard.push(n)
      await new Promise(() => {})
    })
    router.event(7, [1])
    router.event(7, [2])
    expect(heard).toEqual([1, 2])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('oops')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('oops')
      },
    ],
  ])(
    'that %s is told of in the error event; the others are called, and the session goes on',
    async (_, handler) => {
      const { client, router, errors } = await subscribed(handler)
      const heard: unknown[] = []
      await client.subscribe(TOPIC, (n) => heard.push(n))
      router.event(7, [1])
      router.event(7, [2])
      await turn()
      expect(heard).toEqual([1, 2])
      expect(errors).toEqual([new Error('oops'), new Error('oops')])
      expect(client.session).toBeDefined()
    },
  )

  it('calls and publishes on its own session', async () => {
    await using pair = await Pair.join()
    const { callee, caller } = pair
    let tell = (_: unknown) => {}
    const told = new Promise((resolve) => {
      tell = resolve
    })
    await caller.register('com.example.double', (n) => n * 2)
    await callee.subscribe(TOPIC, async (n) => tell(await callee.call('com.example.double', [n])))
    await caller.publish(TOPIC, [21])
    expect(await told).toBe(42)
  })
})

describe('handlers of one topic', () => {
  it('share one SUBSCRIBE, and are all called', async () => {
    const heard: unknown[] = []
    const { client, router } = await joinedClient()
    const both = [1, 2].map((n) => client.subscribe(TOPIC, (value) => heard.push([n, value])))
    await router.subscribes(7)
    const [a, b] = await Promise.all(both)
    const third = await client.subscribe(TOPIC, (value) => heard.push([3, value]))
    await router.hearsNothing()
    expect([a?.id, b?.id, third.id]).toEqual([7, 7, 7])
    router.event(7, ['x'])
    expect(heard).toEqual([
      [1, 'x'],
      [2, 'x'],
      [3, 'x'],
    ])
  })

  it('each match policy has a SUBSCRIBE of its own', async () => {
    const { client, router } = await joinedClient()
    client.subscribe(TOPIC, () => {})
    expect((await router.subscribes(1)).options).toEqual({})
    client.subscribe(TOPIC, () => {}, { match: 'prefix' })
    expect((await router.subscribes(2)).options).toEqual({ match: 'prefix' })
    client.subscribe(TOPIC, () => {}, { match: 'wildcard', extra: { _x: 1 } })
    expect((await router.subscribes(3)).options).toEqual({ match: 'wildcard', _x: 1 })
  })

  it('the last one that goes takes the subscription back', async () => {
    const heard: unknown[] = []
    const { client, router, subscription } = await subscribed((value) => heard.push(['first', value]))
    const second = await client.subscribe(TOPIC, (value) => heard.push(['second', value]))
    await subscription.unsubscribe()
    await router.hearsNothing()
    router.event(7, [1])
    const last = second.unsubscribe()
    expect((await router.unsubscribes()).subscriptionId).toBe(7)
    await last
    expect(second.id).toBeUndefined()
    await second.unsubscribe()
    router.event(7, [2])
    expect(heard).toEqual([['second', 1]])
    await router.hearsNothing()
    expect(client.session).toBeDefined()
  })

  it('a refused SUBSCRIBE rejects for all who wait, and is asked again by the next', async () => {
    const { client, router } = await joinedClient()
    const waiting = [client.subscribe(TOPIC, () => {}), client.subscribe(TOPIC, () => {})]
    const { requestId } = await router.hears(Code.SUBSCRIBE)
    router.fails(Code.SUBSCRIBE, requestId, ERROR.notAuthorized)
    for (const result of await Promise.allSettled(waiting))
      expect(result).toMatchObject({ reason: { uri: ERROR.notAuthorized } })
    expect(client.subscriptions).toEqual([])
    const again = client.subscribe(TOPIC, () => {})
    await router.subscribes(7)
    expect((await again).id).toBe(7)
  })
})

describe('subscribing and unsubscribing in a race', () => {
  it('an EVENT right behind SUBSCRIBED is heard, one that crossed UNSUBSCRIBE is dropped', async () => {
    const heard: unknown[] = []
    const { client, router } = await joinedClient()
    const subscribing = client.subscribe(TOPIC, (value) => heard.push(value))
    await router.subscribes(7)
    router.event(7, [1])
    const unsubscribed = (await subscribing).unsubscribe()
    const { requestId } = await router.hears(Code.UNSUBSCRIBE)
    router.event(7, [2])
    router.say(new Unsubscribed(requestId))
    await unsubscribed
    router.event(7, [3])
    expect(heard).toEqual([1])
    expect(client.session).toBeDefined()
  })

  it('a new SUBSCRIBE behind an UNSUBSCRIBE gets the same id, and stays', async () => {
    const heard: unknown[] = []
    const { client, router, subscription } = await subscribed(() => heard.push('old'))
    const unsubscribed = subscription.unsubscribe()
    const again = client.subscribe(TOPIC, () => heard.push('new'))
    const unsubscribe = await router.hears(Code.UNSUBSCRIBE)
    const subscribe = await router.hears(Code.SUBSCRIBE)
    expect(subscribe.requestId).toBe(unsubscribe.requestId + 1)
    router.say(new Unsubscribed(unsubscribe.requestId))
    router.say(new Subscribed(subscribe.requestId, 7))
    await unsubscribed
    expect((await again).id).toBe(7)
    router.event(7)
    expect(heard).toEqual(['new'])
  })

  it('unsubscribe() rejects if the router refuses', async () => {
    const { router, subscription } = await subscribed(() => {})
    const unsubscribed = subscription.unsubscribe()
    const { requestId } = await router.hears(Code.UNSUBSCRIBE)
    router.fails(Code.UNSUBSCRIBE, requestId, ERROR.notAuthorized)
    await expect(unsubscribed).rejects.toMatchObject({ uri: ERROR.notAuthorized })
  })

  it('unsubscribe() is done when the session ends before the router has answered', async () => {
    const joined = await subscribed(() => {})
    const unsubscribed = joined.subscription.unsubscribe()
    await joined.router.hears(Code.UNSUBSCRIBE)
    await stop(joined)
    await unsubscribed
  })

  it('subscribe() rejects when the session ends first', async () => {
    const joined = await joinedClient()
    const subscribing = joined.client.subscribe(TOPIC, () => {})
    await joined.router.hears(Code.SUBSCRIBE)
    const [failed] = await Promise.allSettled([subscribing, stop(joined)])
    expect(failed).toMatchObject({ reason: { name: 'SessionClosedError' } })
    expect(joined.client.subscriptions).toEqual([])
  })

  it('a handler that unsubscribes another while an event is on its way does not disturb it', async () => {
    const heard: string[] = []
    const { client, router, subscription } = await subscribed(() => {
      heard.push('first')
      void subscription.unsubscribe()
    })
    await client.subscribe(TOPIC, () => heard.push('second'))
    router.event(7)
    router.event(7)
    expect(heard).toEqual(['first', 'second', 'second'])
  })

  it('a handler that subscribes another for its topic does not have it called with the same event', async () => {
    const heard: string[] = []
    const { client, router } = await subscribed(() => {
      heard.push('first')
      if (heard.length === 1) void client.subscribe(TOPIC, () => heard.push('second'))
    })
    router.event(7)
    expect(heard).toEqual(['first'])
    router.event(7)
    expect(heard).toEqual(['first', 'first', 'second'])
  })
})
