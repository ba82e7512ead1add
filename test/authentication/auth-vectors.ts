import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vectorsFolder } from '../vectors.js'

/** The vectors of the authentication methods: of the spec's text, of autobahn and of RFC 7677. */
export interface AuthVectors {
  readonly cryptosign: {
    readonly vectors: readonly {
      readonly channel_id: string | null
      readonly private_key: string
      readonly challenge: string
      readonly signature: string
    }[]
  }
  readonly wampcra: {
    readonly hmac: readonly {
      readonly secret: string
      readonly challenge: string
      readonly signature: string
    }[]
    readonly pbkdf2: readonly {
      readonly secret: string
      readonly salt: string
      readonly iterations: number
      readonly keylen: number
      readonly derived_key_base64: string
    }[]
  }
  readonly scram: {
    readonly argon2id_credential: readonly {
      readonly password: string
      readonly salt_hex: string
      readonly iterations: number
      readonly memory: number
      readonly server_key: string
      readonly stored_key: string
    }[]
    readonly kdf_static: readonly {
      readonly kdf: 'argon2id13' | 'pbkdf2'
      readonly password: string
      readonly salt: string
      readonly iterations: number
      readonly memory_kib?: number
      readonly hash_hex: string
    }[]
    readonly rfc7677_cross_check: {
      readonly username: string
      readonly password: string
      readonly salt_base64: string
      readonly iterations: number
      readonly client_nonce: string
      readonly server_nonce: string
      readonly client_proof: string
      readonly server_signature: string
      readonly auth_message: string
    }
  }
}

const file = join(vectorsFolder, 'auth.json')

/** `undefined` where there are none. */
export const authVectors: AuthVectors | undefined = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as AuthVectors)
  : undefined

/** Behind the title of tests that are skipped without the vectors. */
export const unlessThere = authVectors ? '' : ` (skipped: no ${file}, see WAMP_VECTORS)`
