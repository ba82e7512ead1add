import { UsageError } from '../errors.js'
import type { ClientAuthentication, RouterAuthentication } from './authentication-method.js'
import { sha256 } from './digests.js'
import { fromHex, toHex, utf8 } from './encodings.js'
import {
  checked,
  dynamicSource,
  type Identity,
  identityOf,
  isText,
  type Lookup,
  type Source,
} from './principals.js'
import { admit, type TransportLoginOptions, withoutChallenge } from './transport-login.js'

const METHOD = 'cookie'
const REFUSAL = 'the cookie is not there, or no longer good: log in anew where it comes from'

/**
 * The client's half: the cookie that the browser sends with the request that opens the WebSocket is all there is to it.
 *
 * Spec: rfc/text/advanced/authentication.md, "Cookie-based Authentication".
 */
export function cookie(options: TransportLoginOptions = {}): ClientAuthentication {
  return withoutChallenge(METHOD, options)
}

/** Identities by SHA-256 of the cookie's value in hex, so that no value is stored; or what looks them up by `claims.cookie`. */
export type CookiePrincipals = Readonly<Record<string, Identity>> | Lookup<Identity, string | undefined>

export interface CheckCookieOptions {
  /** The cookie's name. */
  name: string
  principals: CookiePrincipals
}

/**
 * The router's half: lets in who has the cookie of a session that began elsewhere, such as on a web site's log-in page.
 *
 * Browsers send cookies whichever page opens the WebSocket: the option `origins` of `listen` must name the pages that may.
 */
export function checkCookie({ name, principals }: CheckCookieOptions): RouterAuthentication {
  if (!isText(name)) throw new UsageError('checkCookie needs the name of the cookie')
  const source = cookieSource(principals)
  return {
    method: METHOD,
    async begin(attempt) {
      const { cookies = {} } = attempt.connection
      const { authid } = attempt.hello.details
      const cookie = Object.hasOwn(cookies, name) ? cookies[name] : undefined
      const found = isText(cookie)
        ? await source.find(authid, attempt, { authmethod: METHOD, cookie })
        : undefined
      return admit(found, authid, source.authprovider, REFUSAL)
    },
  }
}

function cookieSource(principals: CookiePrincipals): Source<Identity, string | undefined> {
  if (typeof principals === 'function') return dynamicSource(principals, identityOf)
  const known = new Map<string, Identity>()
  for (const [digest, identity] of Object.entries(principals)) {
    const octets = fromHex(digest, 32)
    if (octets === undefined)
      throw new UsageError('the principals of a cookie are named by SHA-256 of its value: 64 hex digits')
    known.set(toHex(octets), checked(identity, identityOf, 'a principal of cookie'))
  }
  return {
    authprovider: 'static',
    known: [...known.values()],
    // What is looked up is a digest: the time that it takes tells nothing of the cookies that there are.
    find: async (_authid, _attempt, { cookie = '' }) => known.get(toHex(await sha256(utf8(cookie)))),
  }
}
