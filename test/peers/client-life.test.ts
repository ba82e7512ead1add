import { describe, expect, it } from 'vitest'
import {
  ApplicationError,
  Client,
  type ClientOptions,
  callee,
  SessionClosedError,
  TransportError,
} from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Abort } from '../../src/messages/session-lifecycle.js'
import { Router } from '../../src/router.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { Base, Service } from '../fixtures/decorated.js'
import { turn } from '../spec/fake-transport.js'
import { RawRouter } from '../spec/raw-router.js'
import { PROCEDURE } from './calling.js'
import { told } from './told.js'

const routerWithRealm = () => new Router({ realms: [{ name: 'realm1' }] })
const uris = (client: Client) => client.registrations.map(({ procedure }) => procedure).sort()

describe('starting', () => {
  it('resolves to the client, when every decorated method is registered', async () => {
    await using router = routerWithRealm()
    const service = new Service({ router, realm: 'realm1' })
    expect(service.session).toBeUndefined()
    expect(await service.start()).toBe(service)
    expect(service.session).toMatchObject({ realm: 'realm1', authrole: 'anonymous', authmethod: 'anonymous' })
    await using caller = await new Client({ router, realm: 'realm1' }).start()
    expect(await caller.call('com.example.add', [2, 3])).toBe(5)
    expect(await caller.call('whoAmI')).toBe('base of 0')
    expect(await caller.call('com.example.inherited')).toBe('base')
    expect(await caller.call('com.example.overridden')).toBe('service')
    expect(await caller.call('com.example.redeclared.by.service')).toBe('service')
    expect(await caller.call('com.example.again')).toBe('twice')
    await expect(caller.call('com.example.redeclared')).rejects.toMatchObject({ uri: ERROR.noSuchProcedure })
    await caller.publish('com.example.weather.zurich', [21], undefined, { acknowledge: true })
    expect(service.heard).toEqual([[21]])
    await service.stop()
  })

  it('waits for the last REGISTERED and SUBSCRIBED', async () => {
    const raw = new RawRouter()
    class Small extends Client {}
    const client = new Small({ realm: 'realm1', transport: raw.connect })
    client.registerRoles = async () => {
      await Promise.all([
        client.register(PROCEDURE, () => {}),
        client.subscribe('com.example.topic', () => {}),
      ])
    }
    let started = false
    const starting = client.start().then(() => {
      started = true
    })
    await raw.welcome()
    await raw.registers(1)
    await turn()
    expect(started).toBe(false)
    await raw.subscribes(2)
    await starting
  })

  it('twice at once is once', async () => {
    await using router = routerWithRealm()
    const client = new Client({ router, realm: 'realm1' })
    await Promise.all([client.start(), client.start()])
    await client.start()
    expect(router.realms.get('realm1')?.sessions.size).toBe(1)
    await client.stop()
  })

  it.each<[string, Partial<ClientOptions>, new (...args: never[]) => Error]>([
    [
      'there is no router',
      { transport: () => Promise.reject(new TransportError('nobody there')) },
      TransportError,
    ],
    ['the realm does not exist', { realm: 'realm2' }, SessionClosedError],
  ])('rejects when %s, as often as it is tried', async (_, options, errorClass) => {
    await using router = routerWithRealm()
    const way = options.transport === undefined ? { router } : {}
    const client = new Client({ realm: 'realm1', ...way, ...options })
    const events = told(client)
    await expect(client.start()).rejects.toThrow(errorClass)
    await expect(client.start()).rejects.toThrow(errorClass)
    expect([client.session, events]).toEqual([undefined, []])
    await client.stop()
  })

  it('rejects with the reason of ABORT, and works the next time', async () => {
    const raw = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: raw.connect })
    const starting = client.start()
    starting.catch(() => {})
    await raw.hears(Code.HELLO)
    raw.say(new Abort({ message: 'come back later' }, 'com.example.busy'))
    await expect(starting).rejects.toMatchObject({ reason: 'com.example.busy' })
    await expect(starting).rejects.toThrow('come back later')
    const again = client.start()
    await raw.welcome()
    await again
  })

  it('rejects when a registration is refused, and the session is closed; later it works', async () => {
    await using router = routerWithRealm()
    const holder = await new Client({ router, realm: 'realm1' }).start()
    await holder.register('com.example.inherited', () => 'taken')
    const client = new Base({ router, realm: 'realm1' })
    const events = told(client)
    const starting = client.start()
    await expect(starting).rejects.toThrow(ApplicationError)
    await expect(starting).rejects.toMatchObject({ uri: ERROR.procedureAlreadyExists })
    expect(router.realms.get('realm1')?.sessions.size).toBe(1)
    expect([client.session, events]).toEqual([undefined, []])
    await holder.stop()
    await client.start()
    expect(uris(client)).toHaveLength(4)
    await client.stop()
  })

  it('rejects when two methods declare one procedure', async () => {
    await using router = routerWithRealm()
    class Twice extends Client {
      @callee('com.example.p')
      one() {}

      @callee('com.example.p')
      two() {}
    }
    const client = new Twice({ router, realm: 'realm1' })
    await expect(client.start()).rejects.toMatchObject({ uri: ERROR.procedureAlreadyExists })
    expect(router.realms.get('realm1')?.sessions.size).toBe(0)
  })

  it('rejects, and closes the transport, when HELLO cannot be sent', async () => {
    const raw = new RawRouter()
    const login = { authextra: { f() {} }, answer: () => Promise.reject(new Error()) }
    const auth = [{ method: 'custom', begin: () => login }]
    const client = new Client({ realm: 'realm1', transport: raw.connect, auth })
    await expect(client.start()).rejects.toThrow(/authextra.f is a function/)
    expect(raw.transport.isClosed).toBe(true)
  })

  it('rejects when the transport is lost before WELCOME', async () => {
    const raw = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: raw.connect })
    const starting = client.start()
    starting.catch(() => {})
    await raw.hears(Code.HELLO)
    raw.transport.lose()
    await expect(starting).rejects.toThrow(TransportError)
  })
})

