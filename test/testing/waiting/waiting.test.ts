import { describe, expect, it } from 'vitest'
import { DateService } from '../../../examples/01-date-service.js'
import { WeatherService } from '../../../examples/03-subscriber-service.js'
import { Client, ERROR } from '../../../src/index.js'
import { Router } from '../../../src/router.js'
import {
  type TestRouter,
  testClock,
  testRouter,
  type WaitTarget,
  waitForRegistration,
  waitForSession,
  waitForSubscription,
} from '../../../src/testing.js'

const NOW = { timeout: 0 }
const SOON = { timeout: 5 }

/** Each way to look at a realm. */
const views: readonly [name: string, look: (kit: TestRouter) => Promise<WaitTarget>][] = [
  ['the router', async ({ router }) => router],
  ['the test router', async (kit) => kit],
  ['a client, by the meta API', ({ connect }) => connect({ authid: 'watcher' })],
]

describe.each(views)('waiting, as %s knows the realm,', (_, look) => {
  it('ends at once for what is there', async () => {
    await using kit = await testRouter()
    await kit.serve(DateService)
    await kit.serve(WeatherService, { authid: 'weather' })
    const target = await look(kit)
    expect(await waitForRegistration(target, 'getTodaysDate')).toMatchObject({
      uri: 'getTodaysDate',
      match: 'exact',
      invoke: 'single',
    })
    const prefix = { uri: 'com.example.weather.', match: 'prefix' }
    expect(await waitForSubscription(target, 'com.example.weather.oslo')).toMatchObject(prefix)
    const exactly = { match: 'prefix' } as const
    expect(await waitForSubscription(target, 'com.example.weather.', exactly)).toMatchObject(prefix)
    expect(await waitForSession(target, 'weather')).toMatchObject({
      authid: 'weather',
      authrole: 'anonymous',
    })
  })

  it('ends when it comes', async () => {
    await using kit = await testRouter()
    const target = await look(kit)
    const waits = [
      waitForRegistration(target, 'getTodaysDate'),
      waitForSubscription(target, 'com.example.forget'),
      waitForSession(target, 'dates'),
    ]
    await kit.serve(WeatherService)
    await kit.serve(DateService, { authid: 'dates' })
    expect(await Promise.all(waits)).toMatchObject([
      { uri: 'getTodaysDate' },
      { uri: 'com.example.forget' },
      { authid: 'dates' },
    ])
  })

  it('counts callees and subscribers', async () => {
    await using kit = await testRouter()
    const target = await look(kit)
    const two = waitForRegistration(target, 'com.example.p', { callees: 2 })
    const both = waitForSubscription(target, 'com.example.t', { subscribers: 2 })
    const [a, b] = [await kit.connect(), await kit.connect()]
    await a.register('com.example.p', () => 1, { invoke: 'roundrobin' })
    await a.subscribe('com.example.t', () => {})
    const early = await Promise.race([two, both, Promise.resolve('none')])
    expect(early).toBe('none')
    await expect(waitForRegistration(target, 'com.example.p', { callees: 2, ...SOON })).rejects.toThrow(
      'not as many as 2 callees registered com.example.p',
    )
    await b.register('com.example.p', () => 2, { invoke: 'roundrobin' })
    await b.subscribe('com.example.', () => {}, { match: 'prefix' })
    expect(await two).toMatchObject({ uri: 'com.example.p', invoke: 'roundrobin' })
    expect(await both).toMatchObject({ uri: expect.stringMatching(/^com\.example\./) })
  })

  it('ends with what there is instead, if it takes too long', async () => {
    await using kit = await testRouter()
    await kit.serve(DateService, { authid: 'dates' })
    await kit.serve(WeatherService, { authid: 'weather' })
    const target = await look(kit)
    const failure = await waitForRegistration(target, 'getTodaysDat', SOON).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      uri: ERROR.timeout,
      message:
        'wamp.error.timeout: nobody registered getTodaysDat within 5 ms; registered is getTodaysDate, com.example.weather.latest',
    })
    await expect(waitForSubscription(target, 'com.example.none', SOON)).rejects.toThrow(
      'nobody subscribed to com.example.none within 5 ms; subscribed to is com.example.',
    )
    await expect(waitForSession(target, 'nobody', SOON)).rejects.toThrow(
      /nobody did not join within 5 ms; joined has dates, weather/,
    )
  })

  it('leaves nothing behind in the realm', async () => {
    await using kit = await testRouter()
    const target = await look(kit)
    const come = waitForRegistration(target, 'getTodaysDate')
    await kit.serve(DateService)
    await come
    await waitForSubscription(target, 'com.example.none', SOON).catch(() => {})
    const client = await kit.connect()
    expect(await client.meta.subscription.list()).toEqual({ exact: [], prefix: [], wildcard: [] })
  })
})

describe('waiting', () => {
  it('is measured by the clock that it is given', async () => {
    await using kit = await testRouter()
    const clock = testClock()
    let failed = false
    const waiting = waitForSession(kit, 'ada', { timeout: 60_000, clock }).catch(() => {
      failed = true
    })
    await clock.advance(59_999)
    expect(failed).toBe(false)
    await clock.advance(1)
    await waiting
    expect(failed).toBe(true)
  })

  it('says what there is none of', async () => {
    await using kit = await testRouter()
    await expect(waitForSubscription(kit, 'com.example.t', NOW)).rejects.toThrow('subscribed to is nothing')
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`com.example.p${n}`, () => n]))
    await kit.serve(many)
    await expect(waitForRegistration(kit, 'com.example.q', NOW)).rejects.toThrow(
      'com.example.p19, and 5 more',
    )
  })

  it('needs the name of the realm of a router that has several', async () => {
    await using router = new Router({ realms: [{ name: 'realm1' }, { name: 'realm2' }] })
    await expect(waitForSession(router, 'ada')).rejects.toThrow('realm1, realm2')
    await using client = await new Client({ router, realm: 'realm2' }).start()
    const { authid = '', id } = client.session ?? {}
    expect(await waitForSession(router, authid, { realm: 'realm2' })).toMatchObject({ session: id })
  })
})
