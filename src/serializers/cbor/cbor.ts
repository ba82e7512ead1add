import { BinarySerializer } from '../binary/binary-serializer.js'
import { DEFAULT_MAX_DEPTH, type Serializer, type SerializerOptions } from '../serializer.js'
import { CborReader } from './reader.js'
import { CborWriter } from './writer.js'

/**
 * Messages as CBOR, RFC 8949: written with definite lengths, read with any.
 *
 * Spec: rfc/text/basic/building_blocks.md, "Serializers".
 */
export class CborSerializer extends BinarySerializer {
  constructor(options: SerializerOptions = {}) {
    const { maxDepth = DEFAULT_MAX_DEPTH } = options
    super('cbor', new CborReader(maxDepth), new CborWriter(maxDepth))
  }
}

/** The serializer `wamp.2.cbor`, for clients. */
export function cbor(options?: SerializerOptions): Serializer {
  return new CborSerializer(options)
}
