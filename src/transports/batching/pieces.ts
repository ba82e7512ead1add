import { ProtocolError } from '../../errors.js'

/** Each message as octets. */
export function piecesOf(messages: readonly (string | Uint8Array)[]): Uint8Array[] {
  const encoder = new TextEncoder()
  return messages.map((message) => (typeof message === 'string' ? encoder.encode(message) : message))
}

/** Room for a batch of them, each with `overhead` octets more. */
export function roomFor(pieces: readonly Uint8Array[], overhead: number): Uint8Array {
  return new Uint8Array(pieces.reduce((length, piece) => length + piece.length + overhead, 0))
}

/**
 * "Sending a batch of length 0 (no WAMP message) is illegal".
 *
 * @throws ProtocolError if the batch is one.
 */
export function expectSome(batch: string | Uint8Array): void {
  if (batch.length === 0) throw new ProtocolError('a batch came that has no message in it')
}

/** @throws ProtocolError if a message of a batch has no octets. */
export function expectContent(length: number): void {
  if (length === 0) throw new ProtocolError('a batch has an empty message in it')
}
