/** What the two halves of SCRAM compute alike. Spec: rfc/text/advanced/authentication_scram.md, "SCRAM Algorithms". */
import { hmacSha256, sha256 } from './digests.js'
import { type Octets, toBase64, utf8, xor } from './encodings.js'

/** Whose names of the method, its parts and its derivation: those of the spec, or those of autobahn and crossbar. */
export type ScramNames = 'spec' | 'autobahn'

export const METHODS: Readonly<Record<ScramNames, string>> = { spec: 'wamp-scram', autobahn: 'scram' }

/** Where WELCOME's `authextra` has the server's signature. */
export const VERIFIERS: Readonly<Record<ScramNames, string>> = {
  spec: 'verifier',
  autobahn: 'scram_server_signature',
}

/** What both have said, and both sign. */
export interface ScramExchange {
  readonly names: ScramNames
  /** After SASLprep. */
  readonly authid: string
  readonly clientNonce: string
  /** That of the client, and after it that of the router. */
  readonly nonce: string
  /** In base64. */
  readonly salt: string
  readonly iterations: number
  /** The type of the channel binding and its octets, if there is one. */
  readonly binding: { readonly type: string; readonly octets: Octets } | undefined
}

export function authMessage(exchange: ScramExchange): Octets {
  const { names, authid, clientNonce, nonce, salt, iterations, binding } = exchange
  const flag = utf8(binding === undefined ? 'n,,' : `p=${binding.type},,`)
  const bound = toBase64(Uint8Array.from([...flag, ...(binding?.octets ?? [])]))
  // Autobahn escapes nothing, and knows no channel binding.
  const [name, c] = names === 'autobahn' ? [authid, ''] : [escaped(authid), bound]
  return utf8(`n=${name},r=${clientNonce},r=${nonce},s=${salt},i=${iterations},c=${c},r=${nonce}`)
}

function escaped(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

export async function clientProof(clientKey: Octets, storedKey: Octets, message: Octets): Promise<Octets> {
  return xor(clientKey, await hmacSha256(storedKey, message))
}

/** The stored key of who made the proof. */
export async function recoveredStoredKey(proof: Octets, storedKey: Octets, message: Octets): Promise<Octets> {
  return sha256(xor(proof, await hmacSha256(storedKey, message)))
}
