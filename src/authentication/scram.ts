import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import { Authenticate, Challenge } from '../messages/session-lifecycle.js'
import type {
  Attempt,
  AuthenticationStep,
  ClientAuthentication,
  ConnectionTraits,
  RouterAuthentication,
} from './authentication-method.js'
import { Decoys } from './decoys.js'
import { hmacSha256 } from './digests.js'
import { fromBase64, type Octets, random, toBase64 } from './encodings.js'
import { equalOctets } from './equal-secrets.js'
import {
  deny,
  denyNameless,
  type Membership,
  membershipOf,
  type Principals,
  sourceOf,
  welcome,
} from './principals.js'
import { saslprep } from './saslprep.js'
import { costOf, type ScramBounds, USUAL_BOUNDS } from './scram-bounds.js'
import {
  keysOf,
  type ScramCost,
  type ScramCredential,
  SHORTEST_SALT,
  saltedPassword,
  USUAL_COSTS,
} from './scram-credential.js'
import {
  authMessage,
  clientProof,
  METHODS,
  recoveredStoredKey,
  type ScramExchange,
  type ScramNames,
  VERIFIERS,
} from './scram-exchange.js'

/** The one type of channel binding that SCRAM has here. Spec: RFC 9266. */
const BINDING = 'tls-exporter'
/** 18 octets: a multiple of three, whose base64 remains the beginning when a router appends to the octets. */
const NONCE_LENGTH = 18
/** Of the length that salts have by default. */
const USUAL_SALT = toBase64(new Uint8Array(16))
/** What a nonce may be of: printable, without a comma. Spec: RFC 5802, section 7. */
const NONCE = /^[\x21-\x2b\x2d-\x7e]{1,512}$/

export interface ScramOptions {
  authid: string
  /** The password, or what fetches it. It does not cross the wire. */
  password: string | (() => string | Promise<string>)
  /** Whose names to use: `autobahn` for routers such as crossbar. `spec` by default. */
  names?: ScramNames
  /**
   * `required` binds the log-in to the TLS connection, so that nobody can pass it on. The router has to end that connection
   * itself: behind a proxy it refuses. If `cryptosign` is offered too, both should bind or neither. `none` by default.
   */
  channelBinding?: 'required' | 'none'
  /** What a router may ask for: less would give the password away to who guesses, more would keep the client busy. */
  bounds?: Partial<ScramBounds>
}

/**
 * The client's half: proves that it knows the password, and has the router prove it too.
 *
 * Spec: rfc/text/advanced/authentication_scram.md.
 */
