import { type Dict, EMPTY_DICT } from './dictionaries.js'

/**
 * The end of an encoded message, `Arguments|list, ArgumentsKw|dict`, as it stood on the wire: checked to be
 * well-formed, but not decoded. A peer that only passes it on never has to.
 */
export interface EncodedPayload {
  /** The name of the serializer that wrote it; only that one can splice it into another message. */
  readonly format: string
  /** Args alone (1), or args and kwargs (2). */
  readonly count: 1 | 2
  readonly bytes: Uint8Array
  /** The octets that it is a part of, where they are more than its own: they live as long as it does. */
  readonly source?: Uint8Array
  /** Reads the bytes; throws a ProtocolError where they cannot be read after all. */
  decode(): Payload
}

/** The arguments without any. */
const NO_ARGS: readonly unknown[] = Object.freeze([])

/**
 * What a message carries for applications: positional arguments (`args`), keyword arguments (`kwargs`), or neither.
 * Opaque to a router: built from an encoded payload it is decoded on first use, and never if nobody asks.
 *
 * Spec: rfc/text/basic/messages.md, "Payload Passthru" and the notes on `Arguments` and `ArgumentsKw`.
 */
export class Payload {
  /** No arguments at all. */
  static readonly none = new Payload()

  /** The encoded form, where the payload came from the wire and has not been decoded. */
  readonly encoded: EncodedPayload | undefined
  /**
   * A payload that only its two ends can read, in place of args and kwargs: the older "payload transparency"
   * (`enc_algo`), still spoken by deployed peers.
   */
  readonly transparent: Uint8Array | string | undefined
  #args: readonly unknown[] | undefined
  #kwargs: Dict | undefined

  constructor(
    args?: readonly unknown[],
    kwargs?: Dict,
    more?: { encoded?: EncodedPayload; transparent?: Uint8Array | string },
  ) {
    this.#args = args
    this.#kwargs = kwargs
    this.encoded = more?.encoded
    this.transparent = more?.transparent
  }

  /** The payload with this encoded form; nothing is decoded yet. */
  static fromEncoded(encoded: EncodedPayload): Payload {
    return new Payload(undefined, undefined, { encoded })
  }

  /** The payload of a message encrypted by its sender. */
  static fromTransparent(transparent: Uint8Array | string): Payload {
    return new Payload(undefined, undefined, { transparent })
  }

  /** The positional arguments; an empty list if there are none. */
  get args(): readonly unknown[] {
    this.#decode()
    return this.#args ?? NO_ARGS
  }

  /** The keyword arguments; an empty dictionary if there are none. */
  get kwargs(): Dict {
    this.#decode()
    return this.#kwargs ?? EMPTY_DICT
  }

  /** How many octets its encoded form has; 0 where it has none. */
  get size(): number {
    return this.encoded?.bytes.length ?? this.transparent?.length ?? 0
  }

  /** Were there keyword arguments, be it an empty dictionary? */
  get hasKwargs(): boolean {
    this.#decode()
    return this.#kwargs !== undefined
  }

  /** Is there nothing in it? Does not decode. */
  get isEmpty(): boolean {
    if (this.encoded !== undefined || this.transparent !== undefined) return false
    return !this.#args?.length && !hasKeys(this.#kwargs)
  }

  /**
   * The elements that stand at the end of the message: leaves out what is empty, and gives `[]` for args when only
   * kwargs are there.
   */
  toWire(): unknown[] {
    if (this.transparent !== undefined) return [this.transparent]
    const { args, kwargs } = this
    if (hasKeys(kwargs)) return [args, kwargs]
    return args.length > 0 ? [args] : []
  }

  #decode(): void {
    if (this.encoded === undefined || this.#args !== undefined) return
    const decoded = this.encoded.decode()
    this.#args = decoded.args
    this.#kwargs = decoded.hasKwargs ? decoded.kwargs : undefined
  }
}

function hasKeys(dict: Dict | undefined): boolean {
  for (const _ in dict) return true
  return false
}
