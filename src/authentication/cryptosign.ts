import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import { Authenticate, Challenge } from '../messages/session-lifecycle.js'
import type {
  AuthenticationStep,
  ChannelBinding,
  ClientAuthentication,
  ConnectionTraits,
  RouterAuthentication,
} from './authentication-method.js'
import { isSigned, type PrivateKeyOptions, publicKeyOf, Signer } from './ed25519.js'
import { fromHex, type Octets, random, toHex, xor } from './encodings.js'
import {
  checked,
  deny,
  dynamicSource,
  type Identity,
  identityOf,
  isText,
  type Lookup,
  type Membership,
  membershipOf,
  type Source,
  welcome,
} from './principals.js'

const METHOD = 'cryptosign'
const BINDINGS: readonly ChannelBinding[] = ['tls-exporter', 'tls-unique']

export interface CryptosignOptions extends PrivateKeyOptions {
  /** Who to be, where the key alone does not say. */
  authid?: string
  /** The public key of the router, in hex: the client answers to nobody else. */
  routerKey?: string
  /**
   * Binds the log-in to the TLS connection, so that nobody can pass it on. By default (`preferred`) the client asks for it
   * where its connection can, and goes on if the router does not; `required` refuses such connections and routers; `none`
   * does not ask, for routers that refuse who does.
   */
  channelBinding?: 'preferred' | 'required' | 'none'
}

/**
 * The client's half: signs the challenge with an Ed25519 key, and may have the router sign another.
 *
 * Spec: rfc/text/advanced/authentication_cryptosign.md.
 */
export function cryptosign(options: CryptosignOptions): ClientAuthentication {
  const { authid, channelBinding = 'preferred' } = options
  const signer = Signer.of(options)
  const routerKey = options.routerKey === undefined ? undefined : publicKeyOf(options.routerKey, 'routerKey')
  return {
    method: METHOD,
    ...(authid === undefined ? {} : { authid }),
    begin(connection) {
      const asked = channelBinding === 'none' ? undefined : firstBinding(connection)
      const challenge = routerKey === undefined ? undefined : random(32)
      let hasProved = routerKey === undefined && channelBinding !== 'required'
      return {
        authextra: {
          pubkey: signer.publicKey,
          ...(asked === undefined ? {} : { channel_binding: asked.type }),
          ...(challenge === undefined ? {} : { challenge: toHex(challenge) }),
        },
        async answer({ extra }) {
          if (channelBinding === 'required' && asked === undefined)
            throw new UsageError('this connection has no channel binding, which the client requires')
          const octets = fromHex(extra.challenge, 32)
          if (octets === undefined) throw new UsageError('CHALLENGE.Extra.challenge must be 32 octets in hex')
          const named = extra.channel_binding ?? undefined
          if (named !== undefined && named !== asked?.type)
            throw new UsageError('the router names another channel binding than the client has asked for')
          if (named === undefined && channelBinding === 'required')
            throw new UsageError('the router does without the channel binding that the client requires')
          const channel = named === undefined ? undefined : asked?.octets
          if (routerKey !== undefined && challenge !== undefined)
            demandSignature(extra, bound(challenge, channel), routerKey)
          hasProved = true
          return new Authenticate(await signer.sign(bound(octets, channel)))
        },
        welcomed() {
          if (!hasProved)
            throw new UsageError('the router lets us in without the CHALLENGE that proves who it is')
        },
      }
    },
  }
}

/** Spec: rfc/text/advanced/authentication_cryptosign.md, "Router Authentication". */
function demandSignature({ pubkey, signature }: Dict, message: Octets, routerKey: string): void {
  const signed = fromHex(signature, 96)
  if (typeof pubkey === 'string' && pubkey.toLowerCase() !== routerKey)
    throw new UsageError('the router has another key than routerKey: it may be an impostor')
  if (typeof pubkey !== 'string' || signed === undefined || !isSigned(signed, message, routerKey))
    throw new UsageError('the router has not proved that it has the key routerKey: it may be an impostor')
}

interface Binding {
  readonly type: ChannelBinding
  readonly octets: Octets
}

function firstBinding(connection: ConnectionTraits): Binding | undefined {
  for (const type of BINDINGS) {
    const binding = bindingOf(connection, type)
    if (binding !== undefined) return binding
  }
  return undefined
}

function bindingOf({ channelBinding }: ConnectionTraits, type: ChannelBinding): Binding | undefined {
  const octets = channelBinding?.(type)
  return octets?.length === 32 ? { type, octets: Uint8Array.from(octets) } : undefined
}

/** What is signed in place of a challenge, where there is a channel binding. */
function bound(challenge: Octets, channel: Octets | undefined): Octets {
  return channel === undefined ? challenge : xor(challenge, channel)
}

/** Somebody, and the keys that they may come with. */
export interface CryptosignPrincipal extends Membership {
  /** In hex. */
  readonly pubkeys: readonly string[]
  /** By default the authid that the principal is known under. */
  readonly authid?: string
}

