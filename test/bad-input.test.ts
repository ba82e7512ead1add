import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RawData, WebSocket } from 'ws'
import { Client } from '../src/index.js'
import { Code, DEFINITIONS } from '../src/messages/codes.js'
import { fromWire } from '../src/messages/wire.js'
import { Router } from '../src/router.js'
import { cbor } from '../src/serializers/cbor/cbor.js'
import { json } from '../src/serializers/json/json.js'
import { msgpack } from '../src/serializers/msgpack/msgpack.js'
import type { Serializer } from '../src/serializers/serializer.js'
import { ERROR } from '../src/uris.js'

// A whole router on a real port, and clients that do not keep to the protocol. After each of them, two well-behaved
// clients still talk to each other in the sessions that they have had all along.

const MAX_MESSAGE_SIZE = 64 * 1024
const HELLO = [Code.HELLO, 'realm1', { roles: { caller: {}, callee: {}, publisher: {}, subscriber: {} } }]

let router: Router
let url = ''
let service: Client
let bystander: Client
let left = 0

beforeAll(async () => {
  router = await new Router({
    realms: [{ name: 'realm1' }],
    maxMessageSize: MAX_MESSAGE_SIZE,
    maxDepth: 32,
  }).listen({ port: 0 })
  url = router.urls[0] ?? ''
  service = await new Client({ url, realm: 'realm1' }).start()
  await service.register('com.example.echo', (value: unknown) => value)
  bystander = await new Client({ url, realm: 'realm1' }).start()
  for (const client of [service, bystander]) client.on('leave', () => left++)
})

afterAll(async () => {
  await bystander.stop()
  await service.stop()
  await router.close()
})

async function expectNobodyNoticed() {
  expect(await bystander.call('com.example.echo', ['still here'])).toBe('still here')
  expect(left).toBe(0)
}

const serializers = { json: json(), msgpack: msgpack(), cbor: cbor() } as const
type Format = keyof typeof serializers

/** A WebSocket of its own, without our client. */
class RawSocket {
  readonly #heard: unknown[][] = []
  #wake = () => {}

