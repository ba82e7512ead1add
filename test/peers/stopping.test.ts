import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Client, SessionClosedError, TransportError } from '../../src/index.js'
import { Router } from '../../src/router.js'
import type { Transport } from '../../src/transports/transport.js'
import { TestClock } from '../transports/test-clock.js'

describe('stop() while start() is under way', () => {
  it('gives up a router that takes connections and says nothing', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const accepted = once(server, 'connection')
    const client = new Client({
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      realm: 'realm1',
    })
    const starting = client.start()
    const failed = expect(starting).rejects.toThrow(TransportError)
    await accepted
    await client.stop()
    await failed
    server.close()
  })

  it('gives up a router that does not answer HELLO', async () => {
    let closed = false
    const silent: Transport = {
      info: { kind: 'test', local: true },
      start() {},
      send() {},
      close() {
        closed = true
      },
    }
    const client = new Client({ transport: () => silent, realm: 'realm1' })
    const starting = client.start()
    const failed = expect(starting).rejects.toThrow(SessionClosedError)
    await Promise.resolve()
    await client.stop()
    await failed
    expect(closed).toBe(true)
  })

  it('leaves a client that can be started again', async () => {
    await using router = new Router({ realms: [{ name: 'realm1' }] })
    const client = new Client({ router, realm: 'realm1' })
    const starting = client.start().catch(() => 'stopped')
    await client.stop()
    expect(await starting).toBe('stopped')
    await client.start()
    expect(client.session?.realm).toBe('realm1')
    await client.stop()
    expect(router.realms.get('realm1')?.sessions.size).toBe(0)
  })
})

describe('a session that the router sends away', () => {
  it('is not waited for any more once its client has answered', async () => {
    const clock = new TestClock()
    const router = new Router({ realms: [{ name: 'realm1' }], clock })
    const [killer, victim] = [
      new Client({ router, realm: 'realm1' }),
      new Client({ router, realm: 'realm1' }),
    ]
    await Promise.all([killer.start(), victim.start()])
    victim.on('error', () => {})
    const left = victim.once('leave')
    await killer.meta.session.kill(victim.session?.id ?? 0)
    await left
    await killer.stop()
    await router.close()
    expect(clock.alarms).toBe(0)
  })
})
