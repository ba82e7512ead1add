import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Ways } from './ways.js'

/** Milliseconds that a whole HTTP request may take, its body included. */
const REQUEST_TIMEOUT = 60_000
/** Milliseconds between two looks for requests that take longer. */
const LOOKED_FOR = 30_000

/**
 * An HTTP server that is handed its connections (by its event `connection`), and all that comes over them it hands to
 * `ways`, or answers it.
 *
 * @param headersTimeout milliseconds that the headers of a request may take; `Infinity` for any number.
 */
export function createHttpServer(ways: Ways, headersTimeout: number): Server {
  const most = headersTimeout === Number.POSITIVE_INFINITY ? 0 : Math.ceil(headersTimeout)
  const times = {
    headersTimeout: most,
    requestTimeout: Math.max(REQUEST_TIMEOUT, most),
    connectionsCheckingInterval: most === 0 ? LOOKED_FOR : Math.min(most, LOOKED_FOR),
  }
  const http = createServer(times, (request, response) => {
    if (!ways.handleRequest(request, response)) answer(request, response)
  })
  http.on('upgrade', (request, socket, head) => ways.handleUpgrade(request, socket, head))
  // It looks for slow requests from when it listens; it never does, since another server does it for it.
  http.emit('listening')
  return http
}

/** To who comes with a browser, or with anything else that is no WebSocket. */
function answer(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { 'content-type': 'text/plain; charset=utf-8', upgrade: 'websocket' })
  response.end('This is a WAMP router. Connect with WebSocket, subprotocol wamp.2.json, .msgpack or .cbor.\n')
}
