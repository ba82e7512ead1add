import { describe, expect, it } from 'vitest'
import {
  Client,
  type ClientAuthentication,
  type ClientOptions,
  cryptosign,
  SessionClosedError,
  scram,
  ticket,
  UsageError,
} from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { Abort, Authenticate, Challenge, Goodbye, Welcome } from '../../src/messages/session-lifecycle.js'
import { checkTickets, Router, type TicketPrincipal } from '../../src/router.js'
import { CLOSE, ERROR } from '../../src/uris.js'
import { TestClock } from '../transports/test-clock.js'
import { expectAbort, expectEmptyRealm, RawClient } from './raw-client.js'
import { joinedClient, RawRouter, ROUTER_ROLES } from './raw-router.js'

const ADA = { ada: { ticket: 'lovelace', authrole: 'engineer' } }

const routerWithTickets = (principals: Record<string, TicketPrincipal> = ADA) =>
  new Router({ realms: [{ name: 'realm1', auth: [checkTickets(principals)] }] })

const byTicket = (authid?: string) => ({
  details: { authmethods: ['ticket'], ...(authid === undefined ? {} : { authid }) },
})

describe('Ticket-based Authentication: the router (authentication_ticket.md)', () => {
  it('router lets in a client that knows the ticket of its authid', () => {
    const raw = new RawClient(routerWithTickets())
    raw.hello(byTicket('ada'))
    expect(raw.hears(Code.CHALLENGE)).toMatchObject({ authmethod: 'ticket', extra: {} })
    raw.say(new Authenticate('lovelace'))
    expect(raw.hears(Code.WELCOME).details).toMatchObject({
      authid: 'ada',
      authrole: 'engineer',
      authmethod: 'ticket',
      authprovider: 'static',
    })
  })

  it('router says the same to a wrong ticket and to an unknown authid', () => {
    const answers = ['ada', 'nobody', '__proto__'].map((authid) => {
      const raw = new RawClient(routerWithTickets())
      raw.hello(byTicket(authid))
      raw.hears(Code.CHALLENGE)
      raw.say(new Authenticate('wrong'))
      return expectAbort(raw, ERROR.authenticationDenied)
    })
    expect(new Set(answers).size).toBe(1)
  })

  it.each(['', 'lovelac', 'lovelacelovelace', 'Lovelace', 'lovelace '])(
    'router refuses the ticket %j where lovelace is right',
    (signature) => {
      const router = routerWithTickets()
      const raw = new RawClient(router)
      raw.hello(byTicket('ada'))
      raw.hears(Code.CHALLENGE)
      raw.say(new Authenticate(signature))
      expectAbort(raw, ERROR.authenticationDenied)
      expectEmptyRealm(router)
    },
  )

  it('router refuses an empty ticket for an authid that it does not know', () => {
    const raw = new RawClient(routerWithTickets())
    raw.hello(byTicket('nobody'))
    raw.hears(Code.CHALLENGE)
    raw.say(new Authenticate(''))
    expectAbort(raw, ERROR.authenticationDenied)
  })

  it('router refuses a client without an authid', () => {
    const raw = new RawClient(routerWithTickets())
    raw.hello(byTicket())
    expect(expectAbort(raw, ERROR.authenticationDenied)).toContain('authid')
  })

  it('a realm does not open with an empty ticket', () => {
    expect(() => checkTickets({ ada: { ticket: '', authrole: 'engineer' } })).toThrow(UsageError)
  })
})

describe('Ticket-based Authentication: the client (authentication_ticket.md)', () => {
  const start = (router: Router, auth: ClientAuthentication[]) =>
    new Client({ router, realm: 'realm1', auth }).start()

  it.each([
    ['a string', 'lovelace'],
    ['a function', () => 'lovelace'],
    ['a function that takes its time', async () => 'lovelace'],
  ])('client joins with a ticket that is %s', async (_, secret) => {
    await using client = await start(routerWithTickets(), [ticket({ authid: 'ada', ticket: secret })])
    expect(client.session).toMatchObject({ authid: 'ada', authrole: 'engineer', authmethod: 'ticket' })
  })

  it('client is told why it is refused', async () => {
    const started = start(routerWithTickets(), [ticket({ authid: 'ada', ticket: 'wrong' })])
    await expect(started).rejects.toThrow(SessionClosedError)
    await expect(started).rejects.toMatchObject({ reason: ERROR.authenticationDenied })
  })

  it('client without a method is told what the realm takes', async () => {
    await expect(start(routerWithTickets(), [])).rejects.toThrow(/takes ticket/)
  })

  it('client does not join when its ticket cannot be fetched', async () => {
    const router = routerWithTickets()
    const fetching = async () => {
      throw new Error('the keychain is locked')
    }
    const client = new Client({
      router,
      realm: 'realm1',
      auth: [ticket({ authid: 'ada', ticket: fetching })],
    })
    await expect(client.start()).rejects.toThrow('the keychain is locked')
    expect(client.session).toBeUndefined()
    expectEmptyRealm(router)
  })
})

