import { createPrivateKey, createPublicKey, sign as signNatively } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isSigned, Signer } from '../../src/authentication/ed25519.js'
import { fromHex } from '../../src/authentication/encodings.js'
import { type CryptosignOptions, cryptosign, cryptosignKeyPair, UsageError } from '../../src/index.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Challenge } from '../../src/messages/session-lifecycle.js'
import { type CheckCryptosignOptions, type CryptosignPrincipal, checkCryptosign } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { authVectors, unlessThere } from './auth-vectors.js'
import { answerOf, attemptOf, challengeOf, type Ends, join, logIn, routerWith } from './logging-in.js'

const denied = { outcome: 'refusal', reason: ERROR.authenticationDenied }
const keys = cryptosignKeyPair()
const otherKeys = cryptosignKeyPair()
const routerKeys = cryptosignKeyPair()
const ADA: CryptosignPrincipal = { pubkeys: [keys.publicKey], authrole: 'engineer' }

const clientWith = (more: Partial<CryptosignOptions> = {}) =>
  cryptosign({ privateKey: keys.privateKey, ...more })
const routerOf = (options?: CheckCryptosignOptions) => checkCryptosign({ ada: ADA }, options)
const octets = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

const channel = (octet: number, ...types: string[]) => ({
  channelBinding: (type: string) => (types.includes(type) ? new Uint8Array(32).fill(octet) : undefined),
})
const exporter = (octet: number) => channel(octet, 'tls-exporter')

/** The key as Node knows it. */
function native(seed: string) {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(seed, 'hex'),
  ])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

afterEach(() => vi.restoreAllMocks())

describe.skipIf(!authVectors)(
  `Cryptosign: vectors (authentication_cryptosign.md, "Test Vectors")${unlessThere}`,
  () => {
    const vectors = authVectors?.cryptosign.vectors ?? []

    it.each(vectors)(
      'client signs $challenge over channel $channel_id',
      async ({ private_key, channel_id, ...vector }) => {
        const connection =
          channel_id === null
            ? {}
            : { channelBinding: (type: string) => (type === 'tls-unique' ? octets(channel_id) : undefined) }
        const login = cryptosign({ privateKey: private_key }).begin(connection)
        const channel_binding = channel_id === null ? null : 'tls-unique'
        const { signature } = await login.answer(
          new Challenge('cryptosign', { challenge: vector.challenge, channel_binding }),
        )
        expect(signature).toBe(vector.signature)
      },
    )

    it.each(vectors)(
      'router takes the signature of $challenge over channel $channel_id',
      ({ private_key, signature }) => {
        const signed = octets(signature)
        const { publicKey } = Signer.of({ privateKey: private_key })
        expect(isSigned(signed, signed.subarray(64), publicKey)).toBe(true)
        for (const at of [0, 63, 64, 95]) {
          const wrong = Uint8Array.from(signed, (octet, i) => (i === at ? octet ^ 1 : octet))
          expect(isSigned(wrong, signed.subarray(64), publicKey)).toBe(false)
        }
      },
    )
  },
)

