import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UsageError, wampcra } from '../../src/index.js'
import { Challenge } from '../../src/messages/session-lifecycle.js'
import { checkWampcra, type WampcraPrincipal, wampcraCredential } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { authVectors, unlessThere } from './auth-vectors.js'
import { answerOf, attemptOf, challengeOf, join, logIn, routerWith } from './logging-in.js'

const denied = { outcome: 'refusal', reason: ERROR.authenticationDenied }
const ada = wampcra({ authid: 'ada', secret: 'lovelace' })
const PLAIN: WampcraPrincipal = { secret: 'lovelace', authrole: 'engineer' }
const salted = async (): Promise<WampcraPrincipal> => ({
  ...(await wampcraCredential({ secret: 'lovelace', iterations: 10 })),
  authrole: 'engineer',
})

afterEach(() => vi.restoreAllMocks())

describe.skipIf(!authVectors)(`Challenge Response Authentication: vectors${unlessThere}`, () => {
  it.each(authVectors?.wampcra.hmac ?? [])(
    'client signs $challenge',
    async ({ secret, challenge, signature }) => {
      const login = wampcra({ authid: 'peter', secret }).begin({})
      expect((await login.answer(new Challenge('wampcra', { challenge }))).signature).toBe(signature)
    },
  )

  it.each(authVectors?.wampcra.pbkdf2 ?? [])(
    'the key is the base64 text of what PBKDF2 derives from $salt',
    async ({ secret, salt, iterations, keylen, derived_key_base64 }) => {
      const credential = await wampcraCredential({ secret, salt, iterations })
      expect(credential).toEqual({ salt, iterations, keylen, key: derived_key_base64 })
      const extra = { challenge: 'x', salt, iterations, keylen }
      const { signature } = await wampcra({ authid: 'peter', secret })
        .begin({})
        .answer(new Challenge('wampcra', extra))
      expect(signature).toBe(createHmac('sha256', derived_key_base64).update('x').digest('base64'))
    },
  )
})

describe('Challenge Response Authentication: the two halves (authentication_cra.md)', () => {
  it.each<[string, () => Promise<WampcraPrincipal>]>([
    ['a plain secret', async () => PLAIN],
    ['a salted one', salted],
    [
      'a salted one whose parameters go without saying',
      async () => {
        const { salt, key } = await wampcraCredential({ secret: 'lovelace', iterations: 1000 })
        return { salt, key, authrole: 'engineer' }
      },
    ],
  ])('client joins by %s', async (_, principal) => {
    await using client = await join(routerWith(checkWampcra({ ada: await principal() })), [ada])
    expect(client.session).toMatchObject({ authid: 'ada', authrole: 'engineer', authmethod: 'wampcra' })
  })

  it.each<[string, () => Promise<WampcraPrincipal>]>([
    ['plain', async () => PLAIN],
    ['salted', salted],
  ])('router refuses a wrong secret where the right one is %s', async (_, principal) => {
    const router = checkWampcra({ ada: await principal() })
    expect(await logIn(wampcra({ authid: 'ada', secret: 'wrong' }), router)).toMatchObject(denied)
  })

  it('the challenge says who is about to join, and as which session', async () => {
    const { challenge } = await challengeOf(checkWampcra({ ada: PLAIN }), attemptOf({ authid: 'ada' }))
    expect(Object.keys(challenge.extra)).toEqual(['challenge'])
    expect(JSON.parse(String(challenge.extra.challenge))).toEqual({
      authid: 'ada',
      authrole: 'engineer',
      authmethod: 'wampcra',
      authprovider: 'static',
      nonce: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      session: 4711,
    })
  })

  it('the session of the challenge is the one that is joined', async () => {
    let session: unknown
    const secret = { authid: 'ada', secret: 'lovelace' }
    const looking = {
      ...wampcra(secret),
      begin: () => ({
        answer(challenge: Challenge) {
          session = JSON.parse(String(challenge.extra.challenge)).session
          return wampcra(secret).begin({}).answer(challenge)
        },
      }),
    }
    await using client = await join(routerWith(checkWampcra({ ada: PLAIN })), [looking])
    expect(client.session?.id).toBe(session)
  })

  it('client signs the octets of the challenge as they came', async () => {
    const challenge = '{ "session" : 7.0,\n"authid":"\u00e4" }'
    const { signature } = await ada.begin({}).answer(new Challenge('wampcra', { challenge }))
    expect(signature).toBe(createHmac('sha256', 'lovelace').update(challenge).digest('base64'))
  })

  it('an answer is good for its own challenge only', async () => {
    const router = checkWampcra({ ada: PLAIN })
    const [one, two] = [
      await challengeOf(router, attemptOf({ authid: 'ada' })),
      await challengeOf(router, attemptOf({ authid: 'ada' })),
    ]
    const answer = await ada.begin({}).answer(one.challenge)
    expect(await two.check(answer)).toMatchObject(denied)
    expect(await one.check(answer)).toMatchObject({ outcome: 'welcome' })
  })

  it('router refuses a client without an authid', async () => {
    expect(await checkWampcra({ ada: PLAIN }).begin(attemptOf({}))).toMatchObject(denied)
  })
})

