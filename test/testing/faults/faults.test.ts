import { describe, expect, it } from 'vitest'
import { currentInvocation, ERROR, json, TransportError, UsageError } from '../../../src/index.js'
import { Router } from '../../../src/router.js'
import { faulty, type TestRouter, testClock, testRouter } from '../../../src/testing.js'
import { createMemoryTransports } from '../../../src/transports/memory/memory-transport.js'

const SOON = { initialDelay: 100, jitter: 0 }

/** A service of sums, and a client of it over a way that can fail. */
async function adding(kit: TestRouter, reconnect: boolean | object = false) {
  const added: number[][] = []
  const service = await kit.serve({
    'com.example.add': (a: number, b: number) => {
      added.push([a, b])
      return a + b
    },
  })
  const faults = kit.faulty()
  const client = await kit.connect({ router: faults, reconnect })
  return {
    added,
    service,
    faults,
    client,
    add: (a: number, b: number) => client.call('com.example.add', [a, b]),
  }
}

describe('a transport with faults', () => {
  it('is in order until the test says otherwise', async () => {
    await using kit = await testRouter()
    const { faults, add } = await adding(kit)
    expect([await add(2, 3), faults.connections]).toEqual([5, 1])
  })

  it('loses the next messages of a kind, and no others', async () => {
    const clock = testClock()
    await using kit = await testRouter({ clock })
    const { added, faults, client, add } = await adding(kit)
    faults.drop('RESULT', 2)
    const lost = [1, 2].map((n) =>
      client.call('com.example.add', [n, n], {}, { timeout: 50 }).catch((error: unknown) => error),
    )
    expect(await add(3, 3)).toBe(6)
    await clock.advance(50)
    expect(await Promise.all(lost)).toMatchObject([{ uri: ERROR.timeout }, { uri: ERROR.timeout }])
    expect(added).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })

  it('loses a request so that its router goes on with the next one', async () => {
    const clock = testClock()
    await using kit = await testRouter({ clock })
    const { added, faults, client, add } = await adding(kit)
    faults.drop('CALL')
    const lost = client.call('com.example.add', [1, 1], {}, { timeout: 50 }).catch((error: unknown) => error)
    expect(await add(2, 2)).toBe(4)
    await clock.advance(50)
    expect(await lost).toMatchObject({ uri: ERROR.timeout })
    expect([added, client.state]).toEqual([[[2, 2]], 'joined'])
  })

  it('keeps back what is asked for after a request that waits, and the requests of clients in their order', async () => {
    await using kit = await testRouter()
    const { faults, client, add } = await adding(kit)
    const held = faults.hold('SUBSCRIBE')
    const subscribing = client.subscribe('com.example.t', () => {})
    const sum = add(2, 3)
    expect(await held.until(2)).toMatchObject([{ topic: 'com.example.t' }, { procedure: 'com.example.add' }])
    held.release()
    faults.reorder('client')
    expect([(await subscribing).topic, await sum, await add(4, 5)]).toEqual(['com.example.t', 5, 9])
  })

  it('keeps messages back until they are released, in their order', async () => {
    await using kit = await testRouter()
    const { added, faults, add } = await adding(kit)
    const held = faults.hold('CALL')
    const sums = [add(1, 0), add(2, 0), add(3, 0)]
    await held.until(3)
    expect([held.messages.length, held.octets > 0, added]).toEqual([3, true, []])
    held.next()
    expect(await sums[0]).toBe(1)
    expect(added).toEqual([[1, 0]])
    held.release()
    expect(await Promise.all(sums)).toEqual([1, 2, 3])
    expect(await add(4, 0)).toBe(4)
  })

  it('keeps what was said as it was said', async () => {
    await using kit = await testRouter()
    const { faults, client } = await adding(kit)
    const held = faults.hold('CALL')
    const args = [2, 3]
    const sum = client.call('com.example.add', args)
    await held.until()
    args[0] = 100
    held.release()
    expect(await sum).toBe(5)
    faults.hold('CALL')
    await expect(client.call('com.example.add', [() => {}])).rejects.toThrow(UsageError)
  })

  it('has messages arrive in another order', async () => {
    await using kit = await testRouter()
    const { faults, client } = await adding(kit)
    const publisher = await kit.connect()
    const seen: unknown[] = []
    const all = new Promise<void>((resolve) =>
      client
        .subscribe('com.example.t', (n) => seen.push(n) === 4 && resolve())
        .then(async () => {
          faults.reorder('EVENT', [2, 0, 1])
          for (const n of [1, 2, 3, 4]) await publisher.publish('com.example.t', [n])
        }),
    )
    await all
    expect(seen).toEqual([3, 1, 2, 4])
    expect(() => faults.reorder('EVENT', [0, 2])).toThrow(UsageError)
  })

  it('delivers what waited for its turn when faults are cleared', async () => {
    await using kit = await testRouter()
    const { faults, add } = await adding(kit)
    faults.reorder('CALL', [1, 0])
    const sum = add(2, 3)
    faults.clear()
    expect(await sum).toBe(5)
  })

  it('breaks in the middle of a call: the outcome is unknown, and the call was carried out or was not', async () => {
    await using kit = await testRouter()
    const { added, faults, client, add } = await adding(kit)
    faults.disconnectAfter('CALL')
    const failed = await add(2, 3).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(TransportError)
    expect(failed).toMatchObject({ outcome: 'unknown' })
    expect([client.state, faults.connections]).toEqual(['stopped', 0])

    await client.start()
    faults.disconnectBefore('RESULT')
    await expect(add(4, 5)).rejects.toMatchObject({ outcome: 'unknown' })
    expect(added).toContainEqual([4, 5])

    await client.start()
    faults.disconnectBefore('CALL')
    await expect(add(6, 7)).rejects.toMatchObject({ outcome: 'unknown' })
    expect(added).not.toContainEqual([6, 7])
  })

  it('tells the router of it at once: a callee that is cut off fails its callers', async () => {
    await using kit = await testRouter()
    const faults = kit.faulty()
    await kit.serve({ 'com.example.slow': () => new Promise(() => {}) }, { router: faults })
    const client = await kit.connect()
    faults.disconnectAfter('INVOCATION')
    await expect(client.call('com.example.slow')).rejects.toMatchObject({ uri: ERROR.canceled })
    await expect(client.call('com.example.slow')).rejects.toMatchObject({ uri: ERROR.noSuchProcedure })
  })

  it('has a router go away and come back: the client joins again, with what it had registered', async () => {
    const clock = testClock()
    await using kit = await testRouter({ clock })
    const faults = kit.faulty()
    const states: string[] = []
    const service = await kit.serve({ 'com.example.ping': () => 'pong' }, { router: faults, reconnect: SOON })
    service.on('state', ({ state }) => states.push(state))
    faults.goAway()
    await clock.advance(100)
    expect(states).toEqual(['waiting', 'connecting', 'waiting'])
    faults.comeBack()
    await clock.advance(200)
    expect(states.at(-1)).toBe('joined')
    expect(await (await kit.connect()).call('com.example.ping')).toBe('pong')
  })

  it('lets what the router says wait for a client that reads nothing, and cuts it off beyond the limit', async () => {
    await using kit = await testRouter()
    const { faults, client } = await adding(kit)
    const seen: unknown[] = []
    await client.subscribe('com.example.t', (n) => seen.push(n))
    const publisher = await kit.connect()
    const stalled = faults.stall()
    for (let n = 1; n <= 3; n++) await publisher.publish('com.example.t', [n], {}, { acknowledge: true })
    expect([seen, stalled.messages.length]).toEqual([[], 3])
    stalled.release()
    await publisher.publish('com.example.t', [4], {}, { acknowledge: true })
    await client.call('com.example.add', [0, 0])
    expect(seen).toEqual([1, 2, 3, 4])

    const left = client.once('leave')
    faults.stall(1_000)
    for (let n = 1; n <= 30; n++) await publisher.publish('com.example.t', ['x'.repeat(100)])
    expect((await left).error).toBeInstanceOf(TransportError)
    expect(await publisher.meta.session.count()).toBe(2)
  })

  it('makes a caller that sends a call in parts wait for a router that does not read', async () => {
    const clock = testClock()
    await using kit = await testRouter({ clock })
    const faults = kit.faulty()
    const service = await kit.connect()
    await service.register(
      'com.example.count',
      async (parts: AsyncIterable<string>) => {
        let count = 0
        for await (const _ of parts) count++
        return count
      },
      { progressiveInvocations: true },
    )
    const client = await kit.connect({ router: faults, connection: { heartbeat: 0 } })
    const PARTS = 30
    let asked = 0
    async function* parts() {
      for (; asked < PARTS; asked++) yield 'x'.repeat(100_000)
    }
    const held = faults.hold('CALL')
    const counted = client.call('com.example.count', parts())
    await held.until(10)
    await clock.advance(60_000)
    expect(asked).toBe(10)
    held.release()
    await clock.advance(10)
    expect(await counted).toBe(PARTS)
  })

  it('says of what waits that it does not, if it was not said in time', async () => {
    await using kit = await testRouter()
    const { faults, add } = await adding(kit)
    const held = faults.hold('YIELD')
    expect(await add(2, 3)).toBe(5)
    await expect(held.until(1, { timeout: 1 })).rejects.toThrow('after 1 ms 0 of 1 messages wait: YIELD')
    const picked = faults.hold((message) => 'procedure' in message && message.procedure === 'com.example.add')
    const sum = add(4, 5)
    expect(await picked.until()).toMatchObject([{ requestId: 2 }])
    picked[Symbol.dispose]()
    expect(await sum).toBe(9)
  })

  it('stands before anything that gives a client its transport', async () => {
    await using router = new Router({ realms: [{ name: 'realm1' }] })
    const dialed = faulty(() => router.connect(json()))
    await using kit = await testRouter()
    const client = await kit.connect({ transport: dialed.dial })
    expect(dialed.connections).toBe(1)
    await client.register('com.example.who', () => currentInvocation().procedure)
    expect(() => dialed.connect(json())).toThrow('dial')
    dialed.goAway()
    await expect(dialed.dial([json()])).rejects.toThrow('the router is away')
    await client.stop()

    const [near, far] = createMemoryTransports(json(), json())
    router.accept(far)
    const given = await kit.connect({ router: faulty(near) })
    expect(given.state).toBe('joined')
  })
})
