import { Errors, Wampy } from 'wampy'
import { CborSerializer } from 'wampy/CborSerializer.js'
import { sign as signKey } from 'wampy/cryptosign.js'
import { JsonSerializer } from 'wampy/JsonSerializer.js'
import { MsgpackSerializer } from 'wampy/MsgpackSerializer.js'
import { sign as signSecret } from 'wampy/wampcra.js'
import { WebSocket } from 'ws'
import { type LoginLibrary, methodsOf } from './authentication-library.js'
import { Refusal } from './peer.js'

const SERIALIZERS = { json: JsonSerializer, msgpack: MsgpackSerializer, cbor: CborSerializer }

/** npm's `wampy`, with its own plugins. */
export const wampyJsLogin: LoginLibrary = {
  name: 'wampy.js',
  serializers: ['json', 'msgpack', 'cbor'],
  methods: ['ticket', 'wampcra', 'cryptosign'],
  deviations: {
    'by its key alone': 'wampy.js does not log in without an authid',
  },
  async logIn({ url, realm, serializer, authid, secrets }) {
    const { ticket = '', wampcra = '', cryptosign } = secrets
    let closed = () => {}
    const ended = new Promise<void>((resolve) => {
      closed = resolve
    })
    const wampy = new Wampy(url, {
      realm,
      ws: WebSocket as never,
      serializer: new SERIALIZERS[serializer](),
      autoReconnect: false,
      onClose: closed,
      ...(authid === undefined ? {} : { authid }),
      authmethods: methodsOf(secrets),
      ...(cryptosign === undefined ? {} : { authextra: { pubkey: cryptosign.publicKey } }),
      authMode: 'auto',
      authPlugins: {
        ticket: () => ticket,
        wampcra: (method, extra) => signSecret(wampcra)(method, extra as never),
        cryptosign: (method, extra) => signKey(cryptosign?.privateKey ?? '')(method, extra as never),
      },
    })
    const welcome = await wampy.connect().catch(async (error: unknown) => {
      if (!(error instanceof Errors.AbortError)) throw error
      await ended
      throw new Refusal(error.errorUri)
    })
    return {
      ...(welcome as { authid: string; authrole: string; authmethod: string }),
      session: Number(wampy.getSessionId()),
      async leave() {
        await wampy.disconnect()
        await ended
      },
    }
  },
}
