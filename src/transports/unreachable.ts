/** Says in words why a router could not be reached. Node only. */

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOENT: 'there is no such socket',
  EACCES: 'permission denied',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to this network',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
}

const NOT_TRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Why `error` came of dialing `url`. */
export function whyUnreachable(error: Error, url: string): string {
  const { code, message } = error as Error & { code?: unknown }
  if (typeof code !== 'string') return message
  const isSecured = /^(wss|rss):/i.test(url)
  const [plain, secured] = /^w/i.test(url) ? ['ws', 'wss'] : ['rs', 'rss']
  // An HTTP server answers whatever comes; one that waits for other octets just goes.
  const noTls = plain === 'rs' ? ', or speak no TLS' : ''
  if (code === 'ECONNRESET')
    return isSecured
      ? `the connection was reset (it may want a certificate from the client, or another one${noTls})`
      : `the connection was reset (where TLS is spoken, a URL begins with ${secured}:)`
  if (NOT_TRUSTED.has(code))
    return `its certificate is of no authority that is trusted here (${message}); tls.ca says whom to trust`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `its certificate is for another host (${(error as { reason?: unknown }).reason ?? message})`
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return whyNoTls(message, plain)
  return REASONS[code] ?? message
}

/** What OpenSSL says, without its addresses, files and lines. */
function whyNoTls(message: string, plain: string): string {
  const [, said = message.trim()] = /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? []
  if (/wrong version number|packet length too long|record layer failure/.test(said))
    return `no TLS is spoken there (the URL of such a port begins with ${plain}:)`
  return `TLS could not be agreed upon (${said})`
}