describe('Authentication Methods: the client (authentication.md)', () => {
  const custom: ClientAuthentication = {
    method: 'custom',
    begin: () => ({
      authextra: { pubkey: 'abcd' },
      answer: ({ extra }) => new Authenticate(`signed ${extra.nonce}`, { counter: 1 }),
    }),
  }

  async function joining(options: Partial<ClientOptions>) {
    const router = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: router.connect, ...options })
    const started = client.start()
    started.catch(() => {})
    return { client, router, started, hello: await router.hears(Code.HELLO) }
  }

  it('client offers its methods in order, and what they need', async () => {
    const { hello } = await joining({ auth: [custom, ticket({ authid: 'ada', ticket: 'lovelace' })] })
    expect(hello.details).toMatchObject({
      authmethods: ['custom', 'ticket'],
      authid: 'ada',
      authextra: { pubkey: 'abcd' },
    })
  })

  it('client without methods names none, and asks for an authid only if it is to', async () => {
    const { details } = (await joining({})).hello
    expect(details).not.toHaveProperty('authmethods')
    expect(details).not.toHaveProperty('authid')
    expect((await joining({ authid: 'bob' })).hello.details.authid).toBe('bob')
  })

  it('client announces its four roles and its agent', async () => {
    const { hello } = await joining({ agent: 'Abacus-1' })
    expect(hello.realm).toBe('realm1')
    expect(hello.details.agent).toBe('Abacus-1')
    expect(Object.keys(hello.details.roles ?? {})).toEqual(['caller', 'callee', 'publisher', 'subscriber'])
    expect(hello.details.roles).toMatchObject({
      caller: { features: { call_canceling: true, progressive_call_results: true } },
      callee: { features: { call_canceling: true, progressive_call_results: true } },
    })
  })

  it('client answers every round by the method that the CHALLENGE names', async () => {
    const auth = [custom, ticket({ authid: 'ada', ticket: 'lovelace' })]
    const { router, started } = await joining({ auth })
    router.say(new Challenge('custom', { nonce: 7 }))
    expect(await router.hears(Code.AUTHENTICATE)).toMatchObject({
      signature: 'signed 7',
      extra: { counter: 1 },
    })
    router.say(new Challenge('ticket'))
    expect((await router.hears(Code.AUTHENTICATE)).signature).toBe('lovelace')
    router.say(new Welcome(1, { roles: ROUTER_ROLES, authid: 'ada' }))
    expect((await started).session?.authid).toBe('ada')
  })

  it('client aborts when it has no method of the name that the CHALLENGE has', async () => {
    const { router, started } = await joining({ auth: [custom] })
    router.say(new Challenge('wampcra', {}))
    await expect(started).rejects.toThrow(/asks for authentication by wampcra.*has custom/)
    expect((await router.hears(Code.ABORT)).reason).toBe(ERROR.authenticationFailed)
    expect(router.transport.isClosed).toBe(true)
  })

  it('client says nothing more when it was refused while it looked for its answer', async () => {
    let answer = (_: string) => {}
    const secret = new Promise<string>((resolve) => {
      answer = resolve
    })
    const { router, started } = await joining({ auth: [ticket({ authid: 'ada', ticket: () => secret })] })
    router.say(new Challenge('ticket'))
    router.say(new Abort({ message: 'too late' }, ERROR.authenticationDenied))
    await expect(started).rejects.toThrow(/too late/)
    answer('lovelace')
    await router.hearsNothing()
  })

  it('client gives up when no WELCOME comes in time', async () => {
    const clock = new TestClock()
    const { router, started } = await joining({ clock, handshakeTimeout: 250 })
    clock.pass(250)
    await expect(started).rejects.toThrow(/250 ms/)
    expect(router.transport.isClosed).toBe(true)
    expect(clock.alarms).toBe(0)
  })
})

describe('a router that lets a client in by a way that it has not offered', () => {
  it.each([
    ['anonymous', [ticket({ authid: 'ada', ticket: 'secret' })]],
    [undefined, [ticket({ authid: 'ada', ticket: 'secret' })]],
    ['wamp-scram', [scram({ authid: 'ada', password: 'secret' })]],
    ['anonymous', [cryptosign({ privateKey: 'ab'.repeat(32), routerKey: 'cd'.repeat(32) })]],
  ])('is not believed: WELCOME with authmethod %s and no CHALLENGE', async (authmethod, auth) => {
    const router = new RawRouter()
    const client = new Client({ realm: 'realm1', transport: router.connect, auth })
    const started = client.start()
    started.catch(() => {})
    await router.hears(Code.HELLO)
    router.say(new Welcome(1, { roles: { broker: {}, dealer: {} }, ...(authmethod ? { authmethod } : {}) }))
    await router.hears(Code.GOODBYE)
    router.say(new Goodbye({}, CLOSE.goodbyeAndOut))
    await expect(started).rejects.toThrow(UsageError)
  })

  it('a client that offers nothing takes what it is given', async () => {
    const { client } = await joinedClient()
    expect(client.session).toBeDefined()
  })
})
