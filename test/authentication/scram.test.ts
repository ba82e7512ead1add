import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ScramOptions, scram, UsageError } from '../../src/index.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Challenge } from '../../src/messages/session-lifecycle.js'
import { type CheckScramOptions, checkScram, type ScramPrincipal, scramCredential } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { answerOf, attemptOf, challengeOf, type Ends, join, logIn, routerWith } from './logging-in.js'

const denied = { outcome: 'refusal', reason: ERROR.authenticationDenied }
/** Costs that a test can afford, and a client that takes them. */
const CHEAP = {
  pbkdf2: { iterations: 5 },
  argon2id13: { iterations: 1, memory: 8 },
  'argon2id-13': { iterations: 1, memory: 8 },
}
const bounds: NonNullable<ScramOptions['bounds']> = { iterations: [1, 100], work: [1, 1000] }

type Kdf = keyof typeof CHEAP
const credentialOf = async (kdf: Kdf, password = 'lovelace'): Promise<ScramPrincipal> => ({
  ...(await scramCredential({ password, kdf, ...CHEAP[kdf] })),
  authrole: 'engineer',
})
const clientWith = (more: Partial<ScramOptions> = {}) =>
  scram({ authid: 'ada', password: 'lovelace', bounds, ...more })
const routerOf = async (kdf: Kdf = 'pbkdf2', options: CheckScramOptions = {}) =>
  checkScram({ ada: await credentialOf(kdf) }, options)

const channel = (octet: number) => ({
  channelBinding: (type: string) => (type === 'tls-exporter' ? new Uint8Array(32).fill(octet) : undefined),
})
const BOUND: Ends = { client: channel(7), router: channel(7) }

afterEach(() => vi.restoreAllMocks())

describe('SCRAM: the two halves (authentication_scram.md, "Authentication Exchange")', () => {
  it.each<[Kdf, ScramOptions['names']]>([
    ['pbkdf2', 'spec'],
    ['argon2id13', 'spec'],
    ['argon2id-13', 'autobahn'],
  ])(
    'client joins where the password was derived by %s, with the names of %s',
    async (kdf, names = 'spec') => {
      await using client = await join(routerWith(await routerOf(kdf, { names })), [clientWith({ names })])
      expect(client.session).toMatchObject({
        authid: 'ada',
        authrole: 'engineer',
        authmethod: names === 'spec' ? 'wamp-scram' : 'scram',
      })
    },
  )

  it.each<[Kdf, ScramOptions['names']]>([
    ['pbkdf2', 'spec'],
    ['argon2id13', 'spec'],
    ['argon2id-13', 'autobahn'],
  ])('router refuses a wrong password (%s)', async (kdf, names = 'spec') => {
    const client = clientWith({ names, password: 'wrong' })
    expect(await logIn(client, await routerOf(kdf, { names }))).toMatchObject(denied)
  })

  it('says what the spec says: HELLO, CHALLENGE, AUTHENTICATE, WELCOME', async () => {
    const nonces: unknown[] = []
    const step = await logIn(clientWith(), await routerOf(), {
      onChallenge: (challenge) => {
        expect(challenge.extra).toEqual({
          nonce: expect.stringMatching(/^[A-Za-z0-9+/]{48}$/),
          salt: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
          kdf: 'pbkdf2',
          iterations: 5,
          memory: null,
        })
        nonces.push(challenge.extra.nonce)
        return challenge
      },
      onAuthenticate: (answer) => {
        expect(answer.signature).toMatch(/^[A-Za-z0-9+/]{43}=$/)
        expect(answer.extra).toEqual({ nonce: nonces[0], channel_binding: null, cbind_data: null })
        return answer
      },
    })
    expect(step).toMatchObject({ principal: { authextra: { verifier: expect.stringMatching(/^.{43}=$/) } } })
  })

  it('says what autobahn says, and nothing more: it knows no other keys', async () => {
    expect(clientWith({ names: 'autobahn' }).begin(channel(7)).authextra).toEqual({
      nonce: expect.any(String),
    })
    const step = await logIn(
      clientWith({ names: 'autobahn' }),
      await routerOf('argon2id-13', { names: 'autobahn' }),
      {
        onChallenge: (challenge) => {
          expect(Object.keys(challenge.extra).sort()).toEqual([
            'iterations',
            'kdf',
            'memory',
            'nonce',
            'salt',
          ])
          return challenge
        },
        onAuthenticate: (answer) => {
          expect(answer.extra).toEqual({})
          return answer
        },
      },
    )
    expect(step).toMatchObject({ principal: { authextra: { scram_server_signature: expect.any(String) } } })
  })

  it('a new log-in has a new nonce', () => {
    const client = clientWith()
    expect(client.begin({}).authextra?.nonce).not.toBe(client.begin({}).authextra?.nonce)
  })

  it.each(['a,b=c', '=2C', 'Jürgen', 'I\u00adX', '\u2168'])(
    'authid %j is normalized and escaped by both',
    async (authid) => {
      const router = checkScram({ [authid]: await credentialOf('pbkdf2') })
      const step = await logIn(clientWith({ authid }), router)
      expect(step).toMatchObject({
        outcome: 'welcome',
        principal: { authid: authid.normalize('NFKC').replaceAll('\u00ad', '') },
      })
    },
  )

  it('router normalizes an authid that its client has not', async () => {
    const router = checkScram({ IX: await credentialOf('pbkdf2') })
    const step = await logIn(clientWith({ authid: 'IX' }), router, { hello: { authid: 'I\u00adX' } })
    expect(step).toMatchObject({ outcome: 'welcome', principal: { authid: 'IX' } })
  })

  it('passwords are normalized too', async () => {
    const router = checkScram({ ada: await credentialOf('pbkdf2', '\u2168 lovelace') })
    expect(await logIn(clientWith({ password: 'IX\u00a0lovelace' }), router)).toMatchObject({
      outcome: 'welcome',
    })
  })

  it('authids and passwords with prohibited characters are refused', async () => {
    expect(() => clientWith({ authid: 'a\u0007' })).toThrow(UsageError)
    await expect(scramCredential({ password: 'a\u0007', kdf: 'pbkdf2', iterations: 1 })).rejects.toThrow(
      UsageError,
    )
    const router = await routerOf()
    expect(await router.begin(attemptOf({ authid: 'a\u0007', authextra: { nonce: 'abcd' } }))).toMatchObject(
      denied,
    )
  })

  it('a password is derived once for many sessions, and anew when it has changed', async () => {
    const derive = vi.spyOn(crypto.subtle, 'deriveBits')
    const router = await routerOf()
    derive.mockClear()
    let password = 'lovelace'
    const client = clientWith({ password: () => password })
    await logIn(client, router)
    await logIn(client, router)
    expect(derive).toHaveBeenCalledTimes(1)
    password = 'wrong'
    expect(await logIn(client, router)).toMatchObject(denied)
    expect(derive).toHaveBeenCalledTimes(2)
  })
})

