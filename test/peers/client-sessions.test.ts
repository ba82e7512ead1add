import { describe, expect, it } from 'vitest'
import { Client } from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Registered } from '../../src/messages/rpc.js'
import { Router } from '../../src/router.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { Base, Service } from '../fixtures/decorated.js'
import { turn } from '../spec/fake-transport.js'
import { joinedClient, RawRouter, stop } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'
import { told } from './told.js'

const routerWithRealm = () => new Router({ realms: [{ name: 'realm1' }] })
const uris = (client: Client) => client.registrations.map(({ procedure }) => procedure).sort()

describe('the next session', () => {
  it('has everything registered and subscribed to again, and old handles stay valid', async () => {
    await using router = routerWithRealm()
    await using other = await new Client({ router, realm: 'realm1' }).start()
    const service = await new Service({ router, realm: 'realm1' }).start()
    const heard: unknown[] = []
    const registration = await service.register('com.dynamic.', () => 'dynamic', { match: 'prefix' })
    const subscription = await service.subscribe('com.dynamic.topic', (value) => heard.push(value))
    const before = uris(service)
    const { id } = registration
    await service.stop()
    expect([registration.id, subscription.id, uris(service)]).toEqual([undefined, undefined, before])
    await expect(other.call('com.dynamic.p')).rejects.toMatchObject({ uri: ERROR.noSuchProcedure })

    await service.start()
    expect([registration.id, uris(service)]).toEqual([id, before])
    expect(await other.call('com.dynamic.p')).toBe('dynamic')
    expect(await other.call('com.example.add', [1, 2])).toBe(3)
    await other.publish('com.dynamic.topic', [1], undefined, { acknowledge: true })
    await other.publish('com.example.news', ['n'], undefined, { acknowledge: true })
    expect([heard, service.heard]).toEqual([[1], [['n']]])

    await registration.unregister()
    await subscription.unsubscribe()
    await expect(other.call('com.dynamic.p')).rejects.toMatchObject({ uri: ERROR.noSuchProcedure })
    await service.stop()
  })

  it('has not what was taken back between the sessions', async () => {
    const joined = await joinedClient()
    const registering = joined.client.register(PROCEDURE, () => {})
    await joined.router.registers(1)
    const subscribing = joined.client.subscribe('com.example.topic', () => {})
    await joined.router.subscribes(2)
    await stop(joined)
    await (await registering).unregister()
    await (await subscribing).unsubscribe()
    const again = joined.client.start()
    await joined.router.welcome()
    await again
    await joined.router.hearsNothing()
  })

  it('takes back at once what is taken back while it is being registered again', async () => {
    const joined = await joinedClient()
    const { client, router } = joined
    const registering = client.register(PROCEDURE, () => {})
    await router.registers(1)
    const subscribing = client.subscribe('com.example.topic', () => {})
    await router.subscribes(2)
    await stop(joined)
    const starting = client.start()
    await router.welcome()
    await turn()
    const gone = [(await registering).unregister(), (await subscribing).unsubscribe()]
    await router.registers(3)
    await router.subscribes(4)
    expect((await router.unregisters()).registrationId).toBe(3)
    expect((await router.unsubscribes()).subscriptionId).toBe(4)
    await Promise.all([starting, ...gone])
    expect([client.registrations, client.subscriptions]).toEqual([[], []])
  })

  it('is told of by join and leave, and whatever ended the last one does not matter', async () => {
    const raw = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: raw.connect })
    const events = told(client)
    for (const end of [() => raw.transport.lose(), () => raw.transport.end()]) {
      const starting = client.start()
      await raw.welcome()
      await starting
      const left = client.once('leave')
      end()
      await left
    }
    expect(events).toEqual([
      ['join', 'realm1'],
      ['leave', ERROR.transportLost, 'TransportError'],
      ['join', 'realm1'],
      ['leave', ERROR.transportLost, 'TransportError'],
    ])
  })

  it('may be begun by who hears of leave', async () => {
    await using router = routerWithRealm()
    const client = await new Client({ router, realm: 'realm1' }).start()
    const again = client.once('leave').then(() => client.start())
    for (const session of router.realms.get('realm1')?.sessions.values() ?? []) session.goodbye(CLOSE.killed)
    await again
    expect(client.session).toBeDefined()
    await client.stop()
  })
})

describe('a client that does not come back by itself', () => {
  it('is stopped when it tells that it has left, and may be started there and then', async () => {
    const router = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: router.connect, reconnect: false })
    const first = client.start()
    await router.welcome()
    await first
    const states: string[] = []
    const again = new Promise<Client>((resolve, reject) => {
      client.on('leave', () => {
        states.push(client.state)
        client.start().then(resolve, reject)
      })
    })
    router.transport.lose()
    await router.welcome()
    await again
    expect(states).toEqual(['stopped'])
    expect(client.state).toBe('joined')
  })
})

describe('registerRoles()', () => {
  class Eager extends Base {
    readonly heardToo: unknown[] = []
    override async registerRoles() {
      await super.registerRoles()
      await this.register('com.example.eager', () => 'eager')
      await this.subscribe('com.example.topic', (value) => this.heardToo.push(value))
    }
  }
  class EagerFirst extends Base {
    readonly heardToo: unknown[] = []
    override async registerRoles() {
      await this.register('com.example.eager', () => 'eager')
      await this.subscribe('com.example.topic', (value) => this.heardToo.push(value))
      await super.registerRoles()
    }
  }

  it.each([Eager, EagerFirst])(
    'may be overridden to register more, in every session: %o',
    async (EagerClass) => {
      await using router = routerWithRealm()
      await using other = await new Client({ router, realm: 'realm1' }).start()
      const client = new EagerClass({ router, realm: 'realm1' })
      for (let session = 1; session <= 3; session++) {
        await client.start()
        const later = await client.register(`com.example.later${session}`, () => session)
        expect(await other.call('com.example.eager')).toBe('eager')
        expect(await other.call('com.example.inherited')).toBe('base')
        expect(await other.call('com.example.later1')).toBe(1)
        await other.publish('com.example.topic', [session], undefined, { acknowledge: true })
        if (session > 1) await later.unregister()
        await client.stop()
      }
      expect(client.heardToo).toEqual([1, 2, 3])
      expect(client.subscriptions).toHaveLength(1)
    },
  )

  it('what others register while it runs, and is not overridden, stays in the next session', async () => {
    const router = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: router.connect, reconnect: false })
    const first = client.start()
    await router.welcome()
    await first
    const registering = client.register(PROCEDURE, () => 1)
    await router.registers(1)
    await registering
    router.transport.lose()
    await turn()
    const second = client.start()
    await router.welcome()
    // The client registers again what it had; the router takes its time.
    const { requestId } = await router.hears(Code.REGISTER)
    const registration = client.register('com.example.meanwhile', () => 2)
    const subscription = client.subscribe('com.example.topic', () => {})
    await router.registers(2)
    await router.subscribes(3)
    router.say(new Registered(requestId, 1))
    await second
    router.transport.lose()
    await turn()
    const third = client.start()
    await router.welcome()
    await router.registers(1)
    await router.registers(2)
    await router.subscribes(3)
    await third
    expect(client.registrations).toContain(await registration)
    expect(client.subscriptions).toEqual([await subscription])
    await stop({ client, router, errors: [] })
  })

  it('may be overridden to register nothing', async () => {
    await using router = routerWithRealm()
    class Lazy extends Service {
      override async registerRoles() {}
    }
    const client = await new Lazy({ router, realm: 'realm1' }).start()
    expect(client.registrations).toEqual([])
    await client.stop()
  })
})
