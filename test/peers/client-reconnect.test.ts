import { describe, expect, it } from 'vitest'
import { Client, type ClientOptions, callee, SessionClosedError, TransportError } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Abort, Goodbye } from '../../src/messages/session-lifecycle.js'
import type { StateChange } from '../../src/peers/client/client-state.js'
import { Router } from '../../src/router.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { turn } from '../spec/fake-transport.js'
import { joinedClient, RawRouter, stop } from '../spec/raw-router.js'
import { TestClock } from '../transports/test-clock.js'
import { told } from './told.js'

/** A client that has joined, and that comes back after exactly 100, 200, 400, 500, 500, … ms. */
async function joined(options: Partial<ClientOptions> = {}) {
  const clock = new TestClock()
  const reconnect = { initialDelay: 100, maxDelay: 500, jitter: 0 }
  const more = typeof options.reconnect === 'object' ? options.reconnect : {}
  const parts = await joinedClient({ clock, ...options, reconnect: { ...reconnect, ...more } })
  const states: StateChange[] = []
  parts.client.on('state', (change) => states.push(change))
  clock.pass(1_000)
  return { ...parts, clock, states }
}

const named = (changes: readonly StateChange[]) => changes.map(({ state }) => state)

describe('a client whose session is lost', () => {
  it('comes back by itself, after a while', async () => {
    const { client, router, clock, states } = await joined()
    const events = told(client)
    router.transport.lose()
    expect([client.state, client.session]).toEqual(['waiting', undefined])
    clock.pass(99)
    await turn()
    expect(router.connections).toBe(1)
    clock.pass(1)
    await router.welcome()
    await client.once('join')
    expect(client.state).toBe('joined')
    expect(named(states)).toEqual(['waiting', 'connecting', 'joined'])
    expect(states[0]).toMatchObject({ previous: 'joined', attempt: 1, delay: 100 })
    expect(states[0]?.error).toBeInstanceOf(TransportError)
    expect(events).toEqual([
      ['leave', ERROR.transportLost, 'TransportError'],
      ['join', 'realm1'],
    ])
  })

  it('waits longer before each attempt, up to the longest wait', async () => {
    let fails = false
    const raw = new RawRouter()
    const transport = () => {
      if (fails) throw new TransportError('nobody there')
      return raw.connect()
    }
    const clock = new TestClock()
    const reconnect = { initialDelay: 100, maxDelay: 500, jitter: 0 }
    const client = new Client({ realm: 'realm1', transport, clock, reconnect })
    const starting = client.start()
    await raw.welcome()
    await starting
    const delays: unknown[] = []
    client.on('state', ({ state, delay }) => state === 'waiting' && delays.push(delay))
    fails = true
    clock.pass(1_000)
    raw.transport.lose()
    for (let i = 0; i < 5; i++) {
      clock.pass(delays.at(-1) as number)
      await turn()
    }
    expect(delays).toEqual([100, 200, 400, 500, 500, 500])
    await client.stop()
  })

  it('registers and subscribes again, with all options, before it tells that it has joined', async () => {
    const { client, router, clock } = await joined()
    const registering = client.register('com.example.p', () => 1, { match: 'prefix', invoke: 'roundrobin' })
    await router.registers(11)
    const registration = await registering
    const subscribing = client.subscribe('com.example', () => {}, { match: 'wildcard' })
    await router.subscribes(12)
    await subscribing
    router.transport.lose()
    clock.pass(100)
    let hasJoined = false
    client.on('join', () => {
      hasJoined = true
    })
    await router.welcome()
    expect((await router.registers(21)).options).toMatchObject({ match: 'prefix', invoke: 'roundrobin' })
    await turn()
    expect(hasJoined).toBe(false)
    expect((await router.subscribes(22)).options).toMatchObject({ match: 'wildcard' })
    await client.start()
    expect(hasJoined).toBe(true)
    router.invoke(21)
    expect((await router.hears(Code.YIELD)).payload.args).toEqual([1])
    const unregistered = registration.unregister()
    expect((await router.unregisters()).registrationId).toBe(21)
    await unregistered
  })

  it('fails calls and publications that were under way, and says that their outcome is unknown', async () => {
    const { client, router } = await joined()
    const call = client.call('com.example.pay')
    const publication = client.publish('com.example.paid', [], {}, { acknowledge: true })
    const failures = [call, publication].map((promise) => promise.catch((error: unknown) => error))
    router.transport.lose()
    const [ofCall, ofPublication] = await Promise.all(failures)
    expect(ofCall).toBeInstanceOf(TransportError)
    expect(ofCall).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('com.example.pay') })
    expect(ofPublication).toMatchObject({ outcome: 'unknown' })
    await client.stop()
  })

  it('tries again when a registration is refused, as long as somebody else holds it', async () => {
    const { client, router, clock, states } = await joined()
    const registering = client.register('com.example.p', () => 1)
    await router.registers(11)
    await registering
    router.transport.lose()
    clock.pass(100)
    await router.welcome()
    const { requestId } = await router.hears(Code.REGISTER)
    router.fails(Code.REGISTER, requestId, ERROR.procedureAlreadyExists)
    await router.parts()
    await turn()
    expect(states.at(-1)).toMatchObject({ state: 'waiting', attempt: 2, delay: 200 })
    clock.pass(200)
    await router.welcome()
    await router.registers(12)
    await client.start()
    expect(client.state).toBe('joined')
  })

  it('does not run into a router that lets it in and drops it again', async () => {
    const { router, clock, states, client } = await joined()
    for (let i = 0; i < 4; i++) {
      router.transport.lose()
      clock.pass(states.at(-1)?.delay ?? 0)
      await router.welcome()
      await client.start()
    }
    const delays = states.filter(({ state }) => state === 'waiting').map(({ delay }) => delay)
    expect(delays).toEqual([100, 200, 400, 500])
    clock.pass(501)
    router.transport.lose()
    expect(states.at(-1)).toMatchObject({ attempt: 1, delay: 100 })
    await client.stop()
  })

  it('comes back when the router was shut down', async () => {
    const { client, router, clock } = await joined()
    router.say(new Goodbye({}, CLOSE.systemShutdown))
    await router.hears(Code.GOODBYE)
    await turn()
    expect(client.state).toBe('waiting')
    clock.pass(100)
    await router.welcome()
    await client.start()
  })

  it.each([CLOSE.killed, ERROR.authenticationDenied, ERROR.noSuchRealm, 'com.example.enough'])(
    'gives up when another attempt would be told the same: %s',
    async (reason) => {
      const { client, router, clock, errors, states } = await joined()
      router.transport.lose()
      clock.pass(100)
      await router.hears(Code.HELLO)
      router.say(new Abort({ message: 'no' }, reason))
      await turn()
      expect(client.state).toBe('stopped')
      expect(states.at(-1)?.error).toMatchObject({ reason })
      expect(errors).toEqual([states.at(-1)?.error])
      clock.pass(100_000)
      await turn()
      expect(router.connections).toBe(2)
    },
  )

  it('gives up after so many attempts, and can be started again', async () => {
    const { client, router, clock, errors } = await joined({ reconnect: { maxAttempts: 2 } })
    router.transport.lose()
    for (const delay of [100, 200]) {
      clock.pass(delay)
      await router.hears(Code.HELLO)
      router.transport.lose()
      await turn()
    }
    expect([client.state, errors.length]).toEqual(['stopped', 1])
    const again = client.start()
    await router.welcome()
    await again
    expect(client.state).toBe('joined')
  })

  it('with reconnect: false is stopped', async () => {
    const raw = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: raw.connect, reconnect: false })
    const starting = client.start()
    await raw.welcome()
    await starting
    raw.transport.lose()
    await turn()
    expect(client.state).toBe('stopped')
  })

  it('start() while it waits tries at once, and resolves when it has joined', async () => {
    const { client, router } = await joined()
    router.transport.lose()
    const again = client.start()
    await router.welcome()
    await again
    expect(client.state).toBe('joined')
  })

  it('stop() while it waits, or dials, is the end of it', async () => {
    const { client, router, clock, states, errors } = await joined()
    router.transport.lose()
    await client.stop()
    expect([client.state, clock.alarms, errors]).toEqual(['stopped', 0, []])
    expect(named(states)).toEqual(['waiting', 'stopping', 'stopped'])
    clock.pass(100_000)
    await turn()
    expect(router.connections).toBe(1)
  })

  it('leaves a part of each wait to chance', async () => {
    const delays = new Set<number>()
    for (let i = 0; i < 20; i++) {
      const { client, router, states } = await joined({ reconnect: { jitter: 0.5 } })
      router.transport.lose()
      delays.add(states[0]?.delay as number)
      await client.stop()
    }
    for (const delay of delays) expect(delay > 50 && delay <= 100).toBe(true)
    expect(delays.size).toBeGreaterThan(10)
  })
})

