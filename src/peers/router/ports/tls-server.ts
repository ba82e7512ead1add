import { X509Certificate } from 'node:crypto'
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls'
import { UsageError } from '../../../errors.js'
import type { KeyPair, ServerTlsOptions } from './listen-options.js'

/**
 * A TLS server with these certificates.
 *
 * @throws UsageError if they cannot be read, or do not belong together.
 */
export function createTlsServer(options: ServerTlsOptions): Server {
  const { cert, key, passphrase, hosts = {}, ca, clientCertificates } = options
  if (clientCertificates !== undefined && ca === undefined)
    throw new UsageError(
      'tls.clientCertificates needs tls.ca: the authorities whose certificates clients may show',
    )
  const contexts = new Map(
    Object.entries(hosts).map(([host, pair]) => [
      host.toLowerCase(),
      contextOf(pair, ca, `tls.hosts.${host}`),
    ]),
  )
  contextOf(options, ca, 'tls')
  for (const authority of ca === undefined ? [] : [ca].flat()) checkAuthority(authority)
  return createServer({
    cert: cert as Buffer,
    key: key as Buffer,
    minVersion: 'TLSv1.2',
    noDelay: true,
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ca === undefined ? {} : { ca: ca as Buffer }),
    requestCert: clientCertificates !== undefined,
    // Who shows none, or one that nobody knows, may still log in another way; unless it is required.
    rejectUnauthorized: clientCertificates === 'require',
    ...(contexts.size === 0
      ? {}
      : {
          SNICallback: (host: string, done: SniDone) => done(null, contextFor(host.toLowerCase(), contexts)),
        }),
  })
}

type SniDone = (error: Error | null, context?: SecureContext) => void

/** @param ca is looked for in the context of the host that a client has asked for. */
function contextOf(
  { cert, key, passphrase }: KeyPair,
  ca: ServerTlsOptions['ca'],
  where: string,
): SecureContext {
  try {
    return createSecureContext({
      cert: cert as Buffer,
      key: key as Buffer,
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(ca === undefined ? {} : { ca: ca as Buffer }),
    })
  } catch (cause) {
    // What OpenSSL says holds nothing of the key.
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`${where}: the certificate and the key cannot be used: ${why}`, { cause })
  }
}

/** Of what is no certificate, Node says nothing, and trusts nobody. */
function checkAuthority(ca: string | Uint8Array): void {
  try {
    new X509Certificate(ca)
  } catch (cause) {
    throw new UsageError('tls.ca: this is no certificate in PEM', { cause })
  }
}

/** The context of a host, or of a pattern for it; `undefined` for the port's own. */
function contextFor(host: string, contexts: ReadonlyMap<string, SecureContext>): SecureContext | undefined {
  return contexts.get(host) ?? contexts.get(`*${host.slice(Math.max(0, host.indexOf('.')))}`)
}
