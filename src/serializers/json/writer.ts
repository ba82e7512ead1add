import { LARGEST_ID as LARGEST } from '../../messages/checks.js'
import { binaryOf, isPlain, jsonOf, Place, unsendable } from '../values.js'
import { toBase64 } from './base64.js'
import { marked, unquoteNumbers } from './integers.js'
import { maySplitCharacters, mendCharacters } from './surrogates.js'

/**
 * Values to JSON text. A value goes to `JSON.stringify` as it is, after one look at all that is in it: the look costs
 * less than a tenth of the writing, and copies only what JSON would write in another way.
 */
export class JsonWriter {
  readonly #maxDepth: number
  readonly #place = new Place()
  #hasMarks = false

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth
  }

  /**
   * The text of a list that is the message with this code, or that stands in it from element `offset` on.
   *
   * @throws UsageError saying what in the message cannot be sent, and where it is.
   */
  list(code: number, list: readonly unknown[], offset = 0): string {
    this.#place.code = code
    this.#hasMarks = false
    const text = JSON.stringify(this.#list(list, 1, offset))
    return this.#finish(text)
  }

  #finish(text: string): string {
    // JSON.stringify escapes surrogates only where they stand alone.
    const mended = maySplitCharacters(text) ? mendCharacters(text) : text
    return this.#hasMarks ? unquoteNumbers(mended) : mended
  }

  /** The value as JSON.stringify can write it: itself, or a copy where something in it must be replaced. */
  #writable(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        if (value.charCodeAt(0) !== 0) return value
        throw this.#place.error(depth, 'is a string that begins with \\0, which JSON peers take for binary')
      case 'number':
        return value <= LARGEST && value >= -LARGEST ? value : this.#largeNumber(value, depth)
      case 'bigint':
        this.#hasMarks = true
        return marked(`${value}`)
      case 'object':
        if (value === null) return value
        return Array.isArray(value) ? this.#list(value, depth) : this.#object(value, depth)
      case 'function':
      case 'symbol':
        throw this.#place.error(depth, `is a ${typeof value}`)
      default:
        return value
    }
  }

  /**
   * A double above 2^53 leaves as a float in every format, for that is what it is; `JSON.stringify` would write up to
   * 10^21 an integer, and the other side would read one.
   */
  #largeNumber(number: number, depth: number): number | string {
    if (!Number.isFinite(number)) throw this.#place.error(depth, `is ${number}, which JSON cannot write`)
    if (!Number.isInteger(number)) return number
    this.#hasMarks = true
    return marked(number.toExponential())
  }

  #list(list: readonly unknown[], depth: number, offset = 0): readonly unknown[] {
    this.#enter(depth)
    const { keys } = this.#place
    let copy: unknown[] | undefined
    for (let i = 0; i < list.length; i++) {
      const value = list[i]
      keys[depth] = i + offset
      const writable = this.#writable(value, depth + 1)
      if (writable !== value) {
        copy ??= list.slice()
        copy[i] = writable
      }
    }
    return copy ?? list
  }

  #object(object: object, depth: number): unknown {
    if (isPlain(object)) return this.#dict(object, depth)
    const binary = binaryOf(object)
    if (binary !== undefined) return `\0${toBase64(binary)}`
    const complaint = unsendable(object)
    if (complaint !== undefined) throw this.#place.error(depth, complaint)
    const json = jsonOf(object, this.#place.keys[depth - 1])
    return json === object ? this.#dict(object, depth) : this.#writable(json, depth + 1)
  }

  #dict(dict: object, depth: number): object {
    this.#enter(depth)
    const { keys } = this.#place
    let copy: Record<string, unknown> | undefined
    for (const key in dict) {
      if (!Object.hasOwn(dict, key)) continue
      const value = (dict as Record<string, unknown>)[key]
      keys[depth] = key
      const writable = this.#writable(value, depth + 1)
      if (writable !== value) {
        copy ??= { ...dict }
        copy[key] = writable
      }
    }
    return copy ?? dict
  }

  #enter(depth: number): void {
    if (depth > this.#maxDepth)
      throw this.#place.error(depth, `is nested deeper than ${this.#maxDepth} levels, or holds itself`)
  }
}
