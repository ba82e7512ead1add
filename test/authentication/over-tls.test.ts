import { afterAll, describe, expect, it } from 'vitest'
import {
  Client,
  type ClientAuthentication,
  cookie,
  cryptosign,
  scram,
  silentLogger,
  tls,
} from '../../src/index.js'
import {
  checkCookie,
  checkCryptosign,
  checkScram,
  checkTls,
  Router,
  scramCredential,
} from '../../src/router.js'
import { ERROR } from '../../src/uris.js'
import { makeCertificate } from '../transports/certificates.js'
import { keys, routerKeys } from './all-methods.js'

const authority = makeCertificate({ name: 'authority' })
const { cert, key } = makeCertificate({ name: 'router', hosts: ['127.0.0.1'], issuer: authority })
const ada = makeCertificate({ name: 'ada', issuer: authority })
const identity = { authid: 'ada', authrole: 'engineer' }
const bounds = { iterations: [1, 10] } as const

const credential = await scramCredential({ password: 'lovelace', kdf: 'pbkdf2', iterations: 2 })
const router = new Router({
  realms: [
    {
      name: 'realm1',
      auth: [
        checkTls([{ ...identity, commonName: 'ada' }]),
        checkCookie({
          name: 'sid',
          principals: (_, __, claims) => (claims.cookie === 'c00kie' ? identity : undefined),
        }),
        checkScram({ ada: { ...credential, authrole: 'engineer' } }),
        checkCryptosign(
          { ada: { pubkeys: [keys.publicKey], authrole: 'engineer' } },
          { privateKey: routerKeys.privateKey, channelBinding: 'required' },
        ),
      ],
    },
  ],
  logger: silentLogger,
})
await router.listen({ port: 0, tls: { cert, key, ca: authority.cert, clientCertificates: 'request' } })
afterAll(() => router.close())

const dial = (auth: ClientAuthentication, more: object = {}, headers: Record<string, string> = {}) =>
  new Client({
    url: router.urls[0] as string,
    realm: 'realm1',
    auth: [auth],
    connection: { tls: { ca: authority.cert, ...more }, headers },
  }).start()

describe('over a real TLS connection', () => {
  it('cryptosign is bound to it, and each proves who it is', async () => {
    const { privateKey } = keys
    const auth = cryptosign({ privateKey, routerKey: routerKeys.publicKey, channelBinding: 'required' })
    await using client = await dial(auth)
    expect(client.session).toMatchObject({ ...identity, authmethod: 'cryptosign' })
    await expect(dial(cryptosign({ privateKey, channelBinding: 'none' }))).rejects.toMatchObject({
      reason: ERROR.authenticationDenied,
    })
  })

  it('SCRAM is bound to it', async () => {
    await using client = await dial(
      scram({ authid: 'ada', password: 'lovelace', bounds, channelBinding: 'required' }),
    )
    expect(client.session).toMatchObject({ ...identity, authmethod: 'wamp-scram' })
  })

  it('a certificate says who comes', async () => {
    await using client = await dial(tls(), { cert: ada.cert, key: ada.key })
    expect(client.session).toMatchObject({ ...identity, authmethod: 'tls' })
    await expect(dial(tls())).rejects.toMatchObject({ reason: ERROR.authenticationDenied })
  })

  it('a cookie says who comes', async () => {
    await using client = await dial(cookie(), {}, { cookie: 'theme=dark; sid=c00kie' })
    expect(client.session).toMatchObject({ ...identity, authmethod: 'cookie' })
    await expect(dial(cookie())).rejects.toMatchObject({ reason: ERROR.authenticationDenied })
  })
})
