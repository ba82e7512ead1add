import { BinaryRelay } from '../binary/binary-relay.js'
import { DEFAULT_MAX_DEPTH, type RelaySerializer, type SerializerOptions } from '../serializer.js'
import { CborReader } from './reader.js'
import { CborSkipper } from './skipper.js'
import { CborWriter } from './writer.js'

/** CBOR for a router: payload passes through octet for octet. */
export class CborRelaySerializer extends BinaryRelay {
  constructor(options: SerializerOptions = {}) {
    const { maxDepth = DEFAULT_MAX_DEPTH } = options
    super('cbor', new CborReader(maxDepth), new CborWriter(maxDepth), new CborSkipper(maxDepth))
  }
}

/** The serializer `wamp.2.cbor`, for routers. Needs Node. */
export function cborRelay(options?: SerializerOptions): RelaySerializer {
  return new CborRelaySerializer(options)
}
