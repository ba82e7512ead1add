/** Dials with the `ws` package, for Node. */
import type { ClientRequestArgs, IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { systemClock } from '../../clock.js'
import { type Serializer, subprotocolOf } from '../../serializers/serializer.js'
import { CLIENT_HEARTBEAT } from '../heartbeat/pulse.js'
import { DEFAULT_MAX_MESSAGE_SIZE } from '../message-limit.js'
import type { Transport } from '../transport.js'
import { whyUnreachable } from '../unreachable.js'
import { CLOSE_TIMEOUT } from './closing.js'
import {
  cannotReach,
  checkDial,
  chosenSerializer,
  DEFAULT_HANDSHAKE_TIMEOUT,
  type DialOptions,
  nothingInCommon,
} from './dial.js'
import { NodeTransport } from './node-transport.js'

/** Characters of an HTTP response that are worth quoting. */
const LONGEST_QUOTE = 500

/** See `DialWebSocket`. */
export async function dialWebSocket(
  url: string,
  serializers: readonly Serializer[],
  options: DialOptions = {},
): Promise<Transport> {
  checkDial(url, serializers, /^ws(s|\+unix)?:\/\//i)
  const { signal, clock = systemClock, handshakeTimeout = DEFAULT_HANDSHAKE_TIMEOUT } = options
  const { heartbeat = CLIENT_HEARTBEAT, maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE } = options
  if (signal?.aborted) throw cannotReach(url, 'the attempt was given up', signal.reason)
  const settings = {
    ...(options.tls as object | undefined),
    headers: { ...options.headers },
    perMessageDeflate: false,
    maxPayload: maxMessageSize,
    closeTimeout: CLOSE_TIMEOUT,
    ...(/^ws\+unix:/i.test(url) ? { createConnection: connectToUnix } : {}),
  }
  const ws = new WebSocket(url, serializers.map(subprotocolOf), settings)
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined
    const settle = () => {
      timer.cancel()
      signal?.removeEventListener('abort', giveUp)
      ws.removeAllListeners()
    }
    const fail = (error: Error) => {
      settle()
      // To give up is an error to `ws`; so is what else may come after.
      ws.on('error', () => {})
      ws.terminate()
      reject(error)
    }
    const giveUp = () => fail(cannotReach(url, 'the attempt was given up', signal?.reason))
    const timer = clock.after(handshakeTimeout, () =>
      fail(cannotReach(url, `no answer within ${handshakeTimeout} ms`)),
    )
    signal?.addEventListener('abort', giveUp)
    ws.on('upgrade', (response) => {
      answer = response
    })
    ws.on('unexpected-response', (_, response) => {
      quote(response, (why) => fail(cannotReach(url, why)))
    })
    ws.on('error', (error) => {
      const chosen = answer?.headers['sec-websocket-protocol']
      if (answer !== undefined && chosenSerializer(chosen, serializers) === undefined)
        fail(nothingInCommon(url, chosen, serializers))
      else fail(cannotReach(url, whyUnreachable(error, url), error))
    })
    ws.on('open', () => {
      const serializer = chosenSerializer(ws.protocol, serializers)
      if (serializer === undefined) return fail(nothingInCommon(url, ws.protocol, serializers))
      settle()
      // What Bun has in place of `ws` answers without a socket.
      const socket = answer?.socket ?? undefined
      resolve(new NodeTransport(ws, socket, serializer, { clock, heartbeat, maxMessageSize }))
    })
  })
}

/** `ws` takes the path of a Unix socket as it stands in the URL, where it is encoded. */
function connectToUnix({ socketPath }: ClientRequestArgs): Socket {
  const path = String(socketPath)
  try {
    return connect({ path: decodeURIComponent(path) })
  } catch {
    // It is one that is not encoded.
    return connect({ path })
  }
}

/** The server answered with HTTP: says so, with the beginning of the answer if it is text. */
function quote(response: IncomingMessage, done: (why: string) => void): void {
  const { statusCode, statusMessage, headers } = response
  const status = `the server answered with HTTP status ${statusCode} ${statusMessage ?? ''}`.trimEnd()
  const isText = headers['content-type']?.startsWith('text/plain') === true
  let text = ''
  const end = () => {
    const sentence = isText ? text.slice(0, LONGEST_QUOTE).trim() : ''
    done(sentence === '' ? status : `${status}: ${sentence}`)
  }
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.length > LONGEST_QUOTE) end()
  })
  response.on('end', end)
  response.on('error', end)
}
