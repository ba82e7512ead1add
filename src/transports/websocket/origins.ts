import type { IncomingMessage } from 'node:http'
import { UsageError } from '../../errors.js'
import { isLoopback } from '../loopback.js'
import { isNear } from './request-info.js'

/** Says why the page that a request comes from may not connect; `undefined` if it may, or if it is no page. */
export type OriginRule = (request: IncomingMessage) => string | undefined

const PATTERN = /^([a-z][a-z0-9+.-]*:)\/\/(\*\.)?([^\s/?#@:*[\]]+|\[[0-9a-f:.]+\])(?::(\d+|\*))?$/i
/** What browsers say of pages that have no origin: files, sandboxed frames. */
const NO_ORIGIN = 'null'

/**
 * Which pages may connect. Browsers let each page open WebSockets to anywhere, with the cookies and from the machine of
 * its reader, and tell only where the page is from: the header `Origin`. Who sends none is no browser, and passes.
 *
 * Without a list, pages pass that come from the host and port that they connect to; and on the machine of the router,
 * those of any of its own ports (`http://localhost:5173`). There a host must also be called by a loopback name or
 * address: a stranger can let any other name lead to 127.0.0.1.
 *
 * A list says which origins pass, and no others: `https://app.example.com`, `https://*.example.com` for all names below,
 * `http://localhost:*` for all ports, `null` for pages without an origin.
 *
 * @throws UsageError if one of the list is no origin.
 */
export function originRule(origins: readonly string[] | 'any' | undefined): OriginRule {
  if (origins === 'any') return () => undefined
  const patterns = origins?.map(patternOf)
  return (request) => {
    const { origin } = request.headers
    if (origin === undefined) return undefined
    const passes =
      patterns === undefined
        ? isOwn(origin, request)
        : patterns.some((pattern) => pattern.test(plain(origin)))
    if (passes) return undefined
    return `Pages of ${JSON.stringify(origin.slice(0, 200))} may not connect here; listen({ origins }) says which may.`
  }
}

function isOwn(origin: string, request: IncomingMessage): boolean {
  const page = urlOf(origin)
  if (page === undefined) return false
  const onLoopback = isLoopbackName(page.hostname)
  if (isNear(request.socket, request)) return onLoopback
  const here = urlOf(`${page.protocol}//${request.headers.host}`)
  return here !== undefined && page.host !== '' && page.host === here.host
}

function patternOf(origin: string): RegExp {
  if (origin === NO_ORIGIN) return /^null$/
  const [, protocol = '', below, host = '', port] = PATTERN.exec(origin) ?? []
  const url = urlOf(`${protocol}//${host}${port === undefined || port === '*' ? '' : `:${port}`}`)
  if (protocol === '' || url === undefined)
    throw new UsageError(
      `origins: ${JSON.stringify(origin)} is no origin, such as https://app.example.com or https://*.example.com`,
    )
  const [before, after] = [below === undefined ? '' : '(?:[^/:.]+\\.)+', port === '*' ? '(?::\\d+)?' : '']
  return new RegExp(`^${escaped(url.protocol)}//${before}${escaped(url.host)}${after}$`)
}

/** As it is compared: in lower case, without the port that goes without saying. */
function plain(origin: string): string {
  const url = urlOf(origin)
  return url === undefined ? origin : `${url.protocol}//${url.host}`
}

function urlOf(origin: string): URL | undefined {
  try {
    return new URL(origin)
  } catch {
    return undefined
  }
}

function isLoopbackName(hostname: string): boolean {
  return /^(.+\.)?localhost$/.test(hostname) || isLoopback(hostname.replace(/^\[|\]$/g, ''))
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
