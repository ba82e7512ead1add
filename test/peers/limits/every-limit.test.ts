import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkedConfiguration } from '../../../src/configuration/read-configuration.js'
import { routerOf } from '../../../src/configuration/router-of.js'
import { configurationSchema } from '../../../src/configuration/schema.js'
import { Client } from '../../../src/index.js'
import { silentLogger } from '../../../src/logger.js'
import type { Router } from '../../../src/router.js'
import { turns } from '../../transports/recorder.js'
import { frame, TEXT } from '../../transports/websocket/raw-client.js'
import { closeAfter, HELLO, portOf, Visitor } from './visitor.js'

type Counters = Router['counters']

interface Limit {
  /** Where it stands in a configuration. */
  readonly key: string
  readonly value: unknown
  readonly counter: keyof Counters
  /** Does what is too much, over and over if need be, until it was counted. */
  readonly break: (router: Router, isCounted: () => boolean) => Promise<void>
  /** What the configuration needs besides. */
  readonly more?: object
}

/** The configuration with the limit, as a file would have it. */
async function routerWith({ key, value, more = {} }: Limit): Promise<Router> {
  const [outer = '', inner] = key.split('.')
  const keys = inner === undefined ? { [outer]: value } : { [outer]: { [inner]: value } }
  const realms = [{ name: 'realm1', auth: [{ method: 'anonymous' }] }]
  const configuration = checkedConfiguration({
    realms,
    listen: { port: 0 },
    closeTimeout: 50,
    heartbeat: 0,
    ...keys,
    ...more,
  })
  const { router, listen } = await routerOf({ file: 'test', folder: '.', configuration }, silentLogger)
  closeAfter(router)
  for (const place of listen) await router.listen(place)
  return router
}

/** Somebody who has joined says this. */
const saying =
  (...messages: unknown[][]) =>
  async (router: Router) => {
    const visitor = await Visitor.join(portOf(router))
    visitor.sayAtOnce(messages)
  }

/** So many come. */
const coming = (count: number, hello?: unknown) => async (router: Router) => {
  for (let i = 0; i < count; i++) {
    const visitor = await Visitor.come(portOf(router))
    if (hello === undefined) continue
    visitor.say(hello)
    await visitor.hears()
  }
}

const octets = (length: number) => Buffer.alloc(length, 0x20)

/** Somebody reads nothing that is published to it. */
const readingSlowly = async (router: Router, isCounted: () => boolean) => {
  const visitor = await Visitor.join(portOf(router))
  visitor.say([32, 1, {}, 'com.example.t'])
  await visitor.hears()
  visitor.client.socket.pause()
  const client = new Client({ url: router.urls[0] ?? '', realm: 'realm1', reconnect: false })
  await client.start()
  while (!isCounted()) {
    void client.publish('com.example.t', ['x'.repeat(64 * 1024)])
    await turns()
  }
  visitor.client.socket.resume()
  await client.stop()
}

const call = (id: number, procedure = 'com.example.p', options = {}) => [48, id, options, procedure]
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
const ticket = [1, 'realm1', { roles: { caller: {} }, authmethods: ['ticket'], authid: 'ada' }]
const principals = { ada: { ticket: 'right', role: 'user' } }
const withTickets = { realms: [{ name: 'realm1', auth: [{ method: 'ticket', principals }] }] }

async function guessing(router: Router): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const visitor = await Visitor.come(portOf(router))
    visitor.say(ticket)
    if ((await visitor.hears())[0] !== 4) return
    visitor.say([5, 'wrong', {}])
    await visitor.hears()
  }
}

