import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../src/logger.js'
import { Code } from '../../../src/messages/codes.js'
import { Authenticate, Challenge, Goodbye, Hello } from '../../../src/messages/session-lifecycle.js'
import {
  anonymous,
  checkTickets,
  Router,
  type RouterAuthentication,
  type RouterLimits,
} from '../../../src/router.js'
import type { TransportInfo } from '../../../src/transports/transport.js'
import { CLOSE, ERROR } from '../../../src/uris.js'
import { FakeTransport, turn } from '../../spec/fake-transport.js'
import { TestClock } from '../../transports/test-clock.js'
import { openRouter, Visitor } from './visitor.js'

const roles = { caller: {} }

/** A client that comes from some address. */
class Remote extends FakeTransport {
  override readonly info: TransportInfo

  constructor(router: Router, address = '192.0.2.1:50000') {
    super('router', { local: false })
    this.info = { kind: 'fake', local: false, address }
    router.accept(this)
  }

  hello(details: Record<string, unknown> = {}): void {
    this.say(new Hello('realm1', { roles, ...details }))
  }

  /** Logs in by ticket; the reason for refusing, or `undefined`. */
  login(authid: string, ticket: string): string | undefined {
    this.hello({ authmethods: ['ticket'], authid })
    if (this.#says(Code.ABORT)) return this.hears(Code.ABORT).reason
    this.hears(Code.CHALLENGE)
    this.say(new Authenticate(ticket))
    if (this.#says(Code.ABORT)) return this.hears(Code.ABORT).reason
    this.hears(Code.WELCOME)
    return undefined
  }

  #says(code: number): boolean {
    return this.unread[0]?.code === code
  }
}

function open(limits: RouterLimits, auth: readonly RouterAuthentication[] = [anonymous()]) {
  const clock = new TestClock()
  const warn = vi.fn<(line: string) => void>()
  const realms = [
    { name: 'realm1', auth },
    { name: 'realm2', auth },
  ]
  const router = new Router({ realms, clock, limits, logger: { ...silentLogger, warn } })
  return { router, clock, warn, logs: () => warn.mock.calls.map(([line]) => line) }
}

describe('the number of sessions', () => {
  it('is bounded: one more is told so, until one has ended, in whatever way', () => {
    const { router } = open({ sessions: 2 })
    const [first, second, third] = [new Remote(router), new Remote(router), new Remote(router)]
    for (const remote of [first, second]) {
      remote.hello()
      remote.hears(Code.WELCOME)
    }
    third.hello()
    expect(third.hears(Code.ABORT)).toMatchObject({
      reason: ERROR.limitExceeded,
      details: { message: 'this router is full: it is limited to 2 sessions' },
    })
    expect(third.isClosed).toBe(true)
    for (const end of [() => first.say(new Goodbye({}, CLOSE.realm)), () => second.lose()]) {
      end()
      const next = new Remote(router)
      next.hello()
      next.hears(Code.WELCOME)
      const late = new Remote(router)
      late.hello()
      expect(late.hears(Code.ABORT).reason).toBe(ERROR.limitExceeded)
    }
    expect(router.counters.refusedByLimit).toBe(3)
    expect(router.realms.get('realm1')?.sessions.size).toBe(2)
  })

  it('of one authid is bounded, if the options say so, in each realm', () => {
    const method: RouterAuthentication = {
      method: 'custom',
      begin: ({ hello }) => ({
        outcome: 'welcome',
        principal: { authid: hello.details.authid ?? '', authrole: 'user' },
      }),
    }
    const { router } = open({ sessionsPerAuthid: 1 }, [method])
    const join = (realm: string, authid: string) => {
      const remote = new Remote(router)
      remote.say(new Hello(realm, { roles, authmethods: ['custom'], authid }))
      return { remote, code: remote.unread[0]?.code }
    }
    const first = join('realm1', 'ada')
    expect(first.code).toBe(Code.WELCOME)
    expect(join('realm1', 'bob').code).toBe(Code.WELCOME)
    expect(join('realm2', 'ada').code).toBe(Code.WELCOME)
    const { remote } = join('realm1', 'ada')
    expect(remote.hears(Code.ABORT)).toMatchObject({
      reason: ERROR.limitExceeded,
      details: { message: 'there are too many sessions of this authid: it is limited to 1' },
    })
    first.remote.end()
    expect(join('realm1', 'ada').code).toBe(Code.WELCOME)
  })
})

describe('the number of connections from one address', () => {
  it('is bounded: one more gets 503 and a sentence, until one has ended', async () => {
    const { router, port } = await openRouter({ limits: { localConnections: 2 } })
    const [first] = [await Visitor.join(port), await Visitor.join(port)]
    const third = await Visitor.come(port)
    expect(third.client.status).toBe(503)
    expect(third.client.response).toContain('There are too many connections from your address')
    await third.client.closed()
    expect(router.counters).toMatchObject({ accepted: 2, refused: 1, refusedByLimit: 1 })
    first.client.socket.destroy()
    await first.client.closed()
    for (;;) {
      const next = await Visitor.come(port)
      if (next.client.status === 101) break
    }
  })

  it('is bounded for those as well that ask for nothing', async () => {
    const { router, port } = await openRouter({ limits: { localConnections: 2 } })
    const visitors = [await Visitor.join(port), await Visitor.join(port)]
    const idle = Array.from({ length: 10 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    let closed = 0
    await new Promise<void>((resolve) => {
      for (const socket of idle)
        socket.resume().on('close', () => {
          if (++closed === 8) resolve()
        })
    })
    expect(router.counters).toMatchObject({ accepted: 2, refused: 8, refusedByLimit: 8 })
    for (const visitor of visitors) {
      visitor.say([48, 1, {}, 'com.example.nobody'])
      expect((await visitor.hears())[0]).toBe(8)
    }
    for (const socket of idle) socket.destroy()
  })

  it('is not bounded by default for this machine', async () => {
    const { router, port } = await openRouter({ limits: { connectionsPerAddress: 1 } })
    await Visitor.join(port)
    await Visitor.join(port)
    expect(router.counters.accepted).toBe(2)
  })
})

describe('log-ins that fail', () => {
  const ticket = checkTickets({
    ada: { ticket: 'right', authrole: 'user' },
    bob: { ticket: 'right', authrole: 'user' },
  })

  it('make who asked wait, so that not even the right answer helps', () => {
    const { router, clock } = open({}, [ticket])
    for (let i = 0; i < 5; i++)
      expect(new Remote(router).login('ada', 'wrong')).toBe(ERROR.authenticationDenied)
    const early = new Remote(router)
    early.hello({ authmethods: ['ticket'], authid: 'ada' })
    expect(early.hears(Code.ABORT)).toMatchObject({
      reason: ERROR.limitExceeded,
      details: { message: 'too many log-ins have failed; try again in 1 s' },
    })
    clock.pass(1000)
    expect(new Remote(router).login('ada', 'wrong')).toBe(ERROR.authenticationDenied)
    expect(new Remote(router).login('ada', 'right')).toBe(ERROR.limitExceeded)
    clock.pass(2000)
    expect(new Remote(router).login('ada', 'right')).toBeUndefined()
    expect(new Remote(router).login('ada', 'wrong')).toBe(ERROR.authenticationDenied)
    expect(router.counters).toMatchObject({ failedLogins: 7, refusedByLimit: 2 })
  })

  it('do not delay others', () => {
    const { router } = open({}, [ticket, anonymous()])
    for (let i = 0; i < 6; i++) new Remote(router).login('ada', 'wrong')
    expect(new Remote(router).login('bob', 'right')).toBeUndefined()
    expect(new Remote(router, '192.0.2.2:50000').login('ada', 'right')).toBeUndefined()
    expect(new Remote(router, '[2001:db8::1]:50000').login('ada', 'right')).toBeUndefined()
    const guest = new Remote(router)
    guest.hello({ authid: 'ada' })
    guest.hears(Code.WELCOME)
  })

  it('of the same machine count as well; in the same process there is no address', () => {
    const { router } = open({}, [ticket])
    for (let i = 0; i < 5; i++) new Remote(router, '127.0.0.1:50000').login('ada', 'wrong')
    expect(new Remote(router, '127.0.0.1:50001').login('ada', 'right')).toBe(ERROR.limitExceeded)
    const own = new FakeTransport('router')
    router.accept(own)
    own.say(new Hello('realm1', { roles, authmethods: ['ticket'], authid: 'ada' }))
    own.hears(Code.CHALLENGE)
    own.say(new Authenticate('right'))
    own.hears(Code.WELCOME)
  })

  it('are not made good by logging in without a secret', () => {
    const { router } = open({}, [ticket, anonymous()])
    for (let i = 0; i < 5; i++) {
      new Remote(router).login('ada', 'wrong')
      const guest = new Remote(router)
      guest.hello({ authid: 'ada' })
      guest.hears(Code.WELCOME)
    }
    expect(new Remote(router).login('ada', 'right')).toBe(ERROR.limitExceeded)
  })

  it('are noticed although all were asked before the first one has failed', () => {
    const { router } = open({}, [ticket])
    const remotes = Array.from({ length: 20 }, () => new Remote(router))
    for (const remote of remotes) {
      remote.hello({ authmethods: ['ticket'], authid: 'ada' })
      remote.hears(Code.CHALLENGE)
    }
    const reasons = remotes.map((remote) => {
      remote.say(new Authenticate('wrong'))
      return remote.hears(Code.ABORT).reason
    })
    expect(reasons.filter((reason) => reason === ERROR.authenticationDenied).length).toBe(5)
    expect(reasons.filter((reason) => reason === ERROR.limitExceeded).length).toBe(15)
  })

  it('are noticed although the method takes its time', async () => {
    let asked = 0
    const slow: RouterAuthentication = {
      method: 'ticket',
      begin: () => ({
        outcome: 'challenge',
        challenge: new Challenge('ticket'),
        check: async () => {
          asked++
          await turn()
          return { outcome: 'refusal', reason: ERROR.authenticationDenied, message: 'no' }
        },
      }),
    }
    const { router } = open({}, [slow])
    const remotes = Array.from({ length: 500 }, () => new Remote(router))
    for (const remote of remotes) {
      remote.hello({ authmethods: ['ticket'], authid: 'ada' })
      remote.say(new Authenticate('wrong'))
    }
    for (let i = 0; i < 20; i++) await turn()
    expect(asked).toBeLessThanOrEqual(100)
    expect(remotes.filter(({ isClosed }) => isClosed).length).toBe(500)
  })

  it('are not counted where nobody has guessed', () => {
    const { router } = open({}, [anonymous({ localOnly: true })])
    for (let i = 0; i < 100; i++) {
      const remote = new Remote(router)
      remote.hello()
      expect(remote.hears(Code.ABORT).reason).toBe(ERROR.authenticationRequired)
    }
    expect(router.counters.failedLogins).toBe(100)
  })

  it('are logged, a line each: who, how, from where and why, and no secret', () => {
    const { router, logs } = open({}, [ticket])
    new Remote(router).login('ada', 'hunter2')
    new Remote(router).login(`\u001b[2J\n${'ä'.repeat(200)}`, 'hunter2')
    const own = new FakeTransport('router')
    router.accept(own)
    own.say(new Hello('realm3', { roles }))
    expect(logs()).toEqual([
      'refused a log-in: realm "realm1", authid "ada", method ticket, from 192.0.2.1:50000: wamp.error.authentication_denied',
      `refused a log-in: realm "realm1", authid "\\u001b[2J\\n${'\\u00e4'.repeat(59)}…", method ticket, from 192.0.2.1:50000: wamp.error.authentication_denied`,
      'refused a log-in: realm "realm3", authid none, method none, from this process: wamp.error.no_such_realm',
    ])
  })
})
