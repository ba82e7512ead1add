/** What a session of any implementation can do, as the checks of interoperation see it. */
import type { SerializerName, SubscriberLists } from '../../src/index.js'

export interface Payload {
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
}

/** An ERROR, or an ABORT, as the library that received it gives it to its user. */
export class Refusal extends Error implements Payload {
  constructor(
    readonly uri: string,
    readonly args: readonly unknown[] = [],
    readonly kwargs: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${uri} ${JSON.stringify(args)} ${JSON.stringify(kwargs)}`)
  }
}

/**
 * What a served procedure does. Every peer knows all of them, in its own language:
 *
 * - `echo` returns its arguments, positional and keyword, as they came; those of passthru mode in passthru mode
 * - `sum` returns the sum of its two arguments
 * - `nothing` returns nothing
 * - `refuse` fails with the error `com.example.refused`, and its own arguments as those of the error
 * - `crash` throws what its language throws, with the message `crashed`
 * - `who` returns, by keyword, what it is told of its caller: `session`, `authid`, `authrole`
 * - `which` returns the URI that was called
 * - `self` returns the id of the session that serves it
 * - `turn` returns its argument, and how often it was called before
 * - `count` sends 1 to n - 1 as progressive results and returns n; without progress it returns n
 * - `hang` publishes to `<its URI>.started`, then waits for an event on `<its URI>.release` and returns `late`; if it
 *   is interrupted before, it publishes to `<its URI>.interrupted` and fails with `wamp.error.canceled`
 * - `busy` fails with `wamp.error.unavailable`
 */
export type Behaviour =
  | 'echo'
  | 'sum'
  | 'nothing'
  | 'refuse'
  | 'crash'
  | 'who'
  | 'which'
  | 'self'
  | 'turn'
  | 'count'
  | 'hang'
  | 'busy'

export interface ReceivedEvent extends Payload {
  readonly topic: string
  /** Missing where the library does not tell. */
  readonly publication?: number
  readonly publisher?: Caller
  readonly retained?: true
}

/** Whom a router discloses. */
export interface Caller {
  readonly session: number
  readonly authid?: string
  readonly authrole?: string
}

export interface CallOptions {
  readonly onProgress?: (result: Payload) => void
  readonly discloseMe?: boolean
  /** Cancels the call. */
  readonly signal?: AbortSignal
  readonly cancelMode?: 'kill' | 'killnowait' | 'skip'
  /** As the wire has it. */
  readonly timeout?: number
  /** Writes the arguments with this serializer, and sends them in passthru mode. */
  readonly passthru?: PassthruSerializer
}

/** Those that write binary. */
export type PassthruSerializer = 'cbor' | 'msgpack'

/** The scheme that says how the payload of passthru mode is written. */
export const PASSTHRU_SCHEME = 'x_interop'

export interface RegisterOptions {
  readonly match?: 'prefix' | 'wildcard'
  readonly invoke?: 'roundrobin' | 'random' | 'first' | 'last'
  readonly discloseCaller?: boolean
}

export interface PublishOptions {
  readonly acknowledge?: boolean
  readonly excludeMe?: boolean
  readonly discloseMe?: boolean
  readonly eligible?: SubscriberLists
  readonly exclude?: SubscriberLists
  readonly retain?: boolean
  readonly passthru?: PassthruSerializer
}

export interface SubscribeOptions {
  readonly match?: 'prefix' | 'wildcard'
  readonly getRetained?: boolean
}

/** A joined session. */
export interface Peer {
  readonly session: number
  readonly authid: string | undefined
  readonly authrole: string | undefined
  /** Resolves when the session is over and the transport closed, whoever ended it; with the reason, if it is told. */
  readonly ended: Promise<string | undefined>
  call(procedure: string, payload?: Partial<Payload>, options?: CallOptions): Promise<Payload>
  /** Calls once, with several parts of one argument; missing where the library cannot. */
  callInParts?(procedure: string, parts: readonly unknown[]): Promise<Payload>
  /** Registers; calling what it resolves to unregisters. */
  serve(procedure: string, behaviour: Behaviour, options?: RegisterOptions): Promise<() => Promise<void>>
  /** Resolves to the publication's id if it is to be acknowledged. */
  publish(topic: string, payload?: Partial<Payload>, options?: PublishOptions): Promise<number | undefined>
  subscribe(topic: string, options?: SubscribeOptions): Promise<Inbox>
  /** Says GOODBYE; resolves when the session is over and the transport closed. */
  leave(): Promise<void>
}

export interface JoinOptions {
  readonly url: string
  readonly realm: string
  readonly serializer: SerializerName
  readonly ticket?: { readonly authid: string; readonly ticket: string }
  /** Lets the library connect again where it does so by itself; the session has `ended` only when it gives up. */
  readonly reconnects?: boolean
}

export interface Library {
  /** As in a sentence: `wampy.js`, `our client`. */
  readonly name: string
  readonly serializers: readonly SerializerName[]
  /** @throws Refusal if the router says ABORT. */
  join(options: JoinOptions): Promise<Peer>
  /** How binary is written, and how it arrives, where the library does not know it in JSON. */
  readonly binaryInJson: 'bytes' | 'text'
}

/** The events of one subscription, in the order in which they came. */
export class Inbox {
  readonly #events: ReceivedEvent[] = []
  #waiting: ((event: ReceivedEvent) => void) | undefined
  unsubscribe: () => Promise<void> = async () => {}

  receive(event: ReceivedEvent): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#events.push(event)
    else waiting(event)
  }

  /** How many events have come and have not been taken. */
  get size(): number {
    return this.#events.length
  }

  /** Takes the oldest event; waits if there is none. */
  next(): Promise<ReceivedEvent> {
    const event = this.#events.shift()
    if (event !== undefined) return Promise.resolve(event)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }
}

/** The values of `payload` as plain as they can be compared: any binary is a `Uint8Array`. */
export function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength))
  if (Array.isArray(value)) return value.map(plain)
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
  return value
}

export function payload(args: readonly unknown[] | undefined, kwargs: object | undefined): Payload {
  return { args: plain(args ?? []) as unknown[], kwargs: plain(kwargs ?? {}) as Record<string, unknown> }
}

/** Leaves out what is undefined. */
export function caller(
  session: number | bigint | null | undefined,
  authid?: string | null,
  authrole?: string | null,
): Caller | undefined {
  if (session === undefined || session === null) return undefined
  return { session: Number(session), ...(authid ? { authid } : {}), ...(authrole ? { authrole } : {}) }
}

/** The lists of PUBLISH.Options, as the wire has them. */
export function listsOf({ eligible, exclude }: PublishOptions): Record<string, unknown> {
  const lists = { eligible, exclude }
  const wire: Record<string, unknown> = {}
  for (const [name, { sessions, authids, authroles } = {}] of Object.entries(lists)) {
    if (sessions !== undefined) wire[name] = sessions
    if (authids !== undefined) wire[`${name}_authid`] = authids
    if (authroles !== undefined) wire[`${name}_authrole`] = authroles
  }
  return wire
}
