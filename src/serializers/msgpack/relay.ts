import { BinaryRelay } from '../binary/binary-relay.js'
import { DEFAULT_MAX_DEPTH, type RelaySerializer, type SerializerOptions } from '../serializer.js'
import { MsgpackReader } from './reader.js'
import { MsgpackSkipper } from './skipper.js'
import { MsgpackWriter } from './writer.js'

/** MessagePack for a router: payload passes through octet for octet. */
export class MsgpackRelaySerializer extends BinaryRelay {
  constructor(options: SerializerOptions = {}) {
    const { maxDepth = DEFAULT_MAX_DEPTH } = options
    super('msgpack', new MsgpackReader(maxDepth), new MsgpackWriter(maxDepth), new MsgpackSkipper(maxDepth))
  }
}

/** The serializer `wamp.2.msgpack`, for routers. Needs Node. */
export function msgpackRelay(options?: SerializerOptions): RelaySerializer {
  return new MsgpackRelaySerializer(options)
}
