/**
 * SHA-256 and what is made of it: by WebCrypto, or where that is missing, as on pages that were not served over TLS, by
 * `@noble/hashes`, which is loaded when it is needed.
 */
import type { Octets } from './encodings.js'

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

export async function sha256(message: Octets): Promise<Octets> {
  const subtle = webCrypto()
  if (subtle !== undefined) return new Uint8Array(await subtle.digest('SHA-256', message))
  return Uint8Array.from((await import('@noble/hashes/sha2.js')).sha256(message))
}

/** The key must not be empty. */
export async function hmacSha256(key: Octets, message: Octets): Promise<Octets> {
  const subtle = webCrypto()
  if (subtle !== undefined) {
    const imported = await subtle.importKey('raw', key, HMAC, false, ['sign'])
    return new Uint8Array(await subtle.sign('HMAC', imported, message))
  }
  const [{ hmac }, { sha256 }] = await Promise.all([
    import('@noble/hashes/hmac.js'),
    import('@noble/hashes/sha2.js'),
  ])
  return Uint8Array.from(hmac(sha256, key, message))
}

/** RFC 2898, with HMAC-SHA256; `length` in octets. */
export async function pbkdf2Sha256(
  password: Octets,
  salt: Octets,
  iterations: number,
  length: number,
): Promise<Octets> {
  const subtle = webCrypto()
  if (subtle !== undefined) {
    const key = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
    const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations }
    return new Uint8Array(await subtle.deriveBits(parameters, key, 8 * length))
  }
  const [{ pbkdf2Async }, { sha256 }] = await Promise.all([
    import('@noble/hashes/pbkdf2.js'),
    import('@noble/hashes/sha2.js'),
  ])
  return Uint8Array.from(await pbkdf2Async(sha256, password, salt, { c: iterations, dkLen: length }))
}

/** The types say that it is always there. */
function webCrypto(): SubtleCrypto | undefined {
  return (crypto as { readonly subtle?: SubtleCrypto }).subtle
}