const LIMITS: Limit[] = [
  {
    key: 'maxMessageSize',
    value: 100_000,
    counter: 'messagesTooLong',
    break: async (router) => {
      const visitor = await Visitor.join(portOf(router))
      visitor.client.socket.write(frame(TEXT, octets(100_001)))
    },
  },
  {
    key: 'limits.maxMessageSizeBeforeLogin',
    value: 1_000,
    counter: 'messagesTooLong',
    break: async (router) => {
      const visitor = await Visitor.come(portOf(router))
      visitor.client.socket.write(frame(TEXT, octets(1_001)))
    },
  },
  {
    key: 'maxDepth',
    value: 10,
    counter: 'messagesTooDeep',
    break: saying([...call(1), [nested(10)]]),
  },
  {
    key: 'limits.uriLength',
    value: 64,
    counter: 'urisTooLong',
    break: saying(call(1, 'x'.repeat(65))),
  },
  {
    key: 'limits.sessions',
    value: 1,
    counter: 'refusedByLimit',
    break: coming(2, HELLO),
  },
  {
    key: 'limits.sessionsPerAuthid',
    value: 1,
    counter: 'refusedByLimit',
    more: withTickets,
    break: async (router) => {
      for (let i = 0; i < 2; i++) {
        const visitor = await Visitor.come(portOf(router))
        visitor.say(ticket)
        await visitor.hears()
        visitor.say([5, 'right', {}])
        await visitor.hears()
      }
    },
  },
  {
    key: 'limits.connectionsPerAddress',
    value: 1,
    counter: 'refusedByLimit',
    more: { listen: { port: 0, trustedProxies: ['127.0.0.0/8'] } },
    break: async (router) => {
      for (let i = 0; i < 2; i++) await Visitor.come(portOf(router), ['X-Forwarded-For: 192.0.2.1'])
    },
  },
  {
    key: 'limits.localConnections',
    value: 1,
    counter: 'refusedByLimit',
    break: coming(2),
  },
  {
    key: 'limits.handshakeTimeout',
    value: 20,
    counter: 'timedOut',
    break: async (router) => void connect(portOf(router), '127.0.0.1').on('error', () => {}),
  },
  {
    key: 'limits.messagesPerSecond',
    value: 10,
    counter: 'throttled',
    break: saying(...Array.from({ length: 20 }, (_, i) => call(i + 1))),
  },
  {
    key: 'limits.messageBurst',
    value: 5,
    counter: 'throttled',
    more: { limits: { messagesPerSecond: 1_000, messageBurst: 5 } },
    break: saying(...Array.from({ length: 20 }, (_, i) => call(i + 1))),
  },
  {
    key: 'limits.failedLogins',
    value: 2,
    counter: 'refusedByLimit',
    more: withTickets,
    break: guessing,
  },
  {
    key: 'limits.failedLoginsPerAddress',
    value: 2,
    counter: 'refusedByLimit',
    more: withTickets,
    break: guessing,
  },
  {
    key: 'sessionLimits.registrations',
    value: 1,
    counter: 'refusedByLimit',
    break: saying([64, 1, {}, 'com.example.a'], [64, 2, {}, 'com.example.b']),
  },
  {
    key: 'sessionLimits.subscriptions',
    value: 1,
    counter: 'refusedByLimit',
    break: saying([32, 1, {}, 'com.example.a'], [32, 2, {}, 'com.example.b']),
  },
  {
    key: 'sessionLimits.calls',
    value: 1,
    counter: 'refusedByLimit',
    break: saying([64, 1, {}, 'com.example.p'], call(2), call(3)),
  },
  {
    key: 'sessionLimits.reroutedBytes',
    value: 100,
    counter: 'refusedByLimit',
    break: async (router) => {
      const visitor = await Visitor.come(portOf(router))
      const roles = { caller: {}, callee: { features: { call_reroute: true, shared_registration: true } } }
      visitor.say([1, 'realm1', { roles }])
      await visitor.hears()
      visitor.sayAtOnce([[64, 1, { invoke: 'first' }, 'com.example.p'], call(2)])
    },
  },
  {
    key: 'sessionLimits.testamentBytes',
    value: 1_000,
    counter: 'refusedByLimit',
    break: saying([48, 1, {}, 'wamp.session.add_testament', ['com.example.t', ['x'.repeat(2_000)], {}]]),
  },
  {
    key: 'sendBufferLimit',
    value: 100_000,
    counter: 'slowConsumersDropped',
    break: readingSlowly,
  },
  {
    key: 'sendBufferLimit',
    value: 1_000_000,
    counter: 'eventsDropped',
    more: { slowConsumers: 'drop-oldest' },
    break: readingSlowly,
  },
  {
    key: 'sendBufferLimit',
    value: 1_000_000,
    counter: 'publishersPaused',
    more: { slowConsumers: 'pause-publisher' },
    break: readingSlowly,
  },
]

/** Those whose counter a session that waits for an authorizer raises. */
const UNDECIDED: Limit[] = (['undecidedMessages', 'undecidedBytes'] as const).map((name) => ({
  key: `limits.${name}`,
  value: 1,
  counter: 'undecided',
  more: {
    realms: [
      {
        name: 'realm1',
        auth: [{ method: 'anonymous' }],
        // Nobody has registered it: each request waits for the error.
        authorizer: { procedure: 'com.example.authorize' },
      },
    ],
  },
  break: saying(...Array.from({ length: 10 }, (_, i) => call(i + 1))),
}))

describe('every limit has a key of the configuration and a counter, which rises when it is broken', () => {
  it.each([...LIMITS, ...UNDECIDED])('$key: $counter', async (limit) => {
    const router = await routerWith(limit)
    expect(router.counters[limit.counter]).toBe(0)
    const isCounted = () => router.counters[limit.counter] > 0
    await limit.break(router, isCounted)
    while (!isCounted()) await turns()
  })

  it('but for those that are none: no key of limits is missing here', () => {
    const { shape } = configurationSchema
    const tested = new Set([...LIMITS, ...UNDECIDED].map(({ key }) => key))
    const keys = (['limits', 'sessionLimits'] as const).flatMap((outer) =>
      Object.keys(shape[outer].unwrap().shape).map((inner) => `${outer}.${inner}`),
    )
    expect(keys.filter((key) => !tested.has(key))).toEqual([])
  })
})
