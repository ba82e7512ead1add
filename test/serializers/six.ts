import { Encoder } from 'cbor-x'
import { Packr } from 'msgpackr'
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { cborRelay } from '../../src/serializers/cbor/relay.js'
import { json } from '../../src/serializers/json/json.js'
import { jsonRelay } from '../../src/serializers/json/relay.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { msgpackRelay } from '../../src/serializers/msgpack/relay.js'
import type {
  RelaySerializer,
  Serializer,
  SerializerName,
  SerializerOptions,
} from '../../src/serializers/serializer.js'

/** A format, both its serializers, and a way to write any value in it that owes nothing to them. */
export interface Format {
  readonly name: SerializerName
  client(options?: SerializerOptions): Serializer
  relay(options?: SerializerOptions): RelaySerializer
  write(value: unknown): Buffer
}

const packr = new Packr({ useRecords: false, variableMapSize: true })
const cborEncoder = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true })

export const formats: readonly Format[] = [
  { name: 'json', client: json, relay: jsonRelay, write: (value) => Buffer.from(jsonText(value)) },
  {
    name: 'msgpack',
    client: msgpack,
    relay: msgpackRelay,
    write: (value) => Buffer.from(packr.pack(value)),
  },
  {
    name: 'cbor',
    client: cbor,
    relay: cborRelay,
    write: (value) => Buffer.from(cborEncoder.encode(value)),
  },
]

export function formatOf(name: SerializerName): Format {
  return formats.find((format) => format.name === name) as Format
}

function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return JSON.stringify(`\0${Buffer.from(value).toString('base64')}`)
  if (Array.isArray(value)) return `[${value.map(jsonText).join()}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}:${jsonText(inner)}`)
      .join()}}`
  // Above 2^53 a number is a float, and only a BigInt an integer.
  if (typeof value === 'number' && Math.abs(value) > 2 ** 53) return value.toExponential()
  return JSON.stringify(value ?? null)
}
