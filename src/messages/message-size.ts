/** What messages, and the values in them, cost in memory while they are kept: estimates, which are rather too high. */
import type { Message } from './message.js'

/** What a message costs besides what can be counted in it: its objects, and what holds it. */
const MESSAGE = 256

/** What a value costs where it stands in a list or dictionary, besides the characters or octets in it. */
const VALUE = 32

/** What a list or dictionary costs that is empty. */
const CONTAINER = 64

/** What a key of a dictionary costs, besides its characters. */
const KEY = 96

/** A value that costs as much is too much for everybody, and need not be counted further: one might hold itself. */
const ENOUGH = 256 * 1024 * 1024

/** Bytes of memory that a message costs, its payload included, decoded or not. */
export function sizeOfMessage(message: Message): number {
  // The message's own list of fields is counted along with what is in it.
  const head = MESSAGE + sizeOfValue(message.head())
  if (!('payload' in message)) return head
  const { payload } = message
  return payload.encoded === undefined ? head + sizeOfValue(payload.toWire()) : head + payload.size
}

/** Bytes of memory that a decoded value costs, and all that is in it. */
export function sizeOfValue(value: unknown): number {
  const containers: object[] = []
  let bytes = 0
  const count = (one: unknown) => {
    if (typeof one === 'string') bytes += VALUE + 2 * one.length
    else if (typeof one === 'bigint') bytes += VALUE + one.toString(16).length
    else if (typeof one !== 'object' || one === null) bytes += VALUE
    else if (ArrayBuffer.isView(one)) bytes += CONTAINER + one.byteLength
    else containers.push(one)
  }
  count(value)
  while (bytes < ENOUGH) {
    const container = containers.pop()
    if (container === undefined) break
    bytes += CONTAINER
    if (Array.isArray(container)) {
      for (const element of container) count(element)
      continue
    }
    for (const [key, element] of Object.entries(container)) {
      bytes += KEY + 2 * key.length
      count(element)
    }
  }
  return bytes
}
