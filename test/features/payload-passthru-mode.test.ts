import { describe, expect, it } from 'vitest'
import {
  ApplicationError,
  CallResult,
  type Client,
  currentInvocation,
  json,
  type Passthru,
  UsageError,
} from '../../src/index.js'
import { Code } from '../../src/messages/codes.js'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { ERROR } from '../../src/uris.js'
import { BASIC_ROLES, RawClient } from '../spec/raw-client.js'
import { BASIC_ROUTER_ROLES, joinedClient } from '../spec/raw-router.js'
import { overEach } from './over-each.js'
import { failure, hear, promised, readAll } from './waiting.js'

const PROCEDURE = 'com.example.secret'
const TOPIC = 'com.example.secrets'
const ALL: Passthru = { scheme: 'wamp', serializer: 'cbor', cipher: 'aes256gcm', keyid: 'k1' }
const ON_THE_WIRE = {
  ppt_scheme: 'wamp',
  ppt_serializer: 'cbor',
  ppt_cipher: 'aes256gcm',
  ppt_keyid: 'k1',
}
/** Every octet there is, and some that look like formats. */
const BYTES = new Uint8Array([...Array.from({ length: 256 }, (_, n) => n), 0xc1, 0xff, 0x22, 0x5b, 0x00])

const FORMATS = { json, msgpack, cbor }
const PAIRS = (['json', 'msgpack', 'cbor'] as const).flatMap((from) =>
  (['json', 'msgpack', 'cbor'] as const).map((to) => [from, to] as const),
)

function sealed(bytes: Uint8Array): CallResult {
  return new CallResult([bytes], {}, { ppt_scheme: 'x_sealed', ppt_keyid: 'k2' })
}