/** Principals by their authid, or identities by their only public key in hex; or what looks them up by `claims.pubkey`. */
export type CryptosignPrincipals =
  | Readonly<Record<string, CryptosignPrincipal | Identity>>
  | Lookup<CryptosignPrincipal, string | undefined>

export interface CheckCryptosignOptions extends Partial<PrivateKeyOptions> {
  /** `required` refuses clients that do not bind their log-in to the TLS connection. */
  channelBinding?: 'required'
}

/**
 * The router's half: knows the public keys of its principals. With a `privateKey` of its own it proves to clients that ask
 * who it is.
 */
export function checkCryptosign(
  principals: CryptosignPrincipals,
  { privateKey, publicKey, channelBinding }: CheckCryptosignOptions = {},
): RouterAuthentication {
  const signer =
    privateKey === undefined
      ? undefined
      : Signer.of({ privateKey, ...(publicKey === undefined ? {} : { publicKey }) })
  const source = cryptosignSource(principals)
  return {
    method: METHOD,
    async begin(attempt): Promise<AuthenticationStep> {
      const { authid, authextra = {}, challenge } = attempt.hello.details
      const key = fromHex(authextra.pubkey, 32)
      if (key === undefined)
        return deny('HELLO.Details.authextra.pubkey is needed: a public key of 64 hex digits')
      const pubkey = toHex(key)
      const wanted = authextra.channel_binding ?? undefined
      const type = BINDINGS.find((known) => known === wanted)
      if (wanted !== undefined && type === undefined)
        return deny(`HELLO.Details.authextra.channel_binding must be ${BINDINGS.join(' or ')}`)
      const binding = type === undefined ? undefined : bindingOf(attempt.connection, type)
      if (channelBinding === 'required' && binding === undefined)
        return deny('the log-in must be bound to its TLS connection: ask for channel_binding tls-exporter')
      // The text of the spec has it in HELLO.Details, its example in authextra.
      const theirs = authextra.challenge ?? challenge ?? undefined
      const toSign = fromHex(theirs, 32)
      if (theirs !== undefined && toSign === undefined)
        return deny('HELLO.Details.authextra.challenge must be 32 octets in hex')

      const ours = random(32)
      const message = bound(ours, binding?.octets)
      const proof =
        signer === undefined || toSign === undefined
          ? {}
          : { pubkey: signer.publicKey, signature: await signer.sign(bound(toSign, binding?.octets)) }
      return {
        outcome: 'challenge',
        challenge: new Challenge(METHOD, {
          challenge: toHex(ours),
          channel_binding: binding?.type ?? null,
          ...proof,
        }),
        async check({ signature }): Promise<AuthenticationStep> {
          const signed = fromHex(signature, 96)
          // Whether the key may come is asked only when the client has it.
          const found =
            signed !== undefined && isSigned(signed, message, pubkey)
              ? await source.find(authid, attempt, { authmethod: METHOD, pubkey })
              : undefined
          const name = found?.authid ?? authid ?? pubkey
          if (!found?.pubkeys.includes(pubkey) || (authid !== undefined && authid !== name))
            return deny('the signature is wrong, or the key may not join as that authid')
          return welcome(name, found, source.authprovider)
        },
      }
    },
  }
}

function cryptosignSource(principals: CryptosignPrincipals): Source<CryptosignPrincipal, string | undefined> {
  if (typeof principals === 'function') return dynamicSource(principals, holderOf)
  const holders = Object.entries(principals).map(([name, principal]) => {
    if ('pubkeys' in principal)
      return { authid: name, ...checked(principal, holderOf, `the principal ${name}`) }
    const pubkeys = [publicKeyOf(name, 'the name of a principal without pubkeys')]
    return { pubkeys, ...checked(principal, identityOf, `the principal ${name}`) }
  })
  return {
    authprovider: 'static',
    known: holders,
    find(authid, _attempt, { pubkey = '' }) {
      const having = holders.filter(
        (holder) => holder.pubkeys.includes(pubkey) && (authid === undefined || holder.authid === authid),
      )
      // A key of several identities does not say who comes: the client has to.
      return having.length === 1 ? having[0] : undefined
    },
  }
}

function holderOf(principal: Dict, where: string): CryptosignPrincipal {
  const { authid, pubkeys } = principal
  if (!Array.isArray(pubkeys)) throw new UsageError(`${where} needs pubkeys, a list of public keys in hex`)
  if (authid !== undefined && authid !== null && !isText(authid))
    throw new UsageError(`authid of ${where} must be a string that is not empty`)
  return {
    ...membershipOf(principal, where),
    pubkeys: pubkeys.map((pubkey) => publicKeyOf(pubkey, `each of the pubkeys of ${where}`)),
    ...(isText(authid) ? { authid } : {}),
  }
}