describe('Cryptosign: the two halves (authentication_cryptosign.md, "Client Authentication")', () => {
  it('client joins by its key, and is told who it is', async () => {
    await using client = await join(routerWith(routerOf()), [clientWith()])
    expect(client.session).toMatchObject({ authid: 'ada', authrole: 'engineer', authmethod: 'cryptosign' })
  })

  it('client joins as the authid that it asks for', async () => {
    expect(await logIn(clientWith({ authid: 'ada' }), routerOf())).toMatchObject({
      principal: { authid: 'ada' },
    })
  })

  it.each<[string, CryptosignOptions['privateKey']]>([
    ['hex', keys.privateKey],
    ['hex in capitals', keys.privateKey.toUpperCase()],
    ['octets', octets(keys.privateKey)],
    ['a function', (message) => new Uint8Array(signNatively(null, message, native(keys.privateKey)))],
    [
      'a function that takes its time',
      async (message) => signNatively(null, message, native(keys.privateKey)),
    ],
  ])('the private key may be %s', async (_, privateKey) => {
    const client = cryptosign({ privateKey, publicKey: keys.publicKey })
    expect(await logIn(client, routerOf())).toMatchObject({ outcome: 'welcome' })
  })

  it('octets of a key that are overwritten afterwards have been kept', async () => {
    const seed = octets(keys.privateKey)
    const client = cryptosign({ privateKey: seed })
    seed.fill(0)
    expect(await logIn(client, routerOf())).toMatchObject({ outcome: 'welcome' })
  })

  it.each<[string, CryptosignOptions]>([
    ['too short', { privateKey: 'abcd' }],
    ['not hex', { privateKey: 'x'.repeat(64) }],
    ['of too many octets', { privateKey: new Uint8Array(64) }],
    ['a function without a public key', { privateKey: () => new Uint8Array(64) }],
    ['that of another public key', { privateKey: keys.privateKey, publicKey: otherKeys.publicKey }],
    ['with a public key that is none', { privateKey: keys.privateKey, publicKey: 'abcd' }],
    ['for a router whose key is none', { privateKey: keys.privateKey, routerKey: 'abcd' }],
  ])('a private key that is %s is refused, and not shown', (_, options) => {
    const error = (() => {
      try {
        cryptosign(options)
      } catch (error) {
        return error
      }
    })()
    expect(error).toBeInstanceOf(UsageError)
    expect(String(error)).not.toContain(String(options.privateKey))
  })

  it('a function that signs with anything but 64 octets is refused', async () => {
    const client = cryptosign({ privateKey: () => new Uint8Array(63), publicKey: keys.publicKey })
    await expect(logIn(client, routerOf())).rejects.toThrow(UsageError)
  })

  it('a pair of keys is one', () => {
    const pair = cryptosignKeyPair()
    expect(pair.privateKey).toMatch(/^[0-9a-f]{64}$/)
    const { x = '' } = createPublicKey(native(pair.privateKey)).export({ format: 'jwk' })
    expect(pair.publicKey).toBe(Buffer.from(x, 'base64url').toString('hex'))
    expect(cryptosignKeyPair()).not.toEqual(pair)
  })

  it('says what the spec says: HELLO, CHALLENGE, AUTHENTICATE', async () => {
    expect(clientWith().begin({}).authextra).toEqual({ pubkey: keys.publicKey })
    const step = await logIn(clientWith(), routerOf(), {
      onChallenge: (challenge) => {
        expect(challenge.extra).toEqual({
          challenge: expect.stringMatching(/^[0-9a-f]{64}$/),
          channel_binding: null,
        })
        return challenge
      },
      onAuthenticate: (answer) => {
        expect(answer.signature).toMatch(/^[0-9a-f]{192}$/)
        return answer
      },
    })
    expect(step).toMatchObject({ outcome: 'welcome', principal: { authprovider: 'static' } })
  })

  it('router takes null for what was left out, as autobahn writes it', async () => {
    const authextra = { pubkey: keys.publicKey, trustroot: null, challenge: null, channel_binding: null }
    expect(await logIn(clientWith(), routerOf(), { hello: { authextra } })).toMatchObject({
      outcome: 'welcome',
    })
  })

  it.each([undefined, 7, 'abcd', 'x'.repeat(64), 'ab'.repeat(33)])(
    'client does not sign the challenge %j',
    async (challenge) => {
      const answer = async () => clientWith().begin({}).answer(new Challenge('cryptosign', { challenge }))
      await expect(answer).rejects.toThrow(UsageError)
    },
  )
})

