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
import { type Behaviour, caller, Inbox, type Library, type Peer, payload, Refusal } from '../peer.js'

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
    async call(procedure, { args, kwargs } = {}, { onProgress, discloseMe, signal, cancelMode } = {}) {
      try {
        const result = await client.call(procedure, args, kwargs, {
          details: true,
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
        return payload(result.args, result.kwargs)
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
    publish: (topic, { args, kwargs } = {}, options) =>
      client.publish(topic, args, kwargs, options).catch((error) => {
        throw refusal(error)
      }),
    async subscribe(topic, match) {
      const inbox = new Inbox()
      const handler = () => {
        const { topic, publicationId, args, kwargs, publisher } = currentEvent()
        inbox.receive({
          topic,
          publication: publicationId,
          ...payload(args, kwargs),
          ...(publisher === undefined ? {} : { publisher }),
        })
      }
      const subscription = await client.subscribe(topic, handler, match === undefined ? {} : { match })
      inbox.unsubscribe = () => subscription.unsubscribe()
      return inbox
    },
    leave: () => client.stop(),
  }
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
      const { args, kwargs } = currentInvocation()
      return new CallResult(args, kwargs)
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
  }
}
