import type { Framing } from '../output/framer.js'

const FIN_TEXT = 0x81
const FIN_BINARY = 0x82

/**
 * The frames that a WebSocket server sends: whole messages, not masked.
 *
 * Spec: RFC 6455, section 5.2.
 */
export function serverFraming(binary: boolean): Framing {
  const first = binary ? FIN_BINARY : FIN_TEXT
  return {
    headerLength: (length) => (length < 126 ? 2 : length < 0x10000 ? 4 : 10),
    writeHeader(target, at, length) {
      target[at] = first
      if (length < 126) target[at + 1] = length
      else if (length < 0x10000) {
        target[at + 1] = 126
        writeNumber(target, at + 2, 2, length)
      } else {
        target[at + 1] = 127
        writeNumber(target, at + 2, 8, length)
      }
    },
  }
}

function writeNumber(target: Uint8Array, at: number, octets: number, number: number): void {
  let rest = number
  for (let i = at + octets - 1; i >= at; i--) {
    target[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
}
