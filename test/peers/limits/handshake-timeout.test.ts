import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkTickets, Router } from '../../../src/router.js'
import { ERROR } from '../../../src/uris.js'
import { makeCertificate } from '../../transports/certificates.js'
import { turns } from '../../transports/recorder.js'
import { TEXT } from '../../transports/websocket/raw-client.js'
import { GOODBYE, HELLO, openRouter, portOf, Visitor } from './visitor.js'

const TIME = 10_000

async function arrive(port: number, first = ''): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.resume().on('close', resolve))
  await new Promise((resolve) => socket.on('connect', resolve))
  if (first !== '') socket.write(first)
  // Who comes after it has been accepted after it.
  await (await arrivedLater(port)).client.closed()
  return { socket, closed }
}

async function arrivedLater(port: number): Promise<Visitor> {
  const later = await Visitor.come(port)
  later.client.socket.destroy()
  return later
}

describe('a connection without a session is closed when its time is over', () => {
  it.each([
    ['says nothing', '', ''],
    ['says its request octet by octet', 'GET / HT', 'T'],
    ['sends header after header', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n', 'X-C: d\r\n'],
    ['sends a body that never ends', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx', 'x'],
    ['was answered, and stays', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', ''],
  ])('one that %s', async (_, first, more) => {
    const { router, clock, port } = await openRouter()
    const { socket, closed } = await arrive(port, first)
    clock.pass(TIME - 1)
    socket.write(more)
    await turns(3)
    expect(router.counters.timedOut).toBe(0)
    clock.pass(1)
    await closed
    expect(router.counters.timedOut).toBe(1)
  })

  it('one that does not get TLS done', async () => {
    const { router, clock } = await openRouter()
    const { cert, key } = makeCertificate({ name: 'localhost' })
    await router.listen({ port: 0, tls: { cert, key } })
    const socket = connect(portOf(router), '127.0.0.1')
    const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
    await new Promise((resolve) => socket.on('connect', resolve))
    socket.write(Buffer.from('160301', 'hex'))
    while (clock.alarms === 0) await turns()
    clock.pass(TIME)
    await closed
    expect(router.counters.timedOut).toBe(1)
  })

  it('one that never says HELLO, or only half of it', async () => {
    const { router, clock, port } = await openRouter()
    const [silent, slow] = [await Visitor.come(port), await Visitor.come(port)]
    slow.client.send(TEXT, '[1,"rea', { fin: false })
    clock.pass(TIME)
    for (const visitor of [silent, slow]) {
      expect(await visitor.aborted()).toEqual({
        reason: ERROR.timeout,
        message: 'there was no session within 10000 ms',
      })
      expect(await visitor.client.closeCode()).toBe(1000)
    }
    expect(router.counters).toMatchObject({ accepted: 2, timedOut: 2 })
  })

  it('one that does not answer CHALLENGE', async () => {
    const auth = [checkTickets({ ada: { ticket: 'secret', authrole: 'user' } })]
    const { clock, port } = await openRouter({ realms: [{ name: 'realm1', auth }] })
    const visitor = await Visitor.come(port)
    visitor.say([1, 'realm1', { roles: { caller: {} }, authmethods: ['ticket'], authid: 'ada' }])
    expect((await visitor.hears())[0]).toBe(4)
    clock.pass(TIME)
    expect((await visitor.aborted()).reason).toBe(ERROR.timeout)
  })

  it('one that has said GOODBYE, when it has been idle as long again', async () => {
    const { router, clock, port } = await openRouter({ heartbeat: 0 })
    const visitor = await Visitor.join(port)
    clock.pass(5 * TIME)
    visitor.say([GOODBYE, {}, 'wamp.close.close_realm'])
    expect((await visitor.hears())[0]).toBe(GOODBYE)
    clock.pass(TIME - 1)
    visitor.say(HELLO)
    expect((await visitor.hears())[0]).toBe(2)
    clock.pass(5 * TIME)
    visitor.say([GOODBYE, {}, 'wamp.close.close_realm'])
    expect((await visitor.hears())[0]).toBe(GOODBYE)
    clock.pass(TIME)
    expect((await visitor.aborted()).reason).toBe(ERROR.timeout)
    expect(router.counters.timedOut).toBe(1)
  })
})

describe('a connection with a session', () => {
  it('stays, and no timer waits for it', async () => {
    const { router, clock, port } = await openRouter({ heartbeat: 0 })
    const visitor = await Visitor.join(port)
    expect(clock.alarms).toBe(0)
    clock.pass(100 * TIME)
    visitor.say([48, 1, {}, 'com.example.nobody'])
    expect((await visitor.hears())[0]).toBe(8)
    expect(router.counters.timedOut).toBe(0)
  })
})

describe('the time for a session', () => {
  it('is what the options say', async () => {
    const { clock, port } = await openRouter({ limits: { handshakeTimeout: 500 } })
    const visitor = await Visitor.come(port)
    clock.pass(500)
    expect((await visitor.aborted()).message).toBe('there was no session within 500 ms')
  })

  it('needs one timer, however many wait', async () => {
    const { router, clock, port } = await openRouter({ heartbeat: 0 })
    const visitors = await Promise.all(Array.from({ length: 50 }, () => Visitor.come(port)))
    expect(clock.alarms).toBe(1)
    clock.pass(TIME)
    await Promise.all(visitors.map(({ client }) => client.closeCode()))
    expect([router.counters.timedOut, clock.alarms]).toEqual([50, 0])
  })

  it('does not hold up close(), whatever the connections are waiting for', async () => {
    const router = await new Router({ realms: [{ name: 'realm1' }] }).listen({ port: 0 })
    const port = portOf(router)
    const ends = [await arrive(port), await arrive(port, 'GET / HTTP/1.1\r\n'), await arrive(port, 'GET')]
    await router.close()
    await Promise.all(ends.map(({ closed }) => closed))
  })
})
