import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuthenticationStep } from '../../src/authentication/authentication-method.js'
import { Client, type ClientAuthentication, type Logger, silentLogger, UsageError } from '../../src/index.js'
import type { Dict } from '../../src/messages/dictionaries.js'
import { Authenticate, Challenge } from '../../src/messages/session-lifecycle.js'
import { anonymous, Router } from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { connection, methods, secrets } from './all-methods.js'
import { attemptOf, challengeOf, join, logIn, routerWith } from './logging-in.js'

const each = methods.map((method) => [method.title, method] as const)
const challenging = each.filter(([title]) => title !== 'tls' && title !== 'cookie')

/** What a peer may put into a dictionary of free form. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    '',
    'A',
    'AAAA',
    'v=',
    'tls-exporter',
    'pbkdf2',
    'argon2id13',
    2 ** 53,
    -1,
    0.5,
    {},
    [],
  ),
  fc.string(),
  fc.integer(),
  fc
    .constantFrom(32, 64, 96)
    .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
    .map((octets) => Buffer.from(octets).toString('hex')),
  fc.uint8Array().map((octets) => Buffer.from(octets).toString('base64')),
  fc.jsonValue(),
)
const keysOf = (...keys: string[]) =>
  fc.dictionary(fc.constantFrom(...keys, '__proto__', 'constructor'), value)
const extras = keysOf(
  'challenge',
  'nonce',
  'salt',
  'iterations',
  'keylen',
  'kdf',
  'memory',
  'channel_binding',
  'pubkey',
  'signature',
  'cbind_data',
  'round',
)

describe('every method', () => {
  it.each(each)('lets in who is right: %s', async (_, { client, router }) => {
    expect(await logIn(client, router, { router: connection })).toMatchObject({
      outcome: 'welcome',
      principal: { authid: 'ada', authrole: 'engineer' },
    })
  })

  it.each(each)('has no secret to show, in either half: %s', async (_, { client, router }) => {
    const shown: unknown[] = [client, router, client.begin({})]
    const authextra = client.begin({}).authextra
    const step = await router.begin(
      attemptOf({ authid: 'ada', ...(authextra && { authextra }) }, { connection }),
    )
    shown.push(step)
    for (const thing of shown) {
      const pictures = [inspect(thing, { depth: 10, showHidden: true }), JSON.stringify(thing), String(thing)]
      for (const secret of secrets) expect(pictures.join()).not.toContain(secret)
    }
  })

  it.each(challenging)(
    'tells nothing secret of a log-in that fails: %s',
    async (_, { client, router: auth }) => {
      const logged: unknown[] = []
      const log = (...what: unknown[]) => void logged.push(...what)
      const logger: Logger = { ...silentLogger, info: log, warn: log, error: log }
      const router = new Router({ realms: [{ name: 'realm1', auth: [auth] }], logger })
      const impostor: ClientAuthentication = {
        ...client,
        begin: (connection) => ({
          ...client.begin(connection),
          answer: () => new Authenticate(secrets[0] ?? ''),
        }),
      }
      const wrong = auth.method === 'ticket' ? { ...impostor, authid: 'bob' } : impostor
      const error = await join(router, [wrong]).catch((error: unknown) => error)
      expect(error).toMatchObject({ reason: ERROR.authenticationDenied })
      for (const secret of secrets) expect(inspect([error, logged], { depth: 10 })).not.toContain(secret)
    },
  )

  it.each(each)(
    'never falls back to anonymous after it has refused: %s',
    async (_, { client, router: auth }) => {
      const wrong: ClientAuthentication = {
        ...client,
        begin: () => ({ answer: () => new Authenticate('wrong') }),
      }
      const router = routerWith(anonymous(), auth)
      const plain = { method: 'anonymous', begin: () => ({ answer: () => expect.fail() }) }
      await expect(join(router, [wrong, plain])).rejects.toMatchObject({ reason: ERROR.authenticationDenied })
      expect(router.realms.get('realm1')?.sessions.size).toBe(0)
    },
  )

  it.each(each)(
    'refuses in the client, or answers, whatever the CHALLENGE has: %s',
    async (_, { client }) => {
      await fc.assert(
        fc.asyncProperty(extras, async (extra) => {
          const answer = async () => client.begin({}).answer(new Challenge(client.method, extra))
          await answer().then(
            (authenticate) => expect(authenticate).toBeInstanceOf(Authenticate),
            (error: unknown) => {
              expect(error).toBeInstanceOf(UsageError)
              for (const secret of secrets) expect(String(error)).not.toContain(secret)
            },
          )
        }),
      )
    },
  )

  const hellos = fc.record(
    {
      authid: fc.oneof(fc.constantFrom('ada', '__proto__', ''), fc.string()),
      authextra: extras,
      challenge: value,
    },
    { requiredKeys: [] },
  )
  it.each(each)('refuses in the router, or challenges, whatever the HELLO has: %s', async (_, { router }) => {
    await fc.assert(
      fc.asyncProperty(hellos, async (details) => {
        const step = await router.begin(attemptOf(details))
        if (step.outcome !== 'challenge') expectRefusal(step)
        else expectRefusal(await step.check(new Authenticate('')))
      }),
    )
  })

  it.each(challenging)(
    'refuses in the router whatever the AUTHENTICATE has that is wrong: %s',
    async (_, { client, router }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.string(),
            value.filter((value) => typeof value === 'string'),
          ),
          extras,
          async (signature, extra) => {
            const { authextra } = client.begin({})
            const { challenge, check } = await challengeOf(
              router,
              attemptOf({ authid: 'ada', ...(authextra && { authextra }) }),
            )
            const right: Dict = 'nonce' in challenge.extra ? { nonce: challenge.extra.nonce } : {}
            expectRefusal(await check(new Authenticate(signature as string, extra)))
            expectRefusal(await check(new Authenticate(signature as string, right)))
          },
        ),
      )
    },
  )
})

function expectRefusal(step: AuthenticationStep): void {
  expect(step).toMatchObject({ outcome: 'refusal', reason: ERROR.authenticationDenied })
}

describe('a client with several methods', () => {
  it('offers what each of them needs, and joins by the one that the router has', async () => {
    const [{ client: first }, { client: second, router: auth }] = [methods[6], methods[4]] as [
      (typeof methods)[0],
      (typeof methods)[0],
    ]
    await using client = await new Client({
      router: routerWith(auth),
      realm: 'realm1',
      auth: [first, second],
    }).start()
    expect(client.session).toMatchObject({ authid: 'ada', authmethod: 'wamp-scram' })
  })
})
