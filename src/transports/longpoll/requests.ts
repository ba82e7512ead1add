import { ProtocolError } from '../../errors.js'
import { isLocalHost } from '../loopback.js'

/** What `fetch` is told for all requests alike. */
export interface RequestSettings {
  readonly fetch: typeof globalThis.fetch
  readonly headers: Readonly<Record<string, string>>
  readonly credentials: RequestCredentials | undefined
}

/** What a request has besides its URL. */
export interface Posted {
  readonly body?: string | Uint8Array
  readonly contentType?: string
  /** May it outlive the page? */
  readonly keepalive?: boolean
}

/** Characters of an answer that are worth quoting. */
const LONGEST_QUOTE = 500

/** The requests of one long-poll client: `POST`, below one URL. */
export class Requests {
  /** Each request has a signal of its own: to share one would keep what listens to it. */
  readonly #open = new Set<AbortController>()
  #isAborted = false

  constructor(
    private readonly base: URL,
    private readonly settings: RequestSettings,
  ) {}

  /** The other end as it is told to people. */
  get host(): string {
    return this.base.host
  }

  /** Is the other end on this machine? */
  get isLocal(): boolean {
    return isLocalHost(this.base.hostname)
  }

  /**
   * Makes a request, and has its response read. Rejects with whatever `fetch` or `read` does, and if all requests were
   * aborted.
   */
  async post<T>(
    path: readonly string[],
    posted: Posted,
    read: (response: Response) => T,
  ): Promise<Awaited<T>> {
    const control = new AbortController()
    if (this.#isAborted) control.abort()
    this.#open.add(control)
    try {
      return await read(await this.#fetch(path, posted, control.signal))
    } finally {
      this.#open.delete(control)
    }
  }

  /** Ends all requests, and those that might come. */
  abort(): void {
    this.#isAborted = true
    for (const control of this.#open) control.abort()
  }

  #fetch(path: readonly string[], posted: Posted, signal: AbortSignal): Promise<Response> {
    const { fetch, headers, credentials } = this.settings
    const { body, contentType, keepalive } = posted
    const url = new URL(this.base)
    url.pathname = [url.pathname.replace(/\/$/, ''), ...path.map(encodeURIComponent)].join('/')
    return fetch(url.href, {
      method: 'POST',
      headers: contentType === undefined ? headers : { 'content-type': contentType, ...headers },
      // The id of a transport is a secret, and not to be sent anywhere else.
      redirect: 'error',
      cache: 'no-store',
      signal,
      ...(body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
      ...(credentials === undefined ? {} : { credentials }),
      ...(keepalive === undefined ? {} : { keepalive }),
    })
  }
}

/**
 * The body of a response; `moved` is called for each part of it that comes.
 *
 * @throws ProtocolError if it has more than `limit` octets, of which the rest is not read.
 */
export async function bodyOf(response: Response, limit: number, moved?: () => void): Promise<Uint8Array> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) break
    moved?.()
    length += value.length
    if (length > limit) {
      await reader?.cancel()
      throw new ProtocolError(`a message came that is longer than ${limit} bytes`, { limit: 'size' })
    }
    chunks.push(value)
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

/** Reads nothing of a response: its status says all. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel()
}

/** The status of a response, with the beginning of what it says if it is text. */
export async function quote(response: Response): Promise<string> {
  const status = `HTTP status ${response.status} ${response.statusText}`.trimEnd()
  if (response.headers.get('content-type')?.startsWith('text/plain') !== true) {
    await discard(response)
    return status
  }
  const text = await bodyOf(response, 64 * LONGEST_QUOTE).then(
    (body) => new TextDecoder().decode(body).slice(0, LONGEST_QUOTE).trim(),
    () => '',
  )
  return text === '' ? status : `${status}: ${text}`
}

/** Browsers do not tell why there is no answer, so that a page cannot explore the network of its reader; Node does. */
export function whyNoAnswer(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: unknown }; message?: unknown }
  const reason = typeof cause?.message === 'string' && cause.message !== '' ? cause.message : message
  return typeof reason === 'string' ? reason : 'no answer'
}