describe('the first start', () => {
  it('rejects if its first attempt fails', async () => {
    const transport = () => Promise.reject(new TransportError('nobody there'))
    const client = new Client({ realm: 'realm1', transport })
    await expect(client.start()).rejects.toThrow('nobody there')
    expect(client.state).toBe('stopped')
  })

  it('goes on trying with reconnect.fromStart', async () => {
    const clock = new TestClock()
    const raw = new RawRouter()
    let attempts = 0
    const transport = () => {
      if (attempts++ === 0) throw new TransportError('nobody there')
      return raw.connect()
    }
    const client = new Client({ realm: 'realm1', transport, clock, reconnect: { fromStart: true } })
    const starting = client.start()
    await turn()
    expect(client.state).toBe('waiting')
    clock.pass(300)
    await raw.welcome()
    await starting
    expect(client.state).toBe('joined')
  })

  it.each([
    [{ initialDelay: -1 }, /reconnect.initialDelay must be a number from 0, not -1/],
    [{ jitter: 2 }, /reconnect.jitter must be a number from 0 to 1, not 2/],
    [{ factor: 0.5 }, /reconnect.factor must be 1 or more, not 0.5/],
    [{ maxAttempts: Number.NaN }, /reconnect.maxAttempts/],
  ])('refuses options that cannot work: %o', (reconnect, sentence) => {
    expect(() => new Client({ realm: 'realm1', url: 'ws://localhost', reconnect })).toThrow(sentence)
  })
})

