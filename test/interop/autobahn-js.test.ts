import { expect, it } from 'vitest'
import { hang } from './checks/calls.js'
import { AUTOBAHN, checkAutobahnProfile, Guests, PLAIN, routerWithProfiles } from './checks/profiles.js'
import { checkLibrary, checkTogether } from './checks.js'
import { autobahnJs } from './peers/autobahn-js.js'
import { wampyJs } from './peers/wampy-js.js'
import { testRouter, timedRouter } from './router.js'

const router = testRouter()
const timed = timedRouter()

for (const serializer of autobahnJs.serializers)
  checkLibrary(router, timed, { library: autobahnJs, serializer })

for (const [mine, other] of [
  ['json', 'msgpack'],
  ['msgpack', 'cbor'],
  ['cbor', 'json'],
] as const)
  checkTogether(router, { library: autobahnJs, serializer: mine }, { library: wampyJs, serializer: other })

const profiles = routerWithProfiles()

for (const serializer of autobahnJs.serializers) {
  const side = { library: autobahnJs, serializer }
  checkAutobahnProfile(profiles, side, ['killnowait', 'skip', undefined])

  it(`without the profile autobahn, autobahn-js over ${serializer} closes when it cancels by killnowait`, async () => {
    await using guests = new Guests(profiles, PLAIN)
    const [caller, callee] = [await guests.join(side), await guests.ours()]
    const { cancel } = await hang(caller, callee, await guests.ours(), { cancelMode: 'killnowait' })
    await cancel()
    expect(await caller.ended).toBe('the router broke the rules, says autobahn-js')
  })

  it(`the profile autobahn: autobahn-js over ${serializer} cancels by kill, and hears how the call ended`, async () => {
    await using guests = new Guests(profiles, AUTOBAHN)
    const [caller, callee] = [await guests.join(side), await guests.ours()]
    const { call, cancel } = await hang(caller, callee, await guests.ours(), { cancelMode: 'kill' })
    await cancel()
    expect((await call).uri).toBe('wamp.error.canceled')
  })
}
