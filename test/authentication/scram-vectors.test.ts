import { describe, expect, it } from 'vitest'
import { hmacSha256 } from '../../src/authentication/digests.js'
import { fromBase64, toBase64, toHex, utf8 } from '../../src/authentication/encodings.js'
import { keysOf, saltedPassword } from '../../src/authentication/scram-credential.js'
import { authMessage, clientProof, recoveredStoredKey } from '../../src/authentication/scram-exchange.js'
import { scramCredential } from '../../src/router.js'
import { authVectors, unlessThere } from './auth-vectors.js'

const hexOf = (base64: string) => Buffer.from(base64, 'base64').toString('hex')

describe.skipIf(!authVectors)(`SCRAM: vectors${unlessThere}`, () => {
  const scram = authVectors?.scram

  it.each(scram?.kdf_static ?? [])(
    '$kdf derives as others do',
    async ({ kdf, password, salt, iterations, memory_kib, hash_hex }) => {
      const cost = { kdf, iterations, ...(memory_kib === undefined ? {} : { memory: memory_kib }) }
      expect(toHex(await saltedPassword(password, utf8(salt), cost))).toBe(hash_hex)
    },
  )

  it('the messages, the proof and the signature are those of RFC 7677, section 3', async () => {
    const vector = scram?.rfc7677_cross_check
    if (vector === undefined) throw new Error('no vector')
    const { iterations } = vector
    const message = authMessage({
      names: 'spec',
      authid: vector.username,
      clientNonce: vector.client_nonce,
      nonce: vector.server_nonce,
      salt: vector.salt_base64,
      iterations,
      binding: undefined,
    })
    expect(new TextDecoder().decode(message)).toBe(vector.auth_message)
    const salt = fromBase64(vector.salt_base64) ?? new Uint8Array(0)
    const keys = await keysOf(await saltedPassword(vector.password, salt, { kdf: 'pbkdf2', iterations }))
    const proof = await clientProof(keys.clientKey, keys.storedKey, message)
    expect(toBase64(proof)).toBe(vector.client_proof)
    expect(await recoveredStoredKey(proof, keys.storedKey, message)).toEqual(keys.storedKey)
    expect(toBase64(await hmacSha256(keys.serverKey, message))).toBe(vector.server_signature)
  })

  const credentials = scram?.argon2id_credential ?? []
  // Each takes JavaScript ten seconds, and they differ in the salt alone: one will do.
  it.each(credentials.slice(0, 1))(
    'a credential of autobahn for salt $salt_hex',
    { timeout: 180_000 },
    async ({ password, salt_hex, iterations, memory, server_key, stored_key }) => {
      const salt = Buffer.from(salt_hex, 'hex')
      const credential = await scramCredential({ password, kdf: 'argon2id-13', iterations, memory, salt })
      expect(hexOf(credential.storedKey)).toBe(stored_key)
      expect(hexOf(credential.serverKey)).toBe(server_key)
    },
  )
})
