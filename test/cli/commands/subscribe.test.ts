import { describe, expect, it } from 'vitest'
import { Served } from '../served.js'
import { started } from '../test-terminal.js'

async function subscribed(served: Served, ...args: string[]) {
  const { terminal, ended } = started(['subscribe', ...args, '--url', served.url])
  await terminal.line(/^subscribed to /)
  return { terminal, ended }
}

describe('wampkit subscribe', () => {
  it('prints an event on a line, and ends after --count of them', async () => {
    await using served = await Served.open()
    const { terminal, ended } = await subscribed(served, 'com.example', '--match', 'prefix', '--count', '2')
    await served.client.publish('com.example.weather', [21, 'sunny'], { city: 'Oslo' })
    await served.client.publish('com.example.news', [{ a: 1 }])
    await served.client.publish('com.example.late')
    expect(await ended).toBe(0)
    expect(terminal.printed).toEqual([
      'com.example.weather 21 "sunny" city="Oslo"',
      'com.example.news {"a":1}',
    ])
    expect(terminal.told).toEqual([`subscribed to com.example on ${served.url}, realm1; Ctrl-C ends it`])
  })

  it('prints JSON on request', async () => {
    await using served = await Served.open()
    const { terminal, ended } = await subscribed(
      served,
      ...['com..news', '--match', 'wildcard', '--count', '1', '--json', '--serializer', 'msgpack'],
    )
    const publication = await served.client.publish('com.x.news', [1], { a: 2 }, { acknowledge: true })
    expect(await ended).toBe(0)
    expect(terminal.printed.map((line) => JSON.parse(line))).toEqual([
      { topic: 'com.x.news', args: [1], kwargs: { a: 2 }, publication, details: { topic: 'com.x.news' } },
    ])
  })

  it.each(['SIGINT', 'SIGTERM', 'EPIPE'] as const)(
    'leaves the realm at a %s, and ends with 0',
    async (by) => {
      await using served = await Served.open()
      const { terminal, ended } = await subscribed(served, 'com.example.news')
      const { sessions } = served.router.realms.get('realm1') ?? { sessions: new Map() }
      expect(sessions.size).toBe(2)
      terminal.interrupt(by)
      expect(await ended).toBe(0)
      expect(sessions.size).toBe(1)
    },
  )

  it('fails when its session is killed', async () => {
    await using served = await Served.open()
    const { terminal, ended } = await subscribed(served, 'com.example.news')
    await served.killOthers()
    expect(await ended).toBe(1)
    expect(terminal.told.at(-1)).toMatch(/the session is lost: wamp\.close\.killed/)
  })

  it('goes on when the router was restarted', async () => {
    const served = await Served.open()
    const { terminal, ended } = await subscribed(served, 'com.example.news', '--count', '1')
    await served[Symbol.asyncDispose]()
    await using again = await Served.open('realm1', served.port)
    await terminal.line(/is back$/)
    await again.client.publish('com.example.news', ['new'])
    expect(await ended).toBe(0)
  })

  it('is interrupted while it connects, too', async () => {
    await using served = await Served.open()
    const { terminal, ended } = started(['subscribe', 'com.example.news', '--url', served.url])
    terminal.interrupt()
    expect(await ended).toBe(0)
    expect(terminal.told).toEqual([])
  })
})
