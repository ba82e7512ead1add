import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CliProcess } from '../cli/cli-process.js'
import { freshUri, serve } from './checks/check.js'
import { BOTH, BYTES, expectSame } from './checks/payloads.js'
import { checkAutobahnProfile, routerWithProfiles } from './checks/profiles.js'
import { checkLibrary, checkTogether } from './checks.js'
import { autobahnJs } from './peers/autobahn-js.js'
import { AutobahnPython, pythonSerializers } from './peers/autobahn-python.js'
import { wampyJs } from './peers/wampy-js.js'
import { REALM, testRouter, timedRouter, urlOf } from './router.js'

const ROOT = join(import.meta.dirname, '../..')
const SOURCE = ['--conditions=wampkit-source', '--import', 'tsx']
const spoken = pythonSerializers()

const missing = (['json', 'msgpack', 'cbor'] as const).filter((name) => !spoken.includes(name))

// Whoever develops may do without; where everything is to be tested it must be there.
it.skipIf(missing.length > 0 && !process.env.CI)(
  'Python has autobahn and cbor2: apt-get install python3-autobahn python3-cbor2',
  () => {
    expect(missing).toEqual([])
  },
)

if (spoken.length > 0) {
  const python = new AutobahnPython(spoken)
  const router = testRouter()
  const timed = timedRouter()
  afterAll(() => python[Symbol.dispose]())

  for (const serializer of spoken) checkLibrary(router, timed, { library: python, serializer })

  for (const [mine, library, other] of [
    ['json', autobahnJs, 'msgpack'],
    ['cbor', autobahnJs, 'json'],
    ['msgpack', wampyJs, 'cbor'],
  ] as const)
    if (spoken.includes(mine))
      checkTogether(router, { library: python, serializer: mine }, { library, serializer: other })

  const profiles = routerWithProfiles()
  // It cancels without a mode, always.
  for (const serializer of spoken)
    checkAutobahnProfile(profiles, { library: python, serializer }, [undefined])

  for (const [mine, other] of [
    ...spoken.map((serializer) => [serializer, serializer] as const),
    ...spoken.map((serializer, i) => [serializer, spoken.at(i - 1) ?? serializer] as const),
  ])
    it(`Python autobahn sends itself transparent payload over ${mine} and ${other}`, async () => {
      const join = (serializer: typeof mine) =>
        python.join({ url: urlOf(router), realm: REALM, serializer, transparent: true })
      const [here, there] = [await join(mine), await join(other)]
      const sent = { args: [...BOTH.args, BYTES], kwargs: BOTH.kwargs }
      expectSame(await here.call(await serve(there, 'echo'), sent), sent)
      const topic = freshUri()
      const inbox = await there.subscribe(topic)
      await here.publish(topic, sent)
      const { args, kwargs } = await inbox.next()
      expectSame({ args, kwargs }, sent)
      await Promise.all([here.leave(), there.leave()])
    })

  it('Python autobahn joins with what it offers by default, batched formats first', async () => {
    const peer = await python.join({ url: urlOf(router), realm: REALM })
    expect(peer.serializer).toBe(`${spoken.at(-1)}.batched`)
    await peer.leave()
  })

  describe.concurrent('npx wampkit', () => {
    const realm = 'realm1'
    const wampkit = (command: string, ...args: string[]) =>
      new CliProcess([...SOURCE, 'src/cli/main.ts', command, '--url', urlOf(router), ...args], ROOT)
    const joined = () => python.join({ url: urlOf(router), realm, serializer: 'json' })

    it('npx wampkit call calls a procedure of Python autobahn', async ({ expect }) => {
      const peer = await joined()
      await peer.serve('com.example.echo', 'echo')
      await using cli = wampkit('call', '--json', 'com.example.echo', '2', 'Grüße', '--kw', 'three=3')
      expect(await cli.exited).toBe(0)
      expect(JSON.parse(cli.stdout)).toMatchObject({ args: [2, 'Grüße'], kwargs: { three: 3 } })
      await peer.leave()
    })
    it('npx wampkit register serves a procedure that Python autobahn calls', async ({ expect }) => {
      const peer = await joined()
      await using cli = wampkit('register', 'com.example.cat', '--command', 'cat')
      await cli.output(/com\.example\.cat/)
      const { args } = await peer.call('com.example.cat', { args: [1, 'two'], kwargs: { three: 3 } })
      expect(args).toMatchObject([{ args: [1, 'two'], kwargs: { three: 3 } }])
      await peer.leave()
    })
    it('npx wampkit run hosts a class that Python autobahn calls', async ({ expect }) => {
      const peer = await joined()
      await using cli = wampkit('run', 'examples/01-date-service.ts')
      await cli.output(/getTodaysDate/)
      const { args } = await peer.call('getTodaysDate')
      expect(args).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d$/)])
      await peer.leave()
    })
  })
}
