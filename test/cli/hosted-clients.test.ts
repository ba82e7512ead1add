import { describe, expect, it } from 'vitest'
import { HostedClients } from '../../src/cli/hosted-clients.js'
import type { ClientClass } from '../../src/cli/load-classes.js'
import { Client } from '../../src/peers/client/client.js'
import { Router } from '../../src/peers/router/router.js'
import { callee, subscriber } from '../../src/roles/decorators.js'
import { TestTerminal } from './test-terminal.js'

class Dates extends Client {
  @callee
  getTodaysDate() {
    return 'today'
  }
}

class Weather extends Client {
  @callee('com.example.add', { invoke: 'roundrobin' })
  add(a: number, b: number) {
    return a + b
  }

  @subscriber('com.example.weather', { match: 'prefix' })
  onWeather(_report: unknown) {
    throw new Error('no weather')
  }
}

function hosting(classes: readonly ClientClass[]) {
  const terminal = new TestTerminal()
  const router = new Router({ realms: [{ name: 'realm1' }] })
  const loaded = classes.map((create) => ({ name: create.name, file: 'service.ts', create }))
  const hosted = () => new HostedClients(loaded, { router, realm: 'realm1' }, terminal)
  return { terminal, router, hosted }
}

describe('hosted clients', () => {
  it('offer what their classes declare, and say GOODBYE at the end', async () => {
    const { router, hosted } = hosting([Dates, Weather])
    await using clients = hosted()
    expect(clients.offers.map(({ role, owner, arity }) => [role.method, owner, arity])).toEqual([
      ['getTodaysDate', 'Dates', 0],
      ['add', 'Weather', 2],
      ['onWeather', 'Weather', 1],
    ])
    await clients.start()
    const sessions = router.realms.get('realm1')?.sessions
    expect(sessions?.size).toBe(2)
    await clients[Symbol.asyncDispose]()
    expect(sessions?.size).toBe(0)
  })

  it('offer what a class without decorators registers and subscribes to when it starts', async () => {
    class Plain extends Client {
      override async registerRoles() {
        await super.registerRoles()
        await this.register('com.example.plain', () => 'plain')
        await this.subscribe('com.example.news', () => {})
      }
    }
    const { hosted } = hosting([Plain, Dates])
    await using clients = hosted()
    await clients.start()
    const uris = clients.offers.map(({ role }) => (role.role === 'callee' ? role.procedure : role.topic))
    expect(uris).toEqual(['com.example.plain', 'com.example.news', 'getTodaysDate'])
  })

  it('tell what their handlers throw, in a sentence', async () => {
    const { terminal, router, hosted } = hosting([Weather])
    await using clients = hosted()
    await clients.start()
    await using client = await new Client({ router, realm: 'realm1' }).start()
    await client.publish('com.example.weather.oslo')
    expect(await terminal.line(/./)).toBe('wampkit: Weather: no weather')
  })

  it('are refused when two of them offer the same procedure', () => {
    class MoreDates extends Dates {}
    expect(hosting([Dates, MoreDates]).hosted).toThrow(
      'Dates and MoreDates both offer getTodaysDate; run one of them (service.ts:Dates), or give both an invoke policy',
    )
    class MoreWeather extends Weather {}
    expect(hosting([Weather, MoreWeather]).hosted).not.toThrow()
  })

  it('are refused when a constructor throws', () => {
    class Broken extends Client {
      readonly broken: number = JSON.parse('{')
    }
    expect(hosting([Broken]).hosted).toThrow(/^the constructor of Broken in service\.ts throws: .*JSON/)
  })

  it('fail to start with a sentence that names the class, the file and the refusal', async () => {
    const { router, hosted } = hosting([Dates])
    await using other = await new Client({ router, realm: 'realm1' }).start()
    await other.register('getTodaysDate', () => 0)
    await using clients = hosted()
    await expect(clients.start()).rejects.toThrow(
      /^Dates in service\.ts cannot start: wamp\.error\.procedure_already_exists: /,
    )
  })

  it('tell when a session is lost', async () => {
    const { router, hosted } = hosting([Dates])
    await using clients = hosted()
    await clients.start()
    const lost = expect(clients.lost).rejects.toThrow(
      'Dates lost its session: wamp.close.system_shutdown: the router is shutting down',
    )
    await router.close()
    await lost
  })
})
