import type { SerializerName } from '../../src/index.js'
import type { Library } from './peer.js'

/** A library, and the serializer that it is used with. */
export interface Side {
  readonly library: Library
  readonly serializer: SerializerName
}

/** How a side writes binary, and gets it. Spec: rfc/text/advanced/serialization_binary_json.md. */
export function binaryOf({ library, serializer }: Side): (bytes: Uint8Array) => unknown {
  const asText = serializer === 'json' && library.binaryInJson === 'text'
  return (bytes) => (asText ? `\0${Buffer.from(bytes).toString('base64')}` : bytes)
}