describe('calls and publications while there is no session', () => {
  it('fail at once by default', async () => {
    const { client, router } = await joined()
    router.transport.lose()
    await expect(client.call('com.example.p')).rejects.toThrow(SessionClosedError)
    await expect(client.publish('com.example.topic')).rejects.toThrow(/there is no session/)
    await client.stop()
  })

  it('wait with reconnect.queue, and leave in their order, before all that is said later', async () => {
    const { client, router, clock } = await joined({ reconnect: { queue: 3 } })
    router.transport.lose()
    const first = client.publish('com.example.topic', [1])
    const call = client.call('com.example.p', [2], undefined, { timeout: 1_000 })
    const third = client.publish('com.example.topic', [3])
    await expect(client.call('com.example.p')).rejects.toThrow(/3 wait for one already \(reconnect.queue\)/)
    clock.pass(100)
    await router.welcome()
    expect((await router.hears(Code.PUBLISH)).payload.args).toEqual([1])
    const { requestId, options, payload } = await router.hears(Code.CALL)
    expect([payload.args, options.timeout]).toEqual([[2], 900])
    expect((await router.hears(Code.PUBLISH)).payload.args).toEqual([3])
    router.result(requestId, ['done'])
    expect(await call).toBe('done')
    expect(await Promise.all([first, third])).toEqual([undefined, undefined])
  })

  it('keep to their timeout and their signal', async () => {
    const { client, router, clock, errors } = await joined({ reconnect: { queue: 10 } })
    router.transport.lose()
    const canceling = new AbortController()
    const late = client.call('com.example.p', [], {}, { timeout: 50 })
    const canceled = client.call('com.example.p', [], {}, { signal: canceling.signal })
    const failures = [late, canceled].map((promise) => promise.catch((error: unknown) => error))
    clock.pass(50)
    canceling.abort(new Error('enough'))
    expect(await Promise.all(failures)).toMatchObject([
      { uri: ERROR.timeout },
      { uri: ERROR.canceled, cause: { message: 'enough' } },
    ])
    await expect(client.call('com.example.p', [], {}, { signal: canceling.signal })).rejects.toMatchObject({
      uri: ERROR.canceled,
    })
    clock.pass(50)
    await router.welcome()
    await client.start()
    await router.hearsNothing()
    await stop({ client, router, errors })
  })

  it('fail when the client is stopped, or gives up', async () => {
    const { client, router } = await joined({ reconnect: { queue: 10 } })
    router.transport.lose()
    const call = client.call('com.example.p')
    await Promise.all([expect(call).rejects.toMatchObject({ reason: CLOSE.realm }), client.stop()])
    await expect(client.call('com.example.p')).rejects.toThrow(/there is no session/)
  })
})

describe('a client of a real router', () => {
  it('serves again, without a word of its user, after the router was restarted on the same port', async () => {
    class Service extends Client {
      @callee('com.example.add')
      add(a: number, b: number) {
        return a + b
      }
    }
    const realms = [{ name: 'realm1' }]
    const first = await new Router({ realms }).listen({ port: 0 })
    const url = first.urls[0] as string
    const port = Number(new URL(url).port)
    const reconnect = { initialDelay: 10 }
    const service = await new Service({ url, realm: 'realm1', reconnect }).start()
    const caller = await new Client({ url, realm: 'realm1', reconnect }).start()
    expect(await caller.call('com.example.add', [1, 2])).toBe(3)
    const left = [service, caller].map((client) => client.once('leave'))
    await first.close()
    await Promise.all(left)
    const joinedAgain = [service, caller].map((client) => client.once('join'))
    await using second = await new Router({ realms }).listen({ port })
    await Promise.all(joinedAgain)
    expect(await caller.call('com.example.add', [3, 4])).toBe(7)
    await Promise.all([service.stop(), caller.stop()])
    expect(second.realms.get('realm1')?.sessions.size).toBe(0)
  })
})
