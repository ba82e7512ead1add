/**
 * How patterns of URIs lie to each other: a registration or a subscription of a pattern may reach every URI that it
 * matches, and so is judged by all of them.
 */
import type { MatchPolicy } from '../uris.js'

/** A URI, or a pattern of URIs. */
export interface UriPattern {
  readonly uri: string
  readonly match: MatchPolicy
}

/** Does `wide` match every URI that `narrow` matches? */
export function covers(wide: UriPattern, narrow: UriPattern): boolean {
  switch (wide.match) {
    case 'exact':
      return narrow.match === 'exact' && narrow.uri === wide.uri
    case 'prefix':
      return sureBeginning(narrow).startsWith(wide.uri)
    case 'wildcard': {
      // A prefix matches URIs of any number of components.
      if (narrow.match === 'prefix') return false
      return everyComponent(wide, narrow, (wanted, given) => wanted === '' || wanted === given)
    }
  }
}

/** Is there a URI that both match? */
export function overlap(a: UriPattern, b: UriPattern): boolean {
  if (a.match === 'prefix' && b.match === 'prefix') return a.uri.startsWith(b.uri) || b.uri.startsWith(a.uri)
  if (a.match === 'prefix') return beginsWith(b, a.uri)
  if (b.match === 'prefix') return beginsWith(a, b.uri)
  const open = (pattern: UriPattern, component: string) => pattern.match === 'wildcard' && component === ''
  return everyComponent(a, b, (one, other) => one === other || open(a, one) || open(b, other))
}

/** The text with which every URI begins that the pattern matches. */
function sureBeginning({ uri, match }: UriPattern): string {
  if (match !== 'wildcard') return uri
  const components = uri.split('.')
  const open = components.indexOf('')
  return open < 0
    ? uri
    : components
        .slice(0, open)
        .map((component) => `${component}.`)
        .join('')
}

/** Is there a URI that the pattern (exact, or wildcard) matches and that begins with `prefix`? */
function beginsWith({ uri, match }: UriPattern, prefix: string): boolean {
  if (match === 'exact') return uri.startsWith(prefix)
  const components = uri.split('.')
  const wanted = prefix.split('.')
  const partial = wanted.pop() ?? ''
  const next = components[wanted.length]
  return (
    next !== undefined &&
    wanted.every((component, i) => components[i] === '' || components[i] === component) &&
    (next === '' || next.startsWith(partial))
  )
}

function everyComponent(
  a: UriPattern,
  b: UriPattern,
  test: (one: string, other: string) => boolean,
): boolean {
  const ones = a.uri.split('.')
  const others = b.uri.split('.')
  return ones.length === others.length && ones.every((one, i) => test(one, others[i] as string))
}
