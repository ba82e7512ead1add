/** Each format as a client and as a router writes it. */
import { cbor } from '../../src/serializers/cbor/cbor.js'
import { cborRelay } from '../../src/serializers/cbor/relay.js'
import { json } from '../../src/serializers/json/json.js'
import { jsonRelay } from '../../src/serializers/json/relay.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import { msgpackRelay } from '../../src/serializers/msgpack/relay.js'
import type { RelaySerializer, Serializer } from '../../src/serializers/serializer.js'

export interface Format {
  name: string
  client: () => Serializer
  router: () => RelaySerializer
}

export const formats: readonly Format[] = [
  { name: 'json', client: json, router: jsonRelay },
  { name: 'msgpack', client: msgpack, router: msgpackRelay },
  { name: 'cbor', client: cbor, router: cborRelay },
]
