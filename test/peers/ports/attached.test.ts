import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Client, UsageError } from '../../../src/index.js'
import { type AttachOptions, anonymous, Router } from '../../../src/router.js'
import { CLOSE } from '../../../src/uris.js'
import { upgradeRequest } from '../../transports/websocket/raw-client.js'
import { ask, CERTIFICATE, closePolls, connectTo, hangUp, heard, OPEN, temporaryFolder } from './grounds.js'

const ends: (() => Promise<unknown>)[] = []

afterEach(async () => {
  hangUp()
  for (const end of ends.splice(0).reverse()) await end()
})

/** The server of an application, which answers all requests with `app` and their path. */
async function application(handle: RequestListener = app, server = createServer(handle)) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => closeServer(server))
  return { server, url: urlOf(server) }
}

const app: RequestListener = ({ url }, response) => void response.end(`app ${url}`)

function closeServer(server: Server): Promise<unknown> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}

function urlOf(server: Server): string {
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function newRouter(): Router {
  const router = new Router({ realms: [{ name: 'realm1' }] })
  ends.push(() => router.close())
  return router
}

function join(url: string): Promise<Client> {
  const client = new Client({ url, realm: 'realm1', reconnect: false })
  ends.push(() => client.stop())
  return client.start()
}

/** The status of the answer to a request for a WebSocket. */
async function upgraded(url: string, path: string): Promise<string> {
  const socket = await connectTo(url)
  socket.write(upgradeRequest('wamp.2.json', path))
  return (await heard(socket, /\r\n\r\n/)).slice(9, 12)
}

describe('a router that is attached to the server of an application', () => {
  it('serves WebSockets on /ws, and long-poll where it is asked for', async () => {
    const { server, url } = await application()
    newRouter().attach(server, { longPoll: true })
    const [one, other] = [await join(`${url}/ws`), await join(`${url.replace('ws', 'http')}/longpoll`)]
    await one.register('com.example.add', (a: number, b: number) => a + b)
    expect(await other.call('com.example.add', [2, 3])).toBe(5)
  })

  it('serves them on the paths that are given, whatever is in the query', async () => {
    const { server, url } = await application()
    newRouter().attach(server, { path: '/wamp', longPoll: { path: '/lp', doneStatus: 204 } })
    expect(await upgraded(url, '/wamp?token=1')).toBe('101')
    const { status, body } = await ask(url, 'POST', '/lp/open?x', OPEN)
    expect(status).toBe(200)
    const { transport } = JSON.parse(body)
    expect((await ask(url, 'POST', `/lp/${transport}/close`)).status).toBe(204)
  })

  it('leaves all other requests to the application', async () => {
    const { server, url } = await application()
    newRouter().attach(server, { longPoll: true })
    for (const path of ['/', '/ws', '/longpolling', '/long'])
      expect(await ask(url, 'POST', path, 'x')).toMatchObject({ status: 200, body: `app ${path}` })
  })

  it('without long-poll leaves its requests to the application as well', async () => {
    const { server, url } = await application()
    newRouter().attach(server)
    expect((await ask(url, 'POST', '/longpoll/open', OPEN)).body).toBe('app /longpoll/open')
  })

  it.each<[string, (server: Server, answer: RequestListener) => void]>([
    ['before', () => {}],
    ['after', (server, answer) => void server.on('request', answer)],
    ['in front of the others after', (server, answer) => void server.prependListener('request', answer)],
  ])('answers its requests alone, also when the application came %s it was attached', async (when, add) => {
    const answered: string[] = []
    const answer =
      (name: string): RequestListener =>
      ({ url = '' }, response: ServerResponse) => {
        answered.push(`${name} ${url}`)
        response.setHeader('x-app', name)
        response.end(name)
      }
    const { server, url } = await application(
      when === 'before' ? answer('before') : undefined,
      createServer(),
    )
    if (when === 'before') server.on('request', answer('before'))
    newRouter().attach(server, { longPoll: true })
    add(server, answer(when))
    const { status, headers, body } = await ask(url, 'POST', '/longpoll/open', OPEN)
    expect([status, headers['x-app'], answered]).toEqual([200, undefined, []])
    await closePolls(url, body)
    expect(await ask(url, 'GET', '/x')).toMatchObject({ body: when, headers: { 'x-app': when } })
    expect(answered).toEqual([`${when} /x`])
  })

  it('goes along with a server of `ws` on another path, whichever came first', async () => {
    for (const isFirst of [true, false]) {
      const { server, url } = await application()
      const other = () => {
        const sockets = new WebSocketServer({ server, path: '/chat' })
        sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`chat: ${data}`)))
        ends.push(() => new Promise((resolve) => sockets.close(resolve)))
      }
      if (isFirst) other()
      newRouter().attach(server)
      if (!isFirst) other()
      const client = await join(`${url}/ws`)
      const chat = new WebSocket(`${url}/chat`)
      await new Promise((resolve) => chat.once('open', resolve))
      chat.send('hello')
      expect(String(await new Promise((resolve) => chat.once('message', resolve)))).toBe('chat: hello')
      chat.terminate()
      expect(client.state).toBe('joined')
    }
  })

  it('answers requests for WebSockets on other paths with 404, unless somebody else listens for them', async () => {
    const { server, url } = await application()
    newRouter().attach(server)
    newRouter().attach(server, { path: '/two' })
    expect(await upgraded(url, '/three')).toBe('404')
    server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n'))
    expect(await upgraded(url, '/three')).toBe('418')
  })

  it('may be attached before the server listens, and more than once', async () => {
    const server = createServer(app)
    const router = newRouter()
    router.attach(server)
    router.attach(server, { path: '/two' })
    const { url } = await application(app, server)
    for (const path of ['/ws', '/two']) expect((await join(url + path)).state).toBe('joined')
    expect(router.realms.get('realm1')?.sessions.size).toBe(2)
  })

  it('may share the server with another router, on other paths', async () => {
    const { server, url } = await application()
    const [one, two] = [newRouter(), newRouter()]
    one.attach(server, { path: '/one', longPoll: { path: '/lp1' } })
    two.attach(server, { path: '/two', longPoll: { path: '/lp2' } })
    const http = url.replace('ws', 'http')
    const [a, b] = [await join(`${url}/one`), await join(`${http}/lp2`)]
    await a.register('com.example.which', () => 'one')
    await expect(b.call('com.example.which')).rejects.toThrow('nobody has registered')
    expect(await (await join(`${http}/lp1`)).call('com.example.which')).toBe('one')
    await one.close()
    expect(await upgraded(url, '/one')).toBe('404')
    expect(await upgraded(url, '/two')).toBe('101')
    expect((await ask(url, 'POST', '/lp1/open', OPEN)).body).toBe('app /lp1/open')
  })

  it('serves the clients of an HTTPS server', async () => {
    const server = createHttpsServer({ cert: CERTIFICATE.cert, key: CERTIFICATE.key }, app)
    const { url } = await application(app, server)
    newRouter().attach(server, { longPoll: true })
    const secured = url.replace('ws', 'wss')
    const connection = { tls: { ca: CERTIFICATE.cert } }
    await using client = await new Client({ url: `${secured}/ws`, realm: 'realm1', connection }).start()
    expect(client.state).toBe('joined')
    const { status, body } = await ask(secured, 'POST', '/longpoll/open', OPEN)
    expect(status).toBe(200)
    await closePolls(secured, body)
  })

  it('serves the clients of a server on a Unix socket, as those of this machine', async () => {
    const path = `${temporaryFolder()}/app.sock`
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(path, resolve))
    ends.push(() => closeServer(server))
    newRouter().attach(server)
    expect((await join(`ws+unix://${path}:/ws`)).state).toBe('joined')
  })

  it('lets in no anonymous client that a proxy of the application brings', async () => {
    const { server, url } = await application()
    newRouter().attach(server)
    const address = '192.0.2.1'
    const client = new Client({
      url: `${url}/ws`,
      realm: 'realm1',
      connection: { headers: { 'X-Forwarded-For': address } },
    })
    await expect(client.start()).rejects.toMatchObject({ reason: 'wamp.error.authentication_required' })
  })

  it('knows clients by the address that a trusted proxy tells', async () => {
    const { server, url } = await application()
    const addresses: unknown[] = []
    const told = anonymous()
    const auth = [
      {
        ...told,
        begin: (attempt: Parameters<typeof told.begin>[0]) => {
          addresses.push(attempt.connection.address)
          return told.begin(attempt)
        },
      },
    ]
    const router = new Router({ realms: [{ name: 'realm1', auth }] })
    ends.push(() => router.close())
    router.attach(server, { trustedProxies: ['127.0.0.1'], longPoll: true })
    const headers = { 'X-Forwarded-For': '192.0.2.7' }
    for (const there of [`${url}/ws`, `${url.replace('ws', 'http')}/longpoll`]) {
      await using client = await new Client({ url: there, realm: 'realm1', connection: { headers } }).start()
      expect(client.state).toBe('joined')
    }
    expect(addresses).toEqual(['192.0.2.7', '192.0.2.7'])
  })

  it.each<[string, AttachOptions]>([
    ['a path that is none', { path: 'ws' }],
    ['a path of long-poll that is none', { longPoll: { path: 'lp' } }],
    ['an origin that is none', { origins: ['example'] }],
  ])('with %s is refused, and the server is as it was', async (_, options) => {
    const server = createServer(app)
    const { emit } = server
    expect(() => newRouter().attach(server, options)).toThrow(UsageError)
    expect([server.emit, server.listenerCount('upgrade')]).toEqual([emit, 0])
  })
})

