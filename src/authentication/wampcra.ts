import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import { Authenticate, Challenge } from '../messages/session-lifecycle.js'
import type {
  AuthenticationStep,
  ClientAuthentication,
  RouterAuthentication,
} from './authentication-method.js'
import { Decoys } from './decoys.js'
import { hmacSha256, pbkdf2Sha256 } from './digests.js'
import { random, toBase64, utf8 } from './encodings.js'
import { equalSecrets } from './equal-secrets.js'
import {
  deny,
  denyNameless,
  isCount,
  isText,
  type Membership,
  membershipOf,
  type Principals,
  sourceOf,
  welcome,
} from './principals.js'

const METHOD = 'wampcra'

/** What goes without saying. Spec: rfc/text/advanced/authentication_cra.md, "Password Salting". */
const ITERATIONS = 1000
const KEYLEN = 32
const LONGEST_KEYLEN = 64
const LONGEST_SALT = 1024

export interface WampcraOptions {
  authid: string
  /** The secret, or what fetches it. It does not cross the wire. */
  secret: string | (() => string | Promise<string>)
  /** A router that asks for more is refused, for it could keep the client busy for ever. 1,000,000 by default. */
  maxIterations?: number
}

/** The client's half: signs the challenge with the secret. Spec: rfc/text/advanced/authentication_cra.md. */
export function wampcra({ authid, secret, maxIterations = 1_000_000 }: WampcraOptions): ClientAuthentication {
  if (secret === '') throw new UsageError('the secret is empty')
  return {
    method: METHOD,
    authid,
    begin: () => ({
      async answer({ extra }) {
        const { challenge } = extra
        if (!isText(challenge))
          throw new UsageError(
            'CHALLENGE.Extra.challenge must be a string: the router does not speak wampcra',
          )
        const salting = saltingOf(extra, maxIterations)
        const shared = typeof secret === 'string' ? secret : await secret()
        if (!isText(shared)) throw new UsageError('the secret must be a string that is not empty')
        const key = salting === undefined ? shared : await derivedKey(shared, salting)
        return new Authenticate(await sign(key, challenge))
      },
    }),
  }
}

/** How a secret was salted: the parameters of PBKDF2. */
interface Salting {
  readonly salt: string
  readonly iterations: number
  readonly keylen: number
}

/** What a router keeps in place of the secret. */
export interface WampcraCredential extends Salting {
  /** Base64 of the derived key. It is as good as the secret for this method. */
  readonly key: string
}

/** Somebody whose secret the router knows, or what is left of it after salting. */
export type WampcraPrincipal = Membership &
  (
    | { readonly secret: string }
    | {
        readonly salt: string
        /** 1,000 by default. */
        readonly iterations?: number
        /** 32 by default. */
        readonly keylen?: number
        readonly key: string
      }
  )

export interface CheckWampcraOptions {
  /**
   * What the salts of authids that do not exist are made from: 16 octets or more, the same after each start, so that they
   * cannot be told from salts that exist. Made up anew by each router without it.
   */
  fakeSaltKey?: string | Uint8Array
  /**
   * What authids that do not exist look like, where a function looks up principals; what is secret in them does not
   * matter. By default like somebody of the authrole `user` who is salted as `wampcraCredential` does it.
   */
  decoys?: readonly WampcraPrincipal[]
}

interface CraPrincipal extends Membership {
  readonly salting: Salting | undefined
  readonly key: string
}

/**
 * The router's half: knows the secret of each authid, or the key that was derived from it.
 *
 * The challenge names the authrole, so an authid that does not exist is given that of one that does.
 */
