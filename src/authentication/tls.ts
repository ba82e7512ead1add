import { UsageError } from '../errors.js'
import type { Dict } from '../messages/dictionaries.js'
import type { ClientAuthentication, PeerCertificate, RouterAuthentication } from './authentication-method.js'
import {
  checked,
  deny,
  dynamicSource,
  type Identity,
  identityOf,
  isText,
  type Lookup,
  type Source,
  whenKnown,
} from './principals.js'
import { admit, type TransportLoginOptions, withoutChallenge } from './transport-login.js'

const METHOD = 'tls'
const REFUSAL = 'the certificate is not one that may join, or not as that authid'

/**
 * The client's half: the certificate that its connection shows is all there is to it.
 *
 * Spec: rfc/text/advanced/authentication.md, "TLS Certificate Authentication".
 */
export function tls(options: TransportLoginOptions = {}): ClientAuthentication {
  return withoutChallenge(METHOD, options)
}

/** Whose certificate it is: all that is given of it must be so, and something must be given. */
export interface TlsPrincipal extends Identity {
  /** CN of its subject. */
  readonly commonName?: string
  /** One of its alternative names, with its kind: `DNS:client.example`. */
  readonly alternativeName?: string
  /** SHA-256 of the certificate, in hex, with or without colons. */
  readonly fingerprint?: string
}

/** The first that fits the certificate is who comes; or what looks it up by `claims.certificate`. */
export type TlsPrincipals = readonly TlsPrincipal[] | Lookup<Identity, string | undefined>

/**
 * The router's half: lets in who has shown a certificate. A name is worth as much as the authorities that the router trusts,
 * any of which may give it to anybody.
 */
export function checkTls(principals: TlsPrincipals): RouterAuthentication {
  const source = tlsSource(principals)
  return {
    method: METHOD,
    begin(attempt) {
      const { certificate } = attempt.connection
      if (certificate === undefined)
        return deny('a client certificate of a trusted authority is needed for authentication by tls')
      const { authid } = attempt.hello.details
      const found = source.find(authid, attempt, { authmethod: METHOD, certificate })
      return whenKnown(found, (identity) => admit(identity, authid, source.authprovider, REFUSAL))
    },
  }
}

function tlsSource(principals: TlsPrincipals): Source<Identity, string | undefined> {
  if (typeof principals === 'function') return dynamicSource(principals, identityOf)
  const known = principals.map((principal, i) => checked(principal, ownerOf, `principal ${i} of tls`))
  return {
    authprovider: 'static',
    known,
    find: (_authid, _attempt, { certificate }) =>
      certificate && known.find((principal) => fits(principal, certificate)),
  }
}

function fits(
  { commonName, alternativeName, fingerprint }: TlsPrincipal,
  certificate: PeerCertificate,
): boolean {
  return (
    (commonName === undefined || commonName === certificate.commonName) &&
    (alternativeName === undefined || certificate.alternativeNames.includes(alternativeName)) &&
    (fingerprint === undefined || fingerprint === certificate.fingerprint)
  )
}

function ownerOf(principal: Dict, where: string): TlsPrincipal {
  const { commonName, alternativeName, fingerprint } = principal
  const given = [commonName, alternativeName, fingerprint].filter((value) => value !== undefined)
  if (given.length === 0 || !given.every(isText))
    throw new UsageError(
      `${where} needs commonName, alternativeName or fingerprint, as strings that are not empty`,
    )
  const hex = typeof fingerprint === 'string' ? fingerprint.replaceAll(':', '').toLowerCase() : undefined
  if (hex !== undefined && !/^[0-9a-f]{64}$/.test(hex))
    throw new UsageError(`${where}: fingerprint must be SHA-256 in hex`)
  return {
    ...identityOf(principal, where),
    ...(isText(commonName) ? { commonName } : {}),
    ...(isText(alternativeName) ? { alternativeName } : {}),
    ...(hex === undefined ? {} : { fingerprint: hex }),
  }
}
