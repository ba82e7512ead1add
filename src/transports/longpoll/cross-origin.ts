import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer } from './answers.js'

/** Seconds that a browser may remember what it has been allowed. */
const REMEMBERED = '600'

/**
 * Lets the page that a request comes from read the answer, cookies and all: its origin has been found allowed.
 *
 * Spec: https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function allowOrigin({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('vary', 'origin')
  if (origin === undefined) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-credentials', 'true')
}

/** Answers the request by which a browser asks beforehand. */
export function answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
  const asked = headers['access-control-request-headers']
  answer(response, 204, undefined, {
    'access-control-allow-methods': 'POST',
    'access-control-max-age': REMEMBERED,
    ...(asked === undefined ? {} : { 'access-control-allow-headers': asked }),
  })
}
