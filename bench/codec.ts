/**
 * What a routed message costs in the serializers: a CALL is decoded and an INVOCATION with its payload is encoded.
 * `whole` is a client's serializer, which reads and writes all of it; `relay` is a router's. Both run in turns in one
 * process: look at the ratios.
 *
 *     npx tsx bench/codec.ts
 */

import { Payload } from '../src/messages/payload.js'
import { Call, Invocation } from '../src/messages/rpc.js'
import { cbor } from '../src/serializers/cbor/cbor.js'
import { cborRelay } from '../src/serializers/cbor/relay.js'
import { json } from '../src/serializers/json/json.js'
import { jsonRelay } from '../src/serializers/json/relay.js'
import { msgpack } from '../src/serializers/msgpack/msgpack.js'
import { msgpackRelay } from '../src/serializers/msgpack/relay.js'
import type { RelaySerializer, Serializer } from '../src/serializers/serializer.js'

const ROUNDS = 15
const MICROSECONDS_PER_ROUND = 20_000

/** Arguments of about so many octets in JSON: one string, or records as applications send them. */
const arguments_ = {
  string: (octets: number) => ['x'.repeat(octets)],
  records(octets: number) {
    const records: unknown[] = []
    for (let length = 0; length < octets; length = JSON.stringify(records).length)
      records.push({
        id: records.length * 7919,
        name: `sensor-${records.length}`,
        value: Math.sin(records.length) * 100,
        active: records.length % 2 === 0,
        tags: ['indoor', 'north'],
      })
    return [records]
  },
}

function route(serializer: Serializer, relay: RelaySerializer | undefined, data: string | Uint8Array) {
  const call = serializer.decode(data) as Call
  const invocation = new Invocation(call.requestId, 8_123_456_789, call.options, call.payload)
  return relay === undefined ? serializer.encode(invocation) : relay.encodeParts(invocation)
}

function measure(run: () => unknown, times: number): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < times; i++) run()
  return Number(process.hrtime.bigint() - start) / 1000 / times
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number

console.log('serializer  payload             whole µs  relay µs   ratio')
for (const [whole, relay] of [
  [json(), jsonRelay()],
  [msgpack(), msgpackRelay()],
  [cbor(), cborRelay()],
] as const)
  for (const [kind, size] of [
    ['string', 16],
    ['string', 1024],
    ['string', 65_536],
    ['records', 1024],
    ['records', 65_536],
  ] as const) {
    const call = new Call(7_814_135, {}, 'com.example.procedure', new Payload(arguments_[kind](size)))
    const encoded = whole.encode(call)
    // What comes from a socket are octets, also where they are text.
    const data = Buffer.from(encoded as string)
    const runs = [() => route(whole, undefined, data), () => route(relay, relay, data)]
    const times = runs.map((run) => {
      measure(run, 2000)
      return Math.max(1, Math.round(MICROSECONDS_PER_ROUND / measure(run, 50)))
    })
    const rounds: number[][] = [[], []]
    for (let round = 0; round < ROUNDS; round++)
      for (const i of [0, 1] as const) rounds[i]?.push(measure(runs[i] as () => unknown, times[i] as number))
    const [a, b] = rounds.map(median) as [number, number]
    console.log(
      `${whole.name.padEnd(11)} ${`${kind} ${size}`.padEnd(18)} ${a.toFixed(2).padStart(9)} ${b.toFixed(2).padStart(9)} ${(b / a).toFixed(2).padStart(7)}`,
    )
  }