describe('Challenge Response Authentication: hostile routers', () => {
  const answer = async (extra: Record<string, unknown>) =>
    ada.begin({}).answer(new Challenge('wampcra', extra))

  it.each<[string, Record<string, unknown>]>([
    ['no challenge', {}],
    ['a challenge that is no string', { challenge: { authid: 'ada' } }],
    ['an empty challenge', { challenge: '' }],
    ['a salt that is no string', { challenge: 'x', salt: 7 }],
    ['a salt without end', { challenge: 'x', salt: 's'.repeat(1025) }],
    ['iterations without end', { challenge: 'x', salt: 's', iterations: 1_000_001 }],
    ['more iterations than there are numbers', { challenge: 'x', salt: 's', iterations: 2 ** 53 }],
    ['iterations that are no number', { challenge: 'x', salt: 's', iterations: '1000' }],
    ['no iterations', { challenge: 'x', salt: 's', iterations: 0 }],
    ['half an iteration', { challenge: 'x', salt: 's', iterations: 0.5 }],
    ['a key without end', { challenge: 'x', salt: 's', keylen: 65 }],
    ['no key', { challenge: 'x', salt: 's', keylen: 0 }],
  ])('client refuses %s', async (_, extra) => {
    const derive = vi.spyOn(crypto.subtle, 'deriveBits')
    await expect(answer(extra)).rejects.toThrow(UsageError)
    expect(derive).not.toHaveBeenCalled()
  })

  it('client may have other bounds', async () => {
    const careful = wampcra({ authid: 'ada', secret: 'lovelace', maxIterations: 10 })
    const challenge = new Challenge('wampcra', { challenge: 'x', salt: 's', iterations: 11 })
    await expect(async () => careful.begin({}).answer(challenge)).rejects.toThrow(/from 1 to 10$/)
  })

  it('client has no empty secret', async () => {
    expect(() => wampcra({ authid: 'ada', secret: '' })).toThrow(UsageError)
    const late = wampcra({ authid: 'ada', secret: () => '' })
    await expect(async () =>
      late.begin({}).answer(new Challenge('wampcra', { challenge: 'x' })),
    ).rejects.toThrow(UsageError)
  })
})

