import { ed25519 } from '@noble/curves/ed25519.js'
import { UsageError } from '../errors.js'
import { fromHex, type Octets, random, toHex } from './encodings.js'

/** Signs with a private key that the program itself has not got, such as that of a hardware token: 64 octets. */
export type Sign = (message: Uint8Array) => Uint8Array | Promise<Uint8Array>

export interface PrivateKeyOptions {
  /** The seed of the key, 32 octets, in hex or as they are; or what signs with the key, which needs `publicKey` as well. */
  privateKey: string | Uint8Array | Sign
  /** In hex. It follows from the private key where that is known. */
  publicKey?: string
}

/** Signs, and does not show with what. */
export class Signer {
  readonly #sign: Sign

  private constructor(
    /** In hex. */
    readonly publicKey: string,
    sign: Sign,
  ) {
    this.#sign = sign
  }

  /** @throws UsageError if the key is none; the sentence does not tell it. */
  static of({ privateKey, publicKey }: PrivateKeyOptions): Signer {
    const given = publicKey === undefined ? undefined : publicKeyOf(publicKey, 'publicKey')
    if (typeof privateKey === 'function') {
      if (given === undefined) throw new UsageError('a privateKey that is a function needs publicKey as well')
      return new Signer(given, privateKey)
    }
    const seed = typeof privateKey === 'string' ? fromHex(privateKey, 32) : seedOf(privateKey)
    if (seed === undefined)
      throw new UsageError('privateKey must be the seed of an Ed25519 key: 32 octets, or 64 hex digits')
    const derived = toHex(ed25519.getPublicKey(seed))
    if (given !== undefined && given !== derived)
      throw new UsageError('publicKey does not belong to privateKey')
    return new Signer(derived, (message) => ed25519.sign(message, seed))
  }

  /** The signature and, after it, what was signed: in hex. Spec: authentication_cryptosign.md, "Computing the Signature". */
  async sign(message: Octets): Promise<string> {
    const signature = await this.#sign(message)
    if (!(signature instanceof Uint8Array) || signature.length !== 64)
      throw new UsageError('privateKey must sign with 64 octets')
    return toHex(signature) + toHex(message)
  }
}

function seedOf(octets: unknown): Octets | undefined {
  return octets instanceof Uint8Array && octets.length === 32 ? Uint8Array.from(octets) : undefined
}

/** In lower case. @throws UsageError if it is none. */
export function publicKeyOf(text: unknown, what: string): string {
  const octets = fromHex(text, 32)
  if (octets === undefined) throw new UsageError(`${what} must be an Ed25519 public key: 64 hex digits`)
  return toHex(octets)
}

/** Is it the signature of this message by this key, followed by the message? As strict as RFC 8032, and more than many. */
export function isSigned(signed: Octets, message: Octets, publicKey: string): boolean {
  const key = fromHex(publicKey, 32)
  if (key === undefined || signed.length !== 96) return false
  const isRight = ed25519.verify(signed.subarray(0, 64), message, key, { zip215: false })
  return isRight && toHex(signed.subarray(64)) === toHex(message)
}

export interface CryptosignKeyPair {
  /** The seed, in hex. It is the secret. */
  readonly privateKey: string
  /** In hex. */
  readonly publicKey: string
}

/** A new pair of keys, for `cryptosign` and for routers. */
export function cryptosignKeyPair(): CryptosignKeyPair {
  const seed = random(32)
  return { privateKey: toHex(seed), publicKey: toHex(ed25519.getPublicKey(seed)) }
}