describe('SCRAM: hostile routers (authentication_scram.md)', () => {
  const answer = async (extra: (nonce: string) => Dict, more: Partial<ScramOptions> = {}) => {
    const client = scram({ authid: 'ada', password: 'lovelace', ...more })
    const login = client.begin({})
    return login.answer(new Challenge(client.method, extra(String(login.authextra?.nonce))))
  }
  const good = (nonce: string): Dict => ({
    nonce: `${nonce}AAAA`,
    salt: 'AAAAAAAAAAAAAAAAAAAAAA==',
    kdf: 'pbkdf2',
    iterations: 4096,
  })

  it('client answers a challenge with the least costs', async () => {
    await expect(answer(good)).resolves.toMatchObject({ signature: expect.any(String) })
  })

  const argon = (iterations: unknown, memory: unknown): Dict => ({ kdf: 'argon2id13', iterations, memory })
  it.each<[string, (nonce: string) => Dict]>([
    ['the nonce of another', () => ({ nonce: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAA' })],
    ['its own nonce with nothing behind it', (nonce) => ({ nonce })],
    ['its own nonce behind another', (nonce) => ({ nonce: `AAAA${nonce}` })],
    ['a nonce that would write on in the signed message', (nonce) => ({ nonce: `${nonce},s=AAAA` })],
    ['no nonce', () => ({ nonce: undefined })],
    ['a nonce without end', (nonce) => ({ nonce: nonce + 'A'.repeat(600) })],
    ['no salt', () => ({ salt: undefined })],
    ['a salt that is not base64', () => ({ salt: 'salt!' })],
    ['a salt that is not canonical base64', () => ({ salt: 'AAAAAAAAAAAAAAAAAAAAAB==' })],
    ['a short salt', () => ({ salt: 'AAAA' })],
    ['a salt without end', () => ({ salt: 'AAAA'.repeat(10_000) })],
    ['another kdf', () => ({ kdf: 'md5' })],
    ['the kdf of autobahn', () => ({ kdf: 'argon2id-13', memory: 512 })],
    ['a kdf that objects have', () => ({ kdf: 'constructor' })],
    ['few iterations', () => ({ iterations: 4095 })],
    ['iterations without end', () => ({ iterations: 2_000_001 })],
    ['iterations that are no number', () => ({ iterations: '4096' })],
    ['half an iteration more', () => ({ iterations: 4096.5 })],
    ['no memory', () => argon(1, undefined)],
    ['little memory', () => argon(1, 16_383)],
    ['memory without end', () => argon(1, 262_145)],
    ['memory that is no number', () => argon(1, '19456')],
    ['work without end', () => argon(2_097_153, 8)],
    ['work without end, in memory', () => argon(17, 262_144)],
  ])('client refuses %s', async (_, change) => {
    const derive = vi.spyOn(crypto.subtle, 'deriveBits')
    await expect(answer((nonce) => ({ ...good(nonce), ...change(nonce) }))).rejects.toThrow(UsageError)
    expect(derive).not.toHaveBeenCalled()
  })

  it('client refuses pbkdf2 and a channel binding with the names of autobahn, which has neither', async () => {
    const names = 'autobahn'
    await expect(answer(good, { names })).rejects.toThrow(UsageError)
    const bound = (nonce: string) => ({
      ...good(nonce),
      ...argon(4096, 512),
      kdf: 'argon2id-13',
      channel_binding: 'x',
    })
    await expect(answer(bound, { names })).rejects.toThrow(/channel binding/)
  })

  it('client answers once', async () => {
    const login = clientWith().begin({})
    const nonce = `${login.authextra?.nonce}AAAA`
    const challenge = new Challenge('wamp-scram', { ...good(''), nonce, iterations: 5 })
    await login.answer(challenge)
    await expect(async () => login.answer(challenge)).rejects.toThrow(UsageError)
  })

  it.each<[string, Dict]>([
    ['no verifier', {}],
    ['the verifier of another', { verifier: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' }],
    ['an empty verifier', { verifier: '' }],
    ['only the beginning of a verifier', { verifier: 'v=' }],
    ['a verifier that is no text', { verifier: 7 }],
    ['a verifier that is not base64', { verifier: '***' }],
  ])('client leaves a router with %s', async (_, authextra) => {
    const ends: Ends = { onWelcome: (principal) => ({ ...principal, authextra }) }
    await expect(logIn(clientWith(), await routerOf(), ends)).rejects.toThrow(/has not proved/)
  })

  it('client leaves a router that welcomes it without a challenge', async () => {
    const careless = { method: 'wamp-scram', begin: () => welcomeOf('ada') }
    await expect(join(routerWith(careless), [clientWith()])).rejects.toThrow(/has not proved/)
  })

  it('client takes a verifier that begins as in the example of the spec', async () => {
    const ends: Ends = {
      onWelcome: (principal) => ({
        ...principal,
        authextra: { verifier: `v=${principal.authextra?.verifier}` },
      }),
    }
    expect(await logIn(clientWith(), await routerOf(), ends)).toMatchObject({ outcome: 'welcome' })
  })
})

const welcomeOf = (authid: string) =>
  ({ outcome: 'welcome', principal: { authid, authrole: 'engineer' } }) as const

describe('SCRAM: the router (authentication_scram.md)', () => {
  it.each<[string, Dict]>([
    ['no authid', { authextra: { nonce: 'abcd' } }],
    ['no authextra', { authid: 'ada' }],
    ['no nonce', { authid: 'ada', authextra: {} }],
    ['an empty nonce', { authid: 'ada', authextra: { nonce: '' } }],
    ['a nonce with a comma', { authid: 'ada', authextra: { nonce: 'a,b' } }],
    ['a nonce that is no text', { authid: 'ada', authextra: { nonce: 7 } }],
    ['a nonce without end', { authid: 'ada', authextra: { nonce: 'a'.repeat(513) } }],
  ])('router refuses a HELLO with %s', async (_, details) => {
    expect(await (await routerOf()).begin(attemptOf(details))).toMatchObject(denied)
  })

  it.each<[string, Ends]>([
    [
      'the nonce of another log-in',
      { onAuthenticate: ({ signature, extra }) => answerOf(signature, { ...extra, nonce: 'AAAA' }) },
    ],
    ['no nonce', { onAuthenticate: ({ signature }) => answerOf(signature) }],
    [
      'a channel binding that was not asked for',
      {
        onAuthenticate: ({ signature, extra }) =>
          answerOf(signature, { ...extra, channel_binding: 'tls-exporter' }),
      },
    ],
    [
      'octets of a channel binding that was not asked for',
      { onAuthenticate: ({ signature, extra }) => answerOf(signature, { ...extra, cbind_data: 'AAAA' }) },
    ],
    ['a proof that is too short', { onAuthenticate: ({ extra }) => answerOf('AAAA', extra) }],
    ['a proof that is not base64', { onAuthenticate: ({ extra }) => answerOf('***', extra) }],
    ['no proof', { onAuthenticate: ({ extra }) => answerOf('', extra) }],
  ])('router refuses an AUTHENTICATE with %s', async (_, ends) => {
    expect(await logIn(clientWith(), await routerOf(), ends)).toMatchObject(denied)
  })

  it('an answer is good for its own challenge only', async () => {
    const router = await routerOf()
    const login = clientWith().begin({})
    const attempt = attemptOf({ authid: 'ada', authextra: login.authextra })
    const [one, two] = [await challengeOf(router, attempt), await challengeOf(router, attempt)]
    const answer = await login.answer(one.challenge)
    expect(await two.check(answer)).toMatchObject(denied)
    expect(
      await two.check(answerOf(answer.signature, { ...answer.extra, nonce: two.challenge.extra.nonce })),
    ).toMatchObject(denied)
    expect(await one.check(answer)).toMatchObject({ outcome: 'welcome' })
  })

  it('what a principal has to be told stands beside the verifier', async () => {
    const router = checkScram({ ada: { ...(await credentialOf('pbkdf2')), authextra: { desk: 7 } } })
    expect(await logIn(clientWith(), router)).toMatchObject({
      principal: { authextra: { desk: 7, verifier: expect.any(String) } },
    })
  })

  it.each<[string, Dict]>([
    ['no authrole', { authrole: undefined }],
    ['no stored key', { storedKey: undefined }],
    ['a stored key of another length', { storedKey: 'AAAA' }],
    ['a server key that is not base64', { serverKey: '*' }],
    ['no salt', { salt: undefined }],
    ['another kdf', { kdf: 'scrypt' }],
    ['the kdf of autobahn, under the names of the spec', { kdf: 'argon2id-13', memory: 8 }],
    ['no iterations', { iterations: 0 }],
    ['argon2 without memory', { kdf: 'argon2id13' }],
  ])('a principal with %s is none', async (_, change) => {
    const given = { ...(await credentialOf('pbkdf2')), ...change } as unknown as ScramPrincipal
    expect(() => checkScram({ ada: given })).toThrow(UsageError)
    const attempt = attemptOf({ authid: 'ada', authextra: { nonce: 'abcd' } })
    await expect(async () => checkScram(() => given).begin(attempt)).rejects.toThrow(UsageError)
  })

  it('two principals have not the same authid after SASLprep', async () => {
    const ada = await credentialOf('pbkdf2')
    expect(() => checkScram({ IX: ada, '\u2168': ada })).toThrow(/two principals/)
  })

  it.each<[string, object]>([
    ['an empty password', { password: '' }],
    ['an unknown kdf', { password: 'a', kdf: 'scrypt' }],
    ['no iterations', { password: 'a', iterations: 0 }],
    ['memory for pbkdf2', { password: 'a', kdf: 'pbkdf2', memory: 8 }],
    ['too little memory', { password: 'a', memory: 7 }],
    ['a short salt', { password: 'a', salt: new Uint8Array(7) }],
  ])('a credential is not made of %s', async (_, options) => {
    await expect(scramCredential(options as { password: string })).rejects.toThrow(UsageError)
  })
})

describe('SCRAM: channel binding (authentication_scram.md, "Channel Binding")', () => {
  const binding = () => clientWith({ channelBinding: 'required' })

  it('client and router bind the log-in to their TLS connection', async () => {
    const ends: Ends = {
      ...BOUND,
      onAuthenticate: (answer) => {
        expect(answer.extra).toMatchObject({
          channel_binding: 'tls-exporter',
          cbind_data: Buffer.alloc(32, 7).toString('base64'),
        })
        return answer
      },
    }
    expect(await logIn(binding(), await routerOf(), ends)).toMatchObject({ outcome: 'welcome' })
  })

  it('router refuses a client that comes over another connection: somebody sits between', async () => {
    const ends = { client: channel(7), router: channel(8) }
    expect(await logIn(binding(), await routerOf(), ends)).toMatchObject(denied)
    const lying: Ends = {
      ...ends,
      onAuthenticate: ({ signature, extra }) =>
        answerOf(signature, { ...extra, cbind_data: Buffer.alloc(32, 8).toString('base64') }),
    }
    expect(await logIn(binding(), await routerOf(), lying)).toMatchObject(denied)
  })

  it('router refuses what it has not got, and what it does not know', async () => {
    expect(await logIn(binding(), await routerOf(), { client: channel(7) })).toMatchObject(denied)
    for (const channel_binding of ['tls-unique', 'tls-server-end-point', 7, ''])
      expect(
        await (await routerOf()).begin(
          attemptOf(
            { authid: 'ada', authextra: { nonce: 'abcd', channel_binding } },
            { connection: channel(7) },
          ),
        ),
      ).toMatchObject(denied)
  })

  it('router refuses a client that asks for it and does without', async () => {
    const ends: Ends = { ...BOUND, hello: { authextra: { nonce: 'abcd', channel_binding: 'tls-exporter' } } }
    await expect(logIn(clientWith(), await routerOf(), ends)).rejects.toThrow(UsageError)
    const router = await routerOf()
    const login = clientWith().begin({})
    const authextra = { ...login.authextra, channel_binding: 'tls-exporter' }
    const { challenge, check } = await challengeOf(
      router,
      attemptOf({ authid: 'ada', authextra }, { connection: channel(7) }),
    )
    expect(await check(await login.answer(challenge))).toMatchObject(denied)
  })

  it('client that requires it does not answer over a connection without', async () => {
    await expect(join(routerWith(await routerOf()), [binding()])).rejects.toThrow()
    const login = binding().begin({})
    await expect(async () => login.answer(new Challenge('wamp-scram', {}))).rejects.toThrow(
      /no channel binding/,
    )
    expect(() => clientWith({ names: 'autobahn', channelBinding: 'required' })).toThrow(UsageError)
  })
})

describe('SCRAM: who exists is not told (authentication_scram.md)', () => {
  const asking = (router: ReturnType<typeof checkScram>, authid: string) =>
    challengeOf(router, attemptOf({ authid, authextra: { nonce: 'abcd' } }))
  const saltOf = async (router: ReturnType<typeof checkScram>, authid: string) =>
    (await asking(router, authid)).challenge.extra.salt

  it.each<Kdf>(['pbkdf2', 'argon2id13'])(
    'an unknown authid gets a challenge of the same looks, and the same words (%s)',
    async (kdf) => {
      const router = await routerOf(kdf)
      const answers = await Promise.all(
        ['ada', 'nobody', '__proto__'].map(async (authid) => {
          const { challenge, check } = await asking(router, authid)
          const { nonce, salt } = challenge.extra
          const answer = answerOf('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', { nonce })
          return [{ ...challenge.extra, nonce: 0, salt: String(salt).length }, await check(answer)]
        }),
      )
      expect(answers[1]).toEqual(answers[0])
      expect(answers[2]).toEqual(answers[0])
    },
  )

  it('an unknown authid costs the same work', async () => {
    const sign = vi.spyOn(crypto.subtle, 'sign')
    const digest = vi.spyOn(crypto.subtle, 'digest')
    const router = await routerOf()
    const counts = []
    for (const authid of ['ada', 'nobody']) {
      sign.mockClear()
      digest.mockClear()
      const { challenge, check } = await asking(router, authid)
      await check(answerOf('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', { nonce: challenge.extra.nonce }))
      counts.push([sign.mock.calls.length, digest.mock.calls.length])
    }
    expect(counts[0]).toEqual(counts[1])
  })

  it('the salt of an unknown authid is stable: with fakeSaltKey over restarts, and else in one router', async () => {
    const router = await routerOf()
    expect(await saltOf(router, 'nobody')).toBe(await saltOf(router, 'nobody'))
    expect(await saltOf(router, 'nobody')).not.toBe(await saltOf(router, 'somebody'))
    expect(await saltOf(router, 'nobody')).not.toBe(await saltOf(await routerOf(), 'nobody'))
    const options = { fakeSaltKey: new Uint8Array(16) }
    expect(await saltOf(await routerOf('pbkdf2', options), 'nobody')).toBe(
      await saltOf(await routerOf('pbkdf2', options), 'nobody'),
    )
  })

  it('who is looked up by a function looks like the decoys that are given, or as credentials do by default', async () => {
    const { challenge } = await asking(
      checkScram(async () => undefined),
      'nobody',
    )
    expect(challenge.extra).toMatchObject({ kdf: 'argon2id13', iterations: 2, memory: 19_456 })
    const decoys = [{ kdf: 'pbkdf2', iterations: 7 }] as const
    const given = await asking(
      checkScram(async () => undefined, { decoys }),
      'nobody',
    )
    expect(given.challenge.extra).toMatchObject({ kdf: 'pbkdf2', iterations: 7, memory: null })
  })
})
