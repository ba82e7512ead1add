/** The compatibility profiles of our router, with the libraries that they are for. */
import { describe, expect, it } from 'vitest'
import { Client, currentInvocation } from '../../../src/index.js'
import type { CallOptions, Peer } from '../peer.js'
import { wampkit } from '../peers/wampkit.js'
import { type TimedRouter, timedRouter, urlOf } from '../router.js'
import type { Side } from '../side.js'
import { expectToWork, hang } from './calls.js'
import { freshUri, serve } from './check.js'

/** A realm without a profile. */
export const PLAIN = 'plain'
export const AUTOBAHN = 'autobahn'
export const WAMPY = 'wampy'
/** A realm in which each client has the profile of what it says that it is. */
export const MIXED = 'mixed'

/** A router with a realm for each profile. */
export function routerWithProfiles(): TimedRouter {
  return timedRouter({
    realms: [
      { name: PLAIN },
      { name: AUTOBAHN, compatibility: 'autobahn' },
      { name: WAMPY, compatibility: 'wampy.js' },
      {
        name: MIXED,
        compatibility: ({ agent }) => (agent?.startsWith('Wampy.js') ? 'wampy.js' : 'autobahn'),
      },
    ],
  })
}

/** The sessions of a test, which leave at its end if they have not by then. */
export class Guests implements AsyncDisposable {
  readonly #guests: Peer[] = []

  constructor(
    private readonly timed: TimedRouter,
    private readonly realm: string,
  ) {}

  async join({ library, serializer }: Side): Promise<Peer> {
    const peer = await library.join({ url: urlOf(this.timed.router), realm: this.realm, serializer })
    this.#guests.push(peer)
    return peer
  }

  ours(): Promise<Peer> {
    return this.join({ library: wampkit, serializer: 'json' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#guests.map((guest) => guest.leave()))
  }
}

/** A call of this peer's progressive procedure brings all of its results. */
export async function expectToStream(caller: Peer, callee: Peer): Promise<void> {
  const uri = await serve(callee, 'count')
  const progress: unknown[] = []
  const result = await caller.call(uri, { args: [4] }, { onProgress: ({ args }) => progress.push(args) })
  expect([progress, result.args]).toEqual([[[1], [2], [3]], [4]])
}

/** A call with the timeout `timeout` fails once `milliseconds` have passed, and not before. */
export async function expectTimeout(
  { pass }: TimedRouter,
  guests: Guests,
  caller: Peer,
  { timeout, milliseconds }: { timeout: number; milliseconds: number },
): Promise<void> {
  const callee = await guests.ours()
  const { call, interrupted } = await hang(caller, callee, await guests.ours(), { timeout })
  pass(milliseconds - 1)
  await expectToWork(caller, callee)
  expect(interrupted.size).toBe(0)
  pass(1)
  expect((await call).uri).toBe('wamp.error.timeout')
}

/** What the profile `autobahn` does for autobahn, in JavaScript or in Python. */
export function checkAutobahnProfile(
  timed: TimedRouter,
  side: Side,
  cancelModes: readonly (CallOptions['cancelMode'] | undefined)[],
): void {
  const { name } = side.library
  describe(`the profile autobahn, for ${name} over ${side.serializer}`, () => {
    it(`${name} streams results`, async () => {
      await using guests = new Guests(timed, AUTOBAHN)
      const [callee, ours] = [await guests.join(side), await guests.ours()]
      await expectToStream(ours, callee)
      await expectToStream(await guests.join(side), callee)
    })
    it(`${name} says timeouts in seconds`, async () => {
      await using guests = new Guests(timed, AUTOBAHN)
      const caller = await guests.join(side)
      await expectTimeout(timed, guests, caller, { timeout: 2, milliseconds: 2_000 })
    })
    it(`our client is told in milliseconds of a timeout that ${name} says in seconds`, async () => {
      await using guests = new Guests(timed, AUTOBAHN)
      const caller = await guests.join(side)
      const client = new Client({ url: urlOf(timed.router), realm: AUTOBAHN })
      await client.start()
      const uri = freshUri()
      await client.register(uri, () => currentInvocation().details.timeout, { forwardTimeout: true })
      expect((await caller.call(uri, {}, { timeout: 2 })).args).toEqual([2_000])
      await client.stop()
    })
    for (const cancelMode of cancelModes)
      it(`${name} cancels ${cancelMode ? `by ${cancelMode}` : 'without a mode'} and lives`, async () => {
        await using guests = new Guests(timed, AUTOBAHN)
        const [caller, callee] = [await guests.join(side), await guests.ours()]
        const options = cancelMode === undefined ? {} : { cancelMode }
        const { call, cancel, release, interrupted } = await hang(
          caller,
          callee,
          await guests.ours(),
          options,
        )
        await cancel()
        await call
        if (cancelMode === 'skip') await release()
        else await interrupted.next()
        await expectToWork(caller, callee)
      })
  })
}
