import { ProtocolError } from '../../errors.js'
import { fromBase64 } from './base64.js'
import { quoteIntegers, unmarked } from './integers.js'
import { maySplitCharacters, mendCharacters } from './surrogates.js'

/**
 * JSON text to values. `JSON.parse` does the work; one look at the result finds what JSON writes in another way
 * (binary, and integers that a double cannot hold) and bounds the depth. It costs less than a tenth of the parsing,
 * and less than searching the text would.
 */
export class JsonReader {
  readonly #maxDepth: number
  #hasIntegers = false
  #integersAreMarked = false

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth
  }

  /**
   * The value of a text that stands at `depth` in a message: 1 is the message itself.
   *
   * @throws ProtocolError if it is not well-formed, or nests too deep.
   */
  read(text: string, depth = 1): unknown {
    const whole = maySplitCharacters(text) ? mendCharacters(text) : text
    this.#hasIntegers = false
    this.#integersAreMarked = false
    const value = this.#finished(parse(whole), depth)
    if (!this.#hasIntegers) return value
    this.#integersAreMarked = true
    return this.#finished(parse(quoteIntegers(whole)), depth)
  }

  tooDeep(): ProtocolError {
    return new ProtocolError(`the message is nested deeper than ${this.#maxDepth} levels`, { limit: 'depth' })
  }

  #finished(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        return value.charCodeAt(0) === 0 ? this.#unmasked(value) : value
      case 'number':
        if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) this.#large(value)
        return value
      case 'object':
        if (value !== null) this.#finish(value, depth)
        return value
      default:
        return value
    }
  }

  #finish(container: object, depth: number): void {
    if (depth > this.#maxDepth) throw this.tooDeep()
    if (Array.isArray(container)) {
      for (let i = 0; i < container.length; i++) {
        const value: unknown = container[i]
        const finished = this.#finished(value, depth + 1)
        if (finished !== value) container[i] = finished
      }
      return
    }
    const dict = container as Record<string, unknown>
    for (const key in dict) {
      const value = dict[key]
      const finished = this.#finished(value, depth + 1)
      if (finished !== value) dict[key] = finished
    }
  }

  #large(number: number): void {
    this.#hasIntegers = true
    // Parsers in other languages give up on such a number, so a router must not pass it on to them.
    if (!Number.isFinite(number)) throw new ProtocolError('a number in the message is too large for a double')
  }

  /** What a string that begins with \0 stands for. Spec: rfc/text/advanced/serialization_binary_json.md. */
  #unmasked(text: string): Uint8Array | bigint {
    const integer = this.#integersAreMarked ? unmarked(text) : undefined
    if (integer !== undefined) return integer
    const bytes = fromBase64(text, 1)
    if (bytes === undefined) throw new ProtocolError('a string that begins with \\0 must be binary in Base64')
    return bytes
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ProtocolError(`the message is not JSON: ${why}`, { cause })
  }
}
