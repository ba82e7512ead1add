import { describe, expect, it } from 'vitest'
import { DateService } from '../../examples/01-date-service.js'
import { WeatherService } from '../../examples/03-subscriber-service.js'
import { Client, ERROR, ticket, UsageError } from '../../src/index.js'
import { checkTickets, memoryEvents, Router } from '../../src/router.js'
import { json } from '../../src/serializers/json/json.js'
import { testClock, testRouter } from '../../src/testing.js'
import { createMemoryTransports } from '../../src/transports/memory/memory-transport.js'
import { CountingClock } from '../chaos/counting-clock.js'

const today = () => new Date().toISOString().slice(0, 10)

describe('a test router', () => {
  it('serves, and is called, without a port', async () => {
    await using kit = await testRouter()
    await kit.serve(DateService)
    expect(await (await kit.connect()).call('getTodaysDate')).toBe(today())
    expect([kit.router instanceof Router, kit.router.urls, kit.realm]).toEqual([true, [], 'realm1'])
  })

  it('can be taken apart', async () => {
    const kit = await testRouter({ realm: 'com.example' })
    const { router, realm, connect, serve } = kit
    await serve(DateService)
    const theirs = await new Client({ router, realm }).start()
    expect(await theirs.call('getTodaysDate')).toBe(today())
    expect((await connect()).session?.realm).toBe('com.example')
    await theirs.stop()
    await kit.close()
  })

  it('takes functions in place of a service', async () => {
    await using kit = await testRouter()
    await kit.serve({ 'com.example.add': (a: number, b: number) => a + b, 'com.example.zero': () => 0 })
    const client = await kit.connect()
    expect(await client.call('com.example.add', [2, 3])).toBe(5)
    expect(await client.call('com.example.zero')).toBe(0)
  })

  it('gives a service what its constructor takes', async () => {
    await using kit = await testRouter()
    const service = await kit.serve(WeatherService, { authid: 'weather', authrole: 'backend' })
    expect(service).toBeInstanceOf(WeatherService)
    expect(service.session).toMatchObject({ authid: 'weather', authrole: 'backend' })
  })

  it('believes who clients say they are, and gives their role its permissions', async () => {
    await using kit = await testRouter({
      roles: {
        backend: [{ uri: '', match: 'prefix', allow: ['register'] }],
        frontend: [{ uri: 'getTodaysDate', allow: ['call'] }],
      },
    })
    await kit.serve(DateService, { authrole: 'backend' })
    const ada = await kit.connect({ authid: 'ada', authrole: 'frontend' })
    expect(await ada.call('getTodaysDate')).toBe(today())
    await expect(ada.call('com.example.other')).rejects.toMatchObject({ uri: ERROR.notAuthorized })
    const nobody = await kit.connect()
    await expect(nobody.call('getTodaysDate')).rejects.toMatchObject({ uri: ERROR.notAuthorized })
  })

  it('has the ways to log in that it is given, as well', async () => {
    const auth = [checkTickets({ ada: { ticket: 'secret', authrole: 'frontend' } })]
    await using kit = await testRouter({ auth })
    const ada = await kit.connect({ auth: [ticket({ authid: 'ada', ticket: 'secret' })] })
    expect(ada.session).toMatchObject({ authrole: 'frontend', authmethod: 'ticket' })
    const guess = kit.connect({ auth: [ticket({ authid: 'ada', ticket: 'guess' })] })
    await expect(guess).rejects.toMatchObject({ reason: ERROR.authenticationDenied })
  })

  it('passes options on to its realm and to its router', async () => {
    await using kit = await testRouter({
      history: [{ topic: 'com.example.news' }],
      store: memoryEvents(),
      agent: 'test',
    })
    const client = await kit.connect()
    await client.publish('com.example.news', ['first'], {}, { acknowledge: true })
    expect((await client.history('com.example.news')).map(({ args }) => args)).toEqual([['first']])
    expect(client.session?.details.agent).toBe('test')
    await expect(testRouter({ realm: 'no realm' })).rejects.toThrow(UsageError)
  })

  it('stops its clients when it is closed, and closes itself', async () => {
    const kit = await testRouter()
    const client = await kit.connect()
    const service = await kit.serve(DateService)
    await kit.close()
    await kit.close()
    expect([client.state, service.state]).toEqual(['stopped', 'stopped'])
    expect(() => kit.router.connect(json())).toThrow('closed')
  })

  it('is closed though the hands of its clock stand still and a client does not answer', async () => {
    const kit = await testRouter({ clock: testClock() })
    const [near, far] = createMemoryTransports(json(), json())
    kit.router.accept(far)
    const client = new Client({ realm: kit.realm, transport: () => near, clock: testClock() })
    await client.start()
    near.pause?.()
    await kit.close()
    near.resume?.()
    await client.stop()
  })

  it('is closed though faults keep everything back', async () => {
    const kit = await testRouter({ clock: testClock() })
    const faults = kit.faulty()
    const client = await kit.connect({ router: faults, reconnect: true })
    faults.hold()
    await kit.close()
    expect(client.state).toBe('stopped')
  })

  it('opens and closes a thousand times, and leaves no timer and no socket behind', async () => {
    const before = active()
    const clock = new CountingClock()
    for (let count = 0; count < 1_000; count++) {
      await using kit = await testRouter({ clock })
      await kit.serve(DateService)
      const client = await kit.connect({ router: kit.faulty(), reconnect: true })
      await client.call('getTodaysDate')
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.left).toEqual([])
    // Timers of this process may be those of other tests.
    for (const [name, count] of active())
      if (name !== 'Timeout') expect(count, name).toBeLessThanOrEqual(before.get(name) ?? 0)
  }, 60_000)
})

/** What keeps this process alive, and how many there are of it: timers, sockets, servers. Vitest has some itself. */
function active(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo())
    if (name !== 'Immediate') counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
