import { cbor } from '../../src/serializers/cbor/cbor.js'
import { json } from '../../src/serializers/json/json.js'
import { msgpack } from '../../src/serializers/msgpack/msgpack.js'
import type { Serializer, SerializerName } from '../../src/serializers/serializer.js'

const MAKE: Readonly<Record<SerializerName, () => Serializer>> = { json, msgpack, cbor }

export function formatNamed(name: SerializerName): Serializer {
  return MAKE[name]()
}
