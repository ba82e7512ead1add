/** What is expected of what users register, subscribe to, call and publish. */
import { UsageError } from '../errors.js'
import { isUriPattern, type MatchPolicy } from '../uris.js'

/**
 * @param doing says what cannot be done otherwise, such as `subscribe to`.
 * @throws UsageError unless `uri` is a URI, or a pattern by which `match` can go.
 */
export function expectUri(doing: string, uri: string, match: MatchPolicy = 'exact'): void {
  if (isUriPattern(uri, match)) return
  const pattern = match === 'exact' ? '' : ` pattern (${match})`
  throw new UsageError(`cannot ${doing} ${JSON.stringify(uri)}: it is no URI${pattern}`)
}

/** @throws UsageError unless `handler` can be called. */
export function expectHandler(doing: string, uri: string, handler: unknown): void {
  if (typeof handler === 'function') return
  throw new UsageError(`cannot ${doing} ${uri}: its handler must be a function, not ${typeof handler}`)
}
