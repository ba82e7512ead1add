import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { Client, type ClientOptions, SessionClosedError } from '../../../src/index.js'
import { Router } from '../../../src/router.js'
import { messagePort } from '../../../src/transports/message-port/message-port.js'
import { CLOSE } from '../../../src/uris.js'
import { until } from '../../transports/rawsocket/until.js'
import { TestClock } from '../../transports/test-clock.js'
import { ask, CERTIFICATE, closed, connectTo, GROUNDS, httpPost, listenOn, OPEN } from './grounds.js'

type Way = Pick<ClientOptions, 'url' | 'router' | 'transport' | 'connection'>

/** A client of each kind that a router can have, by name. */
function everyWay(router: Router): [string, Way][] {
  const byUrl = router.urls.map((url): [string, Way] => {
    const { protocol } = new URL(url)
    const isSecured = protocol === 'wss:' || protocol === 'rss:'
    return [protocol, { url, ...(isSecured ? { connection: { tls: { ca: CERTIFICATE.cert } } } : {}) }]
  })
  const overPort = () => {
    const { port1, port2 } = new MessageChannel()
    router.accept(port2)
    return port1
  }
  return [...byUrl, ['memory', { router }], ['MessagePort', { transport: messagePort(overPort) }]]
}

async function open(): Promise<{ router: Router; clock: TestClock }> {
  const clock = new TestClock()
  const router = new Router({ realms: [{ name: 'realm1' }], clock, heartbeat: 0 })
  await router.listen(listenOn('tcp'))
  await router.listen(listenOn('unix'))
  await router.listen({ ...listenOn('tls'), longPoll: false })
  return { router, clock }
}

/** How many sockets, servers and such there are in this process. */
function resources(): number {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCP|TLS|Pipe)/.test(kind)).length
}

describe('close()', () => {
  it('says GOODBYE to each client, however it came, waits for nobody who answers, and leaves no socket', async () => {
    const before = resources()
    const { router } = await open()
    const told: Record<string, unknown> = {}
    const joined = everyWay(router).map(async ([name, way]) => {
      const client = new Client({ ...way, realm: 'realm1', reconnect: false })
      client.on('leave', ({ reason }) => {
        told[name] = reason
      })
      return client.start()
    })
    const clients = await Promise.all(joined)
    // Whoever is not answered would be waited for until the clock is turned, and nobody turns it.
    await router.close()
    const names = ['ws:', 'rs:', 'http:', 'ws+unix:', 'unix+rs:', 'wss:', 'rss:', 'memory', 'MessagePort']
    expect(told).toEqual(Object.fromEntries(names.map((name) => [name, CLOSE.systemShutdown])))
    for (const client of clients) {
      await expect(client.call('com.example.any')).rejects.toThrow(SessionClosedError)
      await client.stop()
    }
    await until(() => resources() <= before)
  })

  it('hears a client by long-poll out, though each of its requests needs a connection of its own', async () => {
    const clock = new TestClock()
    const router = new Router({ realms: [{ name: 'realm1' }], clock })
    await router.listen({ port: 0 })
    const [url = ''] = router.urls
    const { transport } = JSON.parse((await ask(url, 'POST', '/longpoll/open', OPEN)).body)
    const post = (what: string, message?: unknown) =>
      ask(url, 'POST', `/longpoll/${transport}/${what}`, message === undefined ? '' : JSON.stringify(message))
    await post('send', [1, 'realm1', { roles: { caller: {} } }])
    await post('receive')
    const closing = router.close()
    expect(JSON.parse((await post('receive')).body)).toMatchObject([6, {}, CLOSE.systemShutdown])
    expect((await post('send', [6, {}, CLOSE.goodbyeAndOut])).status).toBe(202)
    expect((await post('close')).status).toBe(202)
    await closing
    await expect(post('receive')).rejects.toThrow(/ECONNREFUSED/)
  })

  it('takes nobody new meanwhile', async () => {
    const router = new Router({ realms: [{ name: 'realm1' }], clock: new TestClock() })
    await router.listen({ port: 0 })
    const [url = ''] = router.urls
    const { transport } = JSON.parse((await ask(url, 'POST', '/longpoll/open', OPEN)).body)
    await ask(url, 'POST', `/longpoll/${transport}/send`, '[1,"realm1",{"roles":{"caller":{}}}]')
    const closing = router.close()
    for (const late of router.urls) {
      const client = new Client({ url: late, realm: 'realm1', reconnect: false })
      await expect(client.start()).rejects.toThrow(Error)
    }
    await ask(url, 'POST', `/longpoll/${transport}/close`)
    await closing
  })

  it('fails calls that are under way, for each kind of client', async () => {
    const { router } = await open()
    const callee = await new Client({ router, realm: 'realm1', reconnect: false }).start()
    let calls = 0
    await callee.register('com.example.wait', () => {
      calls++
      return new Promise(() => {})
    })
    const ways = everyWay(router)
    const ended = ways.map(async ([, way]) => {
      const client = await new Client({ ...way, realm: 'realm1', reconnect: false }).start()
      return client.call('com.example.wait').then(
        () => 'answered',
        (error: unknown) => error,
      )
    })
    await until(() => calls === ways.length)
    await router.close()
    for (const error of await Promise.all(ended)) expect(error).toBeInstanceOf(SessionClosedError)
  })

  it('is harmless the second time, at once or later', async () => {
    const { router } = await open()
    const first = router.close()
    expect(router.close()).toBe(first)
    await first
    await router.close()
    await router[Symbol.asyncDispose]()
  })

  it('makes room for the next router at once', async () => {
    const before = new Router({ realms: [{ name: 'realm1' }] })
    await before.listen(listenOn('tcp'))
    const url = before.urls[0] ?? ''
    await new Client({ url: before.urls[2] ?? '', realm: 'realm1', reconnect: false }).start()
    await before.close()
    const after = new Router({ realms: [{ name: 'realm1' }] })
    await after.listen({ port: Number(new URL(url).port) })
    await using client = await new Client({ url, realm: 'realm1' }).start()
    expect(client.state).toBe('joined')
    await client.stop()
    await after.close()
  })

  it.each(GROUNDS)('ends what is half open, at once (%s)', async (ground) => {
    const clock = new TestClock()
    const router = new Router({ realms: [{ name: 'realm1' }], clock, heartbeat: 0 })
    await router.listen(listenOn(ground))
    const [url = ''] = router.urls
    const halves = [
      '',
      '\x7f',
      '\x7f\xf1',
      'GET / HT',
      'GET / HTTP/1.1\r\nHost: a\r\n',
      httpPost('/longpoll/open', '{').replace('Length: 1', 'Length: 29'),
      httpPost('/longpoll/none/receive', ''),
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    ]
    const ends = []
    for (const half of halves) {
      const socket = await connectTo(url)
      socket.write(half, 'latin1')
      ends.push(closed(socket))
    }
    expect((await ask(url, 'GET', '/')).status).toBe(426)
    await router.close()
    await Promise.all(ends)
    expect(clock.alarms).toBe(0)
  })

  it('ends the waiting at a MessagePort that nobody has opened', async () => {
    const router = new Router({ realms: [{ name: 'realm1' }] })
    const { port1, port2 } = new MessageChannel()
    router.accept(port2)
    const ended = new Promise((resolve) => port1.on('close', () => resolve('closed')))
    await router.close()
    expect(await ended).toBe('closed')
  })
})
