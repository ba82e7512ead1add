/**
 * What applications may put into args, kwargs and dictionaries, and what becomes of it on the wire; the same in every
 * format, so that a callee need not know who calls.
 *
 * | value | on the wire |
 * |---|---|
 * | null, booleans, strings | themselves |
 * | numbers | integers where they have no fraction, up to 2^53; floats otherwise |
 * | BigInts | integers, which arrive as numbers where a double holds them safely |
 * | `undefined` | null in a list; in a dictionary its key is left out |
 * | `Uint8Array`, `Buffer`, any other view, `ArrayBuffer` | binary |
 * | arrays | a list |
 * | objects with `toJSON`, such as `Date` | what it returns: for a `Date` its ISO 8601 string, which every peer can read |
 * | other objects | a dictionary of their own enumerable properties |
 * | functions, symbols, `Map`, `Set`, promises | a `UsageError`: they would arrive empty |
 */
import { UsageError } from '../errors.js'
import { definitionOf } from '../messages/codes.js'

/** The octets of a value that is binary. */
export function binaryOf(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined
}

/** Has the object the plain shape that almost all have, with nothing special about it? */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value)
}

/** What `value.toJSON()` returns; `value` itself if it has no such method. */
export function jsonOf(value: object, key: string | number | undefined): unknown {
  const { toJSON } = value as { toJSON?: unknown }
  return typeof toJSON === 'function' ? toJSON.call(value, String(key)) : value
}

/** Why this object cannot be sent, if it cannot. */
export function unsendable(value: object): string | undefined {
  if (value instanceof Map) return 'is a Map; send Object.fromEntries(map)'
  if (value instanceof Set) return 'is a Set; send [...set]'
  if (value instanceof WeakMap || value instanceof WeakSet) return 'is a weak collection'
  if (value instanceof Promise) return 'is a promise; await it first'
  return undefined
}

/**
 * Where a writer is in a message: its keys from the outermost in, to tell the user what cannot be sent. Writers set
 * `keys[depth]` as they go and never clear it, for that costs next to nothing.
 */
export class Place {
  readonly keys: (string | number)[] = []
  /** The message's code, to name its fields. */
  code = 0

  /** An error about the value at `depth`: `CALL: args[0].callback is a function`. */
  error(depth: number, complaint: string): UsageError {
    const definition = definitionOf(this.code)
    const [first, ...inner] = this.keys.slice(1, depth)
    let path = ''
    if (definition !== undefined && typeof first === 'number') {
      const beyond = first - 1 - definition.fields.length
      path = beyond < 0 ? (definition.fields[first - 1]?.name ?? 'code') : (['args', 'kwargs'][beyond] ?? '')
    }
    for (const key of inner) path += typeof key === 'number' ? `[${key}]` : `.${key}`
    return new UsageError(`${definition?.name ?? 'the message'} cannot be sent: ${path} ${complaint}`)
  }
}
