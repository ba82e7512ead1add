import { BinarySerializer } from '../binary/binary-serializer.js'
import { DEFAULT_MAX_DEPTH, type Serializer, type SerializerOptions } from '../serializer.js'
import { MsgpackReader } from './reader.js'
import { MsgpackWriter } from './writer.js'

/**
 * Messages as MessagePack, version 5, which tells strings from binary.
 *
 * Spec: rfc/text/basic/building_blocks.md, "Serializers".
 */
export class MsgpackSerializer extends BinarySerializer {
  constructor(options: SerializerOptions = {}) {
    const { maxDepth = DEFAULT_MAX_DEPTH } = options
    super('msgpack', new MsgpackReader(maxDepth), new MsgpackWriter(maxDepth))
  }
}

/** The serializer `wamp.2.msgpack`, for clients. */
export function msgpack(options?: SerializerOptions): Serializer {
  return new MsgpackSerializer(options)
}
