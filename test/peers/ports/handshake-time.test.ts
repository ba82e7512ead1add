import { describe, expect, it } from 'vitest'
import { Router } from '../../../src/router.js'
import { frame, HELLO as RAW_HELLO } from '../../transports/rawsocket/raw-client.js'
import { turns } from '../../transports/recorder.js'
import { TestClock } from '../../transports/test-clock.js'
import { closeAfter } from '../limits/visitor.js'
import { ask, closed, connectTo, GROUNDS, heard, httpPost, listenOn, OPEN } from './grounds.js'

const TIME = 10_000
const HELLO = JSON.stringify([1, 'realm1', { roles: { caller: {} } }])

async function open(options = listenOn('tcp')) {
  const clock = new TestClock()
  const router = new Router({ realms: [{ name: 'realm1' }], clock, heartbeat: 0 })
  closeAfter(router)
  await router.listen(options)
  const [url = ''] = router.urls
  return { router, clock, url }
}

/** What a connection says, and what it adds when its time is nearly over. */
const SLOW: readonly [what: string, first: string, more: string][] = [
  ['says nothing', '', ''],
  ['says one octet, 0x7F', '\x7f', ''],
  ['says half a handshake of RawSocket', '\x7f\xf1', '\0'],
  ['says a request octet by octet', 'P', 'O'],
  ['sends header after header', 'POST /longpoll/open HTTP/1.1\r\nHost: a\r\n', 'X-C: d\r\n'],
  [
    'sends the body of an open and no end of it',
    'POST /longpoll/open HTTP/1.1\r\nHost: a\r\nContent-Length: 29\r\n\r\n{',
    '"',
  ],
  ['asks for what is not there, and stays', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', ''],
  ['names a transport that there is not, and stays', httpPost('/longpoll/none/receive', ''), ''],
]

/** Resolves when the router has read what was written: whoever comes later was heard later. */
async function wasRead(url: string): Promise<void> {
  expect((await ask(url, 'GET', '/')).status).toBe(426)
}

describe.each(GROUNDS)('a connection (%s)', (ground) => {
  it.each(SLOW)('that %s is closed when its time is over', async (_, first, more) => {
    const { router, clock, url } = await open(listenOn(ground))
    const socket = await connectTo(url)
    const end = closed(socket)
    socket.write(first, 'latin1')
    await wasRead(url)
    clock.pass(TIME - 1)
    socket.write(more, 'latin1')
    await turns(3)
    expect(router.counters.timedOut).toBe(0)
    clock.pass(1)
    await end
    expect(router.counters.timedOut).toBeGreaterThanOrEqual(1)
  })

  it('of RawSocket that was refused, and stays, is closed', async () => {
    const { clock, url } = await open(listenOn(ground))
    const socket = await connectTo(url)
    socket.write(Buffer.of(0x7f, 0xff, 0, 0))
    expect(await heard(socket, /^[\s\S]{4}/)).toBe('\x7f\x10\0\0')
    const end = closed(socket)
    clock.pass(TIME)
    await end
  })
})

describe('a connection of a client by long-poll', () => {
  it('stays when its transport is open, and so does another one that names it', async () => {
    const { router, clock, url } = await open()
    const first = await connectTo(url)
    first.write(httpPost('/longpoll/open', OPEN))
    const [, id] = /"transport":"([^"]+)"/.exec(await heard(first, /\}/)) ?? []
    const second = await connectTo(url)
    second.write(httpPost(`/longpoll/${id}/receive`, ''))
    await wasRead(url)
    first.write(httpPost(`/longpoll/${id}/send`, HELLO))
    expect(await heard(second, /\}\]/)).toMatch(/\[2,\d+/)
    clock.pass(TIME)
    await turns(3)
    expect([first.destroyed, second.destroyed]).toEqual([false, false])
    expect(router.counters.lost).toBe(0)
    await ask(url, 'POST', `/longpoll/${id}/close`)
  })

  it('is closed when the next request comes too slowly', async () => {
    const router = new Router({ realms: [{ name: 'realm1' }], limits: { handshakeTimeout: 200 } })
    closeAfter(router)
    await router.listen({ port: 0 })
    const [url = ''] = router.urls
    const socket = await connectTo(url)
    socket.write(httpPost('/longpoll/open', OPEN))
    const [, id] = /"transport":"([^"]+)"/.exec(await heard(socket, /\}/)) ?? []
    const answer = heard(socket, / 408 /)
    socket.write(`POST /longpoll/${id}/receive HTTP/1.1\r\nHost: a\r\n`)
    expect(await answer).toMatch(/ 408 Request Timeout/)
    await closed(socket)
    await ask(url, 'POST', `/longpoll/${id}/close`)
  })
})

describe('a connection of RawSocket', () => {
  it('stays when its handshake is done, as long as it has a session', async () => {
    const { clock, url } = await open()
    const socket = await connectTo(url)
    socket.write(Buffer.concat([RAW_HELLO, frame(0, HELLO)]))
    expect(await heard(socket, /\}\]/)).toMatch(/\[2,\d+/)
    expect(clock.alarms).toBe(0)
  })
})
