import { UsageError } from '../errors.js'
import { hmacSha256 } from './digests.js'
import { fromBase64, type Octets, random, toBase64, utf8 } from './encodings.js'

const SHORTEST_KEY = 16

/**
 * Makes up what a principal that does not exist would have: a salt and keys, the same for the same authid each time, so
 * that nobody learns by asking who exists. Spec: rfc/text/advanced/authentication_scram.md, "Initial Client Authentication
 * Message".
 */
export class Decoys {
  readonly #key: Octets

  /** Who gives no key has other decoys after each start: a salt that changes then belongs to nobody. */
  constructor(key: string | Uint8Array | undefined) {
    this.#key = key === undefined ? random(32) : typeof key === 'string' ? utf8(key) : Uint8Array.from(key)
    if (this.#key.length < SHORTEST_KEY)
      throw new UsageError(`fakeSaltKey must have ${SHORTEST_KEY} octets at least, made up at random`)
  }

  async octets(authid: string, purpose: string, length: number): Promise<Octets> {
    const octets = new Uint8Array(length)
    for (let at = 0; at < length; at += 32) {
      const block = await hmacSha256(this.#key, utf8(`${purpose} ${at} ${authid}`))
      octets.set(block.subarray(0, length - at), at)
    }
    return octets
  }

  /** One of them, for a principal to look like. There must be one. */
  async pick<T>(authid: string, choices: readonly [T, ...T[]]): Promise<T> {
    const [a = 0, b = 0, c = 0] = await this.octets(authid, 'looks', 3)
    return choices[((a << 16) | (b << 8) | c) % choices.length] ?? choices[0]
  }

  /** A text that looks like another: base64 of as many octets, or letters. */
  async text(authid: string, model: string): Promise<string> {
    const length = fromBase64(model)?.length
    if (length !== undefined) return toBase64(await this.octets(authid, 'salt', length))
    const letters = toBase64(await this.octets(authid, 'salt', model.length))
    return letters.replaceAll(/[^a-zA-Z0-9]/g, 'x').slice(0, model.length)
  }
}
