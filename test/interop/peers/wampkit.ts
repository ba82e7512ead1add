import {
  ApplicationError,
  CallResult,
  CanceledError,
  Client,
  currentEvent,
  currentInvocation,
  json,
  type ProcedureHandler,
  SessionClosedError,
  ticket,
} from '../../../src/index.js'
import { cbor } from '../../../src/serializers/cbor/cbor.js'
import { msgpack } from '../../../src/serializers/msgpack/msgpack.js'
import {
  type Behaviour,
  caller,
  Inbox,
  type Library,
  PASSTHRU_SCHEME,
  type Payload,
  type Peer,
  payload,
  Refusal,
} from '../peer.js'
import { opened, sealed } from './passthru.js'

const SERIALIZERS = { json, msgpack, cbor }

/** Our own client, as the checks use every library. */
export const wampkit: Library = {
  name: 'our client',
  serializers: ['json', 'msgpack', 'cbor'],
  binaryInJson: 'bytes',
  async join({ url, realm, serializer, ticket: secret }) {
    const client = new Client({
      url,
      realm,
      serializers: [SERIALIZERS[serializer]()],
      ...(secret === undefined ? {} : { auth: [ticket(secret)] }),
    })
    const ended = client.once('leave').then(({ reason }) => reason)
    await client.start().catch((error) => {
      throw error instanceof SessionClosedError ? new Refusal(error.reason) : error
    })
    return peerOf(client, ended)
  },
}

function peerOf(client: Client, ended: Promise<string>): Peer {
  const { id = 0, authid, authrole } = client.session ?? {}
  return {
    session: id,
    authid,
    authrole,
    ended,
    async call(procedure, sent = {}, options = {}) {
      const { onProgress, discloseMe, timeout, signal, cancelMode, passthru } = options
      const { args, kwargs } = passthru === undefined ? sent : sealed(sent, passthru)
      try {
        const result = await client.call(procedure, args, kwargs, {
          details: true,
          ...(timeout === undefined ? {} : { timeout }),
          ...(passthru === undefined ? {} : { passthru: passthruOf(passthru) }),
          ...(onProgress === undefined
            ? {}
            : {
                onProgress: (value) =>
                  onProgress(payload((value as CallResult).args, (value as CallResult).kwargs)),
              }),
          ...(discloseMe === undefined ? {} : { discloseMe }),
          ...(signal === undefined ? {} : { signal }),
          ...(cancelMode === undefined ? {} : { cancelMode }),
        })
        return payloadOf(result)
      } catch (error) {
        throw refusal(error)
      }
    },
    async callInParts(procedure, parts) {
      async function* sent() {
        yield* parts
      }
      try {
        return payloadOf(await client.call(procedure, sent(), undefined, { details: true }))
      } catch (error) {
        throw refusal(error)
      }
    },
    async serve(procedure, behaviour, options) {
      const registration = await client
        .register(procedure, behaviours(client, procedure)[behaviour], options)
        .catch((error) => {
          throw refusal(error)
        })
      return () => registration.unregister()
    },
    publish(topic, sent = {}, { passthru, ...options } = {}) {
      const { args, kwargs } = passthru === undefined ? sent : sealed(sent, passthru)
      const mode = passthru === undefined ? {} : { passthru: passthruOf(passthru) }
      return client.publish(topic, args, kwargs, { ...options, ...mode }).catch((error) => {
        throw refusal(error)
      })
    },
    async subscribe(topic, options) {
      const inbox = new Inbox()
      const handler = () => {
        const event = currentEvent()
        const { topic, publicationId, publisher, retained } = event
        inbox.receive({
          topic,
          publication: publicationId,
          ...payloadOf(event),
          ...(publisher === undefined ? {} : { publisher }),
          ...(retained ? { retained } : {}),
        })
      }
      const subscription = await client.subscribe(topic, handler, options)
      inbox.unsubscribe = () => subscription.unsubscribe()
      return inbox
    },
    leave: () => client.stop(),
  }
}

function passthruOf(serializer: string) {
  return { scheme: PASSTHRU_SCHEME, serializer }
}

/** What came, be it in passthru mode. */
function payloadOf({
  args,
  kwargs,
  details,
}: Payload & { details: Readonly<Record<string, unknown>> }): Payload {
  return details.ppt_scheme === PASSTHRU_SCHEME ? opened(args, details.ppt_serializer) : payload(args, kwargs)
}

function refusal(error: unknown): unknown {
  if (error instanceof ApplicationError) {
    const { args, kwargs } = payload(error.args, error.kwargs)
    return new Refusal(error.uri, args, kwargs)
  }
  return error instanceof CanceledError ? new Refusal(error.uri) : error
}

function behaviours(client: Client, procedure: string): Record<Behaviour, ProcedureHandler> {
  let turns = 0
  return {
    echo: () => {
      const { args, kwargs, details } = currentInvocation()
      return new CallResult(args, kwargs, details)
    },
    sum: (a: number, b: number) => a + b,
    nothing: () => undefined,
    refuse: () => {
      const { args, kwargs } = currentInvocation()
      throw new ApplicationError('com.example.refused', args, { kwargs })
    },
    crash: () => {
      throw new Error('crashed')
    },
    who: () => {
      const { session, authid, authrole } = currentInvocation().caller ?? {}
      return new CallResult([], { ...caller(session, authid, authrole) })
    },
    which: () => currentInvocation().procedure,
    self: () => client.session?.id,
    turn: (value: number) => new CallResult([value, turns++]),
    async *count(to: number) {
      for (let i = 1; i < to; i++) yield i
      return to
    },
    hang: () => {
      const { signal } = currentInvocation()
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => {
          void client.publish(`${procedure}.interrupted`)
          reject(signal.reason)
        })
        void client
          .subscribe(`${procedure}.release`, () => resolve('late'))
          .then(() => client.publish(`${procedure}.started`))
      })
    },
    busy: () => {
      throw new ApplicationError('wamp.error.unavailable')
    },
  }
}
