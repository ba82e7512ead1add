/** How libraries log in, as the checks of authentication see it. */
import type { SerializerName } from '../../src/index.js'
import type { CryptosignKeyPair } from '../../src/router.js'

/** What somebody knows or has, by the method that it is for. A library offers each method of which there is one. */
export interface Secrets {
  readonly ticket?: string
  readonly wampcra?: string
  readonly scram?: string
  readonly cryptosign?: CryptosignKeyPair
}

export type Method = keyof Secrets

export interface LoginOptions {
  readonly url: string
  readonly realm: string
  readonly serializer: SerializerName
  /** Left out where the key alone says who comes. */
  readonly authid?: string
  readonly secrets: Secrets
}

/** Who the router said that one is. */
export interface Login {
  readonly session: number
  readonly authid: string
  readonly authrole: string
  readonly authmethod: string
  leave(): Promise<void>
}

export interface LoginLibrary {
  /** As in a sentence. */
  readonly name: string
  readonly serializers: readonly SerializerName[]
  readonly methods: readonly Method[]
  /** Checks that are skipped, by what stands at the end of their titles, and why. */
  readonly deviations?: Readonly<Record<string, string>>
  /** @throws Refusal if the router says ABORT. */
  logIn(options: LoginOptions): Promise<Login>
}

/** In the order in which they are offered. */
export function methodsOf(secrets: Secrets): Method[] {
  return Object.keys(secrets) as Method[]
}
