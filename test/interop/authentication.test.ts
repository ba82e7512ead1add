/** Other libraries log in to our router, by each method that they have and with their own code for it. */
import { afterAll, expect, it } from 'vitest'
import type { SerializerName } from '../../src/index.js'
import {
  checkCryptosign,
  checkScram,
  checkTickets,
  checkWampcra,
  cryptosignKeyPair,
  type RouterAuthentication,
  type ScramPrincipal,
  scramCredential,
  wampcraCredential,
} from '../../src/router.js'
import { autobahnJsLogin, createdConnection } from './authentication-autobahn-js.js'
import type { LoginLibrary, LoginOptions, Method, Secrets } from './authentication-library.js'
import { AutobahnPythonLogin, missingModules } from './authentication-python.js'
import { wampyJsLogin } from './authentication-wampy-js.js'
import { failure } from './checks/check.js'
import { pythonSerializers } from './peers/autobahn-python.js'
import { testRouter, urlOf } from './router.js'

/** Beyond ASCII, for all compute with its octets. */
const SECRET = 'Grüße, 秘密'
const keys = cryptosignKeyPair()
const RIGHT: Required<Secrets> = { ticket: SECRET, wampcra: SECRET, scram: SECRET, cryptosign: keys }
const WRONG: Required<Secrets> = {
  ticket: 'guessed',
  wampcra: 'guessed',
  scram: 'guessed',
  cryptosign: cryptosignKeyPair(),
}

const authrole = 'mathematician'
const [ADA, ZOE] = ['ada', 'zoë']
/** Both know the same. */
const both = <P extends object>(principal: P) => ({
  [ADA]: { ...principal, authrole },
  [ZOE]: { ...principal, authrole },
})

/** A realm, and the only method that it takes. */
interface Way {
  readonly title: string
  readonly method: Method
  readonly name: string
  readonly auth: readonly RouterAuthentication[]
}

const salted = await wampcraCredential({ secret: SECRET, iterations: 1000 })
// As little as clients of ours put up with: it is worked out again in each test.
const cost = { kdf: 'argon2id-13', iterations: 32, memory: 512 } as const
const scrambled = await scramCredential({ password: SECRET, ...cost })
const ways: readonly Way[] = [
  {
    title: 'ticket',
    method: 'ticket',
    name: 'ticket',
    auth: [checkTickets(both({ ticket: SECRET }))],
  },
  {
    title: 'wampcra',
    method: 'wampcra',
    name: 'wampcra',
    auth: [checkWampcra(both({ secret: SECRET }))],
  },
  {
    title: 'wampcra, salted',
    method: 'wampcra',
    name: 'wampcra.salted',
    auth: [checkWampcra(both(salted))],
  },
  {
    title: 'scram',
    method: 'scram',
    name: 'scram',
    auth: [checkScram(both(scrambled), { names: 'autobahn' })],
  },
  {
    title: 'cryptosign',
    method: 'cryptosign',
    name: 'cryptosign',
    auth: [checkCryptosign(both({ pubkeys: [keys.publicKey] }))],
  },
]
/** Where a key is that of one only. */
const KEY_REALM = 'key'
/** Where passwords are kept as Python has made them. */
const PYTHON_REALM = 'python'
const made = new Map<string, ScramPrincipal>()

const router = testRouter({
  realms: [
    ...ways,
    { name: KEY_REALM, auth: [checkCryptosign({ [ADA]: { pubkeys: [keys.publicKey], authrole } })] },
    { name: PYTHON_REALM, auth: [checkScram((authid) => made.get(authid), { names: 'autobahn' })] },
  ],
  // All guess from one address.
  limits: { failedLogins: 1_000, failedLoginsPerAddress: 1_000 },
})

/** Who is in a realm, as the router knows them. */
function present(realm: string) {
  const sessions = router.realms.get(realm)?.sessions ?? new Map()
  return [...sessions.values()].map(({ id, details: { authid, authrole, authmethod } }) => ({
    session: id,
    authid,
    authrole,
    authmethod,
  }))
}

/** Logs in, and out again; who it was is what the library and the router agree on. */
async function visit(library: Pick<LoginLibrary, 'logIn'>, options: LoginOptions) {
  const { leave, ...login } = await library.logIn(options)
  const { session, authid, authrole, authmethod } = login
  expect(present(options.realm)).toEqual([{ session, authid, authrole, authmethod }])
  await leave()
  expect(present(options.realm)).toEqual([])
  return { authid, authrole, authmethod }
}

