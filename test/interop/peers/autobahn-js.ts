import autobahn, { type Handler, type Session, type WelcomeDetails } from 'autobahn'
import {
  type Behaviour,
  caller,
  Inbox,
  type JoinOptions,
  type Library,
  listsOf,
  type Payload,
  type Peer,
  payload,
  Refusal,
} from '../peer.js'

const SERIALIZERS = {
  json: autobahn.serializer.JSONSerializer,
  msgpack: autobahn.serializer.MsgpackSerializer,
  cbor: autobahn.serializer.CBORSerializer,
}

/** npm's `autobahn`, by its WebSocket for Node: where there is a global `WebSocket`, it would take that. */
export const autobahnJs: Library = {
  name: 'autobahn-js',
  serializers: ['json', 'msgpack', 'cbor'],
  binaryInJson: 'text',
  join: (options) =>
    joinBy({ type: 'websocket', serializers: [new SERIALIZERS[options.serializer]()] }, options),
}

/** The same by long-poll, for which there has to be a global `XMLHttpRequest`. */
export const autobahnJsByLongPoll: Library = {
  ...autobahnJs,
  serializers: ['json'],
  join: ({ url, ...options }) =>
    joinBy({ type: 'longpoll' }, { ...options, url: `${url.replace(/^ws/, 'http')}/longpoll` }),
}

function joinBy(transport: object, { url, realm, ticket, reconnects = false }: JoinOptions): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const connection = new autobahn.Connection({
      realm,
      transports: [{ ...transport, url }],
      max_retries: reconnects ? 15 : 0,
      // It says what went wrong on the console, and when a session has simply ended.
      on_user_error: () => {},
      on_internal_error: (error?: { error?: string }) => {
        violation = error?.error ?? 'the router broke the rules, says autobahn-js'
      },
      ...(ticket === undefined
        ? {}
        : { authmethods: ['ticket'], authid: ticket.authid, onchallenge: () => ticket.ticket }),
    })
    let violation: string | undefined
    let left: (reason: string) => void = (reason) => reject(new Refusal(reason))
    const ended = new Promise<string>((resolveEnd) => {
      connection.onclose = (reason, details) => {
        if (!details.will_retry) left(violation ?? details.reason ?? reason)
        return false
      }
      connection.onopen = (session, details) => {
        left = resolveEnd
        resolve(peerOf(session, details, () => connection.close(), ended))
      }
    })
    withoutGlobalWebSocket(() => connection.open())
  })
}

autobahn.log.warn = () => {}

function withoutGlobalWebSocket(run: () => void): void {
  const { WebSocket } = globalThis
  Reflect.deleteProperty(globalThis, 'WebSocket')
  try {
    run()
  } finally {
    if (WebSocket !== undefined) globalThis.WebSocket = WebSocket
  }
}

function peerOf(
  session: Session,
  { authid, authrole }: WelcomeDetails,
  close: () => void,
  ended: Promise<string>,
): Peer {
  return {
    session: session.id,
    authid,
    authrole,
    ended,
    call: (procedure, { args, kwargs } = {}, { onProgress, discloseMe, timeout, signal, cancelMode } = {}) =>
      new Promise((resolve, reject) => {
        const call = session.call(procedure, args && [...args], kwargs, {
          ...(onProgress === undefined ? {} : { receive_progress: true }),
          ...(discloseMe === undefined ? {} : { disclose_me: discloseMe }),
          ...(timeout === undefined ? {} : { timeout }),
        })
        call.then(
          (result) => resolve(resultOf(result)),
          (error) => reject(refusal(error)),
          (result) => onProgress?.(resultOf(result)),
        )
        signal?.addEventListener('abort', () =>
          call.cancel(cancelMode === undefined ? undefined : { mode: cancelMode }),
        )
      }),
    async serve(procedure, behaviour, { match, invoke, discloseCaller } = {}) {
      const registration = await promise(
        session.register(procedure, behaviours(session, procedure)[behaviour], {
          ...(match === undefined ? {} : { match }),
          ...(invoke === undefined ? {} : { invoke }),
          ...(discloseCaller === undefined ? {} : { disclose_caller: discloseCaller }),
        }),
      )
      return () => promise(registration.unregister())
    },
    async publish(topic, { args, kwargs } = {}, options = {}) {
      const { acknowledge, excludeMe, discloseMe, retain } = options
      const publication = session.publish(topic, args && [...args], kwargs, {
        ...(acknowledge === undefined ? {} : { acknowledge }),
        ...(excludeMe === undefined ? {} : { exclude_me: excludeMe }),
        ...(discloseMe === undefined ? {} : { disclose_me: discloseMe }),
        ...(retain === undefined ? {} : { retain }),
        ...listsOf(options),
      })
      return publication === undefined ? undefined : Number((await promise(publication)).id)
    },
    async subscribe(topic, { match, getRetained } = {}) {
      const inbox = new Inbox()
      const subscription = await promise(
        session.subscribe(
          topic,
          (args, kwargs, { topic, publication, retained, ...details }) => {
            const who = caller(details.publisher, details.publisher_authid, details.publisher_authrole)
            inbox.receive({
              topic,
              publication: Number(publication),
              ...payload(args, kwargs),
              ...(who === undefined ? {} : { publisher: who }),
              ...(retained ? { retained } : {}),
            })
          },
          {
            ...(match === undefined ? {} : { match }),
            ...(getRetained === undefined ? {} : { get_retained: getRetained }),
          },
        ),
      )
      inbox.unsubscribe = async () => {
        await promise(subscription.unsubscribe())
      }
      return inbox
    },
    async leave() {
      close()
      await ended
    },
  }
}

/** A promise of the language for one of when.js. */
function promise<T>(promised: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    promised.then(resolve, (error) => reject(refusal(error)))
  })
}

/** The library gives a result of one value as that value. */
function resultOf(result: unknown): Payload {
  if (result instanceof autobahn.Result) return payload(result.args, result.kwargs)
  return payload(result === null || result === undefined ? [] : [result], {})
}

function refusal(error: unknown): unknown {
  if (!(error instanceof autobahn.Error)) return error
  const { args, kwargs } = payload(error.args, error.kwargs)
  return new Refusal(error.error, args, kwargs)
}

function behaviours(session: Session, procedure: string): Record<Behaviour, Handler> {
  let turns = 0
  return {
    echo: (args, kwargs) => new autobahn.Result(args, kwargs),
    sum: ([a, b]) => (a as number) + (b as number),
    nothing: () => new autobahn.Result(),
    refuse: (args, kwargs) => {
      throw new autobahn.Error('com.example.refused', args, kwargs)
    },
    crash: () => {
      throw new Error('crashed')
    },
    who: (_args, _kwargs, details) =>
      new autobahn.Result([], caller(details.caller, details.caller_authid, details.caller_authrole)),
    which: (_args, _kwargs, details) => details.procedure,
    self: () => session.id,
    turn: ([value]) => new autobahn.Result([value, turns++]),
    count: ([to], _kwargs, { progress }) => {
      for (let i = 1; i < (to as number); i++) progress?.([i])
      return to
    },
    hang: () =>
      new Promise((resolve, reject) => {
        session
          .subscribe(`${procedure}.release`, () => resolve('late'))
          .then(() => session.publish(`${procedure}.started`), reject)
      }),
    busy: () => {
      throw new autobahn.Error('wamp.error.unavailable')
    },
  }
}
