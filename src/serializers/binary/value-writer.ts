import { LARGEST_ID } from '../../messages/checks.js'
import type { Message } from '../../messages/message.js'
import { OctetWriter } from '../octet-writer.js'
import { binaryOf, isPlain, jsonOf, Place, unsendable } from '../values.js'

/** The longest head of a list, dictionary, string or number in either format. */
const LONGEST_HEAD = 9

/** Values to octets, for formats in which every value begins with its kind and length. */
export abstract class ValueWriter extends OctetWriter {
  readonly #maxDepth: number
  protected readonly place = new Place()

  constructor(maxDepth: number) {
    super()
    this.#maxDepth = maxDepth
  }

  protected abstract readonly nullOctet: number
  protected abstract readonly trueOctet: number
  protected abstract readonly falseOctet: number
  /** Writes a safe integer. */
  abstract integer(integer: number): void
  protected abstract bigint(integer: bigint, depth: number): void
  /** Writes a number that is no integer, or not a safe one. */
  protected abstract float(number: number): void
  protected abstract textHead(length: number): void
  /** How long the head of a text of `length` octets is. */
  protected abstract textHeadLength(length: number): number
  protected abstract binaryHead(length: number): void
  abstract listHead(length: number): void
  protected abstract dictHead(length: number): void

  /**
   * A message as octets of its own.
   *
   * @throws UsageError saying what in it cannot be sent, and where it is.
   */
  message(message: Message): Uint8Array {
    const head = message.head()
    const tail = 'payload' in message ? message.payload.toWire() : []
    this.begin(message.code, head.length + tail.length)
    this.elements(head, 0)
    this.elements(tail, head.length)
    return this.take()
  }

  /** Begins with a message of so many elements. */
  begin(code: number, length: number): void {
    this.reset()
    this.place.code = code
    this.ensure(LONGEST_HEAD)
    this.listHead(length)
  }

  /** Writes elements of a message, the first of which is number `offset`. */
  elements(elements: readonly unknown[], offset: number): void {
    for (let i = 0; i < elements.length; i++) {
      this.place.keys[1] = offset + i
      this.value(elements[i], 2)
    }
  }

  /** Writes a value that stands at `depth` in the message. */
  value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.text(value)
        return
      case 'number':
        this.ensure(LONGEST_HEAD)
        if (Number.isSafeInteger(value) || value === LARGEST_ID) this.integer(value)
        else this.float(value)
        return
      case 'boolean':
        this.octet(value ? this.trueOctet : this.falseOctet)
        return
      case 'undefined':
        this.octet(this.nullOctet)
        return
      case 'bigint':
        this.ensure(LONGEST_HEAD)
        if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) this.integer(Number(value))
        else this.bigint(value, depth)
        return
      case 'object':
        if (value === null) this.octet(this.nullOctet)
        else if (Array.isArray(value)) this.#list(value, depth)
        else this.#object(value, depth)
        return
      default:
        throw this.place.error(depth, `is a ${typeof value}`)
    }
  }

  protected text(text: string): void {
    const { length } = text
    this.ensure(LONGEST_HEAD + length)
    // The head is as long as it is for ASCII, until it is known that the text is not.
    const expected = this.textHeadLength(length)
    this.position += expected
    const octets = this.utf8(text)
    const needed = this.textHeadLength(octets)
    if (needed !== expected) {
      this.ensure(needed - expected)
      const start = this.position - octets
      this.bytes.copyWithin(start + needed - expected, start, this.position)
    }
    this.position -= octets + expected
    this.textHead(octets)
    this.position += octets
  }

  /** Writes octets as binary. */
  protected octets(octets: Uint8Array): void {
    this.ensure(LONGEST_HEAD)
    this.binaryHead(octets.length)
    this.copy(octets, 0, octets.length)
  }

  #list(list: readonly unknown[], depth: number): void {
    this.#enter(depth)
    this.ensure(LONGEST_HEAD)
    this.listHead(list.length)
    for (let i = 0; i < list.length; i++) {
      this.place.keys[depth] = i
      this.value(list[i], depth + 1)
    }
  }

  #object(object: object, depth: number): void {
    if (isPlain(object)) {
      this.#dict(object as Record<string, unknown>, depth)
      return
    }
    const binary = binaryOf(object)
    if (binary !== undefined) {
      this.octets(binary)
      return
    }
    const complaint = unsendable(object)
    if (complaint !== undefined) throw this.place.error(depth, complaint)
    const json = jsonOf(object, this.place.keys[depth - 1])
    if (json === object) this.#dict(object as Record<string, unknown>, depth)
    else this.value(json, depth + 1)
  }

  #dict(dict: Record<string, unknown>, depth: number): void {
    this.#enter(depth)
    this.ensure(LONGEST_HEAD)
    let keys = Object.keys(dict)
    for (const key of keys)
      if (dict[key] === undefined) {
        keys = keys.filter((key) => dict[key] !== undefined)
        break
      }
    this.dictHead(keys.length)
    for (const key of keys) {
      this.place.keys[depth] = key
      this.text(key)
      this.value(dict[key], depth + 1)
    }
  }

  #enter(depth: number): void {
    if (depth > this.#maxDepth)
      throw this.place.error(depth, `is nested deeper than ${this.#maxDepth} levels, or holds itself`)
  }
}
