import { encode as encodeCbor } from 'cbor-x'
import { pack } from 'msgpackr'
import { beforeEach, describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.js'
import { Code, DEFINITIONS, type MessageName } from '../../src/messages/codes.js'
import { type DictKind, KNOWN_KEYS } from '../../src/messages/dictionaries.js'
import type { Message } from '../../src/messages/message.js'
import type { Router } from '../../src/router.js'
import { cborRelay } from '../../src/serializers/cbor/relay.js'
import { jsonRelay } from '../../src/serializers/json/relay.js'
import { msgpackRelay } from '../../src/serializers/msgpack/relay.js'
import type { RelaySerializer } from '../../src/serializers/serializer.js'
import type { TransportReceiver } from '../../src/transports/transport.js'
import { ERROR } from '../../src/uris.js'
import { turn } from '../spec/fake-transport.js'
import {
  BASIC_ROLES,
  bystanders,
  expectEmptyRealm,
  expectError,
  expectResult,
  expectViolation,
  RawClient,
  ROLES,
  routerWithRealm,
} from '../spec/raw-client.js'

/** What a key of each kind must not hold, as JSON can say it. */
const WRONG: { readonly [Kind in DictKind]: readonly unknown[] } = {
  bool: [0, 1, 'true', [], {}],
  string: [0, true, [], {}],
  integer: [-1, 1.5, '1', true, [], {}],
  id: [0, -1, 1.5, 2 ** 53 + 2, '1', true, [], {}],
  dict: [0, 'text', true, []],
  strings: ['a', [1], ['a', null], [['a']], {}, 0],
  ids: [1, ['1'], [0], [1.5], [1, null], {}],
  dicts: [{}, ['a'], [[]], [null], 0],
  match: ['regex', 'EXACT', '', 1, ['exact'], {}],
  invoke: ['all', 'round_robin', '', 1, ['first'], {}],
  mode: ['abort', 'KILL', '', 1, {}],
  enc_algo: ['rot13', 'x_', '', 1, {}],
  enc_serializer: ['xml', '', 1, {}],
}

/** What a client may say during a session: everything but the dictionary is right. */
const SAID: Readonly<Record<string, (dict: unknown) => unknown[]>> = {
  PUBLISH: (options) => [Code.PUBLISH, 1, options, 'com.example.topic'],
  SUBSCRIBE: (options) => [Code.SUBSCRIBE, 1, options, 'com.example.topic'],
  REGISTER: (options) => [Code.REGISTER, 1, options, 'com.example.p'],
  CALL: (options) => [Code.CALL, 1, options, 'com.example.bystander'],
  CANCEL: (options) => [Code.CANCEL, 1, options],
  YIELD: (options) => [Code.YIELD, 1, options],
  ERROR: (details) => [Code.ERROR, Code.INVOCATION, 1, details, 'com.example.error'],
  GOODBYE: (details) => [Code.GOODBYE, details, 'wamp.close.close_realm'],
}

const FORMATS: Readonly<Record<string, { relay: () => RelaySerializer; write: (list: unknown) => unknown }>> =
  {
    json: { relay: jsonRelay, write: (list) => JSON.stringify(list) },
    msgpack: { relay: msgpackRelay, write: (list) => new Uint8Array(pack(list)) },
    cbor: { relay: cborRelay, write: (list) => new Uint8Array(encodeCbor(list)) },
  }

/** A client that writes whatever a test wants in one of the formats. */
class RawWriter {
  readonly heard: Message[] = []
  isClosed = false
  readonly #relay: RelaySerializer
  readonly #write: (list: unknown) => unknown
  #receiver: TransportReceiver | undefined

  constructor(router: Router, format: string) {
    const { relay, write } = FORMATS[format] ?? { relay: jsonRelay, write: JSON.stringify }
    this.#relay = relay()
    this.#write = write
    router.accept({
      info: { kind: 'raw', local: true },
      start: (receiver) => {
        this.#receiver = receiver
      },
      send: (message) => {
        if (!this.isClosed) this.heard.push(this.#relay.decode(this.#relay.encode(message)))
      },
      close: () => {
        if (this.isClosed) return
        this.isClosed = true
        queueMicrotask(() => this.#receiver?.closed())
      },
    })
  }

  say(list: unknown): void {
    if (this.isClosed) return
    try {
      this.#receiver?.receive(this.#relay.decode(this.#write(list) as string & Uint8Array))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#receiver?.reject(error)
    }
  }

  join(): this {
    this.say([Code.HELLO, 'realm1', { roles: ROLES }])
    expect(this.heard.shift()?.code).toBe(Code.WELCOME)
    return this
  }

  expectAbort(sentence: string): void {
    expect(this.heard).toMatchObject([{ code: Code.ABORT, reason: ERROR.protocolViolation }])
    const [abort] = this.heard
    expect(abort).toMatchObject({ details: { message: expect.stringContaining(sentence) } })
    expect(this.isClosed).toBe(true)
  }
}

describe('an option of the wrong type aborts the session that says it, and nobody else notices (messages.md)', () => {
  const cases = Object.keys(FORMATS).flatMap((format) =>
    [...Object.keys(SAID), 'HELLO'].flatMap((name) =>
      Object.entries(KNOWN_KEYS[name as MessageName] ?? {}).map(([key, kind]) => ({
        format,
        name,
        key,
        kind,
      })),
    ),
  )

  it.each(cases)('$format: $name, $key', async ({ format, name, key, kind }) => {
    const router = routerWithRealm()
    const othersGoOn = bystanders(router)
    const sessions = router.realms.get('realm1')?.sessions.size
    for (const value of WRONG[kind]) {
      const raw = new RawWriter(router, format)
      if (name === 'HELLO') raw.say([Code.HELLO, 'realm1', { roles: ROLES, [key]: value }])
      else raw.join().say(SAID[name]?.({ [key]: value }))
      raw.expectAbort(`${key} must be`)
      await turn()
      expect(router.realms.get('realm1')?.sessions.size).toBe(sessions)
    }
    othersGoOn()
  })

  it.each(Object.entries(KNOWN_KEYS).filter(([name]) => name in SAID && name !== 'GOODBYE'))(
    '%s: what is null was not given, and what is not known is ignored',
    async (name, known) => {
      const router = routerWithRealm()
      const othersGoOn = bystanders(router)
      const nulls = Object.fromEntries(Object.keys(known ?? {}).map((key) => [key, null]))
      const unknown = { _mine_own: [1], something_new: { a: 1 }, constructor: 1, toString: 'x' }
      for (const options of [nulls, unknown, JSON.parse('{"__proto__": {"acknowledge": true}}')]) {
        const raw = RawClient.join(router)
        if (name === 'YIELD' || name === 'ERROR') {
          const caller = RawClient.join(router)
          raw.register('com.example.own')
          caller.call('com.example.own')
          raw.invoked()
        }
        raw.transport.sayWire(SAID[name]?.(options))
        for (const message of raw.transport.unread) expect(message.code).not.toBe(Code.ABORT)
        expect(raw.transport.isClosed).toBe(false)
        raw.transport.end()
        if (name !== 'CALL') othersGoOn()
      }
    },
  )

  it.each(['json', 'msgpack', 'cbor'])('%s: options that are no dictionary', async (format) => {
    const router = routerWithRealm()
    const othersGoOn = bystanders(router)
    for (const make of Object.values(SAID))
      for (const options of [[], null, 1, 'text', true]) {
        const raw = new RawWriter(router, format).join()
        raw.say(make(options))
        raw.expectAbort('must be a dictionary')
      }
    othersGoOn()
  })
})

describe('what a feature does not allow, and what it ignores', () => {
  let router: Router
  let raw: RawClient
  let othersGoOn: () => void

  beforeEach(() => {
    router = routerWithRealm()
    othersGoOn = bystanders(router)
    raw = RawClient.join(router)
  })

  const PACKED = { ppt_scheme: 'x_packed' }

  it.each<[string, (client: RawClient) => void]>([
    ['CALL', (client) => client.call('com.example.bystander', ['x'], PACKED)],
    ['PUBLISH', (client) => client.publish('com.example.topic', ['x'], PACKED)],
  ])('a %s in passthru mode of who has not announced that aborts its session', (_, say) => {
    const basic = RawClient.join(router, { roles: BASIC_ROLES })
    say(basic)
    expectViolation(basic, /payload_passthru_mode/)
    othersGoOn()
  })

  it.each([{}, { progress: true }])(
    'a YIELD in passthru mode, with %j, likewise; its caller is told',
    (more) => {
      const basic = RawClient.join(router, { roles: BASIC_ROLES })
      basic.register('com.example.p')
      const call = raw.call('com.example.p')
      basic.yield(basic.invoked(), ['x'], { ...PACKED, ...more })
      expectViolation(basic, /payload_passthru_mode/)
      expectError(raw, Code.CALL, call, ERROR.canceled)
      othersGoOn()
    },
  )

  it('an empty ppt_scheme is none', () => {
    const basic = RawClient.join(router, { roles: BASIC_ROLES })
    basic.publish('com.example.topic', ['x'], { ppt_scheme: '', acknowledge: true })
    expect(basic.hears(Code.PUBLISHED).requestId).toBe(1)
  })

  it('a testament that its session could not have published is refused, and others are published', async () => {
    const basic = RawClient.join(router, { roles: BASIC_ROLES })
    const leaves = RawClient.join(router)
    leaves.subscribe('wamp.session.on_leave')
    leaves.subscribe('com.example.testament')
    basic.call(
      'wamp.session.add_testament',
      ['com.example.testament', [1], {}],
      {},
      { publish_options: PACKED },
    )
    expect((await basic.transport.hearsSoon(Code.ERROR)).error).toBe(ERROR.featureNotSupported)
    basic.call('wamp.session.add_testament', ['com.example.testament', [2], {}])
    await basic.transport.hearsSoon(Code.RESULT)
    basic.leave()
    const heard = leaves.transport.unread.splice(0)
    expect(heard.map((message) => 'payload' in message && message.payload.args[0])).toEqual([
      2,
      basic.sessionId,
    ])
    othersGoOn()
  })

  it('a call in parts of who has not announced that aborts its session', () => {
    const basic = RawClient.join(router, { roles: BASIC_ROLES })
    basic.call('com.example.bystander', [1], { progress: true })
    expectViolation(basic, /progressive_call_invocations/)
    othersGoOn()
  })

  it.each([
    ['runmode partition without a key', { runmode: 'partition' }, ERROR.invalidArgument],
    ['runmode all', { runmode: 'all' }, ERROR.featureNotSupported],
    ['a runmode that nobody knows', { runmode: 'x'.repeat(10_000) }, ERROR.featureNotSupported],
  ])('%s fails the call, and the session goes on', (_, options, uri) => {
    const call = raw.call('com.example.bystander', [], options)
    expectError(raw, Code.CALL, call, uri)
    raw.register('com.example.own')
    othersGoOn()
  })

  it('an rkey without a runmode, an nkey nobody needs, and a timeout of 2^53 are taken as they are', () => {
    const callee = RawClient.join(router)
    callee.register('com.example.p', { nkey: '' })
    const call = raw.call('com.example.p', [1], { rkey: '', timeout: 2 ** 53 })
    callee.yield(callee.invoked(), [2])
    expectResult(raw, call, 2)
  })

  it('lists with thousands of names are searched, and not believed to be short', () => {
    const subscriber = RawClient.join(router)
    subscriber.subscribe('com.example.topic')
    const many = Array.from({ length: 20_000 }, (_, n) => `somebody-${n}`)
    raw.publish('com.example.topic', [1], { eligible_authid: many })
    subscriber.hearsNothing()
    raw.publish('com.example.topic', [2], { exclude_authid: many, exclude_authrole: many })
    expect(subscriber.hears(Code.EVENT).payload.args).toEqual([2])
    othersGoOn()
  })

  it.each(Object.keys(DEFINITIONS))('%s with its dictionary in the wrong place is no message', (name) => {
    const { code, fields } = DEFINITIONS[name as MessageName]
    raw.transport.sayWire([code, ...fields.map(({ kind }) => (kind === 'dict' ? 'text' : {}))])
    expectViolation(raw, /must be/)
    othersGoOn()
  })

  it('nothing is left of those who were aborted', async () => {
    const fresh = routerWithRealm()
    const aborted = [1, 2, 3].map(() => RawClient.join(fresh))
    for (const client of aborted) {
      client.register('com.example.p', { invoke: 'roundrobin', nkey: 'n' })
      client.subscribe('com.', { match: 'prefix', nkey: 'n', get_retained: true })
      client.transport.sayWire([Code.CALL, 3, { timeout: 'soon' }, 'com.example.p'])
    }
    await turn()
    expectEmptyRealm(fresh)
  })
})
