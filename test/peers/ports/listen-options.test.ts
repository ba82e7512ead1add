import { connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Client, TransportError, UsageError } from '../../../src/index.js'
import { type ListenOptions, Router } from '../../../src/router.js'
import { upgradeRequest } from '../../transports/websocket/raw-client.js'
import { ask, CERTIFICATE, closed, connectTo, hangUp, heard, listenOn, OPEN } from './grounds.js'

async function listening(options: ListenOptions) {
  const router = await new Router({ realms: [{ name: 'realm1' }] }).listen(options)
  const [url = ''] = router.urls
  return {
    router,
    url,
    [Symbol.asyncDispose]() {
      hangUp()
      return router.close()
    },
  }
}

describe('listen', () => {
  it('without RawSocket takes its first octet for HTTP that is none', async () => {
    await using port = await listening({ port: 0, rawSocket: false })
    expect(port.router.urls.map((url) => new URL(url).protocol)).toEqual(['ws:', 'http:'])
    const socket = await connectTo(port.url)
    socket.write(Buffer.of(0x7f, 0xf1, 0, 0))
    expect(await heard(socket, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 400 /)
    await closed(socket)
    await using client = await new Client({ url: port.url, realm: 'realm1' }).start()
    expect(client.state).toBe('joined')
  })

  it('without long-poll answers its requests as all others', async () => {
    await using port = await listening({ port: 0, longPoll: false })
    expect(port.router.urls.map((url) => new URL(url).protocol)).toEqual(['ws:', 'rs:'])
    expect((await ask(port.url, 'POST', '/longpoll/open', OPEN)).status).toBe(426)
  })

  it('serves long-poll on the path that is given, with the status that is given', async () => {
    await using port = await listening({ port: 0, longPoll: { path: '/lp', doneStatus: 204 } })
    expect(new URL(port.router.urls[2] ?? '').pathname).toBe('/lp')
    const { status, body } = await ask(port.url, 'POST', '/lp/open', OPEN)
    expect(status).toBe(200)
    expect((await ask(port.url, 'POST', '/longpoll/open', OPEN)).status).toBe(426)
    const { transport } = JSON.parse(body)
    expect((await ask(port.url, 'POST', `/lp/${transport}/close`)).status).toBe(204)
  })

  it('serves WebSockets on the path that is given, which is in the URL, and RawSocket all the same', async () => {
    await using port = await listening({ port: 0, path: '/ws' })
    expect(new URL(port.url).pathname).toBe('/ws')
    const socket = await connectTo(port.url)
    socket.write(upgradeRequest('wamp.2.json', '/'))
    expect(await heard(socket, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 404 /)
    for (const url of port.router.urls) {
      await using client = await new Client({ url, realm: 'realm1' }).start()
      expect(client.state).toBe('joined')
    }
  })

  it.each([
    ['tcp', /^(ws|rs|http):\/\/127\.0\.0\.1:\d+(\/longpoll)?$/],
    ['ipv6', /^(ws|rs|http):\/\/\[::1\]:\d+(\/longpoll)?$/],
    ['tls', /^(wss|rss|https):\/\/127\.0\.0\.1:\d+(\/longpoll)?$/],
  ] as const)('tells its URLs, that for WebSockets first (%s)', async (ground, pattern) => {
    await using port = await listening(listenOn(ground))
    const { urls } = port.router
    expect(urls).toHaveLength(3)
    for (const url of urls) expect(url).toMatch(pattern)
    expect(port.url).toMatch(/^ws/)
    await port.router.close()
    expect(port.router.urls).toEqual(urls)
  })

  it('may be called for several places', async () => {
    await using port = await listening({ port: 0 })
    await port.router.listen(listenOn('unix'))
    await port.router.listen({ ...listenOn('tls'), longPoll: false })
    const protocols = port.router.urls.map((url) => new URL(url).protocol)
    expect(protocols).toEqual(['ws:', 'rs:', 'http:', 'ws+unix:', 'unix+rs:', 'wss:', 'rss:'])
    const tls = { ca: CERTIFICATE.cert }
    for (const url of port.router.urls) {
      const connection = /^(wss|rss)/.test(url) ? { connection: { tls } } : {}
      await using client = await new Client({ url, realm: 'realm1', ...connection }).start()
      expect(client.state).toBe('joined')
    }
  })

  it.each([-1, 65_536, 1.5, Number.NaN])('on port %d is refused', async (port) => {
    const router = new Router({ realms: [{ name: 'realm1' }] })
    await expect(router.listen({ port })).rejects.toThrow(UsageError)
    await router.close()
  })

  it('on a port that is in use fails, and may be tried again', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const router = new Router({ realms: [{ name: 'realm1' }] })
    await expect(router.listen({ port })).rejects.toThrow(
      new TransportError(`port ${port} on 127.0.0.1 is in use; choose another`),
    )
    await new Promise((resolve) => other.close(resolve))
    await router.listen({ port })
    expect(router.urls[0]).toBe(`ws://127.0.0.1:${port}`)
    await router.close()
  })

  it('that is under way when the router is closed leaves nothing behind', async () => {
    const place = listenOn('unix')
    const router = new Router({ realms: [{ name: 'realm1' }] })
    const listened = router.listen(place)
    await Promise.all([
      router.close(),
      expect(listened).rejects.toThrow(new UsageError('the router was closed before it listened')),
    ])
    const error = await new Promise<{ code?: string }>((resolve) =>
      connect({ path: place.unix ?? '' }).once('error', resolve),
    )
    expect(error.code).toBe('ENOENT')
    await expect(router.listen(place)).rejects.toThrow(UsageError)
  })
})
