import type { IncomingMessage } from 'node:http'

/** Octets of a body that is too long that are read, and forgotten, so that its client gets to read the answer. */
const MOST_DISCARDED = 1024 * 1024

/** What became of the body of a request; `lost` if the client went in the middle of it. */
export type Body = Buffer | 'too long' | 'lost'

/** Reads the body of a request, of which no more than `limit` octets are held. Calls `done` once. */
export function readBody(request: IncomingMessage, limit: number, done: (body: Body) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  let isDone = false
  const end = (body: Body) => {
    if (isDone) return
    isDone = true
    chunks.length = 0
    done(body)
  }
  // Said by a client that goes; without a listener it would be thrown.
  request.on('error', () => end('lost'))
  request.on('close', () => end('lost'))
  request.on('end', () => end(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > limit + MOST_DISCARDED) request.destroy()
    else if (length > limit) end('too long')
    else if (!isDone) chunks.push(chunk)
  })
  if (Number(request.headers['content-length']) > limit) end('too long')
}