describe('stopping', () => {
  it('twice, or before a start, is harmless', async () => {
    await using router = routerWithRealm()
    const client = new Client({ router, realm: 'realm1' })
    await client.stop()
    await client.start()
    await Promise.all([client.stop(), client.stop()])
    await client.stop()
    expect(client.session).toBeUndefined()
  })

  it('await using is a start and a stop', async () => {
    await using router = routerWithRealm()
    {
      await using client = await new Client({ router, realm: 'realm1' }).start()
      expect(client.session).toBeDefined()
      expect(router.realms.get('realm1')?.sessions.size).toBe(1)
    }
    expect(router.realms.get('realm1')?.sessions.size).toBe(0)
  })

  it('a start while it stops begins a new session', async () => {
    await using router = routerWithRealm()
    const client = await new Client({ router, realm: 'realm1' }).start()
    const events = told(client)
    const stopping = client.stop()
    await client.start()
    await stopping
    await client.start()
    expect(client.session).toBeDefined()
    expect(events).toEqual([
      ['leave', CLOSE.realm, undefined],
      ['join', 'realm1'],
    ])
    expect(router.realms.get('realm1')?.sessions.size).toBe(1)
    await client.stop()
  })

  it.each([1, 2, 3])(
    'the last word counts when starts and stops (%i) come one upon the other',
    async (pairs) => {
      await using router = routerWithRealm()
      const client = new Client({ router, realm: 'realm1' })
      const all: Promise<unknown>[] = []
      for (let i = 0; i < pairs; i++)
        all.push(
          client.start().catch(() => {}),
          client.stop(),
        )
      await Promise.all(all)
      expect([client.session, router.realms.get('realm1')?.sessions.size]).toEqual([undefined, 0])
      const last = client.start()
      await client.start()
      await last
      expect(router.realms.get('realm1')?.sessions.size).toBe(1)
      await client.stop()
    },
  )
})
