import { UsageError } from '../errors.js'
import { hmacSha256, pbkdf2Sha256, sha256 } from './digests.js'
import { type Octets, random, toBase64, utf8 } from './encodings.js'
import { isCount, isText } from './principals.js'
import { saslprep } from './saslprep.js'

/**
 * How passwords become keys. `argon2id-13` is what autobahn and crossbar do: argon2id as well, but the password is taken
 * as it is, without SASLprep, and the key is the base64 text of what comes out, without its padding.
 */
export type ScramKdf = 'pbkdf2' | 'argon2id13' | 'argon2id-13'

/** What a key derivation costs. */
export interface ScramCost {
  readonly kdf: ScramKdf
  readonly iterations: number
  /** In KiB; of argon2 only. */
  readonly memory?: number
}

/** What a router keeps of a password. Octets are in base64. */
export interface ScramCredential extends ScramCost {
  readonly salt: string
  readonly storedKey: string
  readonly serverKey: string
}

/** What OWASP recommends as the least of today, and for `argon2id-13` what autobahn has fixed. */
export const USUAL_COSTS: Readonly<Record<ScramKdf, ScramCost>> = {
  pbkdf2: { kdf: 'pbkdf2', iterations: 600_000 },
  argon2id13: { kdf: 'argon2id13', iterations: 2, memory: 19_456 },
  'argon2id-13': { kdf: 'argon2id-13', iterations: 4096, memory: 512 },
}

export interface ScramCredentialOptions {
  password: string
  /** `argon2id13` by default; `argon2id-13` for routers and clients that have `names: 'autobahn'`. */
  kdf?: ScramKdf
  /** By default 600,000 for `pbkdf2`, 2 for `argon2id13`. */
  iterations?: number
  /** In KiB, for argon2 only; 19,456 by default for `argon2id13`. */
  memory?: number
  /** 16 octets, made up at random, by default. Nobody else may have the same. */
  salt?: Uint8Array
}

/** What a router keeps of a password, for the principals of `checkScram`. */
export async function scramCredential({
  password,
  kdf = 'argon2id13',
  salt = random(16),
  ...given
}: ScramCredentialOptions): Promise<ScramCredential> {
  const usual = USUAL_COSTS[kdf]
  if (usual === undefined) throw new UsageError(`kdf must be one of ${Object.keys(USUAL_COSTS).join(', ')}`)
  const { iterations = usual.iterations, memory = usual.memory } = given
  if (!isCount(iterations)) throw new UsageError('iterations must be a whole number from 1')
  if (memory !== undefined && (kdf === 'pbkdf2' || !isCount(memory, 8)))
    throw new UsageError('memory is for argon2 only, and must be a whole number of KiB from 8')
  if (salt.length < SHORTEST_SALT) throw new UsageError(`salt must have ${SHORTEST_SALT} octets at least`)
  const cost = { kdf, iterations, ...(memory === undefined ? {} : { memory }) }
  const salted = await saltedPassword(password, Uint8Array.from(salt), cost)
  const { storedKey, serverKey } = await keysOf(salted)
  return { ...cost, salt: toBase64(salt), storedKey: toBase64(storedKey), serverKey: toBase64(serverKey) }
}

/** In octets: argon2 takes no less. */
export const SHORTEST_SALT = 8

/** Spec: rfc/text/advanced/authentication_scram.md, "Key Derivation Functions". @throws UsageError for no password. */
export async function saltedPassword(password: string, salt: Octets, cost: ScramCost): Promise<Octets> {
  const { kdf, iterations, memory = 0 } = cost
  if (!isText(password)) throw new UsageError('the password must be a string that is not empty')
  const prepared = kdf === 'argon2id-13' ? password : saslprep(password)
  if (prepared === undefined)
    throw new UsageError('the password has characters that passwords may not have (SASLprep, RFC 4013)')
  if (kdf === 'pbkdf2') return pbkdf2Sha256(utf8(prepared), salt, iterations, 32)
  const { argon2idAsync } = await import('@noble/hashes/argon2.js')
  const parameters = { t: iterations, m: memory, p: 1, dkLen: 32, version: 0x13 }
  const key = Uint8Array.from(await argon2idAsync(utf8(prepared), salt, parameters))
  return kdf === 'argon2id-13' ? utf8(toBase64(key).replace(/=+$/, '')) : key
}

export interface ScramKeys {
  readonly clientKey: Octets
  readonly storedKey: Octets
  readonly serverKey: Octets
}

export async function keysOf(salted: Octets): Promise<ScramKeys> {
  const clientKey = await hmacSha256(salted, utf8('Client Key'))
  const storedKey = await sha256(clientKey)
  return { clientKey, storedKey, serverKey: await hmacSha256(salted, utf8('Server Key')) }
}
