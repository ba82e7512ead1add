import { ProtocolError } from '../../errors.js'
import type { Batching } from '../../serializers/serializer.js'
import { expectContent, expectSome, piecesOf, roomFor } from './pieces.js'
import { TurnBatch } from './turn-batch.js'

/** ASCII's record separator. JSON escapes it in strings, so that it is never part of a message. */
export const RECORD_SEPARATOR = 0x1e
const SEPARATOR = '\x1e'

/** Behind each message stands a record separator: for JSON. */
export const recordSeparated: Batching = {
  overhead: 1,
  split: (batch) => (typeof batch === 'string' ? splitText(batch) : splitOctets(batch)),
  join: (messages) =>
    messages.every((message) => typeof message === 'string')
      ? `${messages.join(SEPARATOR)}${SEPARATOR}`
      : joinOctets(piecesOf(messages)),
  gather: (write) => new TurnBatch(recordSeparated, write),
}

function* splitText(batch: string): Iterable<string> {
  expectSome(batch)
  for (let start = 0; start < batch.length; ) {
    const end = expectSeparator(batch.indexOf(SEPARATOR, start))
    expectContent(end - start)
    yield batch.slice(start, end)
    start = end + 1
  }
}

function* splitOctets(batch: Uint8Array): Iterable<Uint8Array> {
  expectSome(batch)
  for (let start = 0; start < batch.length; ) {
    const end = expectSeparator(batch.indexOf(RECORD_SEPARATOR, start))
    expectContent(end - start)
    yield batch.subarray(start, end)
    start = end + 1
  }
}

function expectSeparator(at: number): number {
  if (at < 0) throw new ProtocolError('the last message of a batch does not end with a record separator')
  return at
}

function joinOctets(pieces: readonly Uint8Array[]): Uint8Array {
  const batch = roomFor(pieces, 1)
  let at = 0
  for (const piece of pieces) {
    batch.set(piece, at)
    at += piece.length
    batch[at++] = RECORD_SEPARATOR
  }
  return batch
}
