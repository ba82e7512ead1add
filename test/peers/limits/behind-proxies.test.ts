import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { anonymous, checkTickets, Router, type RouterOptions } from '../../../src/router.js'
import { ERROR } from '../../../src/uris.js'
import { openRouter, portOf, Visitor } from './visitor.js'

const HELLO = [1, 'realm1', { roles: { caller: {} } }]
const AS_ADA = [1, 'realm1', { roles: { caller: {} }, authmethods: ['ticket'], authid: 'ada' }]
const PROXY = { port: 0, trustedProxies: ['127.0.0.1'] }

async function behindProxy(options: Partial<RouterOptions> = {}) {
  const { router } = await openRouter(options)
  await router.listen(PROXY)
  return { router, port: portOf(router) }
}

const from = (address: string) => [`X-Forwarded-For: ${address}`]

async function login(port: number, address: string, ticket: string): Promise<unknown> {
  const visitor = await Visitor.come(port, from(address))
  visitor.say(AS_ADA)
  const [code, details, reason] = await visitor.hears()
  if (code === 3) return reason
  expect([code, details]).toEqual([4, 'ticket'])
  visitor.say([5, ticket, {}])
  const [next, , refused] = await visitor.hears()
  return next === 3 ? refused : undefined
}

describe('a router behind a proxy that it trusts', () => {
  it('lets no anonymous client in that may only come from this machine', async () => {
    const { port } = await behindProxy({
      realms: [{ name: 'realm1', auth: [anonymous({ localOnly: true })] }],
    })
    for (const headers of [from('192.0.2.1'), from('127.0.0.1'), []]) {
      const visitor = await Visitor.come(port, headers)
      visitor.say(HELLO)
      expect((await visitor.aborted()).reason).toBe(ERROR.authenticationRequired)
    }
  })

  it('counts connections by the address of the client, and not by that of the proxy', async () => {
    const { router, port } = await behindProxy({ limits: { connectionsPerAddress: 2, localConnections: 10 } })
    const [first] = [await Visitor.come(port, from('192.0.2.1')), await Visitor.come(port, from('192.0.2.1'))]
    expect((await Visitor.come(port, from('192.0.2.1'))).client.status).toBe(503)
    expect(router.counters.refusedByLimit).toBe(1)
    for (let i = 2; i < 6; i++)
      expect((await Visitor.come(port, from(`192.0.2.${i}`))).client.status).toBe(101)
    // What the client itself has said of others is not counted for them.
    expect((await Visitor.come(port, from('192.0.2.9, 192.0.2.1'))).client.status).toBe(503)
    first.client.socket.destroy()
    await first.client.closed()
    for (;;) {
      const next = await Visitor.come(port, from('192.0.2.1'))
      if (next.client.status === 101) break
    }
  })

  it('has one address wait that has failed to log in, and no other one', async () => {
    const ticket = checkTickets({ ada: { ticket: 'right', authrole: 'user' } })
    const { router, port } = await behindProxy({ realms: [{ name: 'realm1', auth: [ticket] }] })
    for (let i = 0; i < 5; i++)
      expect(await login(port, '192.0.2.1', 'wrong')).toBe(ERROR.authenticationDenied)
    expect(await login(port, '192.0.2.1', 'right')).toBe(ERROR.limitExceeded)
    expect(await login(port, '192.0.2.2', 'right')).toBeUndefined()
    expect(router.counters).toMatchObject({ failedLogins: 5, refusedByLimit: 1 })
  })

  it('is told when one of the proxies cannot be, before it listens', async () => {
    const router = new Router({ realms: [{ name: 'realm1' }] })
    await expect(router.listen({ port: 0, trustedProxies: ['proxy.example'] })).rejects.toThrow(UsageError)
    expect(router.urls).toEqual([])
    await router.close()
  })
})

describe('a router behind a proxy that it does not know', () => {
  it('believes nothing of what it says, but that its clients are not of this machine', async () => {
    const { router, port } = await openRouter({
      realms: [{ name: 'realm1', auth: [anonymous({ localOnly: true })] }],
      limits: { localConnections: 2 },
    })
    const visitor = await Visitor.come(port, from('127.0.0.1'))
    visitor.say(HELLO)
    expect((await visitor.aborted()).reason).toBe(ERROR.authenticationRequired)
    visitor.client.socket.destroy()
    await visitor.client.closed()
    const statuses = []
    for (let i = 1; i < 5; i++) statuses.push((await Visitor.come(port, from(`192.0.2.${i}`))).client.status)
    expect(statuses).toContain(503)
    expect(router.counters.refusedByLimit).toBeGreaterThan(0)
  })
})
