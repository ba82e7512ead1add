import type { SerializerName } from '../../serializers/serializer.js'

/** What the bodies of requests and responses are said to be, in batches or not. */
export const CONTENT_TYPES: Readonly<Record<SerializerName, string>> = {
  json: 'application/json',
  msgpack: 'application/x-msgpack',
  cbor: 'application/cbor',
}
