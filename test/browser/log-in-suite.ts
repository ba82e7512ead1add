import { describe, expect, it } from 'vitest'
import { cryptosignKeyPair, ERROR } from '../../src/index.js'
import {
  checkCryptosign,
  checkScram,
  checkWampcra,
  scramCredential,
  wampcraCredential,
} from '../../src/router.js'
import type { Stage } from './stage.js'

const SECRET = 'pâté en croûte'

/** Pages of the loopback interface may use WebCrypto; those that came over plain HTTP from anywhere else may not. */
const HOSTS = [
  ['with WebCrypto', '127.0.0.1', true],
  ['without WebCrypto, in a page that is no secure context', 'plain.test', false],
] as const

/** Logging in from a page. */
export function logInSuite(stage: () => Stage): void {
  describe.each(HOSTS)('%s', (_, host, isSecure) => {
    it('logs in by wampcra, plain and salted, and by wamp-scram', async () => {
      const authrole = 'user'
      const credential = await scramCredential({ password: SECRET, kdf: 'pbkdf2', iterations: 4096 })
      const auth = [
        checkWampcra({
          ada: { secret: SECRET, authrole },
          eve: { ...(await wampcraCredential({ secret: SECRET })), authrole },
        }),
        checkScram({ ada: { ...credential, authrole } }),
      ]
      await using scene = await stage().scene({ host, realm: { auth } })
      const joined = await scene.page.evaluate(
        async ({ place, secret }) => {
          const methods = [
            wampkit.wampcra({ authid: 'ada', secret }),
            wampkit.wampcra({ authid: 'eve', secret }),
            wampkit.scram({ authid: 'ada', password: secret }),
          ]
          const sessions: unknown[] = []
          for (const method of methods) {
            const client = await new wampkit.PageService({ ...wampkit.at(place), auth: [method] }).start()
            sessions.push([client.session?.authmethod, client.session?.authid, client.session?.authrole])
            await client.stop()
          }
          return { sessions, isSecure: isSecureContext && crypto.subtle !== undefined }
        },
        { place: scene.webSocket, secret: SECRET },
      )
      expect(joined).toEqual({
        sessions: [
          ['wampcra', 'ada', 'user'],
          ['wampcra', 'eve', 'user'],
          ['wamp-scram', 'ada', 'user'],
        ],
        isSecure,
      })
    })

    it('logs in by cryptosign', async () => {
      const { privateKey, publicKey } = cryptosignKeyPair()
      const auth = [checkCryptosign({ device: { pubkeys: [publicKey], authrole: 'device' } })]
      await using scene = await stage().scene({ host, realm: { auth } })
      const authid = await scene.page.evaluate(
        async ({ place, privateKey }) => {
          const auth = [wampkit.cryptosign({ privateKey })]
          return (await new wampkit.PageService({ ...wampkit.at(place), auth }).start()).session?.authid
        },
        { place: scene.webSocket, privateKey },
      )
      expect(authid).toBe('device')
    })
  })

  it('logs in with an Ed25519 key that WebCrypto made and never shows', async () => {
    let publicKey = ''
    const auth = [
      checkCryptosign((_authid, _attempt, { pubkey }) =>
        pubkey === publicKey ? { authrole: 'device', pubkeys: [publicKey] } : undefined,
      ),
    ]
    await using scene = await stage().scene({ realm: { auth } })
    const keys = await scene.page.evaluateHandle(async () => {
      const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
      if (!('privateKey' in pair)) throw new Error('no pair of keys')
      const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
      const publicKey = [...raw].map((octet) => octet.toString(16).padStart(2, '0')).join('')
      return { privateKey: pair.privateKey, publicKey }
    })
    publicKey = await keys.evaluate((pair) => pair.publicKey)
    const session = await keys.evaluate(async ({ privateKey, publicKey }, place) => {
      const sign = async (message: Uint8Array) =>
        new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, Uint8Array.from(message)))
      const auth = [wampkit.cryptosign({ authid: 'device', privateKey: sign, publicKey })]
      return (await new wampkit.PageService({ ...wampkit.at(place), auth }).start()).session
    }, scene.webSocket)
    expect(session).toMatchObject({ authid: 'device', authrole: 'device', authmethod: 'cryptosign' })
  })

  it('tells the reason of the router when it is not let in, and does not try again', async () => {
    const auth = [checkWampcra({ ada: { secret: SECRET, authrole: 'user' } })]
    await using scene = await stage().scene({ realm: { auth } })
    const refused = await scene.page.evaluate(async (place) => {
      const auth = [wampkit.wampcra({ authid: 'ada', secret: 'a guess' })]
      const client = new wampkit.PageService({ ...wampkit.at(place), auth, reconnect: { fromStart: true } })
      const error: unknown = await client.start().catch((error) => error)
      return { reason: error instanceof wampkit.SessionClosedError && error.reason, states: client.states }
    }, scene.webSocket)
    expect(refused).toEqual({ reason: ERROR.authenticationDenied, states: ['connecting', 'stopped'] })
  })
}
