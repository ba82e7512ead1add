/** Opening transports, and who may. Spec: rfc/text/advanced/transport_http_longpoll.md. */
import { describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../../src/errors.js'
import { silentLogger } from '../../../src/logger.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { LongPollListener } from '../../../src/transports/longpoll/listener.js'
import { listen, opened, RawPoller } from './lp-router.js'

const open = (...protocols: string[]) => JSON.stringify({ protocols })

const ALL =
  'wamp.2.json, wamp.2.json.batched, wamp.2.msgpack, wamp.2.msgpack.batched, wamp.2.cbor, wamp.2.cbor.batched'

describe('open', () => {
  it.each(ALL.split(', '))('takes %s', async (protocol) => {
    const router = await listen()
    const response = await router.post('/open', open('wamp.2.ubjson', protocol, 'wamp.2.json'))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({ protocol, transport: expect.any(String) })
    expect(router.listener.connections.counters.accepted).toBe(1)
  })

  it('takes the first of the client’s list, and ignores what is behind a question mark', async () => {
    const router = await listen()
    const response = await router.post('/open?x=382913', open('wamp.2.cbor', 'wamp.2.json.batched'))
    expect(await response.json()).toMatchObject({ protocol: 'wamp.2.cbor' })
  })

  it('gives each transport an id of 192 bits that nobody guesses, and does not log it', async () => {
    const log = vi.fn()
    const router = await listen({ logger: { debug: log, info: log, warn: log, error: log } })
    const pollers = await Promise.all(Array.from({ length: 20 }, () => RawPoller.open(router)))
    const ids = pollers.map(({ id }) => id)
    expect(new Set(ids).size).toBe(20)
    for (const id of ids) expect(id).toMatch(/^[\w-]{32}$/)
    await Promise.all(pollers.map((poller) => poller.send('nonsense')))
    await router.post('/open', 'nonsense')
    expect(log).toHaveBeenCalled()
    for (const id of ids) expect(JSON.stringify(log.mock.calls)).not.toContain(id)
  })

  it.each([
    ['no JSON', '{', 'must have a JSON document as its body'],
    ['nothing', '', 'must have a JSON document as its body'],
    ['a list', '[]', 'must be a dictionary'],
    ['null', 'null', 'must be a dictionary'],
    ['no protocols', '{}', 'must name its protocols in a list'],
    ['protocols that are no list', '{"protocols":"wamp.2.json"}', 'must name its protocols in a list'],
    ['protocols that are no strings', '{"protocols":[1]}', 'must name its protocols in a list'],
    ['no protocol', '{"protocols":[]}', `is spoken here, only: ${ALL}.`],
    ['protocols that nobody speaks', open('wamp.2.ubjson', '__proto__'), `is spoken here, only: ${ALL}.`],
  ])('refuses %s with 400, and a sentence', async (_, body, sentence) => {
    const router = await listen()
    const response = await router.post('/open', body)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(sentence)
    expect(router.listener.connections.counters).toMatchObject({ accepted: 0, refused: 1 })
  })

  it('refuses a body of more than 16 KiB with 413', async () => {
    const router = await listen()
    expect((await router.post('/open', `{"x":"${'x'.repeat(20_000)}"}`)).status).toBe(413)
  })

  it('refuses what is refused from outside', async () => {
    const router = await listen({ refuse: () => [503, 'Too many.'] })
    const response = await router.post('/open', open('wamp.2.json'))
    expect([response.status, await response.text()]).toEqual([503, 'Too many.\n'])
  })

  it('refuses when it is closing', async () => {
    const router = await listen()
    await router.listener.close()
    const response = await router.post('/open', open('wamp.2.json'))
    expect(response.status).toBe(503)
    expect(response.headers.get('connection')).toBe('close')
  })

  it('tells who opened a transport', async () => {
    const router = await listen()
    const response = await router.post('/open', open('wamp.2.json'), { headers: { cookie: 'a=1; b=2' } })
    await response.json()
    const { transport, request } = await router.next()
    expect(transport.info).toEqual({
      kind: 'longpoll',
      address: `127.0.0.1:${request.socket.remotePort}`,
      local: true,
      cookies: { a: '1', b: '2' },
    })
  })
})

describe('a listener', () => {
  it.each(['/', '/lpx/open', '/x/lp/open', '/l'])('leaves %s to others', async (path) => {
    const router = await listen()
    const response = await fetch(new URL(path, router.url), { method: 'POST' })
    expect(response.status).toBe(426)
  })

  it.each(['', '/', '/open/x', '/x', '/x/y', '/x/receive/y', '//receive'])(
    'has nothing at %j',
    async (path) => {
      const router = await listen()
      expect((await router.post(path)).status).toBe(404)
    },
  )

  it.each(['receive', 'send', 'close'])('knows no unknown id: %s', async (kind) => {
    const { router } = await opened()
    for (const id of ['x', '__proto__', 'constructor', 'a'.repeat(32)]) {
      const response = await router.post(`/${id}/${kind}`, '[]')
      expect(response.status).toBe(404)
      expect(await response.text()).toContain('There is no such transport')
    }
  })

  it.each(['GET', 'PUT', 'DELETE', 'HEAD'])('refuses %s with 405', async (method) => {
    const { router, id } = await opened()
    for (const path of ['/open', `/${id}/receive`]) {
      const response = await fetch(`${router.url}${path}`, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    }
  })

  it('says which id has ended', async () => {
    const onEnd = vi.fn()
    const poller = await opened({ onEnd })
    await poller.close()
    expect(onEnd).toHaveBeenCalledExactlyOnceWith(poller.transport)
  })

  it.each([
    ['no serializer', { serializers: [] }],
    ['no path', { path: '' }],
    ['the path of everything', { path: '/' }],
    ['a path that is none', { path: 'lp' }],
    ['a path with a query', { path: '/lp?x' }],
    ['a time that is none', { pollTimeout: 0 }],
    ['another time that is none', { idleTimeout: Number.NaN }],
    ['an origin that is none', { origins: ['x'] }],
  ])('does not work with %s', (_, options) => {
    const all = { serializers: [jsonRelay()], path: '/lp', onTransport: () => {}, ...options }
    expect(() => new LongPollListener(all)).toThrow(UsageError)
  })

  it('takes a path that ends with a slash, or has several parts', async () => {
    const router = await listen({ path: '/lp/' })
    expect((await router.post('/open', open('wamp.2.json'))).status).toBe(200)
    expect(
      () => new LongPollListener({ serializers: [jsonRelay()], path: '/a/b', onTransport() {} }),
    ).not.toThrow()
  })
})

describe('pages of other origins', () => {
  const page = 'https://app.example'
  const from = (origin: string) => ({ headers: { origin } })

  it('are refused with 403 whatever they ask, and counted', async () => {
    const warn = vi.fn()
    const poller = await opened({ logger: { ...silentLogger, warn } })
    const { router, id } = poller
    for (const path of ['/open', `/${id}/send`, `/${id}/receive`, `/${id}/close`]) {
      const response = await router.post(path, open('wamp.2.json'), from(page))
      expect(response.status).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
    const preflight = await fetch(`${router.url}/open`, { method: 'OPTIONS', ...from(page) })
    expect(preflight.status).toBe(403)
    expect(router.listener.connections.counters).toMatchObject({ accepted: 1, refusedByOrigin: 5 })
    expect(warn).toHaveBeenCalledTimes(5)
    expect(poller.recorder.order).toEqual([])
  })

  it('may read the answers where they are allowed, and no other page may', async () => {
    const router = await listen({ origins: [page] })
    const response = await router.post('/open', open('wamp.2.json'), from(page))
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe(page)
    expect(response.headers.get('access-control-allow-credentials')).toBe('true')
    expect(response.headers.get('vary')).toBe('origin')
    expect((await router.post('/open', open('wamp.2.json'), from('https://evil.example'))).status).toBe(403)
    // Who sends no origin is no page.
    const other = await router.post('/open', open('wamp.2.json'))
    expect(other.status).toBe(200)
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('may read errors too', async () => {
    const router = await listen({ origins: [page] })
    const response = await router.post('/x/receive', '', from(page))
    expect(response.status).toBe(404)
    expect(response.headers.get('access-control-allow-origin')).toBe(page)
  })

  it('are answered when they ask beforehand', async () => {
    const router = await listen({ origins: [page] })
    const response = await fetch(`${router.url}/open`, {
      method: 'OPTIONS',
      headers: {
        origin: page,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-token',
      },
    })
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type,x-token',
      'access-control-allow-credentials': 'true',
    })
  })
})