describe('Challenge Response Authentication: who exists is not told', () => {
  const shape = (extra: Record<string, unknown>) => ({
    ...extra,
    salt: typeof extra.salt === 'string' ? extra.salt.length : extra.salt,
    challenge: { ...JSON.parse(String(extra.challenge)), authid: 0, nonce: 0, timestamp: 0 },
  })

  it('an unknown authid gets a challenge of the same looks, and the same words', async () => {
    const router = checkWampcra({ ada: await salted() })
    const answers = await Promise.all(
      ['ada', 'nobody', '__proto__'].map(async (authid) => {
        const { challenge, check } = await challengeOf(router, attemptOf({ authid }))
        return { challenge: shape(challenge.extra), refusal: await check(answerOf('wrong')) }
      }),
    )
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  it('an unknown authid costs the same work', async () => {
    const sign = vi.spyOn(crypto.subtle, 'sign')
    const router = checkWampcra({ ada: PLAIN, bob: PLAIN })
    const counts = []
    for (const authid of ['ada', 'nobody']) {
      sign.mockClear()
      const { check } = await challengeOf(router, attemptOf({ authid }))
      await check(answerOf('wrong'))
      counts.push(sign.mock.calls.length)
    }
    expect(counts[0]).toBe(counts[1])
  })

  it('the salt of an unknown authid is stable: with fakeSaltKey over restarts, and else in one router', async () => {
    const saltOf = async (router: ReturnType<typeof checkWampcra>, authid: string) =>
      (await challengeOf(router, attemptOf({ authid }))).challenge.extra.salt
    const principals = { ada: await salted() }
    const router = checkWampcra(principals)
    expect(await saltOf(router, 'nobody')).toBe(await saltOf(router, 'nobody'))
    expect(await saltOf(router, 'nobody')).not.toBe(await saltOf(router, 'somebody'))
    expect(await saltOf(router, 'nobody')).not.toBe(await saltOf(checkWampcra(principals), 'nobody'))
    const options = { fakeSaltKey: 'sixteen octets at least' }
    const [a, b] = [checkWampcra(principals, options), checkWampcra(principals, options)]
    expect(await saltOf(a, 'nobody')).toBe(await saltOf(b, 'nobody'))
  })

  it('a salt of other looks is imitated too', async () => {
    const router = checkWampcra({ ada: { salt: 'salt123', key: 'k', authrole: 'engineer' } })
    const { challenge } = await challengeOf(router, attemptOf({ authid: 'nobody' }))
    expect(challenge.extra).toMatchObject({
      salt: expect.stringMatching(/^\w{7}$/),
      iterations: 1000,
      keylen: 32,
    })
  })

  it('who is looked up by a function looks like the decoys that are given', async () => {
    const router = checkWampcra(() => undefined, { decoys: [{ secret: 'x', authrole: 'guest' }] })
    const { challenge } = await challengeOf(router, attemptOf({ authid: 'nobody' }))
    expect(shape(challenge.extra)).toMatchObject({
      challenge: { authrole: 'guest', authprovider: 'dynamic' },
    })
    expect(challenge.extra).not.toHaveProperty('salt')
  })

  it('a key that is too short to hide anything is refused', () => {
    expect(() => checkWampcra({}, { fakeSaltKey: 'short' })).toThrow(UsageError)
  })
})

describe('Challenge Response Authentication: principals', () => {
  it.each<[string, unknown]>([
    ['nothing', { authrole: 'engineer' }],
    ['an empty secret', { secret: '', authrole: 'engineer' }],
    ['a secret and a salt', { secret: 'a', salt: 'b', key: 'c', authrole: 'engineer' }],
    ['no key', { salt: 'b', authrole: 'engineer' }],
    ['no salt', { key: 'b', authrole: 'engineer' }],
    ['no authrole', { secret: 'a' }],
    ['iterations that are none', { salt: 'b', key: 'c', iterations: -1, authrole: 'engineer' }],
    ['a keylen that is none', { salt: 'b', key: 'c', keylen: '32', authrole: 'engineer' }],
  ])('a principal with %s is none', async (_, principal) => {
    const given = principal as WampcraPrincipal
    expect(() => checkWampcra({ ada: given })).toThrow(UsageError)
    const begun = async () => checkWampcra(async () => given).begin(attemptOf({ authid: 'ada' }))
    await expect(begun).rejects.toThrow(UsageError)
  })

  it.each<[string, object]>([
    ['an empty secret', { secret: '' }],
    ['an empty salt', { secret: 'a', salt: '' }],
    ['no iterations', { secret: 'a', iterations: 0 }],
  ])('a credential is not made of %s', async (_, options) => {
    await expect(wampcraCredential(options as { secret: string })).rejects.toThrow(UsageError)
  })
})

describe('without WebCrypto, as on pages that came without TLS', () => {
  it('the same comes out', async () => {
    const principals = { ada: await salted() }
    const subtle = vi.spyOn(crypto, 'subtle', 'get').mockReturnValue(undefined as unknown as SubtleCrypto)
    expect(await logIn(ada, checkWampcra(principals))).toMatchObject({ outcome: 'welcome' })
    expect(subtle).toHaveBeenCalled()
  })
})