export function checkWampcra(
  principals: Principals<WampcraPrincipal>,
  options: CheckWampcraOptions = {},
): RouterAuthentication {
  const source = sourceOf(principals, craPrincipalOf)
  const models = options.decoys?.map((model) => craPrincipalOf({ ...model }, 'a decoy')) ?? source.known
  const [first = DECOY, ...rest] = models
  const decoys = new Decoys(options.fakeSaltKey)

  async function decoyOf(authid: string): Promise<CraPrincipal> {
    const { salting, authrole } = await decoys.pick(authid, [first, ...rest])
    const salt = await decoys.text(authid, salting?.salt ?? '')
    const key = toBase64(await decoys.octets(authid, 'key', KEYLEN))
    return { authrole, key, salting: salting && { ...salting, salt } }
  }

  return {
    method: METHOD,
    async begin(attempt) {
      const { authid } = attempt.hello.details
      if (authid === undefined) return denyNameless(METHOD)
      const found = await source.find(authid, attempt, { authmethod: METHOD })
      // Made up for who exists as well: both take the same time.
      const decoy = await decoyOf(authid)
      const { authrole, salting, key } = found ?? decoy
      const challenge = JSON.stringify({
        authid,
        authrole,
        authmethod: METHOD,
        authprovider: source.authprovider,
        nonce: toBase64(random(16)),
        timestamp: new Date().toISOString(),
        session: attempt.sessionId,
      })
      return {
        outcome: 'challenge',
        challenge: new Challenge(METHOD, { challenge, ...salting }),
        async check({ signature }): Promise<AuthenticationStep> {
          const isRight = equalSecrets(signature, await sign(key, challenge))
          return found !== undefined && isRight
            ? welcome(authid, found, source.authprovider)
            : deny('the authid or the secret is wrong')
        },
      }
    },
  }
}

export interface WampcraCredentialOptions {
  secret: string
  /** 100,000 by default. Clients that derive keys in JavaScript itself take seconds for that. */
  iterations?: number
  /** Made up at random by default. */
  salt?: string
}

/** What a router may keep of a secret, for the principals of `checkWampcra`. */
export async function wampcraCredential({
  secret,
  iterations = 100_000,
  salt = toBase64(random(16)),
}: WampcraCredentialOptions): Promise<WampcraCredential> {
  if (!isText(secret) || !isText(salt)) throw new UsageError('secret and salt must not be empty')
  if (!isCount(iterations)) throw new UsageError('iterations must be a whole number from 1')
  const salting = { salt, iterations, keylen: KEYLEN }
  return { ...salting, key: await derivedKey(secret, salting) }
}

const DECOY: CraPrincipal = {
  authrole: 'user',
  salting: { salt: 'AAAAAAAAAAAAAAAAAAAAAA==', iterations: 100_000, keylen: KEYLEN },
  key: 'none',
}

function craPrincipalOf(principal: Dict, where: string): CraPrincipal {
  const membership = membershipOf(principal, where)
  const { secret, salt, key, iterations, keylen } = principal
  const isPlain = secret !== undefined && secret !== null
  if (isPlain ? !isText(secret) || salt !== undefined || key !== undefined : !isText(salt) || !isText(key))
    throw new UsageError(`${where} needs either secret, or salt and key, as strings that are not empty`)
  if (isPlain) return { ...membership, salting: undefined, key: secret as string }
  const salting = saltingOf({ salt, iterations, keylen }, Number.MAX_SAFE_INTEGER, where)
  return { ...membership, salting, key: key as string }
}

/** The parameters of a salted secret; `undefined` for a plain one. @throws UsageError if they are none to work with. */
function saltingOf(
  { salt, iterations, keylen }: Dict,
  maxIterations: number,
  where = 'CHALLENGE.Extra',
): Salting | undefined {
  if (salt === undefined || salt === null) return undefined
  if (typeof salt !== 'string' || salt.length > LONGEST_SALT)
    throw new UsageError(`${where}: salt must be a string of ${LONGEST_SALT} characters at most`)
  const salting = { salt, iterations: iterations ?? ITERATIONS, keylen: keylen ?? KEYLEN }
  if (!isCount(salting.iterations, 1, maxIterations))
    throw new UsageError(`${where}: iterations must be a whole number from 1 to ${maxIterations}`)
  if (!isCount(salting.keylen, 1, LONGEST_KEYLEN))
    throw new UsageError(`${where}: keylen must be a whole number from 1 to ${LONGEST_KEYLEN}`)
  return { ...salting, iterations: salting.iterations, keylen: salting.keylen }
}

/** The key is the base64 text, which the spec does not say, and all implementations do. */
async function derivedKey(secret: string, { salt, iterations, keylen }: Salting): Promise<string> {
  return toBase64(await pbkdf2Sha256(utf8(secret), utf8(salt), iterations, keylen))
}

/** Signs the octets of the challenge as they came: writing its JSON again could change them. */
async function sign(key: string, challenge: string): Promise<string> {
  return toBase64(await hmacSha256(utf8(key), utf8(challenge)))
}
