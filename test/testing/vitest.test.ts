import { describe, expect } from 'vitest'
import { DateService } from '../../examples/01-date-service.js'
import { ERROR } from '../../src/index.js'
import { Router } from '../../src/router.js'
import { test, testWithClock } from '../../src/testing/vitest.js'
import { waitForRegistration } from '../../src/testing.js'

const seen: Router[] = []

describe('the fixtures', () => {
  test('are one router, and what belongs to it', async ({
    kit,
    router,
    realm,
    connect,
    serve,
    record,
    client,
  }) => {
    seen.push(router)
    expect([router, realm, connect, serve, record]).toEqual([
      kit.router,
      kit.realm,
      kit.connect,
      kit.serve,
      kit.record,
    ])
    await serve(DateService)
    await waitForRegistration(router, 'getTodaysDate')
    expect(await client.call('getTodaysDate')).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(client.session?.realm).toBe(realm)
  })

  test('are others in the next test, and closed', async ({ router }) => {
    expect(router).not.toBe(seen[0])
    await expect(seen[0]?.listen({ port: 0 })).rejects.toThrow('closed')
  })

  test('are not made unless they are asked for', ({ realm, task }) => {
    expect([realm, task.name]).toEqual(['realm1', 'are not made unless they are asked for'])
  })

  test('have a way that fails', async ({ faults, connect }) => {
    const client = await connect({ router: faults })
    faults.disconnect()
    expect((await client.once('leave')).error?.message).toContain('lost')
  })

  describe('with options', () => {
    const roles = { frontend: [{ uri: 'com.example.', match: 'prefix', allow: ['call'] }] } as const
    test.override({ routerOptions: { realm: 'com.shop', roles } })

    test('are of another realm, with its permissions', async ({ realm, connect }) => {
      expect(realm).toBe('com.shop')
      const ada = await connect({ authrole: 'frontend' })
      await expect(ada.call('com.example.p')).rejects.toMatchObject({ uri: ERROR.noSuchProcedure })
      await expect(ada.publish('com.example.p', [], {}, { acknowledge: true })).rejects.toMatchObject({
        uri: ERROR.notAuthorized,
      })
    })
  })

  const withService = test.extend<{ dates: DateService }>({
    dates: async ({ serve }, use) => use(await serve(DateService)),
  })

  withService('can be built upon', async ({ dates, client }) => {
    expect(await client.call('getTodaysDate')).toBe(dates.getTodaysDate())
  })

  testWithClock('have a clock whose hands the test turns', async ({ clock, client, serve }) => {
    await serve({ 'com.example.slow': () => new Promise(() => {}) })
    const call = client.call('com.example.slow', [], {}, { timeout: 60_000 }).catch((error: unknown) => error)
    await clock.advance(60_000)
    expect(await call).toMatchObject({ uri: ERROR.timeout })
  })

  test('are of the door that a user imports', () => expect(seen[0]).toBeInstanceOf(Router))
})
