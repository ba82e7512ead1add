import autobahn, { type WelcomeDetails } from 'autobahn'
import {
  type Login,
  type LoginLibrary,
  type LoginOptions,
  methodsOf,
  type Secrets,
} from './authentication-library.js'
import { Refusal } from './peer.js'

/** What npm's `autobahn` has for logging in. */
const { auth_cra, auth_cryptosign, nacl } = autobahn as unknown as {
  readonly auth_cra: {
    sign(key: string, challenge: string): string
    derive_key(secret: string, salt: string, iterations?: number, keylen?: number): string
  }
  readonly auth_cryptosign: {
    sign_challenge(pkey: KeyPair, extra: Extra): string
    public_key(pkey: KeyPair): string
    create_connection(config: object): InstanceType<typeof autobahn.Connection>
  }
  readonly nacl: { readonly sign: { readonly keyPair: { fromSeed(seed: Uint8Array): KeyPair } } }
}

type KeyPair = { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }

interface Extra {
  readonly challenge: string
  readonly salt?: string
  readonly iterations?: number
  readonly keylen?: number
}

const SERIALIZERS = {
  json: autobahn.serializer.JSONSerializer,
  msgpack: autobahn.serializer.MsgpackSerializer,
  cbor: autobahn.serializer.CBORSerializer,
}

export const autobahnJsLogin: LoginLibrary = {
  name: 'autobahn-js',
  serializers: ['json', 'msgpack', 'cbor'],
  methods: ['ticket', 'wampcra', 'cryptosign'],
  logIn({ url, realm, serializer, authid, secrets }) {
    const { cryptosign } = secrets
    return opened(
      new autobahn.Connection({
        realm,
        transports: [{ type: 'websocket', url, serializers: [new SERIALIZERS[serializer]()] }],
        max_retries: 0,
        ...(authid === undefined ? {} : { authid }),
        authmethods: methodsOf(secrets),
        ...(cryptosign === undefined ? {} : { authextra: { pubkey: cryptosign.publicKey } }),
        onchallenge: (_session: unknown, method: string, extra: Extra) => answer(secrets, method, extra),
      }),
    )
  },
}

autobahn.log.warn = () => {}

/** The way of `auth_cryptosign.create_connection`, which writes null for all that it has not got. */
export function createdConnection({ url, realm, serializer, authid, secrets }: LoginOptions): Promise<Login> {
  return opened(
    auth_cryptosign.create_connection({
      url,
      realm,
      authid,
      pkey: keyPair(secrets),
      serializers: [new SERIALIZERS[serializer]()],
    }),
  )
}

function keyPair({ cryptosign }: Secrets): KeyPair {
  return nacl.sign.keyPair.fromSeed(Buffer.from(cryptosign?.privateKey ?? '', 'hex'))
}

function answer(secrets: Secrets, method: string, extra: Extra): string | undefined {
  const { ticket, wampcra = '' } = secrets
  if (method === 'ticket') return ticket
  if (method === 'cryptosign') return auth_cryptosign.sign_challenge(keyPair(secrets), extra)
  const { challenge, salt, iterations, keylen } = extra
  const key = salt === undefined ? wampcra : auth_cra.derive_key(wampcra, salt, iterations, keylen)
  return auth_cra.sign(key, challenge)
}

function opened(connection: InstanceType<typeof autobahn.Connection>): Promise<Login> {
  return new Promise((resolve, reject) => {
    let end = (reason: string) => reject(new Refusal(reason))
    const ended = new Promise<string>((resolveEnd) => {
      connection.onclose = (reason, details) => {
        end(details.reason ?? reason)
        return true
      }
      connection.onopen = (session, details) => {
        end = resolveEnd
        const { authid = '', authrole = '', authmethod } = details as WelcomeDetails & { authmethod: string }
        const leave = async () => {
          connection.close()
          await ended
        }
        resolve({ session: session.id, authid, authrole, authmethod, leave })
      }
    })
    // By its WebSocket for Node: where there is a global one, it would take that.
    const { WebSocket } = globalThis
    Reflect.deleteProperty(globalThis, 'WebSocket')
    try {
      connection.open()
    } finally {
      if (WebSocket !== undefined) globalThis.WebSocket = WebSocket
    }
  })
}
