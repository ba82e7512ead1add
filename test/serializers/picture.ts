import type { Message } from '../../src/messages/message.js'

/**
 * A value as text that tells apart what must be told apart: binary from lists, BigInt from numbers, keys and their
 * order. Comparing pictures is stricter than comparing objects, and much faster.
 */
export function picture(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return `[${value.map(picture).join()}]`
      if (ArrayBuffer.isView(value))
        return `${value.constructor.name}<${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}>`
      return `{${Object.entries(value)
        .map(([key, inner]) => `${JSON.stringify(key)}:${picture(inner)}`)
        .join()}}`
    case 'number':
      return String(value)
    default:
      return JSON.stringify(value) ?? 'undefined'
  }
}

/** A message as text, payload included. */
export function messagePicture(message: Message): string {
  const payload = 'payload' in message ? message.payload : undefined
  const tail = payload === undefined ? [] : payload.toWire()
  return `${message.constructor.name}${picture([...message.head(), ...tail])}`
}
