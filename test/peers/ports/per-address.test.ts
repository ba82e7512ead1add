import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Router, type RouterLimits } from '../../../src/router.js'
import { HELLO as RAW_HELLO } from '../../transports/rawsocket/raw-client.js'
import { turns } from '../../transports/recorder.js'
import { upgradeRequest } from '../../transports/websocket/raw-client.js'
import { closeAfter } from '../limits/visitor.js'
import { closed, connectTo, type Ground, hangUp, heard, listenOn, OPEN } from './grounds.js'

const REFUSED = '\x7f\x40\0\0'

const agents: Agent[] = []
const opened: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await closeAll()
  for (const agent of agents.splice(0)) agent.destroy()
})

/** Closes the transports by long-poll, so that no router waits for their clients. */
async function closeAll(): Promise<void> {
  for (const close of opened.splice(0)) await close()
}

async function open(limits: RouterLimits, ground: Ground = 'tcp', more: object = {}) {
  const router = new Router({ realms: [{ name: 'realm1' }], heartbeat: 0, limits, closeTimeout: 1 })
  closeAfter(router)
  await router.listen({ ...listenOn(ground), ...more })
  const [url = ''] = router.urls
  return { router, url }
}

async function rawSocket(url: string): Promise<string> {
  const socket = await connectTo(url)
  socket.write(RAW_HELLO)
  return heard(socket, /^[\s\S]{4}/)
}

async function webSocket(url: string): Promise<string> {
  const socket = await connectTo(url)
  socket.write(upgradeRequest('wamp.2.json', '/ws'))
  return (await heard(socket, /\r\n\r\n/)).slice(9, 12)
}

/** Makes all its requests over one connection. */
class Poller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(private readonly url: string) {
    agents.push(this.#agent)
  }

  post(path: string, body = '', headers: Record<string, string> = {}) {
    const { hostname, port } = new URL(this.url)
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const options = { agent: this.#agent, method: 'POST', hostname, port, path, headers }
      const asked = request(options, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }

  /** The status, and what closes the transport. */
  async open(headers: Record<string, string> = {}) {
    const { status, text } = await this.post('/longpoll/open', OPEN, headers)
    if (status !== 200) return { status, text, close: async () => ({ status: 0 }) }
    const { transport } = JSON.parse(text)
    const close = () => this.post(`/longpoll/${transport}/close`)
    opened.push(close)
    return { status, text, close }
  }
}

describe('connections of RawSocket from one address', () => {
  it.each(['tcp', 'tls', 'unix'] as const)('are bounded: one more gets error 4 (%s)', async (ground) => {
    const { router, url } = await open({ localConnections: 2 }, ground)
    expect([await rawSocket(url), await rawSocket(url)]).toEqual(['\x7f\xf1\0\0', '\x7f\xf1\0\0'])
    expect(await rawSocket(url)).toBe(REFUSED)
    expect(router.counters).toMatchObject({ accepted: 2, refused: 1, refusedByLimit: 1 })
    hangUp()
    while ((await rawSocket(url)) === REFUSED) await turns()
  })

  it('that are twice as many are closed unheard', async () => {
    const { router, url } = await open({ localConnections: 1 })
    await rawSocket(url)
    const waiting = await connectTo(url)
    const last = await connectTo(url)
    await closed(last)
    expect(waiting.destroyed).toBe(false)
    expect(router.counters).toMatchObject({ accepted: 1, refused: 1, refusedByLimit: 1 })
  })

  it('count together with those of WebSocket', async () => {
    const { url } = await open({ localConnections: 2 })
    expect([await rawSocket(url), await webSocket(url)]).toEqual(['\x7f\xf1\0\0', '101'])
    expect([await rawSocket(url), await webSocket(url)]).toEqual([REFUSED, '503'])
  })
})

describe('transports by long-poll of one address', () => {
  it('are bounded, over however few connections they come: one more gets 503, until one has ended', async () => {
    const { router, url } = await open({ localConnections: 2 })
    const poller = new Poller(url)
    const [first] = [await poller.open(), await poller.open()]
    expect(first.status).toBe(200)
    expect(await poller.open()).toMatchObject({
      status: 503,
      text: 'There are too many connections from your address; close some, or try again later.\n',
    })
    expect(router.counters).toMatchObject({ accepted: 2, refused: 1, refusedByLimit: 1 })
    expect((await first.close()).status).toBe(202)
    expect((await poller.open()).status).toBe(200)
  })

  it('are those of the clients, where they come through a proxy that is trusted', async () => {
    const proxies = { trustedProxies: ['127.0.0.1'] }
    const { router, url } = await open({ connectionsPerAddress: 1 }, 'tcp', proxies)
    const poller = new Poller(url)
    const from = async (address: string) => (await poller.open({ 'X-Forwarded-For': address })).status
    expect(await from('192.0.2.1')).toBe(200)
    expect(await from('192.0.2.2')).toBe(200)
    expect(await from('192.0.2.1')).toBe(503)
    expect(await from('192.0.2.3')).toBe(200)
    expect(router.counters.refusedByLimit).toBe(1)
  })
})

describe('clients of a server of the application', () => {
  async function attached(limits: RouterLimits, more: object = {}) {
    const server = createServer((_, response) => response.end('app'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const router = new Router({ realms: [{ name: 'realm1' }], heartbeat: 0, limits, closeTimeout: 1 })
    const detach = router.attach(server, { longPoll: true, ...more })
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    return {
      router,
      url,
      async [Symbol.asyncDispose]() {
        hangUp()
        await closeAll()
        await detach[Symbol.asyncDispose]()
        await router.close()
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }

  it('are counted by their addresses when they ask for a WebSocket, and nobody else is', async () => {
    await using place = await attached({ localConnections: 2 })
    const { router, url } = place
    const others = await Promise.all(Array.from({ length: 5 }, () => connectTo(url)))
    expect([await webSocket(url), await webSocket(url), await webSocket(url)]).toEqual(['101', '101', '503'])
    expect(router.counters).toMatchObject({ accepted: 2, refused: 1, refusedByLimit: 1 })
    expect(others.some(({ destroyed }) => destroyed)).toBe(false)
    hangUp()
    while ((await webSocket(url)) !== '101') await turns()
  })

  it('are counted by their addresses when they open a transport by long-poll', async () => {
    await using place = await attached({ localConnections: 2 })
    const poller = new Poller(place.url)
    const statuses = [
      (await poller.open()).status,
      (await poller.open()).status,
      (await poller.open()).status,
    ]
    expect(statuses).toEqual([200, 200, 503])
  })

  it('are those behind the proxies that are trusted', async () => {
    await using place = await attached({ connectionsPerAddress: 1 }, { trustedProxies: ['127.0.0.1'] })
    const from = async (address: string) => {
      const socket = await connectTo(place.url)
      const asked = upgradeRequest('wamp.2.json', '/ws')
      socket.write(asked.replace('\r\n\r\n', `\r\nX-Forwarded-For: ${address}\r\n\r\n`))
      return (await heard(socket, /\r\n\r\n/)).slice(9, 12)
    }
    expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.1')]).toEqual([
      '101',
      '101',
      '503',
    ])
  })
})