  private constructor(
    readonly ws: WebSocket,
    readonly serializer: Serializer,
  ) {
    ws.on('message', (data: RawData, isBinary) => {
      const bytes = data as Buffer
      const message = this.serializer.decode(isBinary ? bytes : bytes.toString())
      this.#heard.push([...message.head(), ...('payload' in message ? message.payload.toWire() : [])])
      this.#wake()
    })
    ws.on('error', () => {})
    ws.on('close', () => this.#wake())
  }

  static async open(format: Format = 'json'): Promise<RawSocket> {
    const ws = new WebSocket(url, `wamp.2.${format}`)
    const raw = new RawSocket(ws, serializers[format])
    await once(ws, 'open')
    return raw
  }

  static async join(format: Format = 'json'): Promise<RawSocket> {
    const raw = await RawSocket.open(format)
    raw.say(HELLO)
    expect((await raw.hear())?.[0]).toBe(Code.WELCOME)
    return raw
  }

  /** Says a valid message. */
  say(message: unknown[]): void {
    this.ws.send(this.serializer.encode(fromWire(message)))
  }

  /** The next message, or undefined when the socket has closed. */
  async hear(): Promise<unknown[] | undefined> {
    while (this.#heard.length === 0 && this.ws.readyState !== WebSocket.CLOSED)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#heard.shift()
  }

  async expectAbort(sentence?: RegExp): Promise<void> {
    const [code, details, reason] = (await this.hear()) ?? []
    expect(code).toBe(Code.ABORT)
    expect(reason).toBe(ERROR.protocolViolation)
    if (sentence) expect((details as { message: string }).message).toMatch(sentence)
    expect(await this.hear()).toBeUndefined()
  }
}

/** Joins, says this and closes; waits until the router has closed too. */
async function saySomethingLast(
  data: string | Uint8Array,
  format: Format = 'json',
  binary = false,
): Promise<void> {
  const raw = await RawSocket.join(format)
  raw.ws.send(data, { binary })
  raw.ws.close()
  let message = await raw.hear()
  while (message !== undefined) message = await raw.hear()
}

describe('after bad input, the session is aborted, and nobody else notices (building_blocks.md, "Protocol Errors")', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['garbage', 'garbage', /./],
    ['an empty text', '', /./],
    ['an empty list', '[]', /empty/],
    ['no list', '{"48": 1}', /list/],
    ['an unknown message code', '[999, 1, {}]', /known message code/],
    ['a code that is no number', '["CALL", 1, {}, "com.example.p"]', /known message code/],
    ['a message cut short', '[48, 1, {}, "com.exa', /./],
    ['a missing element', '[48, 1, {}]', /CALL.Procedure is missing/],
    ['too many elements', '[48, 1, {}, "com.example.p", [], {}, 1]', /./],
    ['args that are no list', '[48, 1, {}, "com.example.p", "args"]', /Arguments/],
    ['kwargs that are no dictionary', '[48, 1, {}, "com.example.p", [], []]', /ArgumentsKw/],
    ['an id that is no integer', '[48, 1.5, {}, "com.example.p"]', /CALL.Request/],
    ['an id of 0', '[48, 0, {}, "com.example.p"]', /CALL.Request/],
    ['an id above 2^53', '[48, 9007199254740994, {}, "com.example.p"]', /CALL.Request/],
    [
      'nesting beyond the limit',
      `[48, 1, {}, "com.example.p", ${'['.repeat(40)}${']'.repeat(40)}]`,
      /nest|deep|depth/,
    ],
    [
      'nesting far beyond the limit',
      `[48, 1, {}, "com.example.p", ${'['.repeat(30_000)}${']'.repeat(30_000)}]`,
      /nest|deep|depth/,
    ],
    ['a binary frame on a text subprotocol', Buffer.from('[48, 1, {}, "com.example.p"]'), /binary/],
  ])('%s', async (_, data, sentence) => {
    const raw = await RawSocket.join()
    raw.ws.send(data)
    await raw.expectAbort(sentence)
    await expectNobodyNoticed()
  })

  it.each(['msgpack', 'cbor'] as const)('a text frame on the binary subprotocol %s', async (format) => {
    const raw = await RawSocket.join(format)
    raw.ws.send('[48, 1, {}, "com.example.p"]')
    await raw.expectAbort(/text/)
    await expectNobodyNoticed()
  })

  it('a message before HELLO', async () => {
    const raw = await RawSocket.open()
    raw.say([Code.CALL, 1, {}, 'com.example.echo'])
    await raw.expectAbort(/before the session was established/)
    await expectNobodyNoticed()
  })

  it('a second HELLO', async () => {
    const raw = await RawSocket.join()
    raw.say(HELLO)
    await raw.expectAbort(/after the session was established/)
    await expectNobodyNoticed()
  })

  it.each([
    ['duplicate', 1],
    ['skipped', 3],
  ])('a %s request id', async (_, second) => {
    const raw = await RawSocket.join()
    raw.say([Code.CALL, 1, {}, 'com.example.echo', ['x']])
    raw.say([Code.CALL, second, {}, 'com.example.echo', ['x']])
    let message = await raw.hear()
    while (message?.[0] === Code.RESULT) message = await raw.hear()
    expect(message?.[0]).toBe(Code.ABORT)
    await expectNobodyNoticed()
  })

  it('invalid UTF-8 in a text frame closes the connection', async () => {
    const raw = await RawSocket.join()
    raw.ws.send(Buffer.from([0x5b, 0x22, 0xc3, 0x28, 0x22, 0x5d]), { binary: false })
    let message = await raw.hear()
    while (message !== undefined) message = await raw.hear()
    await expectNobodyNoticed()
  })

