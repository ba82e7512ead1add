/** The door `wampkit/testing/vitest`: the test kit as fixtures. */
import { test as withoutFixtures } from 'vitest'
import { type Clock, systemClock } from '../clock.js'
import type { Client } from '../peers/client/client.js'
import type { Router } from '../peers/router/router.js'
import type { Faults } from './faults/faults.js'
import { type TestClock, testClock } from './test-clock.js'
import { type TestRouter, type TestRouterOptions, testRouter } from './test-router.js'

/** What a test may ask for. What it does not ask for is not made. */
export interface Fixtures {
  /** Options of the router, for `test.override({ routerOptions: { roles } })`. */
  routerOptions: TestRouterOptions
  /** What measures time for the router and its clients: the system's, and so the fake timers of Vitest if they are in use. */
  clock: Clock
  /** All of it as one object. */
  kit: TestRouter
  /** A router of the test's own, closed when it is over. */
  router: Router
  /** The name of its realm. */
  realm: string
  /** Makes a client that has joined, and is stopped with the router. */
  connect: TestRouter['connect']
  /** Starts a service, stopped with the router. */
  serve: TestRouter['serve']
  /** Writes down what is said in the realm, or by one client. */
  record: TestRouter['record']
  /** A client that has joined. */
  client: Client
  /** A way to the router that fails when the test says so: `connect({ router: faults })`. */
  faults: Faults
}

/**
 * `test` of Vitest, with a router for each test that asks for one:
 *
 *     test('add', async ({ serve, client }) => {
 *       await serve(Calculator)
 *       expect(await client.call('com.example.add', [2, 3])).toBe(5)
 *     })
 */
export const test = withoutFixtures.extend<Fixtures>({
  routerOptions: {},
  clock: systemClock,
  kit: async ({ routerOptions, clock }, use) => {
    const kit = await testRouter({ clock, ...routerOptions })
    await use(kit)
    await kit.close()
  },
  router: ({ kit }, use) => use(kit.router),
  realm: ({ kit }, use) => use(kit.realm),
  connect: ({ kit }, use) => use(kit.connect),
  serve: ({ kit }, use) => use(kit.serve),
  record: ({ kit }, use) => use(kit.record),
  client: async ({ kit }, use) => use(await kit.connect()),
  faults: ({ kit }, use) => use(kit.faulty()),
})

/** The same, where no time passes but by the test's `clock`: `await clock.advance(500)`. */
export const testWithClock = test.extend<{ clock: TestClock }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are needed
  clock: ({}, use) => use(testClock()),
})
