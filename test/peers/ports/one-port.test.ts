import { describe, expect, it } from 'vitest'
import { Client, type ClientOptions } from '../../../src/index.js'
import { type ListenOptions, Router } from '../../../src/router.js'
import { HELLO as RAW_HELLO, frame as rawFrame } from '../../transports/rawsocket/raw-client.js'
import { reset } from '../../transports/rawsocket/reset.js'
import { until } from '../../transports/rawsocket/until.js'
import { frame, TEXT, upgradeRequest } from '../../transports/websocket/raw-client.js'
import { openRouter } from '../limits/visitor.js'
import {
  ask,
  CERTIFICATE,
  closePolls,
  connectTo,
  GROUNDS,
  hangUp,
  heard,
  httpPost,
  listenOn,
  OPEN,
} from './grounds.js'

const HELLO = JSON.stringify([1, 'realm1', { roles: { caller: {} } }])
/** The beginning of a WELCOME, as JSON has it. */
const WELCOME = /\[2,\d+,\{/

async function listening(options: ListenOptions) {
  const router = await new Router({ realms: [{ name: 'realm1' }] }).listen(options)
  const [url = ''] = router.urls
  const join = (at: number, more: Partial<ClientOptions> = {}) =>
    new Client({ url: router.urls[at] ?? '', realm: 'realm1', reconnect: false, ...more }).start()
  return {
    router,
    url,
    join,
    [Symbol.asyncDispose]() {
      hangUp()
      return router.close()
    },
  }
}

describe.each(GROUNDS)('one port (%s)', (ground) => {
  it('serves WebSocket, RawSocket and long-poll', async () => {
    await using port = await listening(listenOn(ground))
    const secured = ground === 'tls' ? { connection: { tls: { ca: CERTIFICATE.cert } } } : {}
    await using callee = await port.join(0, secured)
    await using caller = await port.join(1, secured)
    await callee.register('com.example.add', (a: number, b: number) => a + b)
    expect(await caller.call('com.example.add', [2, 3])).toBe(5)
    const opened = await ask(port.url, 'POST', '/longpoll/open', OPEN)
    expect(opened.status).toBe(200)
    expect(JSON.parse(opened.body)).toEqual({ protocol: 'wamp.2.json', transport: expect.any(String) })
    await closePolls(port.url, opened.body)
  })

  it('answers all other requests with 426 and a sentence', async () => {
    await using port = await listening(listenOn(ground))
    for (const [method, path] of [
      ['GET', '/'],
      ['POST', '/longpolls/open'],
    ] as const) {
      const { status, headers, body } = await ask(port.url, method, path)
      expect([status, headers.upgrade]).toEqual([426, 'websocket'])
      expect(body).toMatch(/^This is a WAMP router\. Connect with WebSocket/)
    }
  })

  it('loses nothing of what comes in the same segment as the handshake', async () => {
    await using port = await listening(listenOn(ground))
    const webSocket = await connectTo(port.url)
    webSocket.write(Buffer.concat([Buffer.from(upgradeRequest('wamp.2.json')), frame(TEXT, HELLO)]))
    expect(await heard(webSocket, WELCOME)).toMatch(WELCOME)
    const rawSocket = await connectTo(port.url)
    rawSocket.write(Buffer.concat([RAW_HELLO, rawFrame(0, HELLO)]))
    expect(await heard(rawSocket, WELCOME)).toMatch(WELCOME)
    const http = await connectTo(port.url)
    http.write(httpPost('/longpoll/open', OPEN) + httpPost('/longpoll/none/receive', ''))
    const answers = await heard(http, / 404 /)
    expect(answers).toMatch(/ 200 OK[\s\S]*"transport"[\s\S]* 404 /)
    await closePolls(port.url, answers)
  })

  it('reads what comes in crumbs', async () => {
    await using port = await listening(listenOn(ground))
    const crumbs = async (octets: Buffer, done: RegExp) => {
      const socket = await connectTo(port.url)
      const all = heard(socket, done)
      for (const octet of octets)
        await new Promise<void>((resolve) => socket.write(Buffer.of(octet), () => resolve()))
      return all
    }
    const upgrade = Buffer.from(upgradeRequest('wamp.2.json'))
    expect(await crumbs(Buffer.concat([upgrade, frame(TEXT, HELLO)]), WELCOME)).toMatch(WELCOME)
    expect(await crumbs(Buffer.concat([RAW_HELLO, rawFrame(0, HELLO)]), WELCOME)).toMatch(WELCOME)
    const opened = await crumbs(Buffer.from(httpPost('/longpoll/open', OPEN)), /\}/)
    expect(opened).toMatch(/ 200 OK/)
    await closePolls(port.url, opened)
  })

  it('reads a request that is longer than what is read at once', async () => {
    await using port = await listening(listenOn(ground))
    const { status } = await ask(port.url, 'POST', '/longpoll/open', Buffer.alloc(500_000, 0x20))
    expect(status).toBe(413)
  })
})

describe('one port', () => {
  it('lets clients of all three call each other', async () => {
    await using port = await listening({ port: 0 })
    expect(port.router.urls.map((url) => new URL(url).protocol)).toEqual(['ws:', 'rs:', 'http:'])
    const clients = await Promise.all([0, 1, 2].map((at) => port.join(at)))
    for (const [i, callee] of clients.entries()) await callee.register(`com.example.n${i}`, () => i)
    for (const caller of clients)
      for (const i of clients.keys()) expect(await caller.call(`com.example.n${i}`)).toBe(i)
    await Promise.all(clients.map((client) => client.stop()))
  })

  it('forgets a connection that is reset before it is known what it is', async () => {
    const { router, clock, port } = await openRouter({ heartbeat: 0, limits: { localConnections: 1 } })
    const url = `ws://127.0.0.1:${port}`
    for (const first of ['', '\x7f', '\x7f\xf1', 'GET / HT']) {
      const socket = await connectTo(url)
      if (first !== '') await new Promise<void>((resolve) => socket.write(first, 'latin1', () => resolve()))
      await until(() => clock.alarms > 0)
      reset(socket)
      await until(() => clock.alarms === 0)
    }
    expect(router.counters).toMatchObject({ timedOut: 0, refusedByLimit: 0 })
    expect((await ask(url, 'GET', '/')).status).toBe(426)
  })

  it('answers what is neither with an error of HTTP', async () => {
    await using port = await listening({ port: 0 })
    for (const noise of ['\x7e\x7f\x7f\x7f', '\x00\x00\x00\x00', '\x16\x03\x01\x02\x00']) {
      const socket = await connectTo(port.url)
      const answer = heard(socket, /\r\n\r\n/)
      socket.write(noise, 'latin1')
      expect(await answer).toMatch(/^HTTP\/1\.1 400 /)
    }
  })
})