  it('a message over the size limit closes the connection', async () => {
    const raw = await RawSocket.join()
    raw.ws.send(`[48, 1, {}, "com.example.echo", ["${'x'.repeat(MAX_MESSAGE_SIZE)}"]]`)
    let message = await raw.hear()
    while (message !== undefined) message = await raw.hear()
    await expectNobodyNoticed()
  })

  it('octets that are no HTTP', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write(Buffer.from([0, 1, 2, 3, 255, 254, 10, 10]))
    socket.resume()
    await once(socket, 'close')
    await expectNobodyNoticed()
  })

  it('a client that vanishes with calls under way', async () => {
    const raw = await RawSocket.join()
    for (let id = 1; id <= 50; id++) raw.say([Code.CALL, id, {}, 'com.example.echo', ['x'.repeat(1000)]])
    raw.ws.terminate()
    await expectNobodyNoticed()
  })
})

describe('what a request may get wrong is answered with ERROR, and the session goes on (uri_reference.md)', () => {
  it.each<[string, unknown[], string]>([
    ['a CALL with a bad URI', [Code.CALL, 1, {}, 'com..p'], ERROR.invalidUri],
    ['a CALL of nobody', [Code.CALL, 1, {}, 'com.example.nobody'], ERROR.noSuchProcedure],
    ['a REGISTER with a bad URI', [Code.REGISTER, 1, {}, 'com.#'], ERROR.invalidUri],
    ['a REGISTER of what is taken', [Code.REGISTER, 1, {}, 'com.example.echo'], ERROR.procedureAlreadyExists],
    ['an UNREGISTER of nothing', [Code.UNREGISTER, 1, 4711], ERROR.noSuchRegistration],
    ['a SUBSCRIBE with a bad URI', [Code.SUBSCRIBE, 1, {}, 'com. example'], ERROR.invalidUri],
    ['an UNSUBSCRIBE of nothing', [Code.UNSUBSCRIBE, 1, 4711], ERROR.noSuchSubscription],
    ['a PUBLISH with a bad URI', [Code.PUBLISH, 1, { acknowledge: true }, ''], ERROR.invalidUri],
  ])('%s', async (_, message, uri) => {
    const raw = await RawSocket.join()
    raw.say(message)
    const error = await raw.hear()
    expect(error?.slice(0, 3)).toEqual([Code.ERROR, message[0], 1])
    expect(error?.[4]).toBe(uri)
    raw.say([Code.CALL, 2, {}, 'com.example.echo', ['alive']])
    expect(await raw.hear()).toEqual([Code.RESULT, 2, {}, ['alive']])
    raw.ws.close()
    await expectNobodyNoticed()
  })
})

describe('wrong types in every element of every message', () => {
  const values: unknown[] = [null, true, -1, 1.5, 'text', [], {}, [1], { roles: 1 }]
  const cases = Object.values(DEFINITIONS).flatMap((definition) =>
    definition.fields.map((_, index) => [definition.name, index] as const),
  )

  it.each(cases)('%s, element %i: an answer or an ABORT, and the router lives on', async (name, index) => {
    const { code, fields } = DEFINITIONS[name as keyof typeof DEFINITIONS]
    await Promise.all(
      values.map(async (value) => {
        const elements: unknown[] = fields.map(({ kind }) =>
          kind === 'dict' ? {} : kind === 'uri' ? 'com.example.x' : 1,
        )
        elements[index] = value
        await saySomethingLast(JSON.stringify([code, ...elements]))
      }),
    )
    await expectNobodyNoticed()
  })
})

describe('random octets, in each format', () => {
  it.each(['json', 'msgpack', 'cbor'] as const)('%s: end the connection or are a message', async (format) => {
    const binary = format !== 'json'
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (octets) => {
        await saySomethingLast(octets, format, binary)
      }),
      { numRuns: 40 },
    )
    await expectNobodyNoticed()
  })
})