function checkLogins(library: LoginLibrary, serializer: SerializerName): void {
  const check = (what: string, run: () => Promise<void>) => {
    const [, reason] = Object.entries(library.deviations ?? {}).find(([end]) => what.endsWith(end)) ?? []
    if (reason === undefined) it(`${library.name} over ${serializer} ${what}`, run)
    else it.skip(`${library.name} over ${serializer} ${what} (${reason})`, () => {})
  }
  const at = (realm: string, secrets: Secrets, authid?: string): LoginOptions => ({
    url: urlOf(router),
    realm,
    serializer,
    secrets,
    ...(authid === undefined ? {} : { authid }),
  })
  const possible = ways.filter(({ method }) => library.methods.includes(method))

  for (const { title, method, name } of possible) {
    const right = { [method]: RIGHT[method] }
    const wrong = { [method]: WRONG[method] }

    check(`logs in by ${title}`, async () => {
      expect(await visit(library, at(name, right, ADA))).toEqual({
        authid: ADA,
        authrole,
        authmethod: method,
      })
    })
    check(`logs in by ${title}, with a name beyond ASCII`, async () => {
      expect(await visit(library, at(name, right, ZOE))).toEqual({
        authid: ZOE,
        authrole,
        authmethod: method,
      })
    })
    check(`is refused by ${title} with a wrong secret, and the router goes on`, async () => {
      const before = await library.logIn(at(name, right, ADA))
      const { uri } = await failure(library.logIn(at(name, wrong, ADA)))
      expect(uri).toBe('wamp.error.authentication_denied')
      const after = await library.logIn(at(name, right, ADA))
      expect(present(name).map(({ session }) => session)).toEqual([before.session, after.session])
      await Promise.all([before.leave(), after.leave()])
    })
    check(`is refused by ${title} under a name that nobody has`, async () => {
      const { uri } = await failure(library.logIn(at(name, right, 'nobody')))
      expect(uri).toBe('wamp.error.authentication_denied')
    })
  }

  const all = Object.fromEntries(library.methods.map((method) => [method, RIGHT[method]]))
  check('offers all of its methods, and logs in by that of the realm', async () => {
    for (const { name, method } of possible)
      expect(await visit(library, at(name, all, ADA))).toMatchObject({ authid: ADA, authmethod: method })
  })
  check('is refused where none of its methods is taken', async () => {
    const { uri } = await failure(library.logIn(at('wampcra', { ticket: SECRET }, ADA)))
    expect(uri).toBe('wamp.error.no_matching_auth_method')
  })

  if (!library.methods.includes('cryptosign')) return
  check('logs in by its key alone', async () => {
    const who = await visit(library, at(KEY_REALM, { cryptosign: keys }))
    expect(who).toEqual({ authid: ADA, authrole, authmethod: 'cryptosign' })
  })
  check('is refused by cryptosign with the public key of somebody else', async () => {
    const stolen = { ...WRONG.cryptosign, publicKey: keys.publicKey }
    const { uri } = await failure(library.logIn(at('cryptosign', { cryptosign: stolen }, ADA)))
    expect(uri).toBe('wamp.error.authentication_denied')
  })
}

for (const library of [autobahnJsLogin, wampyJsLogin])
  for (const serializer of library.serializers) checkLogins(library, serializer)

for (const serializer of autobahnJsLogin.serializers)
  for (const authid of [ADA, undefined])
    it(`create_connection of autobahn-js over ${serializer} logs in by cryptosign${authid ? '' : ', without a name'}`, async () => {
      const options = { url: urlOf(router), realm: KEY_REALM, serializer, secrets: { cryptosign: keys } }
      const who = await visit({ logIn: createdConnection }, { ...options, ...(authid && { authid }) })
      expect(who).toEqual({ authid: ADA, authrole, authmethod: 'cryptosign' })
    })

const missing = missingModules()
const METHODS = ['ticket', 'wampcra', 'scram', 'cryptosign'] as const
for (const method of METHODS.filter((method) => missing[method].length > 0))
  it.skip(`Python autobahn logs in by ${method} (Python has no ${missing[method].join(', ')})`, () => {})

const spoken = missing.ticket.length > 0 ? [] : pythonSerializers()
if (spoken.length > 0) {
  const methods = METHODS.filter((method) => missing[method].length === 0)
  const python = new AutobahnPythonLogin(spoken, methods)
  afterAll(() => python[Symbol.dispose]())
  for (const serializer of spoken) checkLogins(python, serializer)

  it.runIf(methods.includes('scram'))(
    'Python autobahn logs in by scram, with what it has made of its password',
    async () => {
      const credential = await python.credential(ADA, SECRET)
      const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
      made.set(ADA, {
        kdf: credential.kdf,
        iterations: credential.iterations,
        memory: credential.memory,
        salt: base64(credential.salt),
        storedKey: base64(credential['stored-key']),
        serverKey: base64(credential['server-key']),
        authrole,
      })
      const options = { url: urlOf(router), realm: PYTHON_REALM, serializer: 'json', authid: ADA } as const
      expect(await visit(python, { ...options, secrets: { scram: SECRET } })).toMatchObject({ authid: ADA })
      const { uri } = await failure(python.logIn({ ...options, secrets: { scram: 'guessed' } }))
      expect(uri).toBe('wamp.error.authentication_denied')
    },
  )
}
