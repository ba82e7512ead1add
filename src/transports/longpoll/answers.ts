import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Answers a request with a status, and a sentence where there is something to say. */
export function answer(
  response: ServerResponse,
  status: number,
  sentence?: string,
  headers: OutgoingHttpHeaders = {},
): void {
  if (sentence === undefined) {
    response.writeHead(status, status === 204 ? headers : { 'content-length': 0, ...headers }).end()
    return
  }
  const body = `${sentence}\n`
  const always = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, { ...always, ...headers }).end(body)
}
