import type { Framing } from '../output/framer.js'
import { PREFIX, writeLength } from './length-prefixed.js'
import { RECORD_SEPARATOR } from './record-separated.js'

/**
 * What a message of a batch has about it, for those who write it into the slab. The octets are the same for all who
 * get it; what holds a batch together is put in front when it leaves.
 */
export function batchFraming(binary: boolean): Framing {
  return binary
    ? { headerLength: () => PREFIX, writeHeader: writeLength }
    : { headerLength: () => 0, writeHeader: () => {}, trailer: Uint8Array.of(RECORD_SEPARATOR) }
}
