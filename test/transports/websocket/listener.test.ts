import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { UsageError } from '../../../src/errors.js'
import { Result } from '../../../src/messages/rpc.js'
import { jsonRelay } from '../../../src/serializers/json/relay.js'
import { msgpackRelay } from '../../../src/serializers/msgpack/relay.js'
import { WebSocketListener } from '../../../src/transports/websocket/listener.js'
import { CLOSE, type RawClient, TEXT, upgradeRequest } from './raw-client.js'
import { ask, connected, listen, opened, TestListener } from './test-listener.js'

const CALL = '[48,1,{},"com.example.f"]'

describe('a listener chooses the subprotocol', () => {
  const both = { serializers: [jsonRelay(), msgpackRelay()] }
  const spoken = 'wamp.2.json, wamp.2.msgpack, wamp.2.json.batched, wamp.2.msgpack.batched'

  it.each([
    ['wamp.2.json, wamp.2.msgpack', 'wamp.2.json'],
    ['wamp.2.msgpack, wamp.2.json', 'wamp.2.msgpack'],
    ['wamp.2.ubjson,wamp.2.msgpack,wamp.2.json', 'wamp.2.msgpack'],
    ['wamp.2.json', 'wamp.2.json'],
  ])('of %s it takes %s', async (asked, chosen) => {
    const listener = await listen(both)
    const client = await ask(listener, upgradeRequest(asked))
    expect(client.status).toBe(101)
    expect(client.response).toContain(`Sec-WebSocket-Protocol: ${chosen}\r\n`)
    expect(listener.listener.connections.counters.accepted).toBe(1)
  })

  it('refuses a client that speaks none of its own, and says which those are', async () => {
    const listener = await listen(both)
    const client = await ask(listener, upgradeRequest('wamp.2.ubjson, soap'))
    await client.closed()
    expect(client.status).toBe(400)
    expect(client.response).toContain(`Sec-WebSocket-Protocol: ${spoken}\r\n`)
    expect(client.response).toContain(`is spoken here, only: ${spoken}.`)
    expect(listener.listener.connections.counters).toMatchObject({ accepted: 0, refused: 1 })
  })

  it('refuses a client that names none', async () => {
    const listener = await listen(both)
    const client = await ask(listener, upgradeRequest(undefined))
    await client.closed()
    expect(client.status).toBe(400)
    expect(client.response).toContain(`must name its subprotocols; spoken here: ${spoken}.`)
  })

  it('needs a serializer', () => {
    expect(() => new WebSocketListener({ serializers: [], onTransport: () => {} })).toThrow(UsageError)
  })
})

describe('a listener answers HTTP', () => {
  it('takes any path, or one', async () => {
    const any = await listen()
    expect((await ask(any, upgradeRequest('wamp.2.json', '/a/b?c'))).status).toBe(101)
    const one = await listen({ path: '/ws' })
    expect((await ask(one, upgradeRequest('wamp.2.json', '/ws?token=1'))).status).toBe(101)
    const refused = await ask(one, upgradeRequest('wamp.2.json', '/'))
    await refused.closed()
    expect(refused.status).toBe(404)
    expect(refused.response).toContain('it is at /ws.')
  })

  it.each([
    ['a bad key', upgradeRequest('wamp.2.json').replace('dGhlIHNhbXBsZSBub25jZQ==', 'abc'), 400],
    ['a bad version', upgradeRequest('wamp.2.json').replace('Version: 13', 'Version: 7'), 400],
    ['a bad method', upgradeRequest('wamp.2.json').replace('GET', 'POST'), 405],
    ['another upgrade', upgradeRequest('wamp.2.json').replace('Upgrade: websocket', 'Upgrade: h2c'), 400],
    ['a subprotocol twice', upgradeRequest('wamp.2.json, wamp.2.json'), 400],
    ['garbage', '\x7f\x00\x01garbage\r\n\r\n', 400],
  ])('refuses %s', async (_, request, status) => {
    const listener = await listen()
    const client = await ask(listener, request)
    await client.closed()
    expect(client.status).toBe(status)
    expect((await ask(listener, upgradeRequest('wamp.2.json'))).status).toBe(101)
  })

  it('survives a client that is gone before it was answered', async () => {
    const listener = await listen()
    for (const protocols of ['wamp.2.json', 'soap']) {
      const socket = connect(listener.port, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(upgradeRequest(protocols), () => socket.resetAndDestroy())
      await once(socket, 'close')
    }
    const { client, recorder } = await connected(listener)
    client.send(TEXT, CALL)
    await recorder.messagesUpTo(1)
  })
})

describe('a listener tells who is at the other end', () => {
  it('a client on this machine', async () => {
    const { client, transport } = await opened()
    expect(transport.info).toEqual({
      kind: 'websocket',
      address: `127.0.0.1:${client.socket.localPort}`,
      local: true,
    })
  })

  it.each(['X-Forwarded-For: 192.0.2.1', 'Forwarded: for=192.0.2.1'])('a proxy on it: %s', async (header) => {
    const listener = await listen()
    const request = upgradeRequest('wamp.2.json').replace('\r\n\r\n', `\r\n${header}\r\n\r\n`)
    await ask(listener, request)
    expect((await listener.next()).transport.info.local).toBe(false)
  })

  it('a client on a Unix socket', async () => {
    const path = join(tmpdir(), `wampkit-listener-${process.pid}.sock`)
    const server = createServer()
    const infos: unknown[] = []
    const listener = new WebSocketListener({
      serializers: [jsonRelay()],
      onTransport: ({ info }) => infos.push(info),
    })
    server.on('upgrade', (request, socket, head) => listener.handleUpgrade(request, socket, head))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const socket = connect(path)
    socket.write(upgradeRequest('wamp.2.json'))
    await once(socket, 'data')
    expect(infos).toEqual([{ kind: 'websocket', local: true }])
    socket.destroy()
    await once(socket, 'close')
    server.close()
    await listener.close()
  })
})

describe('a listener closes', () => {
  it('at once, when there is no connection', async () => {
    await (await TestListener.open()).close()
  })

  it('its connections in order, and takes no others', async () => {
    const { listener, client, transport, recorder } = await opened()
    transport.send(new Result(1, {}))
    const closed = Promise.all([listener.listener.close(), listener.listener.close()])
    const late = await ask(listener, upgradeRequest('wamp.2.json'))
    await late.closed()
    expect(late.status).toBe(503)
    expect(await client.closeCode()).toBe(1000)
    expect(idsOf(client)).toEqual([1])
    client.send(CLOSE, Buffer.of(0x03, 0xe8))
    expect(await recorder.closing()).toBeUndefined()
    await closed
  })
})

describe('a listener stands behind an HTTP server', () => {
  it('that serves something else on the same port', async () => {
    const { listener } = await opened()
    listener.server.on('request', (_, response) => response.end('hello'))
    const request = httpRequest({ port: listener.port, host: '127.0.0.1' }).end()
    const [response] = await once(request, 'response')
    expect(response.statusCode).toBe(200)
    response.resume()
    const { port } = listener.server.address() as AddressInfo
    const ws = new WebSocket(`ws://127.0.0.1:${port}`, 'wamp.2.json')
    await once(ws, 'open')
    ws.terminate()
  })
})

/** The ids of the messages that came as text frames. */
function idsOf({ frames }: RawClient): number[] {
  return frames
    .filter(({ opcode }) => opcode === TEXT)
    .map(({ payload }) => JSON.parse(payload.toString())[1])
}
