/** The client's end. Spec: rfc/text/advanced/transport_http_longpoll.md. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MessageTooLongError, TransportError, UsageError } from '../../../src/errors.js'
import { Payload } from '../../../src/messages/payload.js'
import { Call, Result } from '../../../src/messages/rpc.js'
import { Hello, Welcome } from '../../../src/messages/session-lifecycle.js'
import { Client } from '../../../src/peers/client/client.js'
import { Router } from '../../../src/peers/router/router.js'
import { json } from '../../../src/serializers/json/json.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import { batched } from '../../../src/transports/batching/batched.js'
import { dialLongPoll, longPoll } from '../../../src/transports/longpoll/longpoll.js'
import type { Transport } from '../../../src/transports/transport.js'
import { Recorder, turns } from '../recorder.js'
import { TestClock } from '../test-clock.js'
import { type LongPollRouter, listen } from './lp-router.js'

const KIB = 1024
const servers: Server[] = []
const transports: Transport[] = []

afterEach(() => {
  for (const transport of transports.splice(0)) transport.close()
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

/** An HTTP server that answers as `handler` does. */
async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/lp`
}

/** A router that opens transports, and does with further requests what `handlers` do. */
function routing(
  handlers: Partial<Record<'receive' | 'send' | 'close', (response: ServerResponse) => void>>,
) {
  return serve((request, response) => {
    request.resume()
    const kind = request.url?.split('/').at(-1) ?? ''
    if (kind === 'open') response.end('{"protocol":"wamp.2.json","transport":"id"}')
    else handlers[kind as 'send']?.(response)
  })
}

async function dialed(url: string, options = {}) {
  const transport = await dialLongPoll(url, [json()], options)
  transports.push(transport)
  const recorder = new Recorder()
  transport.start(recorder)
  return { transport, recorder }
}

/** Both ends, and what requests were made. */
async function joined(router: LongPollRouter, options = {}) {
  const requests: { path: string; body: string }[] = []
  router.server.on('request', (request: IncomingMessage) => {
    const seen = { path: request.url?.split('/').at(-1) ?? '', body: '' }
    requests.push(seen)
    request.on('data', (chunk) => {
      seen.body += chunk
    })
  })
  const { transport, recorder } = await dialed(router.url, options)
  const far = await router.next()
  const atRouter = new Recorder()
  far.transport.start(atRouter)
  return { transport, recorder, router: far.transport, request: far.request, atRouter, requests }
}

async function failure(dialing: Promise<unknown>): Promise<Error> {
  return dialing.then(
    () => expect.fail('it was reached'),
    (error) => error,
  )
}

describe('dialing', () => {
  it('offers what the serializers speak, in batches first, and says where it has come to', async () => {
    const router = await listen()
    let body = ''
    router.server.once('request', (request: IncomingMessage) => {
      request.on('data', (chunk) => {
        body += chunk
      })
    })
    const transport = await dialLongPoll(`${router.url}/`, [msgpack(), batched(json()), json()])
    transports.push(transport)
    expect(JSON.parse(body)).toEqual({
      protocols: ['wamp.2.msgpack.batched', 'wamp.2.msgpack', 'wamp.2.json.batched', 'wamp.2.json'],
    })
    expect(transport.info).toEqual({ kind: 'longpoll', address: new URL(router.url).host, local: true })
  })

  it.each(['ws://localhost', 'localhost:8080', 'http://', 'http://localhost/#part', ''])(
    'refuses %j as a URL',
    async (url) => {
      expect(await failure(dialLongPoll(url, [json()]))).toBeInstanceOf(UsageError)
    },
  )

  it('refuses to speak nothing, and options that fetch has not', async () => {
    expect(await failure(dialLongPoll('http://localhost', []))).toBeInstanceOf(UsageError)
    const tls = dialLongPoll('https://localhost', [json()], { tls: { ca: 'x' } })
    expect((await failure(tls)).message).toContain('long-poll takes no TLS options')
  })

  it('says that a connection was refused, without credentials', async () => {
    const url = await serve(() => {})
    const server = servers.pop() as Server
    await new Promise((resolve) => server.close(resolve))
    const error = await failure(dialLongPoll(`${url}?token=1`, [json()]))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.message).toContain(`cannot reach ${url}: connect ECONNREFUSED`)
    expect(error.message).not.toContain('token')
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('says that nobody answered in time', async () => {
    const clock = new TestClock()
    const url = await serve(() => clock.pass(5000))
    const error = await failure(dialLongPoll(url, [json()], { clock, handshakeTimeout: 5000 }))
    expect(error.message).toBe(`cannot reach ${url}: no answer within 5000 ms`)
    expect(clock.alarms).toBe(0)
  })

  it('gives up when it is told to', async () => {
    const given = new AbortController()
    const url = await serve(() => given.abort(new Error('stopped')))
    const error = await failure(dialLongPoll(url, [json()], { signal: given.signal }))
    expect(error.message).toBe(`cannot reach ${url}: the attempt was given up`)
    expect(error.cause).toBe(given.signal.reason)
    const { message } = await failure(dialLongPoll(url, [json()], { signal: given.signal }))
    expect(message).toBe(error.message)
  })

  it('quotes what the server says', async () => {
    const router = await listen({ serializers: [jsonRelay()] })
    expect((await failure(dialLongPoll(router.url, [msgpack()]))).message).toBe(
      `cannot reach ${router.url}: the server answered with HTTP status 400 Bad Request: ` +
        'None of the protocols asked for is spoken here, only: wamp.2.json, wamp.2.json.batched.',
    )
    const url = await serve((_, response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('<p>'),
    )
    expect((await failure(dialLongPoll(url, [json()]))).message).toBe(
      `cannot reach ${url}: the server answered with HTTP status 404 Not Found`,
    )
  })

  it.each([
    ['no JSON', '<html>', 'what answers there is no long-poll transport'],
    ['no dictionary', 'null', 'what answers there is no long-poll transport'],
    ['no id', '{"protocol":"wamp.2.json"}', 'what answers there is no long-poll transport'],
    [
      'another protocol',
      '{"protocol":"wamp.2.cbor","transport":"x"}',
      'of the protocols offered (wamp.2.json.batched, wamp.2.json) it chose wamp.2.cbor',
    ],
  ])('says so when the server answers with %s', async (_, answer, sentence) => {
    const url = await serve((_request, response) => response.end(answer))
    expect((await failure(dialLongPoll(url, [json()]))).message).toBe(`cannot reach ${url}: ${sentence}`)
  })

  it('follows no redirection, and reads no endless answer', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/lp/open') response.writeHead(307, { location: '/other/open' }).end()
      else response.end('{"protocol":"wamp.2.json","transport":"x"}')
    })
    expect(await failure(dialLongPoll(url, [json()]))).toBeInstanceOf(TransportError)
    const endless = await serve((_, response) => {
      const write = () => {
        while (response.write(' '.repeat(64 * KIB)));
        response.once('drain', write)
      }
      write()
    })
    expect((await failure(dialLongPoll(endless, [json()]))).message).toContain('longer than 65536 bytes')
  })

  it('sends headers with each request, keeps the query, and asks for credentials as it is told', async () => {
    const asked: [string, RequestInit | undefined][] = []
    const spied: typeof fetch = (url, init) => {
      asked.push([String(url), init])
      return fetch(url, init)
    }
    const router = await listen()
    const options = { headers: { 'X-Token': 'abc' }, credentials: 'include', fetch: spied } as const
    const transport = await dialLongPoll(`${router.url}?x=1`, [json()], options)
    const { transport: far } = await router.next()
    const recorder = new Recorder()
    far.start(recorder)
    transport.start(new Recorder())
    transport.send(new Call(1, {}, 'com.example.f'))
    await recorder.messagesUpTo(1)
    transport.close()
    await recorder.closing()
    expect(asked.map(([url]) => url.split('/').at(-1)).sort()).toEqual([
      'close?x=1',
      'open?x=1',
      'receive?x=1',
      'send?x=1',
    ])
    for (const [, init] of asked) {
      expect(init).toMatchObject({ method: 'POST', credentials: 'include', redirect: 'error' })
      expect(new Headers(init?.headers).get('x-token')).toBe('abc')
    }
    expect(asked.find(([url]) => url.includes('/close'))?.[1]?.keepalive).toBe(true)
  })
})

describe('a long-poll client', () => {
  it('says all of a turn in one request, and has one request at a time', async () => {
    const { transport, atRouter, requests } = await joined(await listen())
    for (let i = 1; i <= 50; i++) transport.send(new Call(i, {}, 'com.example.f'))
    await atRouter.messagesUpTo(50)
    for (let i = 51; i <= 100; i++) {
      transport.send(new Call(i, {}, 'com.example.f'))
      await turns()
    }
    await atRouter.messagesUpTo(100)
    expect(atRouter.messages.map((message) => (message as Call).requestId)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    const sends = requests.filter(({ path }) => path === 'send')
    expect(sends[0]?.body.split('\x1e').length).toBe(51)
    expect(sends.length).toBeLessThan(51)
    expect(transport.backlog).toBe(0)
  })

  it('keeps the order of many small messages, both ways, with replies in between', async () => {
    const { transport, recorder, router, atRouter } = await joined(await listen())
    atRouter.onMessage = (message) => router.send(new Result((message as Call).requestId, {}))
    for (let i = 1; i <= 500; i++) {
      transport.send(new Call(i, {}, 'com.example.f'))
      if (i % 7 === 0) await turns()
    }
    const results = (await recorder.messagesUpTo(500)) as Result[]
    expect(results.map(({ requestId }) => requestId)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
  })

  it('says no more at once than the router takes', async () => {
    const { transport, recorder, router, atRouter, requests } = await joined(
      await listen({ maxMessageSize: 300 }),
    )
    transport.send(new Hello('realm1', { roles: {} }))
    await atRouter.messagesUpTo(1)
    router.send(new Welcome(1, { roles: {} }))
    await recorder.messagesUpTo(1)
    for (let i = 1; i <= 100; i++) transport.send(new Call(i, {}, 'com.example.f'))
    await atRouter.messagesUpTo(101)
    expect(Math.max(...requests.map(({ body }) => body.length))).toBeLessThanOrEqual(300)
    expect(() => transport.send(new Call(101, {}, 'com.example.f', new Payload(['x'.repeat(300)])))).toThrow(
      MessageTooLongError,
    )
  })

  it('asks again when an answer has no message', async () => {
    const clock = new TestClock()
    const { router, recorder, requests } = await joined(await listen({ clock, pollTimeout: 1000 }))
    const receives = () => requests.filter(({ path }) => path === 'receive').length
    for (let i = 1; i <= 5; i++) {
      while (receives() < i) await turns()
      await turns(2)
      clock.pass(1000)
    }
    router.send(new Result(1, {}))
    await recorder.messagesUpTo(1)
    expect(recorder.order).toEqual(['message'])
  })

  it('is told that the router knows it no longer', async () => {
    const { recorder } = await dialed(
      await routing({
        receive: (response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('Who?'),
      }),
    )
    expect((await recorder.closing())?.message).toBe(
      'the router ended the connection: HTTP status 404 Not Found: Who?',
    )
  })

  it('waits for nothing when a message is refused after the end', async () => {
    const clock = new TestClock()
    const answers = new Map<string, (status: number) => void>()
    // Its answers come when the test says so, and whatever is aborted.
    const answering = (async (url: string) => {
      const kind = url.split('/').at(-1) ?? ''
      if (kind === 'open') return Response.json({ protocol: 'wamp.2.json', transport: 'id' })
      const status = await new Promise<number>((resolve) => answers.set(kind, resolve))
      return new Response(null, { status })
    }) as typeof fetch
    const { transport, recorder } = await dialed('http://127.0.0.1/lp', { fetch: answering, clock })
    transport.send(new Hello('realm1', {}))
    while (!answers.has('send')) await turns()
    answers.get('receive')?.(404)
    await recorder.closing()
    answers.get('send')?.(410)
    await turns(2)
    expect(clock.alarms).toBe(0)
  })

  it('ends at once when it is closed after a message was refused, and waits for no receive', async () => {
    const clock = new TestClock()
    let refused = () => {}
    const refusal = new Promise<void>((resolve) => {
      refused = resolve
    })
    const { transport, recorder } = await dialed(
      await routing({ send: (response) => response.writeHead(410).end(refused) }),
      { clock, receiveTimeout: 0 },
    )
    transport.send(new Hello('realm1', {}))
    await refusal
    while (clock.alarms === 0) await turns()
    transport.close()
    expect(await recorder.closing()).toBeUndefined()
    expect(clock.alarms).toBe(0)
  })

  it('says all before it closes, however slow the router is, as long as it answers', async () => {
    const clock = new TestClock()
    let sends = 0
    const closed = new Promise<number>((resolve, reject) => {
      void routing({
        send: (response) => {
          sends++
          clock.pass(4000)
          response.writeHead(202).end()
        },
        close: (response) => response.writeHead(202).end(() => resolve(sends)),
      })
        .then((url) => dialed(url, { clock, receiveTimeout: 0 }))
        .then(({ transport, recorder }) => {
          for (let i = 1; i <= 3; i++) transport.send(new Call(i, {}, 'com.example.f', new Payload([])))
          transport.close()
          void recorder.closing().then(() => reject(new Error(`it was over after ${sends} of 3`)))
        })
    })
    expect(await closed).toBe(3)
  })

  it('is closed in order with 410', async () => {
    const { recorder } = await dialed(await routing({ receive: (response) => response.writeHead(410).end() }))
    expect(await recorder.closing()).toBeUndefined()
  })

  it('is told that the connection was lost, and why', async () => {
    const { recorder, transport } = await dialed(
      await routing({ receive: (response) => response.socket?.resetAndDestroy() }),
    )
    const error = await recorder.closing()
    expect(error?.message).toMatch(/^the connection was lost \(.+\)$/)
    expect(error?.cause).toBeInstanceOf(Error)
    transport.send(new Call(1, {}, 'com.example.f'))
    transport.close()
    await turns(3)
    expect(recorder.order).toEqual(['closing'])
  })

  it('is lost when a receive is not answered in time, or never, as it is told', async () => {
    const clock = new TestClock()
    const polled = vi.fn()
    const url = await routing({ receive: polled })
    const { recorder, transport } = await dialed(url, { clock, receiveTimeout: 5000 })
    expect(transport.hasHeartbeat).toBe(true)
    while (polled.mock.calls.length < 1) await turns()
    clock.pass(4999)
    expect(recorder.closings).toEqual([])
    clock.pass(1)
    expect((await recorder.closing())?.message).toBe('the connection was lost: no answer within 5000 ms')
    expect(clock.alarms).toBe(0)
    const patient = await dialed(url, { clock, receiveTimeout: 0 })
    expect(clock.alarms).toBe(0)
    expect(patient.transport.hasHeartbeat).toBe(false)
  })

  it('rejects an answer that is too long, and is closed', async () => {
    const url = await routing({ receive: (response) => response.end('x'.repeat(2000)) })
    const { recorder } = await dialed(url, { maxMessageSize: 1000 })
    expect((await recorder.rejection()).message).toBe('a message came that is longer than 1000 bytes')
    expect((await recorder.closing())?.message).toContain('longer than 1000 bytes')
    expect(recorder.order).toEqual(['rejection', 'closing'])
  })

  it('rejects an answer that is no message, and goes on', async () => {
    let receives = 0
    const url = await routing({
      receive: (response) =>
        ++receives > 2 ? undefined : response.end(receives === 1 ? '<html>' : '[50,1,{}]'),
    })
    const { recorder } = await dialed(url)
    await recorder.messagesUpTo(1)
    expect(recorder.order).toEqual(['rejection', 'message'])
  })

  it('whose message is refused says no more, and waits a little for the reason', async () => {
    const clock = new TestClock()
    const refused = vi.fn((response: ServerResponse) =>
      response.writeHead(400, { 'content-type': 'text/plain' }).end('No.'),
    )
    const { recorder, transport } = await dialed(await routing({ send: refused, receive() {} }), { clock })
    transport.send(new Call(1, {}, 'com.example.f'))
    while (refused.mock.calls.length === 0) await turns()
    // Until the answer has come, it is the receive that is timed.
    while (recorder.closings.length === 0) {
      await turns(5)
      clock.pass(5000)
    }
    expect((await recorder.closing())?.message).toBe(
      'the router refused a message: HTTP status 400 Bad Request: No.',
    )
    expect(refused).toHaveBeenCalledTimes(1)
  })

  it('that closes says what waits first, and does not wait for ever', async () => {
    const clock = new TestClock()
    const sent = vi.fn()
    const { recorder, transport } = await dialed(await routing({ receive() {}, send: sent }), { clock })
    transport.send(new Call(1, {}, 'com.example.f'))
    transport.close()
    while (sent.mock.calls.length === 0) await turns()
    clock.pass(5000)
    expect(await recorder.closing()).toBeUndefined()
    expect(clock.alarms).toBe(0)
  })

  it('that closes is closed even if nobody hears it', async () => {
    const { recorder, transport } = await dialed(
      await routing({ receive() {}, close: (response) => response.socket?.resetAndDestroy() }),
    )
    transport.close()
    expect(await recorder.closing()).toBeUndefined()
  })
})

describe('clients and a router, by long-poll,', () => {
  async function routed() {
    const router = new Router({ realms: [{ name: 'realm1' }], closeTimeout: 200 })
    const listener = await listen({ onTransport: (transport) => router.accept(transport) })
    const join = async () => {
      const dial = longPoll(listener.url)
      const client = new Client({ transport: () => dial([json()]), realm: 'realm1' })
      await client.start()
      return client
    }
    return { router, listener, join }
  }

  it('call, publish and part', async () => {
    const { router, join } = await routed()
    const [one, other] = [await join(), await join()]
    await one.register('com.example.add', (a: number, b: number) => a + b)
    const got: number[] = []
    await one.subscribe('com.example.t', (n: number) => {
      got.push(n)
    })
    const sums = Array.from({ length: 50 }, (_, i) => other.call('com.example.add', [i, 1]))
    for (let i = 1; i <= 50; i++) void other.publish('com.example.t', [i])
    await other.publish('com.example.t', [51], {}, { acknowledge: true })
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    await other.call('com.example.add', [1, 1])
    expect(got).toEqual(Array.from({ length: 51 }, (_, i) => i + 1))
    await one.stop()
    await other.stop()
    await router.close()
  })

  it('hear that the router shuts down, at once', async () => {
    const { router, listener, join } = await routed()
    const client = await join()
    const left = new Promise<string>((resolve) => client.on('leave', ({ reason }) => resolve(reason)))
    await Promise.all([router.close(), listener.listener.close()])
    expect(await left).toBe('wamp.close.system_shutdown')
    await client.stop()
  })

  it('whose messages break the protocol are told why', async () => {
    const { router, listener } = await routed()
    const { transport, recorder } = await dialed(listener.url)
    await listener.next()
    transport.send(new Call(1, {}, 'com.example.f'))
    const [abort] = await recorder.messagesUpTo(1)
    expect(abort).toMatchObject({ reason: 'wamp.error.protocol_violation' })
    expect(await recorder.closing()).toBeUndefined()
    await router.close()
  })
})

describe.each(['batching/batched', 'longpoll/longpoll'])('the door %s', (path) => {
  it('reaches nothing of Node', async () => {
    const { outputFiles } = await build({
      entryPoints: [`src/transports/${path}.ts`],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      conditions: ['wampkit-source'],
      write: false,
    })
    expect(outputFiles[0]?.text).not.toMatch(/\bnode:|\bBuffer\b|\brequire\(/)
  })
})
