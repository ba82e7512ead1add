import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  ApplicationError,
  type ClientAuthentication,
  cryptosign,
  cryptosignKeyPair,
  type Logger,
  scram,
  silentLogger,
  ticket,
  wampcra,
} from '../../src/index.js'
import {
  anonymous,
  checkCryptosign,
  checkScram,
  checkTickets,
  checkWampcra,
  principalsByProcedure,
  Router,
  type RouterAuthentication,
  scramCredential,
} from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { join, logIn } from './logging-in.js'

const PROCEDURE = 'com.example.authenticate'
const keys = cryptosignKeyPair()

const bounds = { iterations: [1, 100] } as const
const halves: [string, ClientAuthentication, (by: Call) => RouterAuthentication, () => unknown][] = [
  [
    'ticket',
    ticket({ authid: 'ada', ticket: 'lovelace' }),
    (call) => checkTickets(principalsByProcedure(call, PROCEDURE)),
    () => ({ authrole: 'engineer', ticket: 'lovelace' }),
  ],
  [
    'wampcra',
    wampcra({ authid: 'ada', secret: 'lovelace' }),
    (call) => checkWampcra(principalsByProcedure(call, PROCEDURE)),
    () => ({ authrole: 'engineer', secret: 'lovelace' }),
  ],
  [
    'wamp-scram',
    scram({ authid: 'ada', password: 'lovelace', bounds }),
    (call) => checkScram(principalsByProcedure(call, PROCEDURE)),
    async () => ({
      authrole: 'engineer',
      ...(await scramCredential({ password: 'lovelace', kdf: 'pbkdf2', iterations: 5 })),
    }),
  ],
  [
    'cryptosign',
    cryptosign({ authid: 'ada', privateKey: keys.privateKey }),
    (call) => checkCryptosign(principalsByProcedure(call, PROCEDURE)),
    () => ({ authrole: 'engineer', pubkeys: [keys.publicKey] }),
  ],
]

type Call = (procedure: string, args: readonly unknown[]) => Promise<unknown>

afterEach(() => vi.restoreAllMocks())