overEach('Payload Passthru Mode (payload_passthru_mode.md)', (open) => {
  it.each(PAIRS)(
    'a call from %s to %s, and its result: the same octets, and how to read them',
    async (from, to) => {
      await using place = await open()
      const caller = await place.join({ serializers: [FORMATS[from]()] })
      const callee = await place.join({ serializers: [FORMATS[to]()] })
      const told = promised<unknown>()
      await callee.register(PROCEDURE, (bytes: Uint8Array) => {
        told.resolve([bytes, currentInvocation().details])
        return sealed(bytes.slice().reverse())
      })
      const options = { passthru: ALL, details: true } as const
      const result = await caller.call(PROCEDURE, [BYTES], undefined, options)
      expect(await told.promise).toEqual([BYTES, ON_THE_WIRE])
      expect(result.args).toEqual([BYTES.slice().reverse()])
      expect(result.details).toEqual({ ppt_scheme: 'x_sealed', ppt_keyid: 'k2' })
    },
  )

  it.each(PAIRS)('an event from %s to %s: the same octets, and how to read them', async (from, to) => {
    await using place = await open()
    const publisher = await place.join({ serializers: [FORMATS[from]()] })
    const subscriber = await place.join({ serializers: [FORMATS[to]()] })
    const heard = await hear(subscriber, TOPIC)
    const pattern = await hear(subscriber, 'com.', { match: 'prefix' })
    await publisher.publish(TOPIC, [BYTES], undefined, { passthru: { scheme: 'mqtt', serializer: 'native' } })
    const details = { ppt_scheme: 'mqtt', ppt_serializer: 'native' }
    expect(await heard.first(1)).toMatchObject([{ args: [BYTES], kwargs: {}, details }])
    expect(await pattern.first(1)).toMatchObject([{ args: [BYTES], details: { ...details, topic: TOPIC } }])
  })

  it('no payload at all is binary too', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, (bytes: Uint8Array) => bytes.length)
    const empty = new Uint8Array()
    expect(await caller.call(PROCEDURE, [empty], undefined, { passthru: { scheme: 'x_a' } })).toBe(0)
  })

  it('what is not given is not told', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, () => currentInvocation().details)
    const told = await caller.call(PROCEDURE, [BYTES], undefined, { passthru: { scheme: 'x_a' } })
    expect(told).toEqual({ ppt_scheme: 'x_a' })
  })

  it('it goes with progressive results', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, function* () {
      yield sealed(new Uint8Array([1]))
      yield sealed(new Uint8Array([2]))
      return sealed(new Uint8Array([3]))
    })
    const progress: CallResult[] = []
    const onProgress = (value: unknown) => progress.push(value as CallResult)
    const options = { passthru: ALL, onProgress, details: true } as const
    const final = await caller.call(PROCEDURE, [BYTES], undefined, options)
    expect([...progress, final].map(({ args, details }) => [args[0], details.ppt_scheme])).toEqual([
      [new Uint8Array([1]), 'x_sealed'],
      [new Uint8Array([2]), 'x_sealed'],
      [new Uint8Array([3]), 'x_sealed'],
    ])
  })

  it('it goes with a call in parts, of which each is one binary value', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(
      PROCEDURE,
      async (parts: AsyncIterable<Uint8Array>) => {
        const { ppt_scheme } = currentInvocation().details
        const { seen } = await readAll(parts)
        return [ppt_scheme, ...seen.map((part) => [...part])]
      },
      { progressiveInvocations: true },
    )
    async function* parts() {
      yield new Uint8Array([1])
      return new Uint8Array([2, 3])
    }
    const call = caller.call(PROCEDURE, parts(), undefined, { passthru: ALL })
    expect(await call).toEqual(['wamp', [1], [2, 3]])
  })

  it('a later part that is not one binary value fails the call before it is sent', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    const read = promised<unknown[]>()
    await callee.register(
      PROCEDURE,
      async (parts: AsyncIterable<unknown>) => read.resolve((await readAll(parts)).seen),
      { progressiveInvocations: true },
    )
    async function* parts() {
      yield new Uint8Array([1])
      yield 'in clear'
    }
    const call = failure(caller.call(PROCEDURE, parts(), undefined, { passthru: ALL }))
    expect(await call).toBeInstanceOf(UsageError)
    expect(await read.promise).toEqual([new Uint8Array([1])])
  })

  it('an error may be sealed too', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, (bytes) => {
      throw new ApplicationError('com.example.error.sealed', [bytes], { details: { ppt_scheme: 'x_sealed' } })
    })
    const error = await failure(caller.call(PROCEDURE, [BYTES], undefined, { passthru: ALL }))
    expect(error).toMatchObject({
      uri: 'com.example.error.sealed',
      args: [BYTES],
      details: { ppt_scheme: 'x_sealed' },
    })
  })

  it('a callee that answers in clear is understood', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, () => 'in clear')
    const options = { passthru: ALL, details: true } as const
    expect(await caller.call(PROCEDURE, [BYTES], undefined, options)).toMatchObject({
      args: ['in clear'],
      details: {},
    })
  })

  it('a result that says it is sealed, and is not one binary value, fails the call', async () => {
    await using place = await open()
    const [callee, caller] = await place.joinAll('', '')
    await callee.register(PROCEDURE, () => new CallResult(['in clear'], {}, { ppt_scheme: 'x_sealed' }))
    expect(await failure(caller.call(PROCEDURE, [BYTES], undefined, { passthru: ALL }))).toMatchObject({
      name: 'ApplicationError',
    })
  })

  it('an event is retained and kept with what tells how to read it', async () => {
    await using place = await open({ history: [{ topic: TOPIC }] })
    const [publisher, subscriber] = await place.joinAll('', '')
    await publisher.publish(TOPIC, [BYTES], undefined, { passthru: ALL, retain: true, acknowledge: true })
    const heard = await hear(subscriber, TOPIC, { getRetained: true })
    const expected = [{ args: [BYTES], details: ON_THE_WIRE }]
    expect(await heard.first(1)).toMatchObject(expected)
    expect(await subscriber.history(TOPIC)).toMatchObject(expected)
  })

  it('a sealed event keeps its other options', async () => {
    await using place = await open()
    const [ada, bob, publisher] = await place.joinAll('ada:engineer', 'bob:guest', 'pub:engineer')
    const heard = await Promise.all([ada, bob].map((client) => hear(client, TOPIC)))
    const options = { passthru: ALL, discloseMe: true, exclude: { authroles: ['guest'] }, acknowledge: true }
    await publisher.publish(TOPIC, [BYTES], undefined, options)
    expect(await heard[0]?.first(1)).toMatchObject([
      { args: [BYTES], publisher: { authid: 'pub' }, details: ON_THE_WIRE },
    ])
    await bob.meta.session.count()
    expect(heard[1]?.values).toEqual([])
  })

  it.each<[string, unknown[], Record<string, unknown> | undefined, Passthru]>([
    ['no argument', [], undefined, ALL],
    ['two arguments', [BYTES, BYTES], undefined, ALL],
    ['text', ['in clear'], undefined, ALL],
    ['a list of numbers', [[1, 2]], undefined, ALL],
    ['another view of memory', [new Uint16Array(2)], undefined, ALL],
    ['keywords', [BYTES], { a: 1 }, ALL],
    ['no scheme', [BYTES], undefined, {} as Passthru],
    ['an empty scheme', [BYTES], undefined, { scheme: '' }],
  ])('%s is refused before it is sent', async (_, args, kwargs, passthru) => {
    await using place = await open()
    const client = await place.join()
    for (const attempt of [
      client.call(PROCEDURE, args, kwargs, { passthru }),
      client.publish(TOPIC, args, kwargs, { passthru }),
    ])
      expect(await failure(attempt)).toBeInstanceOf(UsageError)
    expect(await client.meta.session.count()).toBe(1)
  })

  it('a callee that has not announced it is not called: wamp.error.feature_not_supported', async () => {
    await using place = await open()
    const caller = await place.join()
    const callee = RawClient.join(place.router, { roles: BASIC_ROLES })
    callee.register(PROCEDURE)
    const error = await failure(caller.call(PROCEDURE, [BYTES], undefined, { passthru: ALL }))
    expect(error).toMatchObject({ uri: ERROR.featureNotSupported })
    callee.hearsNothing()
    callee.leave()
  })

  it('a caller that has not announced it gets an error, and so does the callee, which goes on', async () => {
    await using place = await open()
    const callee = await place.join()
    await callee.register(PROCEDURE, () => sealed(BYTES))
    const caller = RawClient.join(place.router, { roles: BASIC_ROLES })
    caller.call(PROCEDURE)
    expect((await caller.transport.hearsSoon(Code.ERROR)).error).toBe(ERROR.featureNotSupported)
    await callee.meta.session.count()
    expect(place.errors.splice(0)).toMatchObject([{ uri: ERROR.featureNotSupported }])
    caller.leave()
    const other = await place.join()
    expect(await other.call(PROCEDURE)).toEqual(BYTES)
  })

  it('a subscriber that has not announced it gets the event all the same', async () => {
    await using place = await open()
    const publisher = await place.join()
    const subscriber = RawClient.join(place.router, { roles: BASIC_ROLES })
    subscriber.subscribe(TOPIC)
    await publisher.publish(TOPIC, [BYTES], undefined, { passthru: ALL, acknowledge: true })
    const event = subscriber.hears(Code.EVENT)
    expect([event.payload.args, event.details]).toEqual([[BYTES], ON_THE_WIRE])
    subscriber.leave()
  })
})

describe('Payload Passthru Mode, with a router that has not announced it (payload_passthru_mode.md)', () => {
  const attempts: [string, (client: Client) => Promise<unknown>][] = [
    ['call', (client) => client.call(PROCEDURE, [BYTES], undefined, { passthru: ALL })],
    ['publish', (client) => client.publish(TOPIC, [BYTES], undefined, { passthru: ALL })],
  ]

  it.each(attempts)('%s is refused before it is sent', async (_, attempt) => {
    const { client, router } = await joinedClient({ routerRoles: BASIC_ROUTER_ROLES })
    expect(await failure(attempt(client))).toBeInstanceOf(UsageError)
    await router.hearsNothing()
  })

  it('a result is not sent either: the caller gets an error', async () => {
    const { client, router } = await joinedClient({ routerRoles: BASIC_ROUTER_ROLES })
    const registering = client.register(PROCEDURE, () => sealed(BYTES))
    await router.registers(1)
    await registering
    router.invoke(1)
    expect((await router.hears(Code.ERROR)).error).toBe(ERROR.runtimeError)
  })
})
