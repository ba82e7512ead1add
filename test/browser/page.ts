/** What the bundle of a page puts at the disposal of the tests, as the global `wampkit`: they run functions in the page. */
import {
  ApplicationError,
  Client,
  type ClientOptions,
  callee,
  currentEvent,
  currentInvocation,
  json,
  subscriber,
} from 'wampkit'
import { cbor } from 'wampkit/serializers/cbor'
import { msgpack } from 'wampkit/serializers/msgpack'
import { longPoll } from 'wampkit/transports/longpoll'

export * from 'wampkit'
export { Service as Decorated } from '../fixtures/decorated.js'

const FORMATS = { json, msgpack, cbor }

/** Where a router is, and what is spoken with it. */
export interface Place {
  /** `ws:`, or `http:` for long-poll. */
  readonly url: string
  readonly format?: keyof typeof FORMATS
}

/** The options of a client that joins there. */
export function at({ url, format = 'json' }: Place): ClientOptions {
  const way = url.startsWith('http') ? { transport: longPoll(url) } : { url }
  return { ...way, realm: 'realm1', serializers: [FORMATS[format]()] }
}

const services: PageService[] = []

/** Stops all that were made in this page. */
export async function stopAll(): Promise<void> {
  await Promise.all(services.map((service) => service.stop()))
}

/** Everything that a page can offer, in one class. */
export class PageService extends Client {
  readonly heard: unknown[] = []
  readonly states: string[] = []
  /** Why sessions were lost. */
  readonly losses: string[] = []
  /** Resolves when there is another session after the first one was lost. */
  readonly joinedAgain: Promise<void>

  constructor(options: ClientOptions) {
    super(options)
    services.push(this)
    this.on('state', ({ state }) => this.states.push(state))
    this.on('leave', ({ error }) => this.losses.push(error?.message ?? 'none'))
    this.joinedAgain = new Promise((resolve) => {
      this.on('join', () => this.losses.length > 0 && resolve())
    })
  }

  @callee('com.example.page.describe')
  describe(...args: unknown[]) {
    const { procedure, details, kwargs } = currentInvocation()
    return {
      procedure,
      kwargs,
      types: args.map(typeOf),
      details: typeof details,
      isPage: 'document' in globalThis,
    }
  }

  @callee('com.example.page.echo')
  echo(value: unknown) {
    return value
  }

  @callee('com.example.page.count')
  async *count(to: number) {
    for (let i = 1; i < to; i++) yield i
    return to
  }

  /** Ends when the caller has had enough. */
  @callee('com.example.page.wait')
  async wait() {
    const { signal } = currentInvocation()
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    this.heard.push('aborted')
    signal.throwIfAborted()
  }

  @callee('com.example.page.fail')
  fail(uri?: string) {
    if (uri !== undefined) throw new ApplicationError(uri, [1, 'two'], { kwargs: { three: 3 } })
    throw new RangeError('out of the window')
  }

  @subscriber('com.example.news.', { match: 'prefix' })
  onNews(...event: unknown[]) {
    this.heard.push([currentEvent().topic, ...event])
  }
}

/** The name of a value's class, which no format may change. */
export function typeOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}