describe('Cryptosign: the router (authentication_cryptosign.md)', () => {
  it.each<[string, Dict]>([
    ['no public key', {}],
    ['a public key that is none', { pubkey: 'abcd' }],
    ['a public key that is no text', { pubkey: 7 }],
    ['a challenge that is none', { pubkey: keys.publicKey, challenge: 'abcd' }],
    ['an unknown channel binding', { pubkey: keys.publicKey, channel_binding: 'tls-server-end-point' }],
    ['a channel binding that is no text', { pubkey: keys.publicKey, channel_binding: 7 }],
  ])('router refuses a HELLO with %s', async (_, authextra) => {
    expect(await routerOf().begin(attemptOf({ authextra }))).toMatchObject(denied)
  })

  it('an answer is good for its own challenge only', async () => {
    const router = routerOf()
    const attempt = attemptOf({ authextra: { pubkey: keys.publicKey } })
    const [one, two] = [await challengeOf(router, attempt), await challengeOf(router, attempt)]
    const answer = await clientWith().begin({}).answer(one.challenge)
    expect(await two.check(answer)).toMatchObject(denied)
    const forged = answer.signature.slice(0, 128) + two.challenge.extra.challenge
    expect(await two.check(answerOf(forged))).toMatchObject(denied)
    expect(await one.check(answer)).toMatchObject({ outcome: 'welcome' })
  })

  it.each([
    ['nothing', ''],
    ['no hex', 'x'.repeat(192)],
    ['only the signature', 'ab'.repeat(64)],
    ['zeros', '00'.repeat(96)],
  ])('router refuses %s in place of the signature', async (_, signature) => {
    expect(
      await logIn(clientWith(), routerOf(), { onAuthenticate: () => answerOf(signature) }),
    ).toMatchObject(denied)
  })

  it('router refuses the signature of another key than the one in HELLO', async () => {
    const ends: Ends = { hello: { authextra: { pubkey: keys.publicKey } } }
    expect(await logIn(clientWith({ privateKey: otherKeys.privateKey }), routerOf(), ends)).toMatchObject(
      denied,
    )
  })

  it('router refuses a key of small order, with which one signature fits many messages', async () => {
    const pubkey = `01${'00'.repeat(31)}`
    const router = checkCryptosign({ ada: { pubkeys: [pubkey], authrole: 'engineer' } })
    const { challenge, check } = await challengeOf(router, attemptOf({ authextra: { pubkey } }))
    const signature = `01${'00'.repeat(63)}${challenge.extra.challenge}`
    expect(await check(answerOf(signature))).toMatchObject(denied)
  })

  it('a key that does not belong to the authid that is asked for is refused', async () => {
    const router = checkCryptosign({ ada: ADA, bob: { pubkeys: [otherKeys.publicKey], authrole: 'user' } })
    expect(await logIn(clientWith({ authid: 'bob' }), router)).toMatchObject(denied)
    expect(await logIn(clientWith(), router, { hello: { authid: 'bob' } })).toMatchObject(denied)
  })

  it('unknown keys get the same work, a challenge and a verification, and the same words as known ones', async () => {
    const refusals = []
    for (const pair of [keys, otherKeys]) {
      const asked: unknown[] = []
      const router = checkCryptosign((_, __, { pubkey }) => {
        asked.push(pubkey)
        return pubkey === keys.publicKey ? ADA : undefined
      })
      const wrong = { onAuthenticate: () => answerOf('00'.repeat(96)) }
      refusals.push(await logIn(clientWith(pair), router, wrong))
      expect(asked).toEqual([])
      if (pair === otherKeys) refusals.push(await logIn(clientWith(pair), router))
    }
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
  })

  describe('principals', () => {
    it('may be named by their only key', async () => {
      const router = checkCryptosign({
        [keys.publicKey.toUpperCase()]: { authid: 'ada', authrole: 'engineer' },
      })
      expect(await logIn(clientWith(), router)).toMatchObject({ principal: { authid: 'ada' } })
      expect(await logIn(clientWith({ authid: 'bob' }), router)).toMatchObject(denied)
      expect(await logIn(clientWith(otherKeys), router)).toMatchObject(denied)
    })

    it('may have several keys, and a key several principals: then the client has to say who it is', async () => {
      const pubkeys = [otherKeys.publicKey, keys.publicKey]
      const router = checkCryptosign({
        ada: { pubkeys, authrole: 'engineer' },
        root: { pubkeys, authrole: 'admin' },
      })
      expect(await logIn(clientWith({ authid: 'root' }), router)).toMatchObject({
        principal: { authrole: 'admin' },
      })
      expect(await logIn(clientWith({ authid: 'ada' }), router)).toMatchObject({
        principal: { authrole: 'engineer' },
      })
      expect(await logIn(clientWith(), router)).toMatchObject(denied)
    })

    it('may be looked up, by a key that the client has proved to have', async () => {
      const asked: unknown[] = []
      const router = checkCryptosign(async (authid, _, claims) => {
        asked.push([authid, claims])
        return ADA
      })
      expect(await logIn(clientWith(), router)).toMatchObject({
        // Nobody has said who it is: the key is its name.
        principal: { authid: keys.publicKey, authprovider: 'dynamic' },
      })
      expect(asked).toEqual([[undefined, { authmethod: 'cryptosign', pubkey: keys.publicKey }]])
      expect(await logIn(clientWith({ authid: 'ada' }), router)).toMatchObject({
        principal: { authid: 'ada' },
      })
    })

    it('are not who was asked for, if their key is another', async () => {
      const router = checkCryptosign(() => ADA)
      expect(await logIn(clientWith({ ...otherKeys, authid: 'ada' }), router)).toMatchObject(denied)
      const renaming = checkCryptosign(() => ({ ...ADA, authid: 'ada' }))
      expect(await logIn(clientWith({ authid: 'bob' }), renaming)).toMatchObject(denied)
    })

    it.each<[string, Dict]>([
      ['no authrole', { pubkeys: [keys.publicKey] }],
      ['pubkeys that are no list', { authrole: 'a', pubkeys: keys.publicKey }],
      ['a key that is none', { authrole: 'a', pubkeys: ['abcd'] }],
      ['an empty authid', { authrole: 'a', pubkeys: [], authid: '' }],
    ])('with %s are none', async (_, principal) => {
      const given = principal as unknown as CryptosignPrincipal
      expect(() => checkCryptosign({ ada: given })).toThrow(UsageError)
      await expect(
        logIn(
          clientWith(),
          checkCryptosign(() => given),
        ),
      ).rejects.toThrow(UsageError)
    })

    it('are named by a key if they have none, and have an authid then', () => {
      expect(() => checkCryptosign({ ada: { authid: 'ada', authrole: 'engineer' } })).toThrow(/64 hex digits/)
      const nameless = { [keys.publicKey]: { authrole: 'engineer' } } as unknown as Record<
        string,
        CryptosignPrincipal
      >
      expect(() => checkCryptosign(nameless)).toThrow(/authid/)
    })
  })
})

