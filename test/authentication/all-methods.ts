import {
  type ClientAuthentication,
  cookie,
  cryptosign,
  cryptosignKeyPair,
  scram,
  ticket,
  tls,
  wampcra,
} from '../../src/index.js'
import {
  checkCookie,
  checkCryptosign,
  checkScram,
  checkTickets,
  checkTls,
  checkWampcra,
  type RouterAuthentication,
  scramCredential,
  wampcraCredential,
} from '../../src/router.js'

export const SECRET = 'lovelace-1815'
const authrole = 'engineer'
const bounds = { iterations: [1, 10], work: [1, 100] } as const

export const keys = cryptosignKeyPair()
export const routerKeys = cryptosignKeyPair()
const salted = await wampcraCredential({ secret: SECRET, iterations: 2 })
const pbkdf2 = await scramCredential({ password: SECRET, kdf: 'pbkdf2', iterations: 2 })
const argon2 = await scramCredential({ password: SECRET, kdf: 'argon2id-13', iterations: 1, memory: 8 })

/** What nobody may read in an error, in a log or in the picture of an object. */
export const secrets = [
  SECRET,
  keys.privateKey,
  routerKeys.privateKey,
  salted.key,
  pbkdf2.storedKey,
  pbkdf2.serverKey,
  argon2.storedKey,
  argon2.serverKey,
]

export interface Method {
  readonly title: string
  readonly client: ClientAuthentication
  readonly router: RouterAuthentication
}

/** Every method, each with a client that its router lets in. */
export const methods: readonly Method[] = [
  {
    title: 'ticket',
    client: ticket({ authid: 'ada', ticket: SECRET }),
    router: checkTickets({ ada: { ticket: SECRET, authrole } }),
  },
  {
    title: 'ticket in two rounds',
    client: ticket({ authid: 'ada', ticket: () => SECRET }),
    router: checkTickets({ ada: { tickets: [SECRET, SECRET], authrole } }),
  },
  {
    title: 'wampcra',
    client: wampcra({ authid: 'ada', secret: SECRET, maxIterations: 10 }),
    router: checkWampcra({ ada: { secret: SECRET, authrole } }),
  },
  {
    title: 'wampcra, salted',
    client: wampcra({ authid: 'ada', secret: SECRET, maxIterations: 10 }),
    router: checkWampcra({ ada: { ...salted, authrole } }, { fakeSaltKey: SECRET.repeat(2) }),
  },
  {
    title: 'scram',
    client: scram({ authid: 'ada', password: SECRET, bounds }),
    router: checkScram({ ada: { ...pbkdf2, authrole } }, { fakeSaltKey: SECRET.repeat(2) }),
  },
  {
    title: 'scram with the names of autobahn',
    client: scram({ authid: 'ada', password: SECRET, bounds, names: 'autobahn' }),
    router: checkScram({ ada: { ...argon2, authrole } }, { names: 'autobahn' }),
  },
  {
    title: 'cryptosign',
    client: cryptosign({ authid: 'ada', privateKey: keys.privateKey, routerKey: routerKeys.publicKey }),
    router: checkCryptosign(
      { ada: { pubkeys: [keys.publicKey], authrole } },
      { privateKey: routerKeys.privateKey },
    ),
  },
  {
    title: 'tls',
    client: tls(),
    router: checkTls([{ authid: 'ada', authrole, commonName: 'ada' }]),
  },
  {
    title: 'cookie',
    client: cookie(),
    router: checkCookie({
      name: 'sid',
      principals: (_, __, claims) => (claims.cookie === SECRET ? { authid: 'ada', authrole } : undefined),
    }),
  },
]

/** What the connection has to show for `tls` and `cookie`. */
export const connection = {
  certificate: { commonName: 'ada', alternativeNames: [], fingerprint: '' },
  cookies: { sid: SECRET },
}