describe('to let go of the server', () => {
  it('closes the connections of its clients, and leaves the server as it was', async () => {
    const { server, url } = await application()
    const { emit } = server
    const router = newRouter()
    const attached = router.attach(server, { longPoll: true })
    const clients = [await join(`${url}/ws`), await join(`${url.replace('ws', 'http')}/longpoll`)]
    const left = clients.map((client) => new Promise((resolve) => client.on('leave', resolve)))
    await Promise.all([attached[Symbol.asyncDispose](), attached[Symbol.asyncDispose]()])
    await Promise.all(left)
    expect([server.emit, server.listenerCount('upgrade'), server.listening]).toEqual([emit, 0, true])
    expect((await ask(url, 'POST', '/longpoll/open', OPEN)).body).toBe('app /longpoll/open')
    // Nobody listens for upgrades any more: it is a request like any other.
    expect(await upgraded(url, '/ws')).toBe('200')
    router.attach(server)
    expect((await join(`${url}/ws`)).state).toBe('joined')
  })

  it('leaves alone who was attached later', async () => {
    const { server, url } = await application()
    const [one, two] = [newRouter(), newRouter()]
    const first = one.attach(server, { path: '/one' })
    const second = two.attach(server, { path: '/two' })
    await first[Symbol.asyncDispose]()
    expect(await upgraded(url, '/one')).toBe('404')
    expect((await join(`${url}/two`)).state).toBe('joined')
    await second[Symbol.asyncDispose]()
    expect(await upgraded(url, '/two')).toBe('200')
    expect(await ask(url, 'GET', '/')).toMatchObject({ body: 'app /' })
  })
})

describe('close() of a router that is attached', () => {
  it('says GOODBYE to its clients, lets go of the server, and does not close it', async () => {
    const { server, url } = await application()
    const router = newRouter()
    router.attach(server, { longPoll: true })
    const clients = [await join(`${url}/ws`), await join(`${url.replace('ws', 'http')}/longpoll`)]
    const left = clients.map((client) => new Promise((resolve) => client.on('leave', resolve)))
    await router.close()
    expect(await Promise.all(left)).toMatchObject([
      { reason: CLOSE.systemShutdown },
      { reason: CLOSE.systemShutdown },
    ])
    expect(server.listening).toBe(true)
    expect(await ask(url, 'GET', '/')).toMatchObject({ body: 'app /' })
    expect(() => router.attach(server)).toThrow(UsageError)
  })

  it('lets the server close, since none of its connections is left', async () => {
    const { server, url } = await application()
    const router = newRouter()
    router.attach(server)
    await join(`${url}/ws`)
    await router.close()
    await new Promise((resolve) => server.close(resolve))
    expect(server.listening).toBe(false)
  })
})
