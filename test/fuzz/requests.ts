/** HTTP by hand: the requests of long-poll as a client should make them, and as it should not. */
import type { Wrapping } from './attack.js'

export const LONG_POLL_PATH = '/longpoll'

/** Stands in a path for the id of the attacker's own transport, of somebody else's, and of one that was closed. */
export const ID = { own: '{own}', other: '{other}', closed: '{closed}' } as const

export interface PostedRequest {
  readonly method: string
  readonly path: string
  readonly version: '1.1' | '1.0'
  readonly headers: readonly string[]
  readonly body: Uint8Array
  /** By its length, in chunks that are cut at so many 1/10,000, or by nothing. */
  readonly framing: 'length' | 'none' | readonly number[]
  /** What the request says of its length, if it does not say the truth. */
  readonly declared?: string | undefined
}

/** The ids that an attacker knows. */
export interface Known {
  readonly own: string
  readonly other: string
  readonly closed: string
}

export function postOf(what: string, body: Uint8Array = new Uint8Array()): PostedRequest {
  const path = `${LONG_POLL_PATH}/${what}`
  return { method: 'POST', path, version: '1.1', headers: [], body, framing: 'length' }
}

/** A message of the attacker's own transport. */
export function sendOf(octets: Buffer, { cuts, isOtherType }: Wrapping): PostedRequest {
  return {
    ...postOf(`${ID.own}/send`, octets),
    headers: isOtherType ? ['Content-Type: text/html'] : [],
    framing: cuts.length === 0 ? 'length' : cuts,
  }
}

export function writeRequest(request: PostedRequest, known: Known): Buffer {
  const { method, version, headers, body, framing, declared } = request
  const path = request.path
    .replaceAll(ID.own, known.own)
    .replaceAll(ID.other, known.other)
    .replaceAll(ID.closed, known.closed)
  const lines = [`${method} ${path} HTTP/${version}`, 'Host: localhost', ...headers]
  if (framing === 'length') lines.push(`Content-Length: ${declared ?? body.length}`)
  else if (framing !== 'none') lines.push('Transfer-Encoding: chunked')
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return Buffer.concat([head, typeof framing === 'string' ? Buffer.from(body) : inChunks(body, framing)])
}

function inChunks(body: Uint8Array, cuts: readonly number[]): Buffer {
  const places = cuts.map((at) => Math.floor((at * body.length) / 10_000)).sort((a, b) => a - b)
  const chunks = [0, ...places].map((from, index) => body.subarray(from, places[index] ?? body.length))
  const written = chunks
    .filter(({ length }) => length > 0)
    .map((chunk) =>
      Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
    )
  return Buffer.concat([...written, Buffer.from('0\r\n\r\n')])
}

export interface ReceivedResponse {
  readonly status: number
  /** In lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** Octets of the whole response. */
  readonly size: number
}

const HEAD_ENDS = Buffer.from('\r\n\r\n')
const BEGINS = Buffer.from('HTTP/1.1 ')

/**
 * The first response in `buffer`; undefined if it is not all there yet.
 *
 * @throws Error if no server may say this.
 */
export function readResponse(buffer: Buffer): ReceivedResponse | undefined {
  const end = buffer.indexOf(HEAD_ENDS)
  if (end < 0) return undefined
  const [first = '', ...lines] = buffer.subarray(0, end).toString('latin1').split('\r\n')
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(first) ?? []
  if (status === undefined) throw new Error(`the router answered ${JSON.stringify(first.slice(0, 80))}`)
  const headers = new Map(
    lines.map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
    }),
  )
  const from = end + HEAD_ENDS.length
  const response = { status: Number(status), headers }
  const rest = buffer.subarray(from)
  // The answer to a HEAD says how long the body would be, and has none: the next one begins in its place.
  const isEmpty = status.startsWith('1') || status === '204' || rest.indexOf(BEGINS) === 0
  const body = isEmpty
    ? { body: Buffer.alloc(0), size: 0 }
    : headers.get('transfer-encoding') === 'chunked'
      ? readChunks(rest)
      : sized(rest, Number(headers.get('content-length') ?? 0))
  return body === undefined ? undefined : { ...response, body: body.body, size: from + body.size }
}

function sized(rest: Buffer, length: number): { body: Buffer; size: number } | undefined {
  return rest.length < length ? undefined : { body: rest.subarray(0, length), size: length }
}

function readChunks(rest: Buffer): { body: Buffer; size: number } | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const length = Number.parseInt(rest.toString('latin1', at, lineEnd), 16)
    const from = lineEnd + 2
    if (rest.length < from + length + 2) return undefined
    if (length === 0) return { body: Buffer.concat(chunks), size: from + 2 }
    chunks.push(rest.subarray(from, from + length))
    at = from + length + 2
  }
}
