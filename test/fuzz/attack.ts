/** What a hostile client does: the way by which it comes, the state it comes to, what it sends there, and how it goes. */
import type { SerializerName } from '../../src/serializers/serializer.js'
import { idOf } from '../../src/sessions/ids.js'
import type { Frame } from './frames.js'
import { PLACEHOLDER, REALM } from './messages.js'
import type { RawFrame } from './raw-frames.js'
import type { PostedRequest } from './requests.js'

/** How clients come to the router. */
export type Way = 'websocket' | 'rawsocket' | 'longpoll'

/** As far as a client has come when it attacks; an upgrade is whatever makes a transport of a connection. */
export const STATES = ['connected', 'half upgraded', 'upgraded', 'challenged', 'established', 'left'] as const
export type State = (typeof STATES)[number]

/** Octets of an encoded message that are not what they were. */
export interface Damage {
  readonly change: 'cut' | 'flip' | 'insert' | 'overwrite' | 'repeat' | 'prepend'
  /** Where, in 1/10,000 of the length. */
  readonly at: number
  readonly octets: Uint8Array
}

/** How the octets of a message are put into frames; what there is of it depends on the way. */
export interface Wrapping {
  /** Where the message is cut into fragments, in 1/10,000 of its length. */
  readonly cuts: readonly number[]
  /** A control frame between the fragments. */
  readonly between: 'nothing' | 'ping' | 'pong'
  /** Are text and binary exchanged? */
  readonly isOtherType: boolean
}

export type Input =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | { readonly kind: 'http'; readonly text: string }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'raw frame'; readonly rawFrame: RawFrame }
  | { readonly kind: 'raw flood'; readonly rawFrame: RawFrame; readonly times: number }
  | { readonly kind: 'request'; readonly request: PostedRequest }
  /** The same frame again and again. */
  | { readonly kind: 'flood'; readonly frame: Frame; readonly times: number }
  | {
      readonly kind: 'message'
      readonly message: readonly unknown[]
      readonly damages: readonly Damage[]
      readonly wrapping: Wrapping
    }
  /** A message whose octets are given for each format. */
  | { readonly kind: 'crafted'; readonly encoded: Readonly<Record<SerializerName, Uint8Array>> }
  /** A CALL, or nothing but lists, that nests deep. */
  | { readonly kind: 'deep'; readonly depth: number; readonly isCall: boolean; readonly isEnded: boolean }

export interface Attack {
  readonly way: Way
  readonly state: State
  readonly format: SerializerName
  readonly inputs: readonly Input[]
  /** In one segment, one after the other, or in pieces that do not end where an input ends. */
  readonly delivery: 'together' | 'apart' | readonly number[]
  /** The client ends its half of the connection, says so before where there is a way to say it, or tears it down. */
  readonly ending: 'end' | 'close frame' | 'reset'
}

/** A message in one frame of the right kind. */
export const PLAIN: Wrapping = { cuts: [], between: 'nothing', isOtherType: false }

/** What one connection has counted so far. */
export class Tally {
  #requests = 0
  #invocations = 0

  /** @param own tells this connection from all others. */
  constructor(private readonly own: number | string) {}

  /** The element itself, or what it stands for. */
  resolve(element: unknown): unknown {
    switch (element) {
      case PLACEHOLDER.nextRequest:
        return ++this.#requests
      case PLACEHOLDER.latestRequest:
        return this.#requests
      case PLACEHOLDER.nextInvocation:
        return ++this.#invocations
      case PLACEHOLDER.latestInvocation:
        return this.#invocations
      case PLACEHOLDER.ownUri:
        return this.#uri()
      case PLACEHOLDER.ownId:
        return idOf(REALM, 'exact', this.#uri())
    }
    return element
  }

  #uri(): string {
    return `com.fuzz.own.${this.own}.${this.#invocations}`
  }
}