export function scram(options: ScramOptions): ClientAuthentication {
  const { names = 'spec', channelBinding = 'none', password } = options
  const authid = saslprep(options.authid)
  if (authid === undefined)
    throw new UsageError('the authid has characters that names may not have (SASLprep, RFC 4013)')
  if (password === '') throw new UsageError('the password is empty')
  if (names === 'autobahn' && channelBinding === 'required')
    throw new UsageError("there is no channel binding with names: 'autobahn'")
  const bounds = { ...USUAL_BOUNDS, ...options.bounds }
  /** The last password that was salted, for the next session: deriving it is meant to take long. */
  let derived = { from: '', salted: new Uint8Array(0) }

  async function derive(salt: Octets, cost: ScramCost): Promise<Octets> {
    const secret = typeof password === 'string' ? password : await password()
    const from = JSON.stringify([secret, toBase64(salt), cost])
    if (derived.from !== from) derived = { from, salted: await saltedPassword(secret, salt, cost) }
    return derived.salted
  }

  return {
    method: METHODS[names],
    authid,
    begin(connection) {
      const clientNonce = toBase64(random(NONCE_LENGTH))
      const own = channelBinding === 'required' ? bindingOf(connection) : undefined
      let isAsked = false
      /** The signature that only a router can make that knows the password. */
      let expected: Octets | undefined
      const authextra: Dict =
        names === 'spec' ? { nonce: clientNonce, channel_binding: own?.type ?? null } : { nonce: clientNonce }
      return {
        authextra,
        async answer({ extra }, sent = authextra) {
          if (isAsked) throw new UsageError('the router has sent a second CHALLENGE, where SCRAM has one')
          isAsked = true
          // Another method may have asked for it: then it holds for this one too.
          const binding = sent.channel_binding === BINDING ? bindingOf(connection) : undefined
          if (channelBinding === 'required' && binding === undefined)
            throw new UsageError(
              `this connection has no channel binding ${BINDING}, which the client requires`,
            )
          const { nonce, salt } = extra
          if (
            typeof nonce !== 'string' ||
            !NONCE.test(nonce) ||
            !nonce.startsWith(clientNonce) ||
            nonce === clientNonce
          )
            throw new UsageError(
              "the router's nonce does not begin with that of the client: it may be an impostor",
            )
          const octets = fromBase64(salt)
          if (octets === undefined || octets.length < SHORTEST_SALT)
            throw new UsageError(`CHALLENGE.Extra.salt must be base64 of ${SHORTEST_SALT} octets at least`)
          if (names === 'autobahn' && extra.channel_binding)
            throw new UsageError('the router wants a channel binding, which the client has not asked for')
          const cost = costOf(extra, names, bounds)
          const keys = await keysOf(await derive(octets, cost))
          const message = authMessage({
            names,
            authid,
            clientNonce,
            nonce,
            salt: toBase64(octets),
            iterations: cost.iterations,
            binding,
          })
          expected = await hmacSha256(keys.serverKey, message)
          const proof = toBase64(await clientProof(keys.clientKey, keys.storedKey, message))
          if (names === 'autobahn') return new Authenticate(proof)
          const [channel_binding, cbind_data] = binding
            ? [binding.type, toBase64(binding.octets)]
            : [null, null]
          return new Authenticate(proof, { nonce, channel_binding, cbind_data })
        },
        welcomed({ details }) {
          const given = details.authextra?.[VERIFIERS[names]]
          const verifier = fromBase64(typeof given === 'string' ? given.replace(/^v=/, '') : undefined)
          if (expected === undefined || verifier === undefined || !equalOctets(verifier, expected))
            throw new UsageError(
              `the router has not proved that it knows the password (WELCOME.Details.authextra.${VERIFIERS[names]})`,
            )
        },
      }
    },
  }
}

function bindingOf({ channelBinding }: ConnectionTraits): ScramExchange['binding'] {
  const octets = channelBinding?.(BINDING)
  return octets === undefined ? undefined : { type: BINDING, octets: Uint8Array.from(octets) }
}

/** Somebody whose password the router has seen once: see `scramCredential`. */
export type ScramPrincipal = Membership & ScramCredential

export interface CheckScramOptions {
  /** Whose names to use: `autobahn` for clients made with autobahn for Python. `spec` by default. */
  names?: ScramNames
  /**
   * What the salts of authids that do not exist are made from: 16 octets or more, the same after each start, so that they
   * cannot be told from salts that exist. Made up anew by each router without it.
   */
  fakeSaltKey?: string | Uint8Array
  /**
   * What the challenges for authids that do not exist look like, where a function looks up principals: those of whom else?
   * By default like those with the costs that `scramCredential` has by default.
   */
  decoys?: readonly ScramCost[]
}

interface Stored extends Membership {
  readonly cost: ScramCost
  readonly salt: string
  readonly storedKey: Octets
  readonly serverKey: Octets
}