describe('Dynamic Authentication API (authentication_dynamic.md)', () => {
  it.each(halves)('a procedure tells who may join by %s', async (method, client, routerBy, answer) => {
    const calls: unknown[][] = []
    const call: Call = async (...given) => {
      calls.push(given)
      return answer()
    }
    const step = await logIn(client, routerBy(call), { router: { address: '192.0.2.1:4711' } })
    expect(step).toMatchObject({
      outcome: 'welcome',
      principal: { authid: 'ada', authrole: 'engineer', authprovider: 'dynamic' },
    })
    expect(calls).toHaveLength(1)
    expect(calls[0]).toEqual([
      PROCEDURE,
      [
        'realm1',
        'ada',
        expect.objectContaining({
          authmethod: method,
          session: 4711,
          local: true,
          address: '192.0.2.1:4711',
        }),
      ],
    ])
  })

  it.each(halves)('nobody is who a procedure does not know (%s)', async (_, client, routerBy) => {
    for (const nothing of [null, undefined])
      expect(
        await logIn(
          client,
          routerBy(async () => nothing),
        ),
      ).toMatchObject({ reason: ERROR.authenticationDenied })
  })

  it('the procedure is told what the client has shown, and what it says in HELLO', async () => {
    const details: unknown[] = []
    const call: Call = async (_, args) => void details.push(args[2])
    for (const [, client, routerBy] of halves) await logIn(client, routerBy(call))
    expect(details).toEqual([
      expect.objectContaining({ ticket: 'lovelace' }),
      expect.not.objectContaining({ authextra: expect.anything() }),
      expect.objectContaining({ authextra: { nonce: expect.any(String), channel_binding: null } }),
      expect.objectContaining({ pubkey: keys.publicKey, authextra: { pubkey: keys.publicKey } }),
    ])
  })

  it('what a client says in HELLO does not pass for what it has shown', async () => {
    const authextra = { ticket: 'forged', session: 1, local: true, authmethod: 'tls' }
    const asked: unknown[] = []
    const call: Call = async (_, args) => void asked.push(args[2])
    const router = checkTickets(principalsByProcedure(call, PROCEDURE))
    await logIn(ticket({ authid: 'ada', ticket: 'shown' }), router, { hello: { authextra } })
    expect(asked).toEqual([{ authmethod: 'ticket', ticket: 'shown', session: 4711, local: true, authextra }])
  })

  describe('a procedure that fails', () => {
    const SECRET = 'hunter2'
    const failures: [string, Call][] = [
      ['throws', async () => Promise.reject(new Error(`no such password: ${SECRET}`))],
      [
        'throws what crosses the wire',
        async () =>
          Promise.reject(new ApplicationError('com.example.down', [SECRET], { kwargs: { SECRET } })),
      ],
      ['throws a text', async () => Promise.reject(SECRET)],
      ['throws nothing', async () => Promise.reject(undefined)],
      ['answers a text', async () => SECRET],
      ['answers true', async () => true],
      ['answers a list', async () => [SECRET]],
      ['answers an empty dictionary', async () => ({})],
      ['forgets the authrole', async () => ({ ticket: SECRET, secret: SECRET })],
      ['forgets the credentials', async () => ({ authrole: 'engineer', [SECRET]: SECRET })],
      [
        'answers credentials that are none',
        async () => ({
          authrole: 'engineer',
          ticket: 7,
          secret: 7,
          pubkeys: SECRET,
          storedKey: SECRET,
          kdf: 'pbkdf2',
          iterations: 1,
          salt: SECRET,
          serverKey: SECRET,
        }),
      ],
    ]
    const cases = halves.flatMap(([method, client, routerBy]) =>
      failures.map(([how, call]) => [method, how, client, routerBy(call)] as const),
    )

    it.each(cases)(
      'refuses %s with authentication_failed when it %s, and nothing secret is logged',
      async (_, __, client, auth) => {
        const logged: unknown[] = []
        const log = (...what: unknown[]) => void logged.push(...what)
        const logger: Logger = { ...silentLogger, warn: log, error: log }
        const router = new Router({ realms: [{ name: 'realm1', auth: [auth] }], logger })
        await expect(join(router, [client])).rejects.toMatchObject({ reason: ERROR.authenticationFailed })
        const told = logged.map((what) =>
          what instanceof Error
            ? `${what.stack} ${JSON.stringify(what)} ${String(what.cause)}`
            : String(what),
        )
        expect(told.join()).not.toContain(SECRET)
        expect(logged.some((what) => what instanceof Error)).toBe(true)
      },
    )

    it('leaves the URI of the error in the log', async () => {
      const router = checkTickets(principalsByProcedure(failures[1]?.[1] as Call, PROCEDURE))
      await expect(logIn(ticket({ authid: 'ada', ticket: 'x' }), router)).rejects.toThrow(
        'com.example.authenticate, which looks up principals, failed with com.example.down',
      )
    })
  })

  it('the procedure may be one of a real callee', async () => {
    let call: Call = async () => null
    const auth = checkTickets(principalsByProcedure((...args) => call(...args), PROCEDURE))
    const router = new Router({
      realms: [
        { name: 'backstage', auth: [anonymous()] },
        { name: 'realm1', auth: [auth] },
      ],
      logger: silentLogger,
    })
    await using backstage = await join(router, [], { realm: 'backstage' })
    await backstage.register(PROCEDURE, (realm: string, authid: string, { ticket }: { ticket: string }) =>
      realm === 'realm1' && authid === 'ada' && ticket === 'lovelace'
        ? { authrole: 'engineer', verified: true }
        : null,
    )
    call = (procedure, args) => backstage.call(procedure, [...args])
    await using client = await join(router, [ticket({ authid: 'ada', ticket: 'lovelace' })])
    expect(client.session).toMatchObject({ authid: 'ada', authrole: 'engineer' })
    await expect(join(router, [ticket({ authid: 'ada', ticket: 'wrong' })])).rejects.toMatchObject({
      reason: ERROR.authenticationDenied,
    })
  })
})
