import { describe, expect, it } from 'vitest'
import { topic } from 'wampkit/contracts'
import { z } from 'zod'
import { type Client, currentEvent, UsageError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Pair } from '../peers/pair.js'
import { joinedClient } from '../spec/raw-router.js'
import { failureOf } from './outcome.js'
import { slow } from './slow.js'

const URI = 'com.example.weather'
const untyped = <T>(value: unknown) => value as T
const acknowledge = { acknowledge: true }

const weather = topic(URI, {
  args: z.tuple([z.string().transform((place) => place.toUpperCase())]),
  kwargs: z.object({ celsius: z.number().default(20) }),
})

async function subscribed(
  client: Client,
  subscribing: Promise<unknown>,
  router: { subscribes(id: number): Promise<unknown> },
) {
  await router.subscribes(7)
  await subscribing
  return client
}

describe('the events of a topic', () => {
  it('are what the schema makes of them, for their subscribers alone', async () => {
    await using pair = await Pair.join()
    const heard: unknown[] = []
    await pair.callee.subscribe(weather, (...event) => heard.push([...event, currentEvent().topic]))
    await pair.callee.subscribe(URI, (...event) => heard.push(event))
    await pair.caller.publish(weather, ['oslo'], undefined, acknowledge)
    await pair.caller.publish(weather, ['bern'], { celsius: 25 }, acknowledge)
    await expect.poll(() => heard.length).toBe(4)
    expect(heard).toEqual([
      ['OSLO', { celsius: 20 }, URI],
      ['oslo'],
      ['BERN', { celsius: 25 }, URI],
      ['bern', { celsius: 25 }],
    ])
  })

  it('are read from a stream as well, and a bad one is left out of it', async () => {
    await using pair = await Pair.join()
    const events = await pair.callee.subscribe(weather)
    await pair.caller.publish(URI, [5], undefined, acknowledge)
    await pair.caller.publish(weather, ['oslo'], undefined, acknowledge)
    const { value } = await events.next()
    expect(value).toMatchObject({ topic: URI, args: ['OSLO'], kwargs: { celsius: 20 } })
    expect(value?.publicationId).toBeTypeOf('number')
    expect(pair.errors).toMatchObject([
      { uri: 'wamp.error.invalid_argument', kwargs: { topic: URI, path: 'args[0]' } },
    ])
  })

  it('of a publisher that is refused are not published', async () => {
    const { client, router } = await joinedClient()
    const refused = failureOf(client.publish(weather, ['oslo'], untyped({ celsius: 'cold' })))
    expect(await refused).toMatchObject({ kwargs: { topic: URI, path: 'kwargs.celsius' } })
    await router.hearsNothing()
  })

  it('of a topic in types alone are as they were sent', async () => {
    const news = topic<[headline: string]>(URI)
    await using pair = await Pair.join()
    const heard: unknown[] = []
    await pair.callee.subscribe(news, (headline) => heard.push(headline))
    await pair.caller.publish(news, untyped<[string]>([5]), undefined, acknowledge)
    await expect.poll(() => heard).toEqual([5])
    expect(await failureOf(pair.caller.publish(news, untyped('x')))).toBeInstanceOf(UsageError)
  })

  it('that a handler does not take are told to the client, as without a contract', async () => {
    await using pair = await Pair.join()
    const thrown = new Error('no')
    await pair.callee.subscribe(weather, () => {
      throw thrown
    })
    await pair.caller.publish(weather, ['oslo'], undefined, acknowledge)
    await expect.poll(() => pair.errors).toEqual([thrown])
  })

  it('come to a pattern of topics by its contract', async () => {
    const all = topic<[string]>('com.example.')
    await using pair = await Pair.join()
    const heard: unknown[] = []
    await pair.callee.subscribe(all, (text) => heard.push([text, currentEvent().topic]), { match: 'prefix' })
    await pair.caller.publish(URI, ['oslo'], undefined, acknowledge)
    await expect.poll(() => heard).toEqual([['oslo', URI]])
  })
})

describe('with a schema that is slow, events', () => {
  it('keep their order at the subscriber, and a bad one does not hold up the others', async () => {
    const gate = slow()
    const log = topic(URI, { args: z.tuple([gate.schema]) })
    const { client, router } = await joinedClient()
    const errors: unknown[] = []
    client.on('error', (error) => errors.push(error))
    const heard: unknown[] = []
    const subscribing = client.subscribe(log, (text) => heard.push([text, currentEvent().args]))
    await subscribed(client, subscribing, router)
    for (const value of ['a', 5, 'b']) router.event(7, [value])
    gate.open('b')
    await router.hearsNothing()
    expect(heard).toEqual([])
    gate.open('a')
    await expect
      .poll(() => heard)
      .toEqual([
        ['a', ['a']],
        ['b', ['b']],
      ])
    expect(errors).toMatchObject([{ uri: 'wamp.error.invalid_argument' }])
  })

  it('keep their order at the publisher', async () => {
    const gate = slow()
    const log = topic(URI, { args: z.tuple([gate.schema]) })
    const { client, router } = await joinedClient()
    const published = ['a', 'b'].map((text) => client.publish(log, [text]))
    gate.open('b')
    await router.hearsNothing()
    gate.open('a')
    await Promise.all(published)
    expect((await router.hears(Code.PUBLISH)).payload.args).toEqual(['a'])
    expect((await router.hears(Code.PUBLISH)).payload.args).toEqual(['b'])
  })

  it('keep their order where only some have to be waited for', async () => {
    const gate = slow()
    const either = topic(URI, {
      args: {
        '~standard': {
          version: 1,
          vendor: 'mine',
          validate: (value: unknown) =>
            Array.isArray(value) && value[0] === 'a'
              ? z.tuple([gate.schema])['~standard'].validate(value)
              : { value: value as [string] },
          types: undefined as { input: [string]; output: [string] } | undefined,
        },
      } as const,
    })
    const { client, router } = await joinedClient()
    const heard: unknown[] = []
    await subscribed(
      client,
      client.subscribe(either, (text) => heard.push(text)),
      router,
    )
    for (const value of ['a', 'b']) router.event(7, [value])
    await gate.asked('a')
    expect(heard).toEqual([])
    gate.open('a')
    await expect.poll(() => heard).toEqual(['a', 'b'])
    router.event(7, ['c'])
    expect(heard).toEqual(['a', 'b', 'c'])
  })
})