/** The router's half: knows of each authid what is left of the password. */
export function checkScram(
  principals: Principals<ScramPrincipal>,
  { names = 'spec', fakeSaltKey, decoys: models }: CheckScramOptions = {},
): RouterAuthentication {
  const method = METHODS[names]
  const source = sourceOf(principals, storedOf(names), (authid) => saslprep(authid) ?? authid)
  const usual = { cost: USUAL_COSTS[names === 'spec' ? 'argon2id13' : 'argon2id-13'], salt: USUAL_SALT }
  const given = models?.map((model) => ({
    cost: costOf({ ...model }, names, undefined, 'a decoy'),
    salt: USUAL_SALT,
  }))
  const [first = usual, ...rest] = given ?? source.known
  const decoys = new Decoys(fakeSaltKey)

  async function decoyOf(authid: string): Promise<Stored> {
    const { cost, salt: model } = await decoys.pick(authid, [first, ...rest])
    const salt = await decoys.text(authid, model)
    const storedKey = await decoys.octets(authid, 'storedKey', 32)
    return { authrole: '', cost, salt, storedKey, serverKey: storedKey }
  }

  return {
    method,
    async begin(attempt: Attempt): Promise<AuthenticationStep> {
      const { details } = attempt.hello
      if (details.authid === undefined) return denyNameless(method)
      const authid = saslprep(details.authid)
      if (authid === undefined) return deny('HELLO.Details.authid has characters that names may not have')
      const { nonce: clientNonce, channel_binding: wanted = null } = details.authextra ?? {}
      if (typeof clientNonce !== 'string' || !NONCE.test(clientNonce))
        return deny('HELLO.Details.authextra.nonce is needed: a text of random octets')
      const binding = names === 'spec' && wanted === BINDING ? bindingOf(attempt.connection) : undefined
      if (names === 'spec' && wanted !== null && binding === undefined)
        return deny(
          'the channel binding that HELLO.Details.authextra.channel_binding asks for is not to be had',
        )

      const found = await source.find(authid, attempt, { authmethod: method })
      // Made up for who exists as well: both take the same time.
      const decoy = await decoyOf(authid)
      const { cost, salt, storedKey } = found ?? decoy
      const nonce = clientNonce + toBase64(random(NONCE_LENGTH))
      const { kdf, iterations, memory } = cost
      const message = authMessage({ names, authid, clientNonce, nonce, salt, iterations, binding })
      return {
        outcome: 'challenge',
        challenge: new Challenge(method, { nonce, salt, kdf, iterations, memory: memory ?? null }),
        async check({ signature, extra }): Promise<AuthenticationStep> {
          if (names === 'spec' && !isForThis(extra, nonce, binding))
            return deny('AUTHENTICATE.Extra must have the nonce and the channel binding of this log-in')
          const proof = fromBase64(signature)
          if (proof?.length !== 32) return deny('AUTHENTICATE.Signature must be base64 of 32 octets')
          const isRight = equalOctets(await recoveredStoredKey(proof, storedKey, message), storedKey)
          if (found === undefined || !isRight) return deny('the authid or the password is wrong')
          const verifier = toBase64(await hmacSha256(found.serverKey, message))
          return welcome(authid, found, source.authprovider, { [VERIFIERS[names]]: verifier })
        },
      }
    },
  }
}

function isForThis(
  { nonce, channel_binding, cbind_data }: Dict,
  asked: string,
  binding: ScramExchange['binding'],
) {
  if (nonce !== asked) return false
  if (binding === undefined) return (channel_binding ?? null) === null && (cbind_data ?? null) === null
  const data = fromBase64(cbind_data)
  return channel_binding === binding.type && data !== undefined && equalOctets(data, binding.octets)
}

const storedOf =
  (names: ScramNames) =>
  (principal: Dict, where: string): Stored => {
    const membership = membershipOf(principal, where)
    const cost = costOf(principal, names, undefined, where)
    const salt = fromBase64(principal.salt)
    const storedKey = fromBase64(principal.storedKey)
    const serverKey = fromBase64(principal.serverKey)
    if (
      salt === undefined ||
      salt.length < SHORTEST_SALT ||
      storedKey?.length !== 32 ||
      serverKey?.length !== 32
    )
      throw new UsageError(
        `${where} needs salt, storedKey and serverKey in base64, as scramCredential makes them`,
      )
    return { ...membership, cost, salt: toBase64(salt), storedKey, serverKey }
  }
