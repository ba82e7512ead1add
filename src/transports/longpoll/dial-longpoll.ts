import { systemClock } from '../../clock.js'
import { TransportError, UsageError } from '../../errors.js'
import { type Serializer, subprotocolOf } from '../../serializers/serializer.js'
import { batched } from '../batching/batched.js'
import { DEFAULT_MAX_MESSAGE_SIZE } from '../message-limit.js'
import type { Transport } from '../transport.js'
import { cannotReach, DEFAULT_HANDSHAKE_TIMEOUT, type DialOptions } from '../websocket/dial.js'
import { LongPollTransport } from './client-transport.js'
import { bodyOf, quote, Requests, whyNoAnswer } from './requests.js'

/** Octets of the answer to `open`. */
const LONGEST_ANSWER = 64 * 1024
const DEFAULT_RECEIVE_TIMEOUT = 30_000

/** How to speak to a router by long-poll. Of `DialOptions`, `tls` and `heartbeat` have no meaning here. */
export interface LongPollOptions extends DialOptions {
  /** Are cookies sent? As for `fetch`: to the page's own origin only (`same-origin`), or to any (`include`). */
  credentials?: RequestCredentials
  /**
   * Milliseconds until a receive that is not answered means that the connection is lost; 30,000 by default, 0 for never.
   * Routers answer one without a message now and then; crossbar does not, and needs 0.
   */
  receiveTimeout?: number
  /** Makes the requests in place of `globalThis.fetch`: with authorities of TLS of your own, for example. */
  fetch?: typeof globalThis.fetch
}

/**
 * Opens a long-poll transport below `url`, and offers the protocols of `serializers` in this order, each in batches first.
 *
 * @throws UsageError if it is no URL of HTTP, or there is no serializer; TransportError if nobody answers there, or not as
 * hoped.
 */
export async function dialLongPoll(
  url: string,
  serializers: readonly Serializer[],
  options: LongPollOptions = {},
): Promise<Transport> {
  const base = checkedUrl(url)
  if (serializers.length === 0) throw new UsageError('to dial a router takes a serializer, such as json()')
  const { fetch = globalThis.fetch, headers = {}, credentials, tls, signal } = options
  if (tls !== undefined)
    throw new UsageError('long-poll takes no TLS options; give it a fetch of your own that has them')
  if (signal?.aborted) throw cannotReach(url, 'the attempt was given up', signal.reason)
  const offered = offer(serializers)
  const { clock = systemClock, handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT } = options
  const { maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE, receiveTimeout = DEFAULT_RECEIVE_TIMEOUT } = options
  // Called as a method of something else, that of browsers throws.
  const requests = new Requests(base, { fetch: (...asked) => fetch(...asked), headers, credentials })
  let why = ''
  const giveUpBecause = (sentence: string) => {
    why = sentence
    requests.abort()
  }
  const giveUp = () => giveUpBecause('the attempt was given up')
  const timer = clock.after(handshakeTimeout, () => giveUpBecause(`no answer within ${handshakeTimeout} ms`))
  signal?.addEventListener('abort', giveUp)
  try {
    const { id, serializer } = await open(url, requests, offered)
    return new LongPollTransport(requests, id, serializer, { clock, maxMessageSize, receiveTimeout })
  } catch (error) {
    if (why !== '') throw cannotReach(url, why, signal?.reason)
    throw error instanceof TransportError ? error : cannotReach(url, whyNothing(error), error)
  } finally {
    timer.cancel()
    signal?.removeEventListener('abort', giveUp)
  }
}

/** The `fetch` of a browser has one and the same error for all that can be wrong. */
function whyNothing(error: unknown): string {
  const why = whyNoAnswer(error)
  const isTold = !(error instanceof TypeError) || error.cause !== undefined
  return isTold
    ? why
    : `${why}: nobody answers there, or not to pages of this origin (the platform does not say which)`
}

/** Serializers by the names of their protocols. */
function offer(serializers: readonly Serializer[]): ReadonlyMap<string, Serializer> {
  const both = serializers.flatMap((serializer) =>
    serializer.batching === undefined ? [batched(serializer), serializer] : [serializer],
  )
  return new Map(both.map((serializer) => [subprotocolOf(serializer), serializer]))
}

async function open(
  url: string,
  requests: Requests,
  offered: ReadonlyMap<string, Serializer>,
): Promise<{ id: string; serializer: Serializer }> {
  const protocols = [...offered.keys()]
  const posted = { body: JSON.stringify({ protocols }), contentType: 'application/json' }
  const answer = await requests.post(['open'], posted, async (response) => {
    if (!response.ok) throw cannotReach(url, `the server answered with ${await quote(response)}`)
    return new TextDecoder().decode(await bodyOf(response, LONGEST_ANSWER))
  })
  const { protocol, transport } = parsed(answer)
  const serializer = typeof protocol === 'string' ? offered.get(protocol) : undefined
  if (typeof transport !== 'string' || transport === '')
    throw cannotReach(url, 'what answers there is no long-poll transport')
  if (serializer === undefined)
    throw cannotReach(url, `of the protocols offered (${protocols.join(', ')}) it chose ${String(protocol)}`)
  return { id: transport, serializer }
}

function parsed(answer: string): { protocol?: unknown; transport?: unknown } {
  try {
    const dictionary: unknown = JSON.parse(answer)
    return typeof dictionary === 'object' && dictionary !== null ? dictionary : {}
  } catch {
    return {}
  }
}

/** @throws UsageError */
function checkedUrl(url: string): URL {
  try {
    const parsedUrl = new URL(url)
    if (/^https?:$/.test(parsedUrl.protocol) && parsedUrl.hash === '') return parsedUrl
  } catch {
    // Said below.
  }
  throw new UsageError(`${JSON.stringify(url)} is no URL for long-poll, such as http://localhost:8080/lp`)
}