describe('Cryptosign: TLS Channel Binding (authentication_cryptosign.md)', () => {
  it.each(['tls-exporter', 'tls-unique'])(
    'client and router bind the log-in to their connection by %s',
    async (type) => {
      const ends: Ends = {
        client: channel(7, type),
        router: channel(7, type),
        onChallenge: (challenge) => {
          expect(challenge.extra.channel_binding).toBe(type)
          return challenge
        },
        onAuthenticate: (answer) => {
          expect(answer.extra).toEqual({})
          return answer
        },
      }
      expect(await logIn(clientWith(), routerOf({ channelBinding: 'required' }), ends)).toMatchObject({
        outcome: 'welcome',
      })
    },
  )

  it('router refuses a client that comes over another connection: somebody sits between', async () => {
    expect(await logIn(clientWith(), routerOf(), { client: exporter(7), router: exporter(8) })).toMatchObject(
      denied,
    )
  })

  it('client asks only for what its connection has, and what is 32 octets long', () => {
    const asked = (
      connection: Parameters<ReturnType<typeof cryptosign>['begin']>[0],
      more?: Partial<CryptosignOptions>,
    ) => clientWith(more).begin(connection).authextra?.channel_binding
    expect(asked({})).toBeUndefined()
    expect(asked({ channelBinding: () => undefined })).toBeUndefined()
    expect(asked({ channelBinding: () => new Uint8Array(12) })).toBeUndefined()
    expect(asked(channel(1, 'tls-unique'))).toBe('tls-unique')
    expect(asked(channel(1, 'tls-unique', 'tls-exporter'))).toBe('tls-exporter')
    expect(asked(exporter(1), { channelBinding: 'none' })).toBeUndefined()
  })

  it('client goes on without if the router does not, unless it is required', async () => {
    expect(await logIn(clientWith(), routerOf(), { client: exporter(7) })).toMatchObject({
      outcome: 'welcome',
    })
    const strict = clientWith({ channelBinding: 'required' })
    await expect(logIn(strict, routerOf(), { client: exporter(7) })).rejects.toThrow(/does without/)
    await expect(logIn(strict, routerOf())).rejects.toThrow(/no channel binding/)
  })

  it('client refuses a binding that it has not asked for', async () => {
    const rename = (channel_binding: unknown): Ends => ({
      client: exporter(7),
      router: exporter(7),
      onChallenge: ({ authmethod, extra }) => new Challenge(authmethod, { ...extra, channel_binding }),
    })
    for (const type of ['tls-unique', 'x', 7, ''])
      await expect(logIn(clientWith(), routerOf(), rename(type))).rejects.toThrow(/another channel binding/)
    await expect(
      logIn(clientWith({ channelBinding: 'none' }), routerOf(), rename('tls-exporter')),
    ).rejects.toThrow(UsageError)
  })

  it('router that requires it refuses who does not ask, and what it has not got', async () => {
    const strict = routerOf({ channelBinding: 'required' })
    expect(await logIn(clientWith(), strict)).toMatchObject(denied)
    expect(await logIn(clientWith(), strict, { client: exporter(7) })).toMatchObject(denied)
  })
})

