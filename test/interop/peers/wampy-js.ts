import { Errors, Wampy } from 'wampy'
import { CborSerializer } from 'wampy/CborSerializer.js'
import { JsonSerializer } from 'wampy/JsonSerializer.js'
import { MsgpackSerializer } from 'wampy/MsgpackSerializer.js'
import { WebSocket } from 'ws'
import {
  type Behaviour,
  caller,
  Inbox,
  type Library,
  listsOf,
  PASSTHRU_SCHEME,
  type PassthruSerializer,
  type Peer,
  payload,
  Refusal,
} from '../peer.js'

const SERIALIZERS = { json: JsonSerializer, msgpack: MsgpackSerializer, cbor: CborSerializer }

type Procedure = Parameters<Wampy['register']>[1]

/** npm's `wampy`. */
export const wampyJs: Library = {
  name: 'wampy.js',
  serializers: ['json', 'msgpack', 'cbor'],
  binaryInJson: 'text',
  async join({ url, realm, serializer, ticket, reconnects = false }) {
    let left = (_reason: string | undefined) => {}
    let reason: string | undefined
    const ended = new Promise<string | undefined>((resolve) => {
      left = resolve
    })
    const wampy = new Wampy(url, {
      realm,
      ws: WebSocket as never,
      serializer: new SERIALIZERS[serializer](),
      payloadSerializers: { cbor: new CborSerializer(), msgpack: new MsgpackSerializer() },
      autoReconnect: reconnects,
      onError: (error) => {
        reason = String(error)
      },
      onClose: () => left(reason),
      ...(ticket === undefined
        ? {}
        : { authid: ticket.authid, authmethods: ['ticket'], onChallenge: () => ticket.ticket }),
    })
    const welcome = await wampy.connect().catch((error: unknown) => {
      throw error instanceof Errors.AbortError ? new Refusal(error.errorUri) : error
    })
    const { authid, authrole } = welcome as { authid?: string; authrole?: string }
    return peerOf(wampy, authid, authrole, ended)
  },
}

function peerOf(
  wampy: Wampy,
  authid: string | undefined,
  authrole: string | undefined,
  ended: Promise<string | undefined>,
): Peer {
  return {
    session: Number(wampy.getSessionId()),
    authid,
    authrole,
    ended,
    async call(procedure, { args, kwargs } = {}, options = {}) {
      const { onProgress, discloseMe, timeout, signal, cancelMode, passthru } = options
      const call = wampy.call(procedure, payloadOf(args, kwargs), {
        ...(onProgress === undefined
          ? {}
          : { progress_callback: ({ argsList, argsDict }) => onProgress(payload(argsList, argsDict)) }),
        ...(discloseMe === undefined ? {} : { disclose_me: discloseMe }),
        ...(timeout === undefined ? {} : { timeout }),
        ...passthruOf(passthru),
      })
      const { reqId } = wampy.getOpStatus()
      signal?.addEventListener('abort', () =>
        wampy.cancel(reqId, cancelMode === undefined ? undefined : { mode: cancelMode }),
      )
      const { argsList, argsDict } = await refusing(call)
      return payload(argsList, argsDict)
    },
    async serve(procedure, behaviour, { match, invoke } = {}) {
      await refusing(
        wampy.register(procedure, behaviours(wampy, procedure)[behaviour], {
          ...(match === undefined ? {} : { match }),
          ...(invoke === undefined ? {} : { invoke }),
        }),
      )
      return async () => {
        await refusing(wampy.unregister(procedure))
      }
    },
    async publish(topic, { args, kwargs } = {}, options = {}) {
      const { excludeMe, discloseMe, retain, passthru } = options
      const { publicationId } = await refusing(
        wampy.publish(topic, payloadOf(args, kwargs), {
          ...(excludeMe === undefined ? {} : { exclude_me: excludeMe }),
          ...(discloseMe === undefined ? {} : { disclose_me: discloseMe }),
          ...(retain === undefined ? {} : { retain }),
          ...listsOf(options),
          ...passthruOf(passthru),
        }),
      )
      return Number(publicationId)
    },
    async subscribe(topic, { match, getRetained } = {}) {
      const inbox = new Inbox()
      const { subscriptionKey } = await refusing(
        wampy.subscribe(
          topic,
          ({ details, argsList, argsDict }) => {
            const { publisher, publisher_authid, publisher_authrole } = details as Record<string, never>
            const who = caller(publisher, publisher_authid, publisher_authrole)
            inbox.receive({
              topic: (details.topic as string | undefined) ?? topic,
              ...payload(argsList, argsDict),
              ...(who === undefined ? {} : { publisher: who }),
              ...(details.retained ? { retained: true } : {}),
            })
          },
          match === undefined && getRetained === undefined
            ? undefined
            : {
                ...(match === undefined ? {} : { match }),
                ...(getRetained === undefined ? {} : { get_retained: getRetained }),
              },
        ),
      )
      inbox.unsubscribe = async () => {
        await refusing(wampy.unsubscribe(subscriptionKey))
      }
      return inbox
    },
    async leave() {
      await wampy.disconnect()
      await ended
    },
  }
}

function payloadOf(args: readonly unknown[] | undefined, kwargs: object | undefined) {
  return {
    ...(args === undefined ? {} : { argsList: [...args] }),
    ...(kwargs === undefined ? {} : { argsDict: { ...kwargs } }),
  }
}

function passthruOf(serializer: PassthruSerializer | undefined) {
  return serializer === undefined ? {} : { ppt_scheme: PASSTHRU_SCHEME, ppt_serializer: serializer }
}

async function refusing<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    if (!(error instanceof Errors.WampError)) throw error
    const { args, kwargs } = payload(error.argsList as unknown[], error.argsDict as object)
    throw new Refusal(error.errorUri, args, kwargs)
  }
}

function behaviours(wampy: Wampy, procedure: string): Record<Behaviour, Procedure> {
  let turns = 0
  return {
    echo: ({ argsList, argsDict, details }) => ({
      ...(argsList === undefined ? {} : { argsList }),
      ...(argsDict === undefined ? {} : { argsDict }),
      ...(details.ppt_scheme === undefined
        ? {}
        : { options: passthruOf(details.ppt_serializer as PassthruSerializer) }),
    }),
    sum: ({ argsList: [a, b] = [] }) => ({ argsList: [(a as number) + (b as number)] }),
    nothing: () => {},
    refuse: ({ argsList, argsDict }) => {
      throw { error: 'com.example.refused', argsList, argsDict }
    },
    crash: () => {
      throw new Error('crashed')
    },
    who: ({ details }) => {
      const { caller: id, caller_authid, caller_authrole } = details as Record<string, never>
      return { argsDict: { ...caller(id, caller_authid, caller_authrole) } }
    },
    which: ({ details }) => ({ argsList: [details.procedure] }),
    self: () => ({ argsList: [wampy.getSessionId()] }),
    turn: ({ argsList: [value] = [] }) => ({ argsList: [value, turns++] }),
    count: ({ argsList: [to] = [], details, result_handler }) => {
      if (details.receive_progress)
        for (let i = 1; i < (to as number); i++)
          result_handler({ argsList: [i], options: { progress: true } })
      return { argsList: [to] }
    },
    hang: async () => {
      await new Promise<void>((resolve, reject) => {
        wampy
          .subscribe(`${procedure}.release`, () => resolve())
          .then(() => wampy.publish(`${procedure}.started`), reject)
      })
      return { argsList: ['late'] }
    },
    busy: () => {
      throw { error: 'wamp.error.unavailable' }
    },
  }
}
