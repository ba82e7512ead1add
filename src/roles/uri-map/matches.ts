import type { MatchPolicy } from '../../uris.js'

/** Does `pattern` match this URI? Spec: rfc/text/advanced/pubsub_pattern_based_subscription.md. */
export function matches(match: MatchPolicy, pattern: string, uri: string): boolean {
  switch (match) {
    case 'exact':
      return uri === pattern
    case 'prefix':
      return uri.startsWith(pattern)
    case 'wildcard': {
      const components = uri.split('.')
      const wanted = pattern.split('.')
      return (
        wanted.length === components.length &&
        wanted.every((component, i) => component === '' || component === components[i])
      )
    }
  }
}