describe('Cryptosign: Router Authentication (authentication_cryptosign.md)', () => {
  const { publicKey: routerKey, privateKey } = routerKeys
  const client = (more: Partial<CryptosignOptions> = {}) => clientWith({ routerKey, ...more })

  it('client answers a router that has the key, bound to the connection or not', async () => {
    const ends: Ends = {
      onChallenge: (challenge) => {
        expect(challenge.extra).toMatchObject({
          pubkey: routerKey,
          signature: expect.stringMatching(/^[0-9a-f]{192}$/),
        })
        return challenge
      },
    }
    for (const connections of [{}, { client: exporter(7), router: exporter(7) }])
      expect(await logIn(client(), routerOf({ privateKey }), { ...ends, ...connections })).toMatchObject({
        outcome: 'welcome',
      })
  })

  it('what the router signs is the challenge of the client, over the channel', async () => {
    const login = client().begin(exporter(0xff))
    const attempt = attemptOf({ authextra: login.authextra }, { connection: exporter(0xff) })
    const { challenge } = await challengeOf(routerOf({ privateKey }), attempt)
    const asked = fromHex(login.authextra?.challenge, 32) ?? new Uint8Array(0)
    const message = Buffer.from(asked.map((octet) => octet ^ 0xff)).toString('hex')
    expect(String(challenge.extra.signature).slice(128)).toBe(message)
  })

  it('router takes the challenge from HELLO.Details too, where the text of the spec has it', async () => {
    const details = { authextra: { pubkey: keys.publicKey }, challenge: 'ab'.repeat(32) }
    const { challenge } = await challengeOf(routerOf({ privateKey }), attemptOf(details))
    expect(String(challenge.extra.signature).slice(128)).toBe('ab'.repeat(32))
  })

  it('the key of a router may be a function', async () => {
    const sign = (message: Uint8Array) => new Uint8Array(signNatively(null, message, native(privateKey)))
    const router = routerOf({ privateKey: sign, publicKey: routerKey })
    expect(await logIn(client(), router)).toMatchObject({ outcome: 'welcome' })
  })

  const change = (change: Dict): Ends => ({
    onChallenge: ({ authmethod, extra }) => new Challenge(authmethod, { ...extra, ...change }),
  })
  it.each<[string, CheckCryptosignOptions, Ends]>([
    ['without a key', {}, {}],
    ['with another key', { privateKey: otherKeys.privateKey }, {}],
    [
      'with another key under the name of the right one',
      { privateKey: otherKeys.privateKey },
      change({ pubkey: routerKey }),
    ],
    ['that does not sign', { privateKey }, change({ signature: undefined })],
    ['that does not name its key', { privateKey }, change({ pubkey: undefined })],
    ['that signs with nothing', { privateKey }, change({ signature: '' })],
    ['that signs with zeros', { privateKey }, change({ signature: '00'.repeat(96) })],
    ['that comes over another connection', { privateKey }, { client: exporter(7), router: exporter(8) }],
  ])('client does not answer a router %s', async (_, options, ends) => {
    const answer = vi.fn()
    await expect(logIn(client(), routerOf(options), { ...ends, onAuthenticate: answer })).rejects.toThrow(
      /impostor/,
    )
    expect(answer).not.toHaveBeenCalled()
  })

  it('client does not take a signature of another log-in', async () => {
    const router = routerOf({ privateKey })
    const [one, two] = [client().begin({}), client().begin({})]
    const { challenge } = await challengeOf(router, attemptOf({ authextra: one.authextra }))
    await expect(async () => two.answer(challenge)).rejects.toThrow(/impostor/)
  })

  it.each([{ routerKey }, { channelBinding: 'required' as const }])(
    'client with %j leaves a router that welcomes it without a challenge',
    async (options) => {
      const principal = { authid: 'ada', authrole: 'engineer' }
      const careless = { method: 'cryptosign', begin: () => ({ outcome: 'welcome', principal }) as const }
      await expect(join(routerWith(careless), [clientWith(options)])).rejects.toThrow(/without the CHALLENGE/)
      expect(await logIn(clientWith(), careless)).toMatchObject({ outcome: 'welcome' })
    },
  )

  it('the key of a router is checked when it is given', () => {
    expect(() => routerOf({ privateKey: 'abcd' })).toThrow(UsageError)
  })
})
