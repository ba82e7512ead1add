import { describe, expect, it } from 'vitest'
import { Wampy } from 'wampy'
import { CborSerializer } from 'wampy/CborSerializer.js'
import { JsonSerializer } from 'wampy/JsonSerializer.js'
import { MsgpackSerializer } from 'wampy/MsgpackSerializer.js'
import { WebSocket } from 'ws'
import { CallResult, Client, silentLogger } from '../../src/index.js'
import { Router } from '../../src/router.js'
import { expectToWork, hang } from './checks/calls.js'
import { freshUri } from './checks/check.js'
import { expectTimeout, expectToStream, Guests, MIXED, routerWithProfiles, WAMPY } from './checks/profiles.js'
import { checkLibrary } from './checks.js'
import { autobahnJs } from './peers/autobahn-js.js'
import { wampyJs } from './peers/wampy-js.js'
import { REALM, testRouter, timedRouter, urlOf } from './router.js'

const router = testRouter()
const timed = timedRouter()

for (const serializer of wampyJs.serializers) checkLibrary(router, timed, { library: wampyJs, serializer })

const profiles = routerWithProfiles()

for (const serializer of wampyJs.serializers) {
  const side = { library: wampyJs, serializer }

  describe(`the profile wampy.js, over ${serializer}`, () => {
    it('wampy.js streams results', async () => {
      await using guests = new Guests(profiles, WAMPY)
      const [callee, ours] = [await guests.join(side), await guests.ours()]
      await expectToStream(ours, callee)
      await expectToStream(await guests.join(side), callee)
    })
    it('wampy.js is never interrupted', async () => {
      await using guests = new Guests(profiles, WAMPY)
      const [callee, ours] = [await guests.join(side), await guests.ours()]
      const onProgress = () => {}
      const { call, cancel, release } = await hang(ours, callee, await guests.ours(), {
        cancelMode: 'kill',
        onProgress,
      })
      await cancel()
      expect((await call).uri).toBe('wamp.error.canceled')
      await release()
      await expectToWork(ours, callee)
    })
    it('wampy.js says timeouts in milliseconds', async () => {
      await using guests = new Guests(profiles, WAMPY)
      const caller = await guests.join(side)
      await expectTimeout(profiles, guests, caller, { timeout: 2_000, milliseconds: 2_000 })
    })
    it('wampy.js and autobahn-js have each their own, where the realm chooses', async () => {
      await using guests = new Guests(profiles, MIXED)
      const wampy = await guests.join(side)
      const autobahn = await guests.join({ library: autobahnJs, serializer })
      await expectToStream(autobahn, wampy)
      await expectToStream(wampy, autobahn)
      await expectTimeout(profiles, guests, wampy, { timeout: 2_000, milliseconds: 2_000 })
      await expectTimeout(profiles, guests, autobahn, { timeout: 2, milliseconds: 2_000 })
    })
  })

  describe(`progressiveCall of wampy.js over ${serializer}`, () => {
    const sum = async (parts: AsyncIterable<number>) => {
      const all: number[] = []
      for await (const part of parts) all.push(part)
      return new CallResult([all.reduce((a, b) => a + b, 0), all.length])
    }

    it('ends the session, for wampy.js does not announce it', async () => {
      const strict = new Router({ realms: [{ name: REALM }], logger: silentLogger })
      await strict.listen({ port: 0 })
      const { wampy, client } = await connect(strict, serializer)
      await client.register('com.example.sum', sum, { progressiveInvocations: true })
      const { result } = wampy.progressiveCall('com.example.sum', { argsList: [1] })
      await expect(result).rejects.toThrow()
      await client.stop()
      await strict.close()
    })

    it('reaches our client part by part, once it is announced', async () => {
      const uri = freshUri()
      const { wampy, client } = await connect(router, serializer, 'progressive_call_invocations')
      await client.register(uri, sum, { progressiveInvocations: true })
      const { result, sendData } = wampy.progressiveCall(uri, { argsList: [1] })
      sendData({ argsList: [2] })
      sendData({ argsList: [3] }, { progress: false })
      expect((await result).argsList).toEqual([6, 3])
      await wampy.disconnect()
      await client.stop()
    })
  })
}

const trusting = testRouter({ realms: [{ name: REALM, trustLevels: [{ level: 7 }] }] })

for (const serializer of wampyJs.serializers)
  it(`wampy.js over ${serializer} is told how far calls and events can be trusted`, async () => {
    const [procedure, topic] = [freshUri(), freshUri()]
    const { wampy, client } = await connect(trusting, serializer)
    await wampy.register(procedure, ({ details }) => ({ argsList: [details.trustlevel] }))
    expect(await client.call(procedure)).toBe(7)
    const trustlevel = new Promise((resolve, reject) => {
      wampy
        .subscribe(topic, ({ details }) => resolve(details.trustlevel))
        .then(() => client.publish(topic), reject)
    })
    expect(await trustlevel).toBe(7)
    await wampy.disconnect()
    await client.stop()
  })

const SERIALIZERS = { json: JsonSerializer, msgpack: MsgpackSerializer, cbor: CborSerializer }

/** A session of wampy.js that announces a feature of the caller which it has and does not announce; and our client. */
async function connect(at: Router, serializer: keyof typeof SERIALIZERS, feature?: string) {
  const url = urlOf(at)
  const wampy = new Wampy(url, {
    realm: REALM,
    ws: WebSocket as never,
    serializer: new SERIALIZERS[serializer](),
    autoReconnect: false,
  })
  const { _wamp_features } = wampy as unknown as {
    _wamp_features: { roles: { caller: { features: Record<string, boolean> } } }
  }
  if (feature !== undefined) _wamp_features.roles.caller.features[feature] = true
  await wampy.connect()
  const client = new Client({ url, realm: REALM })
  await client.start()
  return { wampy, client }
}
