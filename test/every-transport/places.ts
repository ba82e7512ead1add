/** A router that is reached by one transport only: a place, for each row of the table. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type ClientOptions, silentLogger } from '../../src/index.js'
import { anonymous, checkTickets, checkWampcra, type ListenOptions, Router } from '../../src/router.js'
import type { Serializer } from '../../src/serializers/serializer.js'
import { batched } from '../../src/transports/batching/batched.js'
import { longPoll } from '../../src/transports/longpoll/longpoll.js'
import { messagePort } from '../../src/transports/message-port/message-port.js'
import type { TransportId } from './table.js'

/** How a client gets there. */
export type Way = Pick<ClientOptions, 'url' | 'router' | 'transport' | 'connection'>

export interface Place extends AsyncDisposable {
  readonly router: Router
  readonly way: Way
  /** Ends the router, and has another one take its place, which knows nothing of the first. */
  restart(): Promise<void>
}

/** What the places of one process have in common. */
export interface Ground {
  /** PEM; the certificate is for 127.0.0.1. */
  readonly cert: string
  readonly key: string
  /** Who has signed it. */
  readonly ca: string
  /** A folder for Unix sockets. */
  readonly folder: string
}

/** The longest message that the routers take, in octets. */
export const LONGEST_MESSAGE = 256 * 1024

export const TICKET = { authid: 'ada', ticket: 'lovelace' } as const
export const SECRET = { authid: 'grace', secret: 'hopper' } as const

function newRouter(): Router {
  return new Router({
    realms: [
      { name: 'realm1', auth: [anonymous()] },
      {
        name: 'vault',
        auth: [
          checkTickets({ [TICKET.authid]: { ticket: TICKET.ticket, authrole: 'engineer' } }),
          checkWampcra({ [SECRET.authid]: { secret: SECRET.secret, authrole: 'admiral' } }),
        ],
      },
    ],
    maxMessageSize: LONGEST_MESSAGE,
    logger: silentLogger,
  })
}

/** A place whose router is opened anew by `open` when it has been restarted. */
class OnePlace implements Place {
  #router = newRouter()
  #way: Way = {}

  constructor(private readonly open: (router: Router, place: OnePlace) => Way | Promise<Way>) {}

  get router(): Router {
    return this.#router
  }

  get way(): Way {
    return this.#way
  }

  async opened(): Promise<this> {
    this.#way = await this.open(this.#router, this)
    return this
  }

  async restart(): Promise<void> {
    const before = this.#router
    this.#router = newRouter()
    await before.close()
    await this.opened()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#router.close()
  }
}

/** A place on a port, or a path, of which `wayOf` makes a client's way there. */
function listening(options: ListenOptions, wayOf: (urls: readonly string[]) => Way): Promise<Place> {
  let port: number | undefined
  return new OnePlace(async (router) => {
    await router.listen(port === undefined ? options : { ...options, port })
    const [url = ''] = router.urls
    if (options.unix === undefined) port = Number(new URL(url).port)
    return wayOf(router.urls)
  }).opened()
}

const byScheme =
  (scheme: RegExp) =>
  (urls: readonly string[]): Way => ({ url: urls.find((url) => scheme.test(url)) ?? '' })

const byWebSocket = byScheme(/^ws/)
const byRawSocket = byScheme(/^(unix\+)?rs/)

/** Opens a place of this transport. */
export const openPlace: Readonly<Record<TransportId, (ground: Ground) => Promise<Place>>> = {
  memory: () =>
    new OnePlace((_, place) => ({
      router: { connect: (serializer: Serializer) => place.router.connect(serializer) },
    })).opened(),

  'message-port': () =>
    new OnePlace((_, place) => {
      const open = () => {
        const { port1, port2 } = new MessageChannel()
        place.router.accept(port2)
        return port1
      }
      return { transport: messagePort(open) }
    }).opened(),

  ws: () => listening({ port: 0 }, byWebSocket),
  wss: ({ cert, key, ca }) => listening({ port: 0, tls: { cert, key } }, trusting(ca, byWebSocket)),
  'ws-batched': () => listening({ port: 0 }, byWebSocket),
  'ws-unix': ({ folder }) => listening({ unix: socketIn(folder) }, byWebSocket),
  'ws-attached': attached,
  'ws-ipv6': () => listening({ port: 0, host: '::1' }, byWebSocket),
  rs: () => listening({ port: 0 }, byRawSocket),
  rss: ({ cert, key, ca }) => listening({ port: 0, tls: { cert, key } }, trusting(ca, byRawSocket)),
  'rs-unix': ({ folder }) => listening({ unix: socketIn(folder) }, byRawSocket),
  'rs-ipv6': () => listening({ port: 0, host: '::1' }, byRawSocket),
  longpoll: () => listening({ port: 0 }, (urls) => ({ url: longPollUrl(urls) })),
  'longpoll-tls': ({ cert, key }) =>
    listening({ port: 0, tls: { cert, key } }, (urls) => ({ url: longPollUrl(urls) })),
  'longpoll-single': () =>
    listening({ port: 0 }, (urls) => ({ transport: longPoll(longPollUrl(urls), { fetch: withoutBatches }) })),
}

/** What a client of this transport writes with. */
export function serializerFor(id: TransportId, serializer: Serializer): Serializer {
  return id === 'ws-batched' ? batched(serializer) : serializer
}

function trusting(ca: string, wayOf: (urls: readonly string[]) => Way): (urls: readonly string[]) => Way {
  return (urls) => ({ ...wayOf(urls), connection: { tls: { ca } } })
}

let sockets = 0

function socketIn(folder: string): string {
  return join(folder, `${++sockets}.sock`)
}

function longPollUrl(urls: readonly string[]): string {
  return `${(byWebSocket(urls).url ?? '').replace('ws', 'http')}/longpoll`
}

/** Leaves out of what is offered to a router all that is batched, as if it knew none. */
const withoutBatches: typeof fetch = (url, request = {}) => {
  if (!String(url).endsWith('/open')) return fetch(url, request)
  const { protocols } = JSON.parse(String(request.body)) as { protocols: string[] }
  const plain = protocols.filter((protocol) => !protocol.endsWith('.batched'))
  return fetch(url, { ...request, body: JSON.stringify({ protocols: plain }) })
}

/** In an HTTP server of an application, which goes on when the router is restarted. */
async function attached(): Promise<Place> {
  const server = createServer((_, response) => response.writeHead(404).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const place = await new OnePlace((router) => {
    router.attach(server)
    return { url: `ws://127.0.0.1:${port}/ws` }
  }).opened()
  return {
    get router() {
      return place.router
    },
    way: place.way,
    restart: () => place.restart(),
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
