import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { anonymous, checkTickets, type RouterOptions } from '../../../src/router.js'
import { turns } from '../../transports/recorder.js'
import { BINARY, frame, PING, TEXT } from '../../transports/websocket/raw-client.js'
import { GOODBYE, HELLO, openRouter, Visitor, WELCOME } from './visitor.js'

const quiet: Partial<RouterOptions> = { logger: { debug() {}, info() {}, warn() {}, error() {} } }
const KIB = 1024

/** Whoever is there goes on as if nothing had happened. */
async function bystander(port: number) {
  const visitor = await Visitor.join(port)
  let requests = 0
  return async () => {
    visitor.say([48, ++requests, {}, 'com.example.nobody'])
    expect((await visitor.hears()).slice(0, 3)).toEqual([8, 48, requests])
  }
}

describe('a thousand connections that only connect', () => {
  it('are let go when their time is over, and others are served all the while', async () => {
    const { router, clock, port } = await openRouter({ heartbeat: 0 })
    const goesOn = await bystander(port)
    const sockets = Array.from({ length: 1000 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('connect', resolve))))
    const closed = Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.resume().on('close', resolve))),
    )
    await goesOn()
    // The last to come: now all have been accepted.
    await Visitor.join(port)
    expect(clock.alarms).toBe(1)
    clock.pass(10_000)
    await closed
    await goesOn()
    expect(router.counters).toMatchObject({ accepted: 2, timedOut: 1000 })
    expect(clock.alarms).toBe(0)
  })
})

const GARBAGE: [string, (visitor: Visitor) => void][] = [
  ['no JSON', ({ client }) => client.send(TEXT, '{"')],
  ['JSON that is no message', (visitor) => visitor.say({ a: 1 })],
  ['a message that there is not', (visitor) => visitor.say([999, 1])],
  ['a binary frame', ({ client }) => client.send(BINARY, Buffer.of(1, 2, 3))],
  ['text that is no UTF-8', ({ client }) => client.send(TEXT, Buffer.of(0xff, 0xfe))],
  ['a frame without a mask', ({ client }) => client.send(TEXT, '[]', { mask: false })],
  ['reserved bits', ({ client }) => client.send(TEXT, '[]', { rsv: 7 })],
  ['an opcode that there is not', ({ client }) => client.send(3, '')],
  ['a long ping', ({ client }) => client.send(PING, 'x'.repeat(126))],
  ['a part without a beginning', ({ client }) => client.send(0, 'x')],
  ['another HTTP request', ({ client }) => void client.socket.write('GET / HTTP/1.1\r\n\r\n')],
  ['noise', ({ client }) => void client.socket.write(Buffer.alloc(4096, 0xa5))],
  ['a nest without end', ({ client }) => client.send(TEXT, '['.repeat(50_000))],
  ['a length of 2^63', ({ client }) => void client.socket.write(Buffer.from('81ff8000000000000000', 'hex'))],
]

const STATES: [string, (port: number) => Promise<Visitor>][] = [
  ['before HELLO', (port) => Visitor.come(port)],
  [
    'in answer to CHALLENGE',
    async (port) => {
      const visitor = await Visitor.come(port)
      visitor.say([1, 'realm1', { roles: { caller: {} }, authmethods: ['ticket'], authid: 'ada' }])
      expect((await visitor.hears())[0]).toBe(4)
      return visitor
    },
  ],
  ['in a session', (port) => Visitor.join(port)],
  [
    'after GOODBYE',
    async (port) => {
      const visitor = await Visitor.join(port)
      visitor.say([GOODBYE, {}, 'wamp.close.close_realm'])
      expect((await visitor.hears())[0]).toBe(GOODBYE)
      return visitor
    },
  ],
]

describe.each(STATES)('garbage %s', (_, come) => {
  it('ends the connection that it comes from, and nothing else', async () => {
    const auth = [anonymous(), checkTickets({ ada: { ticket: 'secret', authrole: 'user' } })]
    const { router, port } = await openRouter({ ...quiet, realms: [{ name: 'realm1', auth }] })
    const goesOn = await bystander(port)
    for (const [what, send] of GARBAGE) {
      const visitor = await come(port)
      send(visitor)
      const code = await visitor.client.closeCode()
      expect([1000, 1002, 1007, 1009], what).toContain(code)
      visitor.client.socket.destroy()
      await goesOn()
    }
    while (router.realms.get('realm1')?.sessions.size !== 1) await turns()
  })
})

describe('a long message', () => {
  const long = (length: number) => frame(TEXT, Buffer.alloc(length, 0x20))

  it('before HELLO is refused by its length, and nothing of it is waited for', async () => {
    const { port } = await openRouter(quiet)
    const visitor = await Visitor.come(port)
    visitor.client.socket.write(long(64 * KIB + 1).subarray(0, 10))
    expect(await visitor.client.closeCode()).toBe(1009)
  })

  it('in a session is taken, up to the limit of messages', async () => {
    const { port } = await openRouter({ ...quiet, maxMessageSize: 256 * KIB })
    const visitor = await Visitor.join(port)
    visitor.say([48, 1, {}, 'com.example.nobody', ['x'.repeat(200 * KIB)]])
    expect((await visitor.hears())[0]).toBe(8)
    visitor.client.socket.write(long(256 * KIB + 1).subarray(0, 10))
    expect(await visitor.client.closeCode()).toBe(1009)
  })

  it('is not taken any more after GOODBYE, and is again in the next session', async () => {
    const { port } = await openRouter(quiet)
    const visitor = await Visitor.join(port)
    visitor.say([GOODBYE, {}, 'wamp.close.close_realm'])
    await visitor.hears()
    visitor.say(HELLO)
    expect((await visitor.hears())[0]).toBe(WELCOME)
    visitor.say([48, 1, {}, 'com.example.nobody', ['x'.repeat(200 * KIB)]])
    expect((await visitor.hears())[0]).toBe(8)
    visitor.say([GOODBYE, {}, 'wamp.close.close_realm'])
    await visitor.hears()
    visitor.client.socket.write(long(64 * KIB + 1).subarray(0, 10))
    expect(await visitor.client.closeCode()).toBe(1009)
  })
})

describe('a flood of messages', () => {
  it('is throttled, with nothing lost, and others are served all the while', async () => {
    const { router, clock, port } = await openRouter({
      heartbeat: 0,
      limits: { messagesPerSecond: 100, messageBurst: 100 },
    })
    const goesOn = await bystander(port)
    const visitor = await Visitor.join(port)
    const calls = Array.from({ length: 2000 }, (_, i) => [
      48,
      i + 1,
      {},
      'com.example.nobody',
      ['x'.repeat(200)],
    ])
    visitor.sayAtOnce(calls)
    for (let heard = 0; heard < 2000; heard++) {
      const next = visitor.hears()
      let isThere = false
      void next.then(() => {
        isThere = true
      })
      await Promise.resolve()
      // What has been read is answered; for the rest, time has to pass.
      for (let i = 0; !isThere; i++) {
        await turns(2)
        if (!isThere && i > 2) clock.pass(1000)
      }
      expect((await next).slice(0, 3)).toEqual([8, 48, heard + 1])
    }
    await goesOn()
    expect(clock.now()).toBeGreaterThanOrEqual(10_000)
    expect(router.counters.throttled).toBeGreaterThan(1)
  })
})
