import { UsageError } from '../../errors.js'

/** Where a RawSocket is dialed. */
export interface RawSocketAddress {
  readonly isSecured: boolean
  /** Where to connect: a host and a port, or the path of a Unix socket. */
  readonly target: { readonly host: string; readonly port: number } | { readonly path: string }
}

const SCHEMES = /^(rs|rss|unix\+rs|unix):\/\//i

/** Is it meant to be the URL of a RawSocket, right or wrong? */
export function isRawSocketUrl(url: string): boolean {
  return SCHEMES.test(url)
}

/**
 * Reads the URL of a RawSocket: `rs://host:port`, `rss://host:port` (with TLS), or `unix+rs:///path` of a Unix socket,
 * for which `unix:///path` will do.
 *
 * @throws UsageError if it is none; the message says how it should look.
 */
export function parseRawSocketUrl(url: string): RawSocketAddress {
  const [, scheme = ''] = SCHEMES.exec(url) ?? []
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (scheme === '' || parsed === undefined) throw noUrl(url)
  const { host, hostname, port, pathname, username, password, search, hash } = parsed
  if (username + password + search + hash !== '')
    throw new UsageError('the URL of a RawSocket has no place for credentials, a query or a fragment')
  if (/^unix/i.test(scheme)) {
    if (host !== '' || pathname.length < 2)
      throw noUrl(url, 'that of a Unix socket is its path, as in unix+rs:///run/router.sock')
    return { isSecured: false, target: { path: decodePath(url, pathname) } }
  }
  if (hostname === '' || (pathname !== '' && pathname !== '/')) throw noUrl(url)
  if (port === '' || port === '0')
    throw noUrl(url, `it has to name a port, as in ${scheme}://${hostname}:8080`)
  return {
    isSecured: /^rss$/i.test(scheme),
    target: { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) },
  }
}

function decodePath(url: string, pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    throw noUrl(url, 'its path is not encoded as a URL has it')
  }
}

function noUrl(url: string, why = 'it looks like rs://localhost:8080'): UsageError {
  return new UsageError(`${JSON.stringify(url)} is not the URL of a RawSocket: ${why}`)
}
