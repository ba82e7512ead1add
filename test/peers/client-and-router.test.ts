import { describe, expect, it } from 'vitest'
import { Client } from '../../src/index.js'
import { Router } from '../../src/router.js'
import { Service } from '../fixtures/decorated.js'

describe('walking skeleton', () => {
  it('calls a decorated method over memory', async () => {
    await using router = new Router({ realms: [{ name: 'realm1' }] })
    await using service = await new Service({ router, realm: 'realm1' }).start()
    await using client = await new Client({ router, realm: 'realm1' }).start()
    expect(await client.call('com.example.add', [2, 3])).toBe(5)
    expect(service.session?.realm).toBe('realm1')
  })
  it('calls a decorated method over a WebSocket', async () => {
    await using router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ port: 0 })
    const url = router.urls[0] ?? ''
    await using service = await new Service({ url, realm: 'realm1' }).start()
    await using client = await new Client({ url, realm: 'realm1' }).start()
    expect(await client.call('com.example.add', [2, 3])).toBe(5)
    expect(service.session?.realm).toBe('realm1')
  })
})
