import { ProtocolError } from '../../errors.js'
import type { Batching } from '../../serializers/serializer.js'
import { expectContent, expectSome, piecesOf, roomFor } from './pieces.js'
import { TurnBatch } from './turn-batch.js'

/** Octets of a length, which is a big-endian number. */
export const PREFIX = 4

/** In front of each message stands its length, which does not count itself: for MessagePack and CBOR. */
export const lengthPrefixed: Batching = {
  overhead: PREFIX,
  split(batch) {
    if (typeof batch === 'string') throw new ProtocolError('a batch of binary messages must be binary')
    return split(batch)
  },
  join: (messages) => join(piecesOf(messages)),
  gather: (write) => new TurnBatch(lengthPrefixed, write),
}

function* split(batch: Uint8Array): Iterable<Uint8Array> {
  expectSome(batch)
  for (let start = 0; start < batch.length; ) {
    const left = batch.length - start - PREFIX
    if (left < 0) throw new ProtocolError('a batch ends in the middle of a length')
    const length = readLength(batch, start)
    expectContent(length)
    if (length > left)
      throw new ProtocolError(
        `a message of a batch is said to be ${length} bytes long, and ${left} bytes follow`,
      )
    start += PREFIX
    yield batch.subarray(start, start + length)
    start += length
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const batch = roomFor(pieces, PREFIX)
  let at = 0
  for (const piece of pieces) {
    writeLength(batch, at, piece.length)
    batch.set(piece, at + PREFIX)
    at += PREFIX + piece.length
  }
  return batch
}

function readLength(batch: Uint8Array, at: number): number {
  const octet = (i: number) => batch[at + i] as number
  return octet(0) * 0x1000000 + ((octet(1) << 16) | (octet(2) << 8) | octet(3))
}

/** Writes a length as a batch has it. */
export function writeLength(target: Uint8Array, at: number, length: number): void {
  target[at] = length >>> 24
  target[at + 1] = length >>> 16
  target[at + 2] = length >>> 8
  target[at + 3] = length
}
